"""Written pages to HTML."""
