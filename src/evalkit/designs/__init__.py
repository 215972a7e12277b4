"""A frame and a design give an Effect; one folder a design."""
