"""How an estimate gets its interval, and its test of the time before."""
