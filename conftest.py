"""Which files pytest leaves alone when it looks for doctests."""

from __future__ import annotations

collect_ignore = ["tandem/state/migrations"]
"""Alembic runs these; imported by anybody else they fail."""
