"""The effects of several sites as one effect."""
