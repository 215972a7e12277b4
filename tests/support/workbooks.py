"""Workbooks and text files as the cases of the import describe them."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font


def made_file(folder: Path, case: Mapping[str, Any]) -> Path:
    """The file of a case, written into a folder."""
    if "text" in case:
        path = folder / f"case{case.get('ending', '.csv')}"
        path.write_bytes(case["text"].encode(case.get("encoding", "utf-8")))
        return path
    book = Workbook()
    book.remove(book.active)
    for name, said in case["sheets"].items():
        sheet = book.create_sheet(name)
        for row in said["rows"]:
            sheet.append(row)
        for cell in said.get("dates", ()):
            sheet[cell].value = datetime.fromisoformat(str(sheet[cell].value))
            sheet[cell].number_format = "mmm-yy"
        for cell, form in said.get("formats", {}).items():
            sheet[cell].number_format = form
        for cells in said.get("merged", ()):
            sheet.merge_cells(cells)
        for row in said.get("hidden_rows", ()):
            sheet.row_dimensions[row].hidden = True
        for column in said.get("hidden_columns", ()):
            sheet.column_dimensions[column].hidden = True
        for cell in said.get("struck", ()):
            sheet[cell].font = Font(strike=True)
        for cell in said.get("comments", ()):
            sheet[cell].comment = Comment("Provisional.", "An analyst")
        if said.get("hidden"):
            sheet.sheet_state = "hidden"
    path = folder / "case.xlsx"
    book.save(path)
    return path
