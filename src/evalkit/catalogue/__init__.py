"""What the book knows, as typed records read from ``data/``."""

from evalkit.catalogue.read import Catalogue, read_catalogue
from evalkit.project import find_root

__all__ = ["Catalogue", "find_root", "read_catalogue"]
