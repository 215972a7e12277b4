"""What of figures that nobody has published may leave the machine where they were counted."""
