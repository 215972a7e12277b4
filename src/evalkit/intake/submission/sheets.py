"""What the workbook asks: one place for its sheets, fields and columns, from which it is written and read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from evalkit.catalogue.model import Catalogue
from evalkit.catalogue.records.measures import Exposure

START_HERE, SITE, MEASURES, DATA, LEARNING, PULSE = "Start here", "Site", "Measures", "Data", "Learning", "Pulse"
EXAMPLE_CODE = "ZZ901"  # of the invented site, where alone answers may be invented
PULSE_TEXTS = {"staff_group": 80, "question": 200}  # characters at most
HEADINGS = 5  # the row of headings, below a title, two lines of help and a worked row
MORE_ROWS = 500  # rows for which lists and formats are set
YES_NO = ("yes", "no")
EXPOSURES = get_args(Exposure)
Kind = Literal["text", "code", "date", "month", "choice", "number", "id"]


@dataclass(frozen=True)
class Field:
    """One thing that is asked.

    Attributes
    ----------
    name : what the program calls it
    label : what the sheet calls it
    help : what to write, in a sentence
    example : of the worked row
    """

    name: str
    label: str
    help: str
    example: str = ""
    kind: Kind = "text"
    choices: tuple[str, ...] = ()
    needed: bool = True
    width: int = 24


@dataclass(frozen=True)
class Wanted:
    """The sheets with their fields: of ``Site`` one a row, of the others one a column."""

    fields: Mapping[str, Sequence[Field]]

    def field(self, sheet: str, name: str) -> Field:
        return next(field for field in self.fields[sheet] if field.name == name)

    def column(self, sheet: str, name: str) -> int:
        """The column of a field, from nought."""
        return [field.name for field in self.fields[sheet]].index(name)


def wanted(catalogue: Catalogue) -> Wanted:
    """What is asked in a project, with the words it allows."""
    words = catalogue.vocabularies
    changes = ("increase", "decrease", "no_change", "unclear")
    site = (
        Field("title", "Title of the evaluation", "A few words that say what is asked.", "Weekend ward rounds at Anytown"),
        Field("question", "The question", "One sentence with a question mark.", "Did more people go home at weekends once consultants did rounds on Saturdays and Sundays?"),
        Field("site_name", "Name of the site", "As people there call it.", "Anytown Hospital"),
        Field("place", "Town or area", "Where it is.", "Anytown"),
        Field("org_code", "ODS code", "Of the organisation; several with spaces between. ZZ901 and the like for invented figures.", "ZZ901", "code"),
        Field("what_changed", "What changed", "In a sentence or two, as a patient would say it.", "Consultants began to do ward rounds on Saturdays and Sundays."),
        Field("start", "First day of the change", "Such as 2023-10-01 or 01/10/2023.", "2023-10-01", "date"),
        Field("start_certainty", "How sure that day is", "confirmed: a source says the day. partly_confirmed: a source says about when. inferred: from the figures, or from hearsay.", "confirmed", "choice", ("confirmed", "partly_confirmed", "inferred")),
        Field("onset", "At once, or over months", "sudden: it works at once. builds: its effect builds over months.", "sudden", "choice", ("sudden", "builds")),
        Field("area", "Area of change", "One of the list.", "seven-day-services", "choice", tuple(words["areas"])),
        Field("source_title", "A source for that: its title", "A board paper, an announcement, or who decided it.", "Board paper, September 2023"),
        Field("source_where", "Where that can be read", "An address, or where it is kept.", "Kept by the trust secretary"),
        Field("also_changed", "What else changed then", "Anything in these months that could have moved the figures; `nothing known` if so.", "A discharge lounge opened in November 2023."),
        Field("comparators", "Codes of others to compare with", "ODS codes with spaces between, whose rows are in the sheet Data; empty for none.", "", "code", needed=False),
        Field("synthetic", "Invented figures?", "yes if the figures are for practice, else no.", "yes", "choice", YES_NO),
        Field("published_at", "Where the figures are published", "An address; empty if nobody has published them: then small numbers are withheld.", "", needed=False),
        Field("published_by", "Who published them, and the title", "Only with an address above.", "", needed=False),
        Field("licence", "Licence they are under", "Only with an address above.", "", needed=False),
        Field("funded_by", "Who pays for the evaluation", "Or `nobody`.", "The trust"),
        Field("no_stratifier", "Why people are not told apart", "Why the figures do not tell people apart by deprivation, age, sex or ethnicity, or which of these could be had; empty: not said.", "The ward's counts hold nobody's age or address.", needed=False),
    )  # fmt: skip
    measures = (
        Field("id", "Id", "Of data/measures.yml, or a new one in lower-case letters.", "weekend-discharges", "id"),
        Field("role", "Role", "primary: the one that answers the question. secondary, or balancing: what should not get worse.", "primary", "choice", ("primary", "secondary", "balancing")),
        Field("expected", "Expected", "What the change should do to it.", "increase", "choice", changes),
        Field("why", "Why", "A sentence.", "Somebody who can decide is there on both days.", width=40),
        Field("name", "Name", "Only of a new measure.", "Discharges at weekends", needed=False),
        Field("unit", "Unit", "Only of a new measure: what is counted.", "discharges", needed=False),
        Field("form", "Form", "Only of a new measure. A share needs numerator and denominator.", "count", "choice", ("count", "proportion", "rate", "mean"), needed=False),
        Field("better", "Better is", "Only of a new measure.", "increase", "choice", ("increase", "decrease", "neutral"), needed=False),
        Field("type", "Kind", "Only of a new measure. balancing: what must not get worse.", "outcome", "choice", ("outcome", "process", "balancing", "structure"), needed=False),
        Field("domain", "Domain", "Only of a new measure: what it is about.", "timeliness-flow", "choice", tuple(words["domains"]), needed=False),
        Field("important_change", "Smallest change that matters", "Only of a new measure: % of a count, points of a share; empty if not agreed.", "5", "number", needed=False),
        Field("important_because", "Because", "Why that much.", "Two beds' worth of patients a week.", needed=False, width=40),
        Field("exposure", "Counted on", "Only of a new count. Which days it can happen on, so that months of unequal length compare; person_time: it is set against the denominator; none: the length of a month does not matter. Empty: any day.", "weekend_days", "choice", EXPOSURES, needed=False),
    )  # fmt: skip
    data = (
        Field("measure", "Measure", "An id of the sheet Measures.", "weekend-discharges", "id"),
        Field("period", "Month", "2022-04, Apr-22 or April 2022.", "2022-04", "month", width=12),
        Field("numerator", "Count or numerator", "The count; of a share the part. Empty: not reported.", "412", "number", needed=False, width=18),
        Field("denominator", "Denominator", "Of a share or a rate the whole; empty for a count.", "", "number", needed=False, width=14),
        Field("org_code", "ODS code", "Empty where it is the site's own.", "", "code", needed=False, width=12),
        Field("note", "Note", "Anything a reader of the figure should know; it stays on this machine.", "", needed=False),
        Field("checked", "Checked by", "Initials, if you like.", "", needed=False, width=12),
        Field("explanation", "Explanation", "Where something looks wrong and is right: why.", "", needed=False, width=40),
    )  # fmt: skip
    learning = (
        Field("type", "Kind", "What it is.", "barrier", "choice", ("enabler", "barrier", "lesson", "example", "adaptation", "unintended_effect"), width=16),
        Field("title", "In one line", "What was learned, as a sentence.", "Pharmacy closed at noon on Saturdays", width=40),
        Field("body", "What happened", "A few plain sentences.", "Medicines to take home were not ready on Saturday afternoons.", width=60),
        Field("themes", "Themes", f"One or more, with semicolons between: {', '.join(words['themes'])}.", "workforce; flow-and-delays", width=30),
        Field("audience", "For whom", f"One or more, with semicolons between: {', '.join(words['audiences'])}.", "frontline; project-team", width=30),
        Field("stage", "Stage", "When it matters.", "run", "choice", tuple(words["stages"]), width=12),
        Field("strength", "How sure", "What it rests on.", "observed-once", "choice", tuple(words["strengths"]), width=18),
        Field("response", "Of a barrier: what was done", "Or not_solved, or not_reported.", "Pharmacy stayed open until four.", needed=False, width=40),
        Field("what_happened", "Of a barrier: what came of it", "Or not_reported.", "not_reported", needed=False, width=40),
        Field("says", "Who says so", "Whom or what it rests on; no names of patients.", "Ward managers, in the weekly meeting", width=40),
    )  # fmt: skip
    pulse = (
        Field("wave", "Month you asked", "2024-05, May-24 or May 2024.", "2024-05", "month", width=16),
        Field("staff_group", "Staff group", "Such as Nurses; `All staff` for everybody together.", "Nurses", width=24),
        Field("question", "Question", "As it was put, the same on every row of one question.", "Do you feel confident that this will work?", width=50),
        Field("asked", "Asked", "How many people.", "60", "number", width=12),
        Field("answered", "Answered", "How many of them answered this question.", "44", "number", width=12),
        Field("confident", "Confident, or agreed", "How many of those.", "30", "number", width=20),
    )  # fmt: skip
    return Wanted({SITE: site, MEASURES: measures, DATA: data, LEARNING: learning, PULSE: pulse})


WELCOME = (
    "This workbook becomes a page of the book.",
    "1. Fill in the sheets Site, Measures, Data, Learning and Pulse, from left to right; the last two may stay empty. Grey lines are examples, and are not read.",
    "2. `evalkit check FILE.xlsx` says what is wrong, cell by cell.",
    "3. `evalkit preview FILE.xlsx` makes a draft of the page, in one file that opens in any browser.",
    "4. `evalkit add FILE.xlsx` puts it into the book.",
    "An empty cell of figures is `not reported`, never nought. A figure that somebody withheld is *.",
    "Nothing from which a patient could be recognised belongs here: counts only, no names, no numbers of people, no dates of birth.",
)
