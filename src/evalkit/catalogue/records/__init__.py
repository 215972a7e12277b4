"""The typed records below ``data/``: one module for each kind."""
