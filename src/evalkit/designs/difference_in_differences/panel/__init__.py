"""Who changed when, balanced, and the gap of each to its comparators."""
