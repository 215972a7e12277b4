"""Do the records agree with each other? Asked before any table is read."""
