"""Places that changed against places that did not, or not yet."""
