"""The state: everything Tandem must remember, in its own database."""
