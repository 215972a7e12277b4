"""Two means: the smallest design there can be."""
