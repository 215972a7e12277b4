"""What pages show, as plain values, put in order once."""
