"""YAML, JSON and CSV read so that a problem can say in which line it is."""
