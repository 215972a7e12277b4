"""An Effect in figures, with their numbers beside them."""
