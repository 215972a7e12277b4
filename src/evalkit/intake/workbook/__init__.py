"""From a workbook as people have it to the book's long table."""
