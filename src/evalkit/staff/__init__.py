"""What staff said: the yearly survey of all trusts, and a site's own pulse; shares with intervals, never a verdict."""
