"""One place over time, alone or against comparators."""
