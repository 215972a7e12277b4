"""Catalogue and results to pages, pages to HTML.

Import from the modules: Sphinx loads ``evalkit.book.sphinx.extension`` and should not pay for the statistics.
"""
