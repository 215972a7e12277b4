"""What tests share: invented programmes and books, browsers, effects made by hand."""
