"""Measurements: accuracy and speed of what Tandem does, on public and hand-made sets."""
