"""How sure: what a fit says of a contrast, and whether the data can bear it."""
