"""Outside files in, checked frames out."""
