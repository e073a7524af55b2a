"""Systems that misbehave on purpose, in memory and by script."""
