"""Catalogue and results to pages, pages to HTML."""

from evalkit.book.build import build, clean, serve

__all__ = ["build", "clean", "serve"]
