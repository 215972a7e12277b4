"""The usual methods for one series, which comparison rows show."""
