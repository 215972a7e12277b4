"""Outside files in, checked frames out."""

from evalkit.intake.load import load

__all__ = ["load"]
