"""One series whose errors are autoregressive: intervals that hold what they promise."""
