"""The demo: real systems on this machine, seeded, set against each other and measured."""
