"""What each column of the tables of results holds: the one list from which they and their codebook are written.

Values stand here as text, since a build that writes results need not load what they are words of; a test holds the two
together.
"""

import csv
import io
from dataclasses import astuple, dataclass, fields, replace

from evalkit.design_register import designs

TEXT, NUMBER, WHOLE, WORD, MONTH, YES_NO = "text", "number", "whole number", "one of a list", "period", "true or false"
ON_THE_SCALE = "that of `scale`"
ANY = "any"
OPEN_END = "any; empty where an end is not bounded, or nothing was estimated"


@dataclass(frozen=True)
class Column:
    """A column: its name, the kind of its values, their unit, what it means, and which values it may have."""

    name: str
    type: str
    unit: str
    means: str
    values: str = ANY


def _of(*words: str, empty: str = "") -> str:
    return "; ".join([*words, *([f"empty: {empty}"] if empty else [])])


COLUMNS = (
    Column("evaluation", TEXT, "", "Id of the evaluation: one question about one change."),
    Column("analysis", TEXT, "", "Id of the analysis within its evaluation; the two together name a row."),
    Column(
        "role",
        WORD,
        "",
        "What the analysis is for, as the protocol says.",
        _of("primary", "secondary", "negative_control", "spill_over", "recording_check"),
    ),
    Column(
        "standing",
        WORD,
        "",
        "How much it may say: only a primary one answers the question; an exploratory one was added after results had been"
        " seen; a check says only whether it came out as it should.",
        _of("primary", "secondary", "exploratory", "check"),
    ),
    Column(
        "site", TEXT, "", "Labels of the places that changed, with a space between them: ODS codes, or ids of sites."
    ),
    Column("measure", TEXT, "", "Id of what was counted; each has a page in the book."),
    Column(
        "design",
        WORD,
        "",
        "How the change was estimated; a description estimates none.",
    ),  # its values are the designs there are
    Column(
        "verdict",
        WORD,
        "",
        "What the answer comes to, by rule.",
        _of(
            "improved",
            "slightly_improved",
            "worse",
            "slightly_worse",
            "increased",
            "slightly_increased",
            "decreased",
            "slightly_decreased",
            "no_important_change",
            "inconclusive",
            "unclear",
            "not_evaluable",
            "described",
            empty="does not answer the question",
        ),
    ),
    Column(
        "certainty",
        WORD,
        "",
        "How sure the answer is, from least to most.",
        _of("very low", "low", "moderate", "high", empty="not an answer, or one that decides nothing"),
    ),
    Column(
        "reasons",
        TEXT,
        "",
        "Why it is so sure and no surer, in sentences.",
        "any; empty without a certainty, unless nothing could be judged",
    ),
    Column(
        "estimate",
        NUMBER,
        ON_THE_SCALE,
        "Best estimate of the change; below zero is a fall.",
        "any; empty where nothing was estimated",
    ),
    Column("low", NUMBER, ON_THE_SCALE, "Lower end of the 95% interval.", OPEN_END),
    Column("high", NUMBER, ON_THE_SCALE, "Upper end of the 95% interval.", OPEN_END),
    Column(
        "scale",
        WORD,
        "",
        "What estimate and interval are given in: percent of what was expected, percentage points, the measure's own unit,"
        " or a difference of logarithms or of log odds.",
        _of("percent", "points", "unit", "log", "log_odds", empty="nothing was estimated"),
    ),
    Column(
        "p_value",
        NUMBER,
        "probability",
        "How often chance alone would give an estimate at least so far from no change.",
        "0 to 1; empty where it is not known",
    ),
    Column(
        "direction",
        WORD,
        "",
        "Of a secondary analysis, by the interval that allows for all of them.",
        _of("rise", "fall", "unclear", empty="not secondary, or only described"),
    ),
    Column(
        "family",
        WHOLE,
        "analyses",
        "How many secondary analyses of the evaluation are allowed for.",
        "1 or more; empty where not secondary",
    ),
    Column(
        "low_in_family",
        NUMBER,
        ON_THE_SCALE,
        "Lower end of the interval that allows for all secondary analyses: all hold at once, 19 times in 20.",
        "any; empty where not secondary or not bounded",
    ),
    Column(
        "high_in_family",
        NUMBER,
        ON_THE_SCALE,
        "Upper end of the same.",
        "any; empty where not secondary or not bounded",
    ),
    Column(
        "p_in_family",
        NUMBER,
        "probability",
        "The p-value that allows for all secondary analyses, by Holm.",
        "0 to 1; empty where not secondary or not known",
    ),
    Column(
        "as_expected",
        WORD,
        "",
        "Of a check with an expected result: whether it came out so.",
        _of("yes", "no", empty="not a check, or it cannot be told"),
    ),
    Column(
        "negative_control",
        TEXT,
        "",
        "Of an answer: id of the analysis of what should not have moved.",
        "an id of an analysis; none, where the protocol says why there is none; empty: not an answer, or nothing is said",
    ),
    Column(
        "minimum_detectable_effect",
        NUMBER,
        ON_THE_SCALE,
        "Smallest true change that this analysis would have found four times in five.",
        "0 or more; empty where it is not known",
    ),
    Column(
        "lasted",
        WORD,
        "",
        "Of an answer: whether its effect lasted, by intervals that hold at once 3, 6, 12 and 24 months after the change. The"
        " word lasted says that it is still there, and nothing of its size: it may have halved.",
        _of("lasted", "grew", "faded", "turned", "cannot tell", empty="not an answer, or asked at no such time"),
    ),
    Column(
        "lasted_to",
        WHOLE,
        "months",
        "The last of those times that has a figure; the figures themselves stand in the JSON file, as the table lasting.",
        "3 or more; empty where there is none",
    ),
    Column(
        "protocol_status",
        WORD,
        "",
        "What was known when the protocol was written: no data yet, data that nobody had looked at, or the outcome.",
        _of("before_data", "not_looked_at", "already_seen"),
    ),
    Column("first", MONTH, "", "First period of the figures used.", "as the table writes its periods, such as 2017-04"),
    Column("last", MONTH, "", "Last period of the figures used.", "as the table writes its periods, such as 2019-03"),
    Column("synthetic", YES_NO, "", "Whether any of the figures are invented.", _of("true", "false")),
    Column("rows_sha256", TEXT, "", "Fingerprint (SHA-256) of the rows used.", "64 characters, 0 to 9 and a to f"),
    Column("code_version", TEXT, "", "Version of evalkit, and the first characters of the hash of the code used."),
)
NAMES = tuple(column.name for column in COLUMNS)


def columns() -> list[Column]:
    """Every column, in the order of the table."""
    estimating = [design.name for design in designs().values() if not design.pools]
    return [replace(column, values=_of(*estimating)) if column.name == "design" else column for column in COLUMNS]


def codebook() -> str:
    """One row a column of ``results.csv``, as CSV: name, type, unit, what it means, which values it may have."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(field.name for field in fields(Column))
    writer.writerows(astuple(column) for column in columns())
    return out.getvalue()
