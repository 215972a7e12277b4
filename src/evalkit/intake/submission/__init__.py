"""The workbook that a site fills in: its sheets, how it is written, how it is read and checked."""
