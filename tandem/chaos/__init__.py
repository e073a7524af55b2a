"""A proof anyone can run: two misbehaving systems, random people, and a ledger of all edits."""
