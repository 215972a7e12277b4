"""Whom patients waited for at every trust, from the published tables, and how it is drawn."""
