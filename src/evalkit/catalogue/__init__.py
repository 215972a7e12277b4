"""What the book knows, as typed records read from ``data/``."""

from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.read import read_catalogue
from evalkit.project import find_root

__all__ = ["Catalogue", "find_root", "read_catalogue"]
