"""An Effect in sentences."""
