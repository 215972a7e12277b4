"""What the book knows, as typed records read from ``data/``."""

from evalkit.catalogue.project import find_root
from evalkit.catalogue.read import Catalogue, read_catalogue

__all__ = ["Catalogue", "find_root", "read_catalogue"]
