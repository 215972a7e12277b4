"""What the names beside figures stand for: which of them is an organisation, which a measure, which a part of one.

What is known by code, id or name is taken as that, and told; the rest is asked.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from evalkit.intake.workbook.answers import LEAVE_OUT, PARTS, Answers, answered_code
from evalkit.intake.workbook.layout import ABOVE, HEADING, SECTION, SHEET, TITLE, Series
from evalkit.intake.workbook.names import MEASURE, Counted, Names, answered_measure, part_of

ROLES = ("organisation", "measure", "part", "add up", LEAVE_OUT)
LAST = (ABOVE, HEADING, SECTION, TITLE, SHEET)
NAMES_MEASURES = re.compile(r"measures?|metrics?|indicators?|kpis?|what( is counted)?|outcomes?", re.IGNORECASE)
NAMES_ORGANISATIONS = re.compile(
    r"(org(anisation)?|ods|provider|trust|site|hospital|practice|icb|pcn)s?([\s_-]*(code|name|id))?", re.IGNORECASE
)
BETWEEN = " | "
SHOWN = 6


NOTHING = Counted("")


@dataclass(frozen=True)
class Question:
    """Something that has to be answered.

    Attributes
    ----------
    key : where the answer belongs: a field of `Answers`, and of a field with names the name
    choices : what may be answered; empty where it is a code, an id or the like
    suggestion : what may be meant, to be offered
    """

    key: tuple[str, ...]
    text: str
    choices: tuple[str, ...] = ()
    suggestion: str | None = None


@dataclass(frozen=True, eq=False)
class Named:
    """A series with what it counts and where.

    Attributes
    ----------
    key : the names that say what is counted
    organisation : the names that say where
    left_out : why it is not taken; empty where it is
    is_share : whether there are denominators of its measure
    """

    series: Series
    code: str = ""
    counted: Counted = NOTHING
    key: str = ""
    organisation: str = ""
    left_out: str = ""
    is_share: bool = False


def named_series(series: Sequence[Series], names: Names, answers: Answers) -> tuple[list[Named], list[Question]]:
    """Every series with its organisation and measure, and what has to be asked before all have both."""
    roles = _Roles(series, names, answers)
    questions = {question.key: question for question in roles.questions}
    named = [_named(one, roles, names, answers, questions) for one in series]
    if roles.questions:
        questions.pop(("organisation",), None)  # a column that has no role yet may say it
    if questions:
        return [], list(questions.values())
    shares = {one.counted.measure for one in named if one.counted.part == "denominator"}
    return [replace(one, is_share=one.counted.measure in shares) for one in named], []


def _named(one: Series, roles: "_Roles", names: Names, answers: Answers, questions: dict) -> Named:
    where, key = roles.joined(one, "organisation"), roles.key(one)
    counted = roles.counted(one, key)
    if counted is None:
        question = _about_measure(one, key, roles, names)
        questions.setdefault(question.key, question)
    if counted == LEAVE_OUT:
        return Named(one, key=key, organisation=where, left_out=f"as answered for `{key}`")
    code = roles.code(one, where)
    if code is None:
        question = _about_organisation(one, where, roles, names)
        questions.setdefault(question.key, question)
    if code == LEAVE_OUT:
        return Named(one, key=key, organisation=where, left_out=f"as answered for `{where}`")
    return Named(one, code or "", counted if isinstance(counted, Counted) else NOTHING, key, where)


def _about_measure(one: Series, key: str, roles: "_Roles", names: Names) -> Question:
    if not key:
        said = one.labels.get(TITLE) or one.labels.get(HEADING) or one.labels.get(SHEET) or ""
        likely = names.likely_measure(said)
        text = f"What do the figures in {one.cells()} count? The id of a measure in data/measures.yml, or a new one in lower-case letters, such as weekend-discharges."
        return Question(("measure",), text, suggestion=likely)
    text = (
        f"What does `{key}` count ({one.cells()})? The id of a measure, known or new, such as weekend-discharges; of a share"
        " with its part after it, `readmissions numerator` or `readmissions denominator`; or `leave out`."
    )
    meant = names.counted_of(key)
    likely = f"{meant.measure} {meant.part}" if meant and meant.part != PARTS[0] else meant.measure if meant else None
    return Question(("measures", key), text, suggestion=likely or names.likely_measure(key.split(BETWEEN)[0]))


def _about_organisation(one: Series, where: str, roles: "_Roles", names: Names) -> Question:
    if not where and roles.said(one) and roles.answers.organisation:
        said = roles.said(one) or ""
        text = f"The title or sheet above {one.cells()} speaks of {said}, and the answer kept is {roles.answers.organisation}. Whose figures are they?"
        return Question(("organisations", said), text, (said, roles.answers.organisation))
    if not where:
        said = one.labels.get(TITLE) or one.labels.get(SHEET) or ""
        return Question(
            ("organisation",), f"Which organisation are the figures in {one.cells()} of? The code of its register, such as RA3 or G107H; ZZ901 and the like for invented data.",
            suggestion=roles.said(one) or names.likely_code(said),
        )  # fmt: skip
    known = next((code for part in where.split(BETWEEN) if (code := names.code_of(part))), None)
    text = f"Which organisation is `{where}` ({one.cells()})? The code of its register; a ward may have one of your own below it, such as RA3W1; or `leave out`."
    return Question(("organisations", where), text, suggestion=known or names.likely_code(where))


class _Roles:
    """What each kind of name stands for."""

    def __init__(self, series: Sequence[Series], names: Names, answers: Answers):
        self.names, self.answers = names, answers
        own = dict.fromkeys(name for one in series for name in one.labels if name not in LAST)
        self.kinds = [*own, *(name for name in LAST if any(name in one.labels for one in series))]
        self.values = {kind: list(dict.fromkeys(one.labels.get(kind, "") for one in series)) for kind in self.kinds}
        self.varying = [kind for kind in self.kinds if len(self.values[kind]) > 1]
        self.roles: dict[str, str] = {}
        self.questions: list[Question] = []
        for kind in self.kinds:
            role = answers.roles.get(kind) or self._known(kind)
            if role:
                self.roles[kind] = role
        self._settle(series)

    def _share(self, kind: str, known: Callable[[str], object]) -> float:
        told = [value for value in self.values[kind] if value]
        return sum(known(value) is not None for value in told) / len(told) if told else 0.0

    def _known(self, kind: str) -> str | None:
        """The role of names that are known, or whose heading says what they are."""
        if self._share(kind, part_of) == 1:
            return "part"
        places, measures = self._share(kind, self.names.code_of), self._share(kind, self.names.counted_of)
        if places > 0 and places >= measures:
            return "organisation"
        if measures > 0:
            return "measure"
        if kind in LAST:
            return None
        if NAMES_MEASURES.fullmatch(kind):
            return "measure"
        return "organisation" if NAMES_ORGANISATIONS.fullmatch(kind) else None

    def _settle(self, series: Sequence[Series]) -> None:
        """Names beside a code that say no more are left; what else differs needs a role."""
        places = [kind for kind in self.having("organisation") if kind not in self.answers.roles]
        if len(places) > 1 and not self._that_disagree(series):
            first = max(places, key=lambda kind: self._share(kind, self.names.code_of))
            for kind in places:
                if kind != first and self._follows(series, kind, [first]):
                    del self.roles[kind]
        for kind in self._that_disagree(series):
            self._ask_role(kind)
        measures = self.having("measure")
        if not measures and HEADING in self.kinds and HEADING not in self.roles:
            self.roles[HEADING] = "measure"
        for kind in self.varying:
            if kind in self.roles:
                continue
            if self._follows(
                series,
                kind,
                [
                    other
                    for other in self.varying
                    if other in self.roles and self.roles[other] not in ("add up", LEAVE_OUT)
                ],
            ):
                continue
            self._ask_role(kind)

    def _that_disagree(self, series: Sequence[Series]) -> list[str]:
        """Names of several kinds that are codes of organisations, and not of the same."""
        places = [kind for kind in self.having("organisation") if kind not in self.answers.roles]
        for one in series:
            codes = {kind: code for kind in places if (code := self.names.code_of(one.labels.get(kind, "")))}
            if len(set(codes.values())) > 1:
                return list(codes)
        return []

    def _ask_role(self, kind: str) -> None:
        told = [value or "nothing" for value in self.values[kind]]
        some = ", ".join(told[:SHOWN]) + (f" and {len(told) - SHOWN} more" if len(told) > SHOWN else "")
        what = {
            SHEET: "The sheets",
            TITLE: "The titles above the tables",
            SECTION: "The headings between rows",
            HEADING: "The headings",
            ABOVE: "The upper headings",
        }.get(kind, f"The column `{kind}`")
        text = (
            f"{what}: {some}. What do they say? `organisation`, `measure`, `part` (of a share), `add up` (parts of one figure),"
            " or `leave out` (nothing that matters)."
        )
        self.questions.append(Question(("roles", kind), text, ROLES))
        self.roles[kind] = LEAVE_OUT  # until it is answered: what follows from it need not be asked too

    def _follows(self, series: Sequence[Series], kind: str, from_kinds: Sequence[str]) -> bool:
        """Whether a name is always the same where these others are."""
        told: dict[tuple[str, ...], str] = {}
        return all(
            told.setdefault(tuple(one.labels.get(other, "") for other in from_kinds), one.labels.get(kind, ""))
            == one.labels.get(kind, "")
            for one in series
        ) and bool(from_kinds)

    def having(self, role: str) -> list[str]:
        return [kind for kind, own in self.roles.items() if own == role]

    def joined(self, one: Series, *roles: str) -> str:
        """The names of a series in some roles, in one."""
        return BETWEEN.join(
            text for kind in self.kinds if self.roles.get(kind) in roles and (text := one.labels.get(kind, ""))
        )

    def key(self, one: Series) -> str:
        """The names that say what is counted; a word for a part of it is known without them."""
        words = [one.labels[kind] for kind in self.having("part") if kind in one.labels]
        known = bool(words) and all(part_of(word) for word in words) and self.having("measure")
        return self.joined(one, "measure") if known else self.joined(one, "measure", "part")

    def counted(self, one: Series, key: str) -> Counted | str | None:
        told = [part_of(one.labels[kind]) for kind in self.having("part") if kind in one.labels]
        part = next((one for one in told if one), None)
        answer = answered_measure(self.answers.measures[key]) if key in self.answers.measures else None
        if answer is not None:
            return (
                replace(answer, part=part)
                if part and isinstance(answer, Counted) and answer.part == PARTS[0]
                else answer
            )
        found = [self._named_measure(kind, one.labels[kind]) for kind in self.having("measure") if kind in one.labels]
        if found and None not in found and len(found) == 1 and not (told and part is None):
            counted = found[0]
            return replace(counted, part=part or counted.part) if counted else None
        named = [kind for kind in self.having("measure") if kind in self.varying and one.labels.get(kind)]
        if named or (told and part is None):
            return None
        constant = [
            self.names.counted_as_id(text)
            for kind, text in one.labels.items()
            if kind not in self.roles or self.roles[kind] == "measure"
        ]
        base = next((counted.measure for counted in constant if counted), None)
        if base is None and self.answers.measure:
            given = answered_measure(self.answers.measure)
            base = given.measure if isinstance(given, Counted) else None
        return Counted(base, part or PARTS[0]) if base else None

    def _named_measure(self, kind: str, written: str) -> Counted | None:
        """A measure that is known, or that a column of ids names as the book does."""
        is_id = NAMES_MEASURES.fullmatch(kind) and MEASURE.fullmatch(written)
        return self.names.counted_as_id(written) or (Counted(written) if is_id else None)

    def said(self, one: Series) -> str | None:
        """The one code that a title or the name of the sheet speaks of."""
        words = {
            word for kind in (TITLE, SHEET) for word in re.findall(r"[A-Za-z0-9-]{3,16}", one.labels.get(kind, ""))
        }
        codes = {word for word in words if not word.isdigit() and self.names.code_of(word) == word}
        return codes.pop() if len(codes) == 1 else None

    def code(self, one: Series, where: str) -> str | None:
        if where in self.answers.organisations:
            answer = self.answers.organisations[where]
            return LEAVE_OUT if answer.strip() == LEAVE_OUT else answered_code(answer)
        if not where:
            said = self.said(one)
            if said and self.answers.organisation and said != answered_code(self.answers.organisation):
                return answered_code(self.answers.organisations.get(said, ""))
            return answered_code(self.answers.organisation or "")
        for kind in self.having("organisation"):  # places of their own, as answered, need codes of their own
            if (
                kind in self.answers.roles
                and kind in self.varying
                and self.names.code_of(one.labels.get(kind, "")) is None
            ):
                return None
        told = [self.names.code_of(one.labels[kind]) for kind in self.having("organisation") if kind in one.labels]
        return next((code for code in told if code), None)
