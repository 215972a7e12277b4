"""What one cell says as a figure: a number, a percentage, not reported, withheld, or nothing that may be guessed at."""

import math
import re
import unicodedata
from functools import lru_cache
from typing import Literal, NamedTuple

from evalkit.errors import described

Mark = Literal["not reported", "withheld", "nought"]
NOT_REPORTED = frozenset(
    {"", "n/a", "na", "n.a.", "null", "not available", "not reported", "no data", "missing", "nan", "[x]"}
)
WITHHELD = re.compile(r"\*+|\[?c\]?|supp(ressed|r\.?)?|withheld|redacted|[<≤]\s*=?\s*\d{1,2}", re.IGNORECASE)
# What one hand writes for nought, another for not reported, and a third for withheld.
UNCLEAR = frozenset(
    {"-", "–", "—", "--", ".", "..", "...", ":", "x", "z", "[z]", "nil", "none", "#", "?", "/", "tbc", "tba", "#n/a"}
)
PLAIN = re.compile(r"\d+(\.\d+)?|\.\d+")
THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?|\d{1,3}([ \u00a0\u2009\u202f]\d{3})+(\.\d+)?")
SCIENTIFIC = re.compile(r"(\d(?:\.\d+)?)[eE]\+?(\d{1,2})")
PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")
# Of no width, or blank: what a copy from a page or a PDF brings with it.
WITHOUT_WIDTH = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
NOT_WORKED_OUT = "#NOT WORKED OUT!"  # what stands for a formula without a value
ERROR = re.compile(r"#(REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)")


class Figure(NamedTuple):
    """What a cell says.

    Attributes
    ----------
    number : float or None
        None where there is none; of a percentage as people write it, 93.4.
    percent : bool
    mark : str
        How a cell without a number is written, folded to lower case; empty for a blank.
    problem : str
        Why it cannot be read, as the end of a sentence that begins with the cell; empty where it can.
    """

    number: float | None = None
    percent: bool = False
    mark: str = ""
    problem: str = ""


@lru_cache(maxsize=100_000)  # a table says the same again and again
def cleaned(written: str) -> str:
    """Text without what nobody sees, with single plain blanks."""
    return " ".join(WITHOUT_WIDTH.sub("", written).split())


def figure(written: object, *, as_percent: bool = False) -> Figure:
    """What a cell of figures says; ``as_percent`` where a spreadsheet shows .934 as 93.4%."""
    if written is None:
        return Figure()
    if isinstance(written, bool):
        return Figure(problem="is true or false: write a number.")
    if isinstance(written, int | float):
        return _number(float(written), as_percent)
    if not isinstance(written, str):
        return Figure(
            problem="is a date where a figure belongs: correct the cell, or the format that turned it into one."
        )
    text = cleaned(written)
    if text == NOT_WORKED_OUT:
        return Figure(problem="holds a formula that nobody has worked out: open the file in Excel, and save it.")
    if ERROR.fullmatch(text):
        return Figure(problem=f"holds the error {text} of a formula: mend the formula, or clear the cell.")
    if text.lower() in NOT_REPORTED or text.lower() in UNCLEAR or WITHHELD.fullmatch(text):
        return Figure(mark=text.lower())
    return _text(text)


def _number(number: float, as_percent: bool) -> Figure:
    if not math.isfinite(number):
        return Figure(problem="is no finite number: correct it.")
    if number < 0:
        return Figure(problem="is below 0: correct it, or clear the cell if nothing was reported.")
    # .934 times 100 is 93.4 and some last digits of a computer's.
    return Figure(float(f"{number * 100:.12g}"), percent=True) if as_percent else Figure(number)


@lru_cache(maxsize=100_000)
def _text(text: str) -> Figure:
    if any(unicodedata.category(sign) == "Nd" and sign not in "0123456789" for sign in text):
        return Figure(problem="is written in other figures than 0 to 9: write it in these.")
    percent = PERCENT.fullmatch(text)
    if percent:
        return Figure(float(percent[1]), percent=True)
    if PLAIN.fullmatch(text):
        return Figure(float(text))
    if THOUSANDS.fullmatch(text):
        return Figure(float(re.sub(r"[^\d.]", "", text)))
    scientific = SCIENTIFIC.fullmatch(text)
    if scientific:
        digits = len(scientific[1]) - 2 if "." in scientific[1] else 0
        if digits < int(scientific[2]):
            return Figure(
                problem="has lost its last digits to the form 1.4E+03: give the cell the format Number, and type it again."
            )
        return Figure(float(text))
    if re.fullmatch(r"\(\s*[\d,.]+\s*\)|[-−–]\s*[\d,.]+%?", text):
        return Figure(problem="is below 0: correct it, or clear the cell if nothing was reported.")
    if re.fullmatch(r"[\d,. ]+\s*[a-zA-Z*†#\[(].{0,20}", text):
        return Figure(problem="has a sign or a word after the number: keep the number, and say the rest beside it.")
    return Figure(
        problem=f"holds {described(text)} where a figure belongs: correct it, or clear it if nothing was reported."
    )


def meaning(mark: str) -> Mark | None:
    """What a mark means wherever it stands; nothing where somebody has to say."""
    if mark in NOT_REPORTED:
        return "not reported"
    return "withheld" if WITHHELD.fullmatch(mark) else None
