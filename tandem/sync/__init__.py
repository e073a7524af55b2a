"""The pipeline: pull, normalise, match, diff, resolve, push, record."""
