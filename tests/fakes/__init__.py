"""Stand-ins at the seams of the product; the system that misbehaves ships as `tandem.chaos`."""
