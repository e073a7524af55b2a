"""Connectors: read and write one kind of system each, in the system's own words."""
