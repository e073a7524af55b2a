"""Canonical objects and the meaning of their values."""
