"""What identifies people: columns by their names; numbers by their check digit; dates, names and postcodes beside a label.

A number of a person has ten digits, together or as 3-3-4 with spaces or hyphens, and passes three questions:

- its check digit: the first nine digits times 10 to 2, added up, modulo 11; one in eleven of all numbers passes;
- whether it is given out: NHS numbers begin with 32 to 39, 4, 6, 7 or, for tests, 9, and CHI numbers with a date as day, month
  and year. A row of one digit is a filler. Of random ten digits 5 in 100 pass both questions;
- what it stands in: it touches no letter and no digit, has no decimals (but for the ``.0`` that a whole number gets beside
  gaps), no ``+`` before it, and no part of a longer code with hyphens beside it. In groups it is not one of several figures
  with single spaces between them, as coordinates are. It is in no web address, unless as a parameter that is called as a column
  of people, and no ISBN, DOI, telephone or fax is said right before it.

So no random decimal, hash or coordinate is one, and a count of ten digits by itself is in 5 cases of 100. After the words "NHS
number" or "CHI number" any ten digits are one, whatever their check digit.

Rows without headings are records on people where, in most of them, a cell is written as a name, another is a day, and those
days are as dates of birth are: most of them before 2001, or of years far apart.

What passes unseen: names beside days of a few late years, as the births of children are, or in a table of fewer than three rows;
numbers in the path of a web address, as decimals, among other figures with single spaces, in other groups, with
a part in another cell or element, or with digits left out, as the zero before a CHI number that was read as a number; names, dates and
postcodes where neither a column nor a label says what they are; a postcode beside the word, where the text before it names a
hospital or an office.
"""

import html
import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache, lru_cache
from itertools import pairwise
from statistics import mode
from typing import NamedTuple

# Never in a book of totals, whatever they hold: the letters of a column's whole name, of anybody or of one of these.
WHOSE = "patient|pt|person|client|serviceuser|carer|staff|mother|baby|home|work|own"
NAMES_A_PERSON = (
    "nhs(number|num|no|id)|chi(number|no)?|hospital(number|num|no|id)|casenote(number|no)|mrn|id|number|no|name|initials|dob"
    "|dateofbirth|datebirth|birthdate|birthday|yearofbirth|forenames?|firstname|givenname|middlename|surname|lastname|familyname"
    "|maidenname|fullname|postcode|postalcode|zipcode|address|addressline|streetaddress|homeaddress|emailaddress|email"
    "|(tele|mobile)?phone(number|no)?|mobile(number|no)?|ni(number|no)|nationalinsurance(number|no)|nextofkin"
)
OF_ANYBODY = re.compile(f"(?:{WHOSE})s?(?:{NAMES_A_PERSON})|patient|(?!(?:id|number|no|name)$)(?:{NAMES_A_PERSON})")
IDENTIFIES = (
    "may identify people, and this book is of totals: leave the column out, or, where it counts something, call it that"
)

NHS, CHI = "an NHS number", "a CHI number"
BIRTH, NAME, POSTCODE, RECORD = (
    "a date of birth",
    "the name of a person",
    "the postcode of a home",
    "the number of a record",
)
RECORDS = "what reads as names of people with their dates of birth"
COLUMN = "a column or a field of a kind that may identify people"
FEWEST_ROWS, MOST_OF_THEM = 3, 0.8  # of which something is said by what stands in them
GROWN_UP, FAR_APART = 2000, 15  # the year before which most were born; years between the first and the last
WEIGHTS = range(10, 1, -1)
NO_DATE_BEGINS_SO = re.compile("3[2-9]|[4679]")
HIDDEN = "[number of a person]"
BEFORE = 120  # characters before a number or a postcode that say what it is

# Digits as 0 and capitals as A: what has the shape of a number or of a postcode is then found by its letters, which is quick.
SHAPE = bytes.maketrans(b"123456789BCDEFGHIJKLMNOPQRSTUVWXYZ", b"0" * 9 + b"A" * 25)
# Blanks as written in HTML and JSON too; readers put NULs behind a blank that takes less room than what stood for it.
_BLANK = r"(?:[ \-\u00a0\u2009\u2011\u2013\u202f]\x00*)"
_BLANK_SHAPE = rb"(?:[ -]|\xc2\xa0|\xe2\x80[\x89\x91\x93\xaf]|&nbsp;|&#000;|&#xa0;|\\u00a0|\\u[0-9a-f]{4})"
_NUMBER = re.compile(
    rf"(?<![\w.+])(?<!\d-)[0-9]{{3}}(?:[0-9]{{7}}|{_BLANK}?[0-9]{{3}}{_BLANK}?[0-9]{{4}})(?!\w|-\d|\.(?!0(?!\d))\d)"
)
_NUMBER_SHAPE = re.compile(
    rb"000(?:(?<![\w.+]000)|(?<=\\[nrt]000)|(?<=\\u[0-9a-f]{4}000))"
    rb"(?:0000000|" + _BLANK_SHAPE + rb"?000" + _BLANK_SHAPE + rb"?0000)(?!\w)"
)
_GROUP = rf"[0-9]{{3}}{_BLANK}?[0-9]{{3}}{_BLANK}?[0-9]{{4}}"
_GROUPS = re.compile(rf"{_GROUP}(?:[ \u00a0]\x00*{_GROUP})*")
_MORE_BEFORE, _MORE_AFTER = re.compile(r"(?:[\d.,]*\d[ \u00a0]\x00*)+\Z"), re.compile(r"(?:[ \u00a0]\x00*\d[\d.,]*)+")
_NO_PERSONS = re.compile(
    r"(?:\b(?:ISBN(?:-1[03])?|ISSN|DOI|tel|telephone|phone|fax|mobile)|\+\d{1,3}|\(0\))\W{0,3}\Z|(?:://|\bwww\.)[^\s,;\"'<>|()]*\Z",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r"[?&;](\w+)=\Z")

_BETWEEN = r"(?:\W{0,20}|\W{1,5}(?:is|was|of)\W{1,3})"  # from a label to what it speaks of, in the next cell too
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = (
    rf"(?:\d{{1,2}}[/. -]\d{{1,2}}[/. -](?:\d{{4}}|\d\d)|\d{{4}}[/.-]\d{{1,2}}[/.-]\d{{1,2}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?[ -]{_MONTH}[ ,-]{{1,2}}\d{{2,4}}|{_MONTH} \d{{1,2}},? \d{{4}})(?!\d)"
)
_POSTCODE = r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][ABD-HJLNP-UW-Z]{2}(?!\w)"
_SAID = r"[\"']?\s*[:=]\s*[\"']?"  # as a form or a data file says it
_LABELLED = (
    (BIRTH, rf"(?i)\b(?:date[\s_]?of[\s_]?birth|birth[ _-]?da(?:te|y)|d\.?o\.?b\.?|born:)(?!\w){_BETWEEN}{_DATE}"),
    (NHS, rf"(?i)\bnhs[\s_]?(?:number|num|no)\b{_BETWEEN}[0-9]{{3}}[ -]?[0-9]{{3}}[ -]?[0-9]{{4}}(?!\w)"),
    (CHI, rf"(?i)\bchi[\s_]?(?:number|no)\b{_BETWEEN}[0-9]{{6}}[ -]?[0-9]{{4}}(?!\w)"),
    (RECORD, rf"(?i)\b(?:(?:hospital|case[\s_]?note|patient)[\s_]?(?:number|num|no|id)|mrn){_SAID}[A-Z]{{0,3}}[0-9]{{4,}}"),
    (NAME, rf"\b(?i:surname|(?:fore|(?:first|last|maiden|family|given|full)[\s_]?)name|name of (?:the )?patient|patient(?:['’]s)?[\s_]?name|next[\s_]of[\s_]kin){_SAID}[A-Z][A-Za-z'’-]+"),
    (POSTCODE, rf"(?s)\b(?i:home[\s_]?(?:address|postcode)|patient(?:['’]s)?[\s_]?(?:address|postcode)|lives (?:at|in)|living at|resident (?:at|of))\b.{{0,80}}?\b{_POSTCODE}"),
)  # fmt: skip
LABELLED = tuple((kind, re.compile(pattern)) for kind, pattern in _LABELLED)
POSTCODE_SAID = re.compile(rf"\b(?i:post[\s_]?code){_BETWEEN}{_POSTCODE}")
ONE_POSTCODE = re.compile(_POSTCODE)
ONE_DAY = re.compile(rf"(?i){_DATE}(?: 00:00(?::00)?)?")
ONE_NAME = re.compile(r"(?:(?:Mrs?|Ms|Miss|Dr)\.? )?[A-Z][A-Za-z'’-]+,?(?: [A-Z][A-Za-z'’.-]*){1,2}")
OF_A_PLACE = re.compile(
    r"\b(?:hospital|infirmary|clinic|surgery|trust|NHS|practice|centre|department|university|office|house)\b", re.I
)
# The words that such a label begins with. Blanks may be missing or underscores.
_LABELS = (
    "birth", "dob", "d.o.b", "born:", "nhs num", "nhs no", "chi num", "chi no", "hospital num", "hospital no", "hospital id", "case note",
    "patient num", "patient no", "patient id", "mrn", "surname", "forename", "first name", "last name", "maiden name",
    "family name", "given name", "full name", "name of patient", "name of the patient", "patient name", "patient's name", "patient’s name",
    "next of kin", "home address", "home postcode", "patient address", "patient's address", "patient’s address", "postcode", "post code",
    "lives at", "lives in", "living at", "resident at", "resident of",
)  # fmt: skip
STEMS = {label.replace(" ", "").encode(): re.compile(re.escape(label).replace(r"\ ", "[ _]?")) for label in _LABELS}
# What several of them share: a text is looked through for each of these once, and only beside it for the rest. None overlaps itself.
_ROOTS = (b"patient", b"hospital", b"name", b"nhs", b"chin", b"resident", b"lives")
LOWER = bytes(range(256)).lower()
IN_NO_LABEL = b" _0123456789"  # what is left is less, and quicker to look through
MARK = re.compile(r"<[^>]*>")
BEHIND = 500  # characters after the beginning of a label, markup included, in which what it speaks of begins


class Found(NamedTuple):
    """What was found, in words that follow "holds", and where in the text it starts and ends."""

    kind: str
    start: int
    end: int


@lru_cache(maxsize=10_000)
def names_a_person(column: str) -> bool:
    """Whether a column, by its name, holds what identifies people."""
    return OF_ANYBODY.fullmatch(re.sub(r"[^a-z]", "", column.lower())) is not None


def check_digit(nine: str) -> int | None:
    """The tenth digit of an NHS or CHI number; None where the first nine digits begin no number."""
    digit = -sum(weight * int(figure) for weight, figure in zip(WEIGHTS, nine, strict=True)) % 11
    return None if digit == 10 else digit


def kind_of_number(digits: str) -> str | None:
    """Which number of a person ten digits are, without blanks: ``NHS``, ``CHI`` or None."""
    if check_digit(digits[:9]) != int(digits[9]) or len(set(digits)) == 1:
        return None
    if NO_DATE_BEGINS_SO.match(digits):
        return NHS
    try:  # in whichever century: of 1900 and 2000 the latter has a 29 February
        date(2000 + int(digits[4:6]), int(digits[2:4]), int(digits[:2]))
    except ValueError:
        return None
    return CHI


def may_hold_numbers(raw: bytes, shape: bytes | None = None) -> bool:
    """Whether a file, by its bytes as HTML, JSON, CSV or plain text, may hold the number of a person: a quick first look.

    Parameters
    ----------
    shape : ``raw.translate(SHAPE)``, where it is there already
    """
    for match in _NUMBER_SHAPE.finditer(raw.translate(SHAPE) if shape is None else shape):
        written = re.sub(rb"&#?\w+;|\\u\w{4}|[^0-9]", b"", raw[match.start() : match.end()])
        if len(written) == 10 and kind_of_number(written.decode()):
            return True
    return False


def may_hold_labels(raw: bytes) -> bool:
    """As ``may_hold_numbers``, of labels such as "date of birth"."""
    squeezed = raw.translate(LOWER, IN_NO_LABEL)
    return any(_holds(squeezed, *rooted) for rooted in _rooted())


@cache
def _rooted() -> list[tuple[bytes, tuple[bytes, ...], tuple[bytes, ...]]]:
    """Each root with what may stand before it and behind it; a label that has none is a root by itself."""
    told: dict[bytes, tuple[list[bytes], list[bytes]]] = {}
    for stem in STEMS:
        root = next((root for root in _ROOTS if stem.startswith(root) or stem.endswith(root)), stem)
        before, behind = told.setdefault(root, ([], []))
        (behind if stem.startswith(root) else before).append(stem.replace(root, b"", 1))
    return [(root, tuple(before), tuple(behind)) for root, (before, behind) in told.items()]


def _holds(text: bytes, root: bytes, before: tuple[bytes, ...], behind: tuple[bytes, ...]) -> bool:
    if behind == (b"",):
        return root in text
    pieces = text.split(root)
    return any(piece.startswith(behind) for piece in pieces[1:]) or any(piece.endswith(before) for piece in pieces[:-1])


def numbers_in(text: str) -> Iterator[Found]:
    """The NHS and CHI numbers of a text; the module says what counts as one."""
    for match in _NUMBER.finditer(text):
        kind = kind_of_number(re.sub(r"\D", "", match[0]))
        if kind and not _among_figures(text, match) and not _is_of_no_person(text, match.start()):
            yield Found(kind, *match.span())


def _among_figures(text: str, match: re.Match) -> bool:
    """Whether groups of digits are some of a list of figures; several numbers of people side by side are not."""
    if match[0].isdigit():
        return False
    before = _MORE_BEFORE.search(text, max(0, match.start() - BEFORE), match.start())
    after = _MORE_AFTER.match(text, match.end())
    run = text[before.start() if before else match.start() : after.end() if after else match.end()]
    return _GROUPS.fullmatch(run) is None


def _is_of_no_person(text: str, start: int) -> bool:
    before = text[max(0, start - BEFORE) : start]
    parameter = _PARAMETER.search(before)
    return _NO_PERSONS.search(before) is not None and not (parameter and names_a_person(parameter[1]))


def are_records(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows of cells are a name and a date of birth each, whatever their columns are called.

    Parameters
    ----------
    rows : the first few hundred of a table, with its headings if it has any
    """
    width = mode(map(len, rows)) if rows else 0
    whole = [[cell.strip() for cell in row] for row in rows if len(row) == width]
    least = max(FEWEST_ROWS, MOST_OF_THEM * (len(whole) - 1))  # the first row may be of headings
    columns = [list(column) for column in zip(*whole, strict=True)]
    if not any(_are_births(column, least) for column in columns):
        return False
    parts = [[" ".join(pair) for pair in zip(*beside, strict=True)] for beside in pairwise(columns)]  # in two columns
    return any(_are_names(column, least) for column in (*columns, *parts))


def _are_births(cells: Sequence[str], least: float) -> bool:
    years = sorted(_year(cell) for cell in cells if ONE_DAY.fullmatch(cell))
    if len(years) < least:
        return False
    return years[len(years) // 2] <= GROWN_UP or years[-1] - years[0] >= FAR_APART


def _year(day: str) -> int:
    """The year of a day; of two figures that of somebody who lives."""
    figures = re.findall(r"\d+", day)
    whole = next((int(one) for one in figures if len(one) == 4), None)
    return whole if whole is not None else int(figures[-1]) + (1900 if int(figures[-1]) > 30 else 2000)


def _are_names(cells: Sequence[str], least: float) -> bool:
    """Names are many, and hardly one is there twice."""
    told = [cell for cell in cells if ONE_NAME.fullmatch(cell) and not OF_A_PLACE.search(cell)]
    return len(told) >= least and len(set(told)) >= MOST_OF_THEM * len(told)


def found_in(text: str) -> list[Found]:
    """What identifies people in a text, in its order: numbers, and what a label speaks of."""
    found = {one.start: one for one in labelled_in(text)} | {one.start: one for one in numbers_in(text)}
    return [found[start] for start in sorted(found)]


def labelled_in(text: str) -> Iterator[Found]:
    """Dates of birth, names, numbers and postcodes that a label says to be such, each where its label begins.

    What a label speaks of may stand in the next cell of a table or element of a page.
    """
    lower = text.lower()
    for stem in STEMS.values():
        for match in stem.finditer(lower):
            window = text[max(0, match.start() - BEFORE) : match.end() + BEHIND]
            kind = _labelled(window) or _labelled(html.unescape(MARK.sub("\n", window)))
            if kind:
                yield Found(kind, *match.span())


def _labelled(window: str) -> str | None:
    for kind, pattern in LABELLED:
        if pattern.search(window):
            return kind
    said = POSTCODE_SAID.search(window)
    return POSTCODE if said and not OF_A_PLACE.search(window, 0, said.start()) else None


def is_postcode(cell: str) -> bool:
    """Whether a cell holds a full postcode and nothing else."""
    return ONE_POSTCODE.fullmatch(cell.strip()) is not None


def without_numbers(text: str) -> str:
    """A text to be shown, without the numbers of people in it."""
    for found in reversed(list(numbers_in(text))):
        text = text[: found.start] + HIDDEN + text[found.end :]
    return text
