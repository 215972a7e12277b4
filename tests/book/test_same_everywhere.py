"""One matter, one answer: what a page of the whole book says of a result, a count, a name or a claim, every page says.

Each rule walks over all pages and compares them with the records, with results/ or with each other. Below each stand
sentences that the book once had, or slips of the kind: with one of them on a copy of a page, its rule has to object.
"""

import csv
import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from html import unescape
from pathlib import Path, PurePosixPath
from posixpath import normpath

import pytest

from evalkit.catalogue import Catalogue, read_catalogue
from evalkit.check_register import KINDS
from evalkit.effect import Effect
from evalkit.report.wording import words
from evalkit.report.wording.records import INDEPENDENCE
from evalkit.verdict import UNDECIDED

NONE_HERE = "No change at this place has been evaluated"
# A row of other sizes than the answer's: those at each time after the change.
AT_TIMES = "#has-it-lasted"
BLOCK = re.compile(r"<(tr|li)\b[^>]*>(.*?)</\1>", re.DOTALL)
LINK = re.compile(r'<a\b[^>]*href="([^"#]+)(?:#[^"]*)?"[^>]*>(.*?)</a>', re.DOTALL)
HAS_INTERVAL = re.compile(r"[\d%] to [+−]?\d|from a (?:fall|rise) of|95% interval \d")
SIGNED = re.compile(r"[+−]\d")
CERTAINTY = re.compile(r"\b(?:[Cc]ertainty:? (?:is )?|How sure: )(very low|low|moderate|high)\b")
EVALUATION = re.compile(r"evaluations/([^/]+)/([^/]+)\.html")
POOLED = re.compile(r"across/([^/]+)\.html")


@dataclass(frozen=True)
class Book:
    """Pages by their name below ``book``, and what they are made from."""

    pages: dict[str, str]
    catalogue: Catalogue
    results: dict[tuple[str, str], dict[str, str]]
    pooled: dict[str, dict]
    estimands: dict[tuple[str, str], str]
    failed: dict[tuple[str, str], list[str]]

    @cached_property
    def texts(self) -> dict[str, str]:
        """Each page without its marks."""
        return {name: text_of(page) for name, page in self.pages.items()}

    @cached_property
    def evaluations(self) -> list[str]:
        """Ids of those that are published and real."""
        return [
            id
            for id, evaluation in self.catalogue.evaluations.items()
            if evaluation.status == "published" and not self.catalogue.is_synthetic(evaluation)
        ]

    def primary(self, evaluation: str) -> dict[str, str]:
        """The row of what answers a question."""
        return self.results[evaluation, self.catalogue.evaluations[evaluation].primary.id]

    def sentences(self, name: str) -> list[str]:
        """What a page says in its own part, sentence by sentence."""
        page = self.pages[name]
        main = re.search(r"<main\b.*?</main>", page, re.DOTALL)
        parts = re.split(r"</?(?:p|li|t[rdh]|d[dt]|h\d|div|caption|summary|section)\b[^>]*>", main[0] if main else page)
        return [sentence for part in parts for sentence in re.split(r"(?<=[.:;?!])\s", text_of(part))]

    def page_of(self, page: str, address: str) -> str:
        """The name of the page to which an address on another leads."""
        return normpath(str(PurePosixPath(page).parent / address))

    @cached_property
    def blocks(self) -> list[tuple[str, str, "Stated"]]:
        """Page, HTML and result of each row or entry that is about one result."""
        return list(self._blocks())

    def _blocks(self) -> Iterator[tuple[str, str, "Stated"]]:
        for name, page in self.pages.items():
            for match in BLOCK.finditer(page):
                if AT_TIMES in match[2]:
                    continue
                stated = [self.stated(self.page_of(name, address)) for address, _ in LINK.findall(match[2])]
                about = {one.id: one for one in stated if one is not None}
                if len(about) == 1:
                    yield name, match[2], next(iter(about.values()))

    def stated(self, page: str) -> "Stated | None":
        """The result that a page is about."""
        found = EVALUATION.search(page)
        if found and found[2] in ("index", "board"):
            found = EVALUATION.search(f"evaluations/{found[1]}/{self.catalogue.evaluations[found[1]].primary.id}.html")
        if found and (found[1], found[2]) in self.results:
            row = self.results[found[1], found[2]]
            numbers = [float(row[end] or "nan") for end in ("estimate", "low", "high")]
            at_once = (float(row["low_in_family"] or "nan"), float(row["high_in_family"] or "nan"))
            return Stated(found[0], *numbers, row["scale"], row["verdict"], row["certainty"], at_once)
        found = POOLED.search(page)
        if found and found[1] in self.pooled:
            result = self.pooled[found[1]]
            columns = result["effect"]["estimates"]["columns"]
            rows = [dict(zip(columns, row, strict=True)) for row in result["effect"]["estimates"]["rows"]]
            heads = [row for row in rows if row["role"] == "headline"]
            row = next((row for row in heads if row["scale"] == "percent"), heads[0])
            judged = result["verdict"]
            numbers = [float(row[end]) for end in ("estimate", "low", "high")]
            return Stated(found[0], *numbers, row["scale"], judged["word"], judged["certainty"] or "")
        return None


@dataclass(frozen=True)
class Stated:
    """A result, as results/ has it."""

    id: str
    estimate: float
    low: float
    high: float
    scale: str
    verdict: str
    certainty: str
    at_once: tuple[float, float] = (math.nan, math.nan)

    @property
    def as_intervals(self) -> list[str]:
        """Its interval, and that which holds at once with its neighbours', in a table and in a sentence."""
        ends = [(self.low, self.high), *([self.at_once] if all(map(math.isfinite, self.at_once)) else [])]
        return [write(*end, self.scale) for end in ends for write in (words.both_ends, words.interval)]


def text_of(html: str) -> str:
    """What is read, on one line."""
    html = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


@pytest.fixture(scope="module")
def book(html, real_book) -> Book:
    root = real_book[0].root
    pages = {
        path.relative_to(html / "book").as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((html / "book").rglob("*.html"))
    }
    with (root / "results" / "results.csv").open(encoding="utf-8") as table:
        rows = {(row["evaluation"], row["analysis"]): row for row in csv.DictReader(table)}
    effects = {
        (evaluation, analysis): json.loads(Path(root, "results", evaluation, f"{analysis}.json").read_text("utf-8"))
        for evaluation, analysis in rows
    }
    return Book(
        pages,
        read_catalogue(root),
        rows,
        {path.stem: json.loads(path.read_text("utf-8")) for path in (root / "results" / "across").glob("*.json")},
        {key: result["effect"]["estimand"] for key, result in effects.items()},
        {
            key: [check["code"] for check in result["effect"]["checks"] if check["passed"] is False]
            for key, result in effects.items()
        },
    )


def sizes(book: Book) -> Iterator[str]:
    """Where an entry about one result has an interval, that result's is there; and its estimate, where a table has one."""
    for name, block, stated in book.blocks:
        said = text_of(block)
        if not HAS_INTERVAL.search(said):
            continue
        if not any(interval in said for interval in stated.as_intervals):
            yield f"{name}: {stated.id} has {stated.as_intervals[0]}, not “{said[:160]}”"
        estimate = words.signed(stated.estimate, stated.scale)
        if block.count("<td") > 1 and SIGNED.search(said) and estimate not in said:
            yield f"{name}: the estimate of {stated.id} is {estimate}, not “{said[:160]}”"


def verdicts(book: Book) -> Iterator[str]:
    """The word and the certainty of an answer are one, in entries about it and on its own pages."""
    known = {word: key for key, word in words.VERDICT_WORDS.items()}
    for name, block, stated in book.blocks:
        bold = [word.partition(":")[0] for word in re.findall(r"<strong>([^<]+?)\.?</strong>", block)]
        cells = [text_of(cell).lstrip("▲▼△▽=○–↑↓ ") for cell in re.findall(r"<td\b[^>]*>(.*?)</td>", block, re.DOTALL)]
        for word in {*bold, *cells} & set(known):
            if known[word] != stated.verdict:
                yield f"{name}: {stated.id} is called {word}, and is {stated.verdict or 'judged by no word'}"
        yield from _certainties(name, text_of(block), stated)
    for name, page in book.pages.items():
        stated = book.stated(name)
        for word in re.findall(r'class="ek-verdict">([^<]+?)\.?<', page) if stated else ():
            if known.get(word) != stated.verdict and word != "No result at present":
                yield f"{name}: {stated.id} is called {word}, and is {stated.verdict}"


def _certainties(name: str, said: str, stated: Stated) -> Iterator[str]:
    for certainty in CERTAINTY.findall(said):
        if certainty != stated.certainty:
            yield f"{name}: certainty of {stated.id} is {stated.certainty or 'not given'}, not {certainty}"


def counts(book: Book) -> Iterator[str]:
    """How many there are of anything, wherever a page says so of the whole book."""
    primaries = [book.primary(id) for id in book.evaluations]
    clear = sum(row["verdict"] not in (*UNDECIDED, "no_important_change", "not_evaluable", "") for row in primaries)
    undecided = sum(row["verdict"] in UNDECIDED for row in primaries)
    added = sum(
        analysis.added is not None for id in book.evaluations for analysis in book.catalogue.evaluations[id].analyses
    )
    shown = [item for item in book.catalogue.learning.values() if item.is_shown]
    places = re.findall(r'<li><a href="([^"/]+)\.html">', book.pages["generated/sites/index.html"])
    without = [name for name, said in book.texts.items() if name.startswith("generated/sites/") and NONE_HERE in said]
    true = {
        r"(\d+) evaluations of real changes": len(primaries),
        r"Of (\d+) answers? to a question": len(primaries),
        r"answers? to a question, (\d+) (?:is|are) clear": clear,
        r"(\d+) (?:is|are) clear of no change": clear,
        r"(\d+) could not tell": undecided,
        r"(\d+) analyses in all": len(book.results),
        r"(\d+) planned analyses": len(book.results) - added,
        r"everything that was learned: (\d+) in all": len(primaries) + len(book.catalogue.pooled) + len(shown),
        r"(\d+) with what was learned only": len(without),
        r"of (\d+) protocols": len(primaries),
    }
    for name, said in book.texts.items():
        for pattern, number in true.items():
            for found in re.findall(pattern, said):
                if int(found) != number:
                    yield f"{name}: “{pattern}” is {found}, and there are {number}"
    home = book.texts["index.html"]
    for pattern, number in {r"\b(\d+) sites\b": len(places), r"\b(\d+) evaluations\b": len(primaries)}.items():
        for found in re.findall(pattern, home):
            if int(found) != number and not re.search(rf"{found} sites together", home):
                yield f"index.html: “{pattern}” is {found}, and there are {number}"
    if book.texts["generated/sites/index.html"].count("learning only,") != len(without):
        yield "generated/sites/index.html: other places have learning only than pages say"


def of_protocols(book: Book) -> Iterator[str]:
    """How many analyses were planned, and how many added, on the page of protocols."""
    page = book.pages["generated/protocols.html"]
    for section in re.findall(r'<section class="ek-group">(.*?)</section>', page, re.DOTALL):
        id = EVALUATION.search(LINK.search(section)[1])[1]
        analyses = book.catalogue.evaluations[id].analyses
        added = sum(analysis.added is not None for analysis in analyses)
        said = text_of(section)
        told = re.search(r"Planned (\d+) analys[ei]s(?:, and (\d+) added later)?", said)
        if told is None or (int(told[1]), int(told[2] or 0)) != (len(analyses) - added, added):
            yield f"generated/protocols.html: {id} planned {len(analyses) - added} and added {added}, not {told and told[0]}"


def of_places(book: Book) -> Iterator[str]:
    """A place's page shows every analysis it takes part in; that there is none is said only where it is true."""
    index = book.pages["generated/sites/index.html"]
    for site in book.catalogue.sites.values():
        name, own = f"generated/sites/{site.id}.html", set(site.org_codes)
        if name not in book.pages:
            continue
        due, changed = set(), set()
        for id in book.evaluations:
            evaluation = book.catalogue.evaluations[id]
            answered = set(book.catalogue.codes(evaluation.primary.parameters["site"]))
            section = book.texts[name].partition(
                f"{evaluation.title} The answer of this evaluation is about other places"
            )
            if section[1] and own & answered:
                yield f"{name}: that {id} answers for others only, and {len(own & answered)} trusts here are among them"
            asked_of = [(one, set(book.catalogue.codes(one.parameters["site"]))) for one in evaluation.analyses]
            named = site.id in evaluation.sites or any(own <= asked for _, asked in asked_of)
            for analysis, asked in asked_of:
                if named and own & asked:
                    due.add((id, analysis.id))
                    changed |= {id} if analysis.role != "spill_over" else set()
        there = {EVALUATION.search(address) for address, _ in LINK.findall(book.pages[name])}
        missing = due - {(found[1], found[2]) for found in there if found}
        if missing:
            yield f"{name}: not there are {sorted(missing)}"
        if (NONE_HERE in book.texts[name]) == bool(changed):
            yield f"{name}: says that {'none' if changed else 'some'} was evaluated here"
        entry = re.search(rf'<li><a href="{site.id}\.html">.*?</li>', index, re.DOTALL)
        if entry and changed and f"{len(changed)} evaluation" not in text_of(entry[0]):
            yield f"generated/sites/index.html: {site.id} has {len(changed)}, not “{text_of(entry[0])}”"


def names(book: Book) -> Iterator[str]:
    """A place is called by one name in every link to it, and an organisation beside its code."""
    of_page = {f"generated/sites/{site.id}.html": site.name for site in book.catalogue.sites.values()}
    for name, page in book.pages.items():
        for address, label in LINK.findall(page):
            called = of_page.get(book.page_of(name, address))
            if called is not None and text_of(label) != called:
                yield f"{name}: {called} is called “{text_of(label)}”"
        said = book.texts[name]
        for found in re.finditer(r"\(([A-Z][A-Z0-9]{2,5})\)", said):
            organisation = book.catalogue.organisations.get(found[1])
            before = said[max(0, found.start() - 120) : found.start()].rstrip()
            if organisation and re.search(r"Trust$|Ltd$", before) and not before.endswith(organisation.name):
                yield f"{name}: {organisation.name} is called “{before[-60:]}”"
    for site in book.catalogue.sites.values():
        if len(site.org_codes) == 1 and site.id != "weston":  # a hospital, whose trust has another name
            official = book.catalogue.organisations[site.org_codes[0]].name
            if not official.startswith(site.name.split(", ")[0]):  # a name may say where, which a register does not
                yield f"{site.id}: its organisation is {official}"


def independence(book: Book) -> Iterator[str]:
    """Who evaluated is said as the record says it, wherever it is said."""
    for name, said in book.texts.items():
        found = EVALUATION.search(name)
        ids = [found[1]] if found else book.evaluations
        true = {INDEPENDENCE[book.catalogue.evaluations[id].independence].lower() for id in ids}
        told = set(re.findall(r"\bevaluated by those who [^.;]*(?=[.;])", said.lower()))
        told |= {
            sentence.lower() for sentence in INDEPENDENCE.values() if f"{sentence.lower()}. funding" in said.lower()
        }
        for sentence in told - true:
            yield f"{name}: “{sentence}”, and the records say {sorted(true)}"


def beforehand(book: Book) -> Iterator[str]:
    """Nothing is said to be fixed, chosen or planned before the results where no protocol was."""
    if any(book.catalogue.evaluations[id].protocol.fixed_before for id in book.evaluations):
        return
    open_words = r"\b(not|no|none|nobody|never|unless|where|if|only|whether|when|or|before anybody|may|written)\b"
    claim = r"\b(fixed|chosen|set|planned) (before|beforehand)\b|nobody can choose"
    for name in book.pages:
        for sentence in book.sentences(name):
            said = sentence.replace("nobody can choose", "chosen")
            if re.search(claim, sentence) and not re.search(open_words, said, re.I):
                yield f"{name}: “{sentence[:200]}”"


def departures(book: Book) -> Iterator[str]:
    """“No new choice” is said of added analyses only where they are set against what the answer is set against."""
    for id in book.evaluations:
        evaluation = book.catalogue.evaluations[id]
        against = {
            key: book.estimands[id, key].partition(", against ")[2]
            for key in [evaluation.primary.id, *(analysis.id for analysis in evaluation.analyses if analysis.added)]
        }
        of_same_measure = {
            text
            for key, text in against.items()
            if book.results[id, key]["measure"] == book.results[id, evaluation.primary.id]["measure"]
        }
        for name, said in book.texts.items():
            mine = f"evaluations/{id}/" in name or name.endswith("protocols.html")
            if mine and len(of_same_measure) > 1 and "no new choice" in _of_evaluation(said, evaluation.title):
                yield f"{name}: “no new choice”, though {id} sets {sorted(of_same_measure)}"


def _of_evaluation(said: str, title: str) -> str:
    """What a page of several says of one: from its title to the next fingerprint but one."""
    start = said.find(title + " Fingerprint")
    return said if start < 0 else said[start : said.find("Fingerprint", start + len(title) + 20)]


def pools(book: Book) -> Iterator[str]:
    """A check of assumptions that the sites fail together in the planned analysis is not passed where they are pooled."""
    for id, result in book.pooled.items():
        refs = [ref.split("/") for ref in book.catalogue.pooled[id].analyses]
        pooled = {code for e, a in refs for code in book.catalogue.codes(_asked(book, e, a))}
        for evaluation in {e for e, _ in refs}:
            primary = book.catalogue.evaluations[evaluation].primary
            same = primary.parameters["measure"] == result["effect"]["measure"]
            asked = set(book.catalogue.codes(primary.parameters["site"]))
            for kind in KINDS:
                fails = kind.of_assumptions and kind.code in book.failed[evaluation, primary.id]
                if same and asked <= pooled and fails:
                    row = re.search(
                        rf"<tr>\s*<th[^>]*>{kind.in_general()}</th>(.*?)</tr>",
                        book.pages[f"generated/across/{id}.html"],
                        re.DOTALL,
                    )
                    if row is None or "✓" in row[1]:
                        yield f"generated/across/{id}.html: {kind.in_general()} did not pass in {evaluation}"


def _asked(book: Book, evaluation: str, analysis: str):
    analyses = book.catalogue.evaluations[evaluation].analyses
    return next(record.parameters["site"] for record in analyses if record.id == analysis)


def barriers(book: Book) -> Iterator[str]:
    """That every barrier has an answer is said only where every one has."""
    unreported = [
        item.id
        for item in book.catalogue.learning.values()
        if item.type == "barrier" and "not_reported" in (item.response, item.what_happened)
    ]
    for name, said in book.texts.items():
        for claim in ("always says what was done", "every barrier with what was done"):
            for found in re.finditer(claim, said):
                sentence = said[found.start() :].partition(".")[0]
                if unreported and "report" not in sentence:
                    yield f"{name}: “{sentence}”, and {len(unreported)} barriers are not reported of"


def populations(book: Book) -> Iterator[str]:
    """How many people a place serves stands on its page in one line, beside its sources."""
    for site in book.catalogue.sites.values():
        page = book.pages.get(f"generated/sites/{site.id}.html", "")
        if len(site.org_codes) == 1:
            told = re.sub(
                r"<dt>People in its catchment</dt>.*?</dd>",
                "",
                page.partition('id="evaluations-here"')[0],
                flags=re.DOTALL,
            )
            for found in re.findall(
                r"\d{1,3}(?:,\d{3})+ people|[\d.]+ million people|half a million|population of [\w ]*[\d,]+",
                text_of(told),
            ):
                yield f"generated/sites/{site.id}.html: “{found}” besides its line of people"


RULES: tuple[Callable[[Book], Iterator[str]], ...] = (
    sizes, verdicts, counts, of_protocols, of_places, names, independence, beforehand, departures, pools, barriers,
    populations,
)  # fmt: skip
UTC, VANGUARDS = "urgent-treatment-centres-2016-18", "urgent-and-emergency-care-vanguards-2015"
GLANCE, PROTOCOLS = "generated/glance.html", "generated/protocols.html"
# Rule, page, what stands there (a pattern), and what stood there once or might.
SLIPS = [
    (sizes, GLANCE, r"−22\.2% to −4\.7%", "−22.3% to −4.7%"),
    (sizes, GLANCE, r"−13\.9%", "−19.3%"),
    (sizes, "generated/evaluations/index.html", r"4\.7 to 22\.2%", "4.7 to 23.2%"),
    (verdicts, "generated/evaluations/index.html", r"<strong>Inconclusive\.", "<strong>Improved."),
    (sizes, "index.html", r"−22\.2% to −4\.7%", "−22.2% to −4.8%"),
    (verdicts, "index.html", r"very low", "moderate"),
    (verdicts, "index.html", r"Decreased\.", "Worse."),
    (verdicts, "index.html", r"Increased:", "Decreased:"),
    (verdicts, GLANCE, r"</span> Inconclusive<", "</span> Improved<"),
    (verdicts, "generated/evaluations/index.html", r"Certainty very low", "Certainty moderate"),
    (counts, GLANCE, r"\d+ are clear of no change", "24 are clear of no change"),
    (counts, "generated/sites/index.html", r"learning only, ", ", "),
    (of_protocols, PROTOCOLS, r"\d+ analyses, and \d+ added later", "19 analyses"),
    (of_places, "generated/sites/leeds-teaching.html", r"four-hour-leeds", "four-hour"),
    (of_places, "generated/sites/south-tees.html", r"(<h2>What was learned here)", rf"{NONE_HERE} in this book. \1"),
    (of_places, "generated/sites/index.html", r"3 evaluations", "2 evaluations"),
    (
        of_places, "generated/sites/leeds-teaching.html", r"(for urgent and emergency care</a></h3>\s*<p>)The answer is about",
        r"\1The answer of this evaluation is about other places",
    ),
    (names, "generated/sites/index.html", r">Mid Yorkshire Teaching<", ">Mid Yorkshire Hospitals<"),
    (names, "generated/sites/mid-yorkshire.html", r"Mid Yorkshire Teaching NHS Trust \(", "Mid Yorkshire Hospitals NHS Trust ("),
    (
        independence, GLANCE, r"evaluated by those who wrote this book, who do not run the service",
        "evaluated by those who run the service or wrote the evaluation",
    ),
    (independence, GLANCE, r"evaluated by those who wrote this book, who do not run the service", "peer reviewed"),
    (beforehand, "generated/glossary.html", r"The one analysis that gives", "The analysis that was chosen beforehand to give"),
    (beforehand, PROTOCOLS, r"A protocol says what is measured", "A protocol says all, so that nobody can choose the answer afterwards. It says what is measured"),
    (departures, PROTOCOLS, r"so a new choice was made", "so no new choice was made"),
    (
        pools, f"generated/across/{VANGUARDS}-four-hour.html".replace("-2015", ""), r"✗ did not pass", "✓ passed",
    ),
    (barriers, "generated/glossary.html", r"In this book it says what was done about it", "In this book it always says what was done about it. It says"),
    (populations, "generated/sites/northumbria.html", r"runs hospital and community services", "runs services for about half a million people"),
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_all_pages_say_the_same(book, rule):
    assert list(rule(book)) == []


def test_entries_about_results_are_found(book):
    assert len({(name, stated.id) for name, _, stated in book.blocks}) > 3 * len(book.results)


@pytest.mark.parametrize(
    ("rule", "page", "stands", "slip"), SLIPS, ids=[f"{slip[0].__name__}-{index}" for index, slip in enumerate(SLIPS)]
)
def test_a_page_that_says_otherwise_is_noticed(book, rule, page, stands, slip):
    changed, times = re.subn(stands, slip, book.pages[page], count=1)
    assert times, f"{page} does not say {stands}"
    near = {page, "index.html", "generated/sites/index.html", PROTOCOLS}
    pages = {name: text for name, text in book.pages.items() if name in near or "generated/sites/" in name}
    assert list(rule(replace(book, pages=pages | {page: changed})))


def test_the_band_of_a_figure_and_the_interval_of_its_answer_agree_on_whether_anything_changed(real_book):
    project, _ = real_book
    looked_at = 0
    for path in sorted((project.root / "results").glob("*/*.json")):
        effect = Effect.from_dict(json.loads(path.read_text(encoding="utf-8"))["effect"])
        shown = effect.series.dropna(subset=["fitted", "counterfactual", "counterfactual_low", "counterfactual_high"])
        if effect.headline["term"] == "during":  # the figure goes on behind the end, of which the answer says nothing
            shown = shown[shown["period"].astype(str) < str(effect.end)[:7]]
        if "slope" in set(effect.estimates["term"]) and effect.headline["term"] == "level":
            shown = shown.head(1)  # later periods have bounds of their own
        if shown.empty:
            continue
        looked_at += 1
        outside = (shown["fitted"] < shown["counterfactual_low"]) | (shown["fitted"] > shown["counterfactual_high"])
        clear = effect.headline["low"] > 0 or effect.headline["high"] < 0
        assert (outside.mean() > 0.5) == clear, path
    assert looked_at >= 79
