"""A frame and a design give an Effect; one file a design."""
