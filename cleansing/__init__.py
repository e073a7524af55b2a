"""Cleansers: pure, idempotent normalisers of what people type. No I/O, no global state."""
