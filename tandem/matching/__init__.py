"""Matching: which records are one thing in the world, with reasons; pure, no I/O in scoring."""
