"""Quality gates: what is expected of a batch, and whether it is met. Pure; reaches no database."""
