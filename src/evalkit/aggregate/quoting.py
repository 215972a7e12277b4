"""Names and values in SQL: no name of a file or a column, and no value, can be more than that."""

import duckdb


def quoted(column: str) -> str:
    """A column's name as SQL has it."""
    return '"' + column.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL has it, as DuckDB itself writes it."""
    return str(duckdb.ConstantExpression(text))


def as_pattern(path: str) -> str:
    """A path that DuckDB takes for this one file, where its signs would stand for several."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in path)
