"""A pack becomes ordinary files, or nothing changes: what differs, what means harm, what cannot be written."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
import yaml

from evalkit import files as files_module
from evalkit.errors import InputRefused
from evalkit.packs.pack import pack
from evalkit.packs.unpack import unpack
from evalkit.runs.planning.check_project import check_project
from tests.support.invented import MEASURE, InventedPlace
from tests.support.packing import OWN, id_of, make_book, members, repacked, tree, write_yaml

PLACE = InventedPlace(1)
EVALUATION, SITE, WHY = (
    f"data/evaluations/{id_of(1)}.yml",
    f"data/sites/{PLACE.id}.yml",
    f"data/learning/{id_of(1)}-why.md",
)
TABLE, RELEASE = "data/tables/own_counts.csv", f"data/releases/{OWN}/001.csv"
PACKAGE = "data/datapackage.json"
HEADER = "code,successor,from,kind,source\n"


@pytest.fixture
def take(receiver, tmp_path):
    def taken(raw: bytes, root: Path | None = None, **options: bool):
        (tmp_path / "x.zip").write_bytes(raw)
        return unpack(root or receiver, tmp_path / "x.zip", **options)

    return taken


def changed(raw: bytes, name: str, old: str, new: str) -> bytes:
    """A pack in which one file is another, and the manifest says so."""
    text = members(raw)[name].decode()
    assert old in text
    return repacked(raw, {name: text.replace(old, new).encode()})


def with_table(raw: bytes, more: dict[str, bytes] | None = None, **fields) -> bytes:
    """A pack that describes its table otherwise."""
    package = json.loads(members(raw)[PACKAGE])
    package["resources"][0] |= fields
    return repacked(raw, {PACKAGE: json.dumps(package).encode(), **(more or {})})


def under(rule: str) -> dict:
    return {"shape": "long", "grain": "month", "synthetic": False, "disclosure": {"rule": rule, "because": "So it is."}}


def test_it_is_taken_and_can_be_sent_on(take, packed, receiver):
    done = take(packed)
    assert f"{EVALUATION}: new" in done.taken
    assert done.evaluations == [id_of(1)]
    assert not done.look
    _, plans, _ = check_project(receiver)
    assert [plan.id for plan in plans] == [f"{id_of(1)}/{MEASURE}"]
    assert pack(receiver, [id_of(1)]).content == packed


def test_the_same_pack_twice_changes_nothing(take, packed_own, receiver):
    assert take(packed_own).taken
    before = tree(receiver)
    assert take(packed_own).taken == []
    assert take(packed_own, replace=True).taken == []
    assert tree(receiver) == before


def test_a_dry_run_says_the_same_and_writes_nothing(take, packed, receiver):
    before = tree(receiver)
    said = take(packed, dry_run=True).taken
    assert tree(receiver) == before
    assert take(packed).taken == said


def test_the_book_that_made_it_has_it(take, packed, sender):
    before = tree(sender)
    assert take(packed, sender).taken == []
    assert tree(sender) == before


def test_what_is_there_stays_as_it_was_written(take, packed, receiver):
    measures = receiver / "data" / "measures.yml"
    measures.write_text("# What is counted.\n\n" + measures.read_text() + "\n# That is all.\n")
    before = measures.read_text()
    take(packed)
    assert measures.read_text().startswith(before.rstrip())
    rows = list(csv.reader(io.StringIO((receiver / "data" / "organisations.csv").read_text())))
    assert rows[:2] == [["org_code", "name"], ["ZZ999", "Another hospital (synthetic)"]]


def test_a_column_of_organisations_that_the_receiver_has_not(take, packed, receiver):
    before = f"ZZ001,{PLACE.name},,,,,"
    raw = changed(packed, "data/organisations.csv", before, f"{before}Midlands")
    take(raw)
    first, second, third, *_ = (receiver / "data" / "organisations.csv").read_text().splitlines()
    assert (first, second) == ("org_code,name,region", "ZZ999,Another hospital (synthetic),")
    assert third == f"ZZ001,{PLACE.name},Midlands"


class TestWhatDiffers:
    @pytest.fixture
    def owner(self, sender):
        """The sender, in which each of these files says something else."""
        for name, old, new in (
            (EVALUATION, "funded_by: nobody", "funded_by: somebody"),
            (SITE, "made up by a program", "made up by a machine"),
            (WHY, "for trials of scale", "for trials"),
            ("data/measures.yml", "value: 5", "value: 6"),
            ("data/organisations.csv", f"ZZ001,{PLACE.name}", "ZZ001,Another name (synthetic)"),
            (PACKAGE, '"title": "Submissions', '"title": "The submissions'),
        ):
            path = sender / name
            assert old in path.read_text()
            path.write_text(path.read_text().replace(old, new))
        table = sender / "data" / "tables" / "synthetic_programme.csv"
        table.write_text("\n".join(table.read_text().splitlines()[:-1]) + "\n")
        return sender

    def test_all_of_it_is_told_by_file_and_nothing_replaced(self, take, packed, owner, plain):
        before = tree(owner)
        with pytest.raises(InputRefused) as error:
            take(packed, owner)
        assert tree(owner) == before
        told = {problem.file for problem in error.value.problems}
        assert told == {
            EVALUATION, SITE, WHY, "data/measures.yml", "data/organisations.csv", PACKAGE, "data/tables/synthetic_programme.csv",
        }  # fmt: skip
        for problem in error.value.problems:
            plain(str(problem), "differs from", "--replace")

    def test_it_is_replaced_where_that_is_asked(self, take, packed, owner):
        taken = take(packed, owner, replace=True).taken
        assert all(line.endswith("replaced") for line in taken)
        assert take(packed, owner).taken == []
        assert pack(owner, [id_of(1)]).content == packed

    def test_ends_of_lines_are_no_difference(self, take, packed, sender):
        for name in (EVALUATION, SITE, WHY):
            (sender / name).write_bytes((sender / name).read_bytes().replace(b"\n", b"\r\n"))
        assert take(packed, sender).taken == []

    def test_a_record_in_a_file_that_ends_otherwise(self, take, packed, sender):
        (sender / SITE).rename((sender / SITE).with_suffix(".yaml"))
        assert take(packed, sender).taken == []

    def test_an_entry_is_replaced_between_others(self, take, packed, sender):
        path = sender / "data" / "measures.yml"
        text = path.read_text().replace("value: 5", "value: 6")
        other = text.replace(f"{MEASURE}:\n  name: Weekend", "others:\n  name: Other weekend")
        before, after = f"# First.\n{other}", other.replace("others:", "more:").replace("Other", "More")
        path.write_text(f"{before}\n{text}\n# The last.\n{after}")
        take(packed, sender, replace=True)
        assert path.read_text() == f"{before}\n{text.replace('value: 6', 'value: 5')}\n# The last.\n{after}"


class TestRecipes:
    """A measure that is counted in other tables at each end is one measure."""

    @pytest.fixture
    def counted(self, sender):
        path = sender / "data" / "measures.yml"
        record = yaml.safe_load(path.read_text())
        record[MEASURE]["recipes"] = [{"table": "synthetic-programme", "numerator": ["numerator"]}]
        path.write_text(yaml.safe_dump(record, sort_keys=False))
        return pack(sender, [id_of(1)]).content

    def test_a_table_more_is_added(self, take, counted, gated):
        taken = take(counted, gated)
        # Its evaluation is another one's, on another table.
        assert taken

    @pytest.fixture
    def gated(self, gated):
        for path in (*(gated / "data" / "evaluations").iterdir(), *(gated / "data" / "learning").iterdir()):
            path.unlink()
        path = gated / "data" / "measures.yml"
        record = yaml.safe_load(path.read_text())
        record[MEASURE]["recipes"] = [{"table": OWN, "numerator": ["numerator"]}]
        path.write_text(yaml.safe_dump(record, sort_keys=False))
        return gated

    def test_both_are_there_and_stay(self, take, counted, gated):
        take(counted, gated)
        recipes = yaml.safe_load((gated / "data" / "measures.yml").read_text())[MEASURE]["recipes"]
        assert [recipe["table"] for recipe in recipes] == [OWN, "synthetic-programme"]
        assert take(counted, gated).taken == []

    def test_another_way_to_count_in_one_table_is_a_difference(self, take, counted, sender):
        path = sender / "data" / "measures.yml"
        path.write_text(path.read_text().replace("- numerator", "- numerator\n    - denominator"))
        with pytest.raises(InputRefused, match="`weekend-discharges` differs"):
            take(counted, sender)


class TestHarm:
    def test_a_small_figure_in_a_table(self, refuse, packed_own):
        raw = changed(packed_own, TABLE, ",*,,", ",3,,")
        refuse(raw, TABLE, "a figure that the rule `own_counts` does not show")

    def test_a_small_figure_in_a_release(self, refuse, packed_own):
        raw = changed(packed_own, RELEASE, ",*,,", ",3,,")
        more = members(raw)[TABLE]
        refuse(repacked(raw, {RELEASE.replace("001", "002"): more}), RELEASE, "does not show")

    def test_a_table_that_is_not_its_newest_release(self, refuse, packed_own):
        refuse(changed(packed_own, TABLE, ",*,,", ",10,,"), TABLE, "is not the newest release")

    def test_a_table_without_releases(self, refuse, packed_own):
        refuse(repacked(packed_own, {RELEASE: None}), TABLE, "is not the newest release")

    def test_releases_of_what_is_under_no_such_rule(self, refuse, packed):
        raw = repacked(
            packed,
            {"data/releases/synthetic-programme/001.csv": members(packed)["data/tables/synthetic_programme.csv"]},
        )
        refuse(raw, "under no rule for small numbers")

    def test_releases_of_another_table(self, refuse, packed):
        refuse(repacked(packed, {"data/releases/another/001.csv": b"a,b\n1,2\n"}), "`another`", "does not describe")

    @pytest.mark.parametrize("rule", ["own_figures", "official_statistics"])
    def test_figures_of_people_under_another_rule(self, refuse, packed_own, rule):
        refuse(with_table(packed_own, evalkit=under(rule)), "`own-counts`")

    def test_figures_of_people_that_are_said_to_be_invented(self, refuse, packed_own):
        text = members(packed_own)[TABLE].decode()
        raw = changed(packed_own, "data/organisations.csv", "ZZ001,", "RA3,")
        raw = changed(
            changed(raw, SITE, "ZZ001", "RA3"),
            SITE,
            "synthetic: true",
            "synthetic: false\nsources: [{title: a, where: b}]",
        )
        raw = repacked(raw, {TABLE: text.replace("ZZ001,", "RA3,").encode(), RELEASE: None})
        refuse(with_table(raw, evalkit=under("synthetic")), "real organisation")

    def test_a_private_table_of_the_receiver_cannot_be_described(self, refuse, packed, receiver):
        """A description would make the book publish what lies there."""
        (receiver / "data" / "private").mkdir()
        (receiver / "data" / "private" / "secret.csv").write_text("org_code,period,measure,numerator\n")
        for path in (
            "private/secret.csv",
            "../data/private/secret.csv",
            "tables/../private/secret.csv",
            "/data/private/secret.csv",
        ):
            refuse(with_table(packed, path=path))

    def test_a_rule_is_never_changed_even_to_replace(self, take, packed_own, gated, plain):
        own = tree(gated)
        raw = with_table(packed_own, evalkit=under("friends_and_family"))
        for options in ({}, {"replace": True}):
            with pytest.raises(InputRefused) as error:
                take(raw, gated, **options)
            plain(str(error.value.problems[0]), "another disclosure rule", "no pack changes that")
            assert tree(gated) == own

    def test_the_place_of_a_table_is_never_changed(self, take, packed_own, gated, plain):
        """Its exact table has the same name, and would be compared with nothing any more."""
        text = members(packed_own)[TABLE]
        raw = with_table(packed_own, {TABLE: None, "data/tables/other.csv": text}, path="tables/other.csv")
        before = tree(gated)
        with pytest.raises(InputRefused) as error:
            take(raw, gated, replace=True)
        assert tree(gated) == before
        plain(str(error.value.problems[0]), "elsewhere in the pack")

    def test_an_exact_table_of_the_receiver_is_not_taken_for_that_of_the_pack(self, refuse, packed_own, receiver):
        (receiver / "data" / "private").mkdir()
        (receiver / "data" / "private" / "own_counts.csv").write_text("org_code,period,measure,numerator\n")
        refuse(packed_own, "data/private/own_counts.csv", "rename it")

    def test_what_a_measure_is_is_never_changed(self, take, packed_own, gated, plain):
        """Which figures are of people follows from its form."""
        raw = changed(packed_own, "data/measures.yml", "form: count", "form: mean")
        raw = changed(raw, "data/measures.yml", "exposure: calendar_days", "exposure: none")
        before = tree(gated)
        with pytest.raises(InputRefused) as error:
            take(raw, gated, replace=True)
        assert tree(gated) == before
        plain(str(error.value.problems[0]), "`weekend-discharges` is a count", "no pack changes that")

    def test_a_measure_does_not_reach_into_tables_of_the_receiver(self, refuse, packed):
        text = members(packed)["data/measures.yml"] + b"  recipes:\n  - table: mine\n    numerator: [numerator]\n"
        refuse(repacked(packed, {"data/measures.yml": text}), "counted in mine")

    def test_an_evaluation_does_not_rest_on_tables_of_the_receiver(self, take, packed, sender, plain):
        raw = repacked(packed, {"data/tables/synthetic_programme.csv": None, PACKAGE: None})
        for path in (EVALUATION, WHY):
            (sender / path).unlink()
        before = tree(sender)
        with pytest.raises(InputRefused) as error:
            take(raw, sender)
        assert tree(sender) == before
        plain(str(error.value.problems[0]), "none of the pack's")

    @pytest.mark.parametrize("name", [TABLE, RELEASE])
    def test_notes_that_nobody_has_looked_through(self, refuse, packed_own, name):
        refuse(changed(packed_own, name, ",*,,\n", ",*,,Mrs Smith came\n"), name, "column `note` holds text")

    def test_columns_that_nobody_has_looked_through(self, refuse, packed_own):
        package = json.loads(members(packed_own)[PACKAGE])
        fields = package["resources"][0]["schema"]["fields"]
        fields.append({"name": "said", "type": "string", "description": "What was said."})
        lines = members(packed_own)[TABLE].decode().splitlines()
        table = "\n".join([f"{lines[0]},said", *(f"{line},so" for line in lines[1:])]).encode() + b"\n"
        raw = with_table(
            packed_own, {TABLE: table, RELEASE: table}, schema={"fields": fields, "missingValues": ["", "*"]}
        )
        refuse(raw, TABLE, "has columns besides")

    def test_what_was_shown_before_is_never_replaced(self, take, packed_own, gated, plain):
        raw = changed(packed_own, RELEASE, ",*,,", ",10,,")
        raw = changed(raw, TABLE, ",*,,", ",10,,")
        before = tree(gated)
        with pytest.raises(InputRefused) as error:
            take(raw, gated, replace=True)
        assert tree(gated) == before
        plain(str(error.value.problems[0]), RELEASE, "never replaced")

    def test_a_second_description_of_one_file(self, take, packed, sender, plain):
        before = tree(sender)
        with pytest.raises(InputRefused) as error:
            take(with_table(packed, name="another"), sender)
        assert tree(sender) == before
        plain(str(error.value.problems[0]), "a file has one description")

    def test_a_column_that_names_people(self, refuse, packed):
        name = "data/tables/synthetic_programme.csv"
        raw = changed(
            packed,
            name,
            "org_code,period,measure,numerator,denominator,note",
            "org_code,period,measure,numerator,nhs_number,note",
        )
        said = refuse(raw, name, "may identify people")
        assert not any("nhs" in sentence for sentence in said)

    def test_a_table_that_nothing_describes(self, refuse, packed):
        refuse(repacked(packed, {"data/tables/more.csv": b"a,b\n1,2\n"}), "data/tables/more.csv", "no entry")

    @pytest.mark.parametrize(
        "yaml_text",
        [
            b"a: &a [1]\nb: *a\nc: !!python/object/apply:os.system ['touch pwned']\n",
            b"id: !x 1\n", b"[" * 100 + b"]" * 100, b"a: &a {b: *a}\n", b"\xff\xfe", b"", b"- 1\n", b"3: {}\n", b"a: [\n",
            b"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
            b"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n",
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("name", [EVALUATION, "data/measures.yml"])
    def test_yaml_that_is_no_record(self, refuse, packed, name, yaml_text):
        refuse(repacked(packed, {name: yaml_text}), name)

    @pytest.mark.parametrize(
        "text", [b"[]", b"{}", b'{"resources": 3}', b'{"resources": [3]}', b'{"resources": [{}]}', b"{", b'{"resources": [], "resources": []}']
    )  # fmt: skip
    def test_descriptions_that_are_none(self, refuse, packed, text):
        refuse(repacked(packed, {PACKAGE: text}))

    @pytest.mark.parametrize("text", [b"", b"org_code\n", b"org_code,name\nZZ001,A\n", b'"', b"a" * 20_000])
    def test_organisations_that_are_none(self, refuse, packed, text):
        refuse(repacked(packed, {"data/organisations.csv": text}), "data/organisations.csv")

    def test_words_of_people_that_nobody_signed_off(self, refuse, packed):
        refuse(changed(packed, WHY, "Synthetic data:", "“Nobody told us anything.” Synthetic data:"), WHY, "signed_off")

    def test_markup_in_a_record(self, refuse, packed):
        refuse(
            changed(packed, WHY, "Synthetic data:", "<script>alert(1)</script> ```{include} /etc/passwd\n``` \x07"), WHY
        )

    def test_a_template_that_the_receiver_has_not(self, refuse, packed):
        refuse(changed(packed, EVALUATION, "template: interrupted-time-series", "template: evil"), "evil")

    def test_figures_that_are_not_those_of_the_manifest(self, refuse, packed):
        raw = changed(packed, "data/tables/synthetic_programme.csv", "ZZ001,2012-05", "ZZ001,2031-05")
        refuse(raw, "rests on other rows")

    def test_a_protocol_that_is_not_the_one_of_the_manifest(self, refuse, packed):
        refuse(changed(packed, EVALUATION, "An invented protocol", "A protocol"), "fingerprint of the protocol")

    def test_analyses_that_are_not_those_of_the_manifest(self, refuse, packed):
        says = json.loads(members(packed)["manifest.json"])["evaluations"]
        says[id_of(1)]["analyses"]["another"] = says[id_of(1)]["analyses"][MEASURE]
        refuse(repacked(packed, {}, evaluations=says), "other analyses")

    def test_a_sound_pack_for_a_book_that_is_not(self, refuse, packed, receiver):
        (receiver / "data" / "sites" / "x.yml").write_text("id: y\n")
        refuse(packed, "data/sites/x.yml")

    def test_a_link_where_a_file_would_be_written(self, refuse, packed, receiver, tmp_path):
        (tmp_path / "elsewhere").mkdir()
        shutil.rmtree(receiver / "data" / "sites")
        (receiver / "data" / "sites").symlink_to(tmp_path / "elsewhere")
        refuse(packed, "data/sites", "is a link")
        assert not list((tmp_path / "elsewhere").iterdir())


class TestPublishedTables:
    @pytest.fixture
    def published(self, sender):
        package = json.loads((sender / PACKAGE).read_text())
        package["resources"][0]["evalkit"] = under("official_statistics")
        package["resources"][0]["sources"] = [{"title": "A publisher", "path": "https://example.org/table"}]
        (sender / PACKAGE).write_text(json.dumps(package))
        return pack(sender, [id_of(1)]).content

    def test_one_that_the_receiver_has_not(self, refuse, published):
        (sentence,) = refuse(published)
        for said in ("data/tables/synthetic_programme.csv is not here", "https://example.org/table", "sha256:"):
            assert said in sentence.replace(": is", " is")

    def test_another_file_of_that_name(self, refuse, published, receiver):
        (receiver / "data" / "tables" / "synthetic_programme.csv").write_text("org_code\n")
        refuse(published, "is another file than the published table")

    def test_it_is_described_where_its_file_is_put(self, take, published, receiver, sender):
        name = "data/tables/synthetic_programme.csv"
        shutil.copy(sender / name, receiver / name)
        assert f"{PACKAGE}: synthetic-programme" in take(published).taken


def test_what_may_make_a_page_differ_is_told(take, packed, receiver):
    template = receiver / "book" / "notebooks" / "interrupted-time-series.ipynb"
    template.write_text(template.read_text().replace("ek.load(", "ek.load (", 1))
    said = [str(problem) for problem in take(repacked(packed, {}, evalkit="0.1.9")).look]
    assert len(said) == 2
    assert "evalkit 0.1.9" in said[0]
    assert "another form of the template interrupted-time-series" in said[1]


def test_a_disk_that_is_full_leaves_nothing_behind(take, packed, receiver, monkeypatch):
    before = tree(receiver)
    write, written = files_module.write_if_changed, []

    def full(path, content):
        if path.is_relative_to(receiver / "data"):
            written.append(path)
            if len(written) == 4:
                raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(files_module, "write_if_changed", full)
    with pytest.raises(OSError, match="No space left"):
        take(packed)
    assert tree(receiver) == before
    monkeypatch.undo()
    assert take(packed).taken


def test_programmes_and_sources_go_along_into_files_that_there_are_not_yet(take, sender, receiver):
    source = {
        "title": "A report",
        "publisher": "A trust",
        "where": "Its shelf",
        "published": "2024",
        "read": "2026-11-30",
    }
    write_yaml(sender / "data" / "sources.yml", {"report": source, "of-no-use": {**source, "title": "Another"}})
    programme = {"name": "Rounds", "area": "seven-day-services", "what": "Ward rounds.", "sources": ["report"]}
    write_yaml(sender / "data" / "programmes.yml", {"rounds": programme})
    text = (sender / WHY).read_text()
    (sender / WHY).write_text(text.replace(f"site: {PLACE.id}", "programme: rounds"))
    sent = pack(sender, [id_of(1)]).content
    assert {"data/sources.yml: report", "data/programmes.yml: rounds"} <= set(take(sent).taken)
    assert take(sent).taken == []
    assert "of-no-use" not in (receiver / "data" / "sources.yml").read_text()
    assert pack(receiver, [id_of(1)]).content == sent


def test_a_term_of_the_glossary_goes_along_where_nobody_explains_it(take, sender, receiver):
    evaluation = sender / EVALUATION
    evaluation.write_text(evaluation.read_text() + "plain_words: People went to A&E.\n")
    write_yaml(
        sender / "data" / "glossary.yml",
        {"ae": {"term": "A&E", "means": "One thing."}, "gp": {"term": "GP", "means": "X."}},
    )
    sent = pack(sender, [id_of(1)]).content
    write_yaml(receiver / "data" / "glossary.yml", {"emergency": {"term": "A&E", "means": "Another thing."}})
    assert "data/glossary.yml: ae" not in take(sent, dry_run=True).taken
    (receiver / "data" / "glossary.yml").unlink()
    assert "data/glossary.yml: ae" in take(sent).taken
    assert "GP" not in (receiver / "data" / "glossary.yml").read_text()


def test_two_packs_of_two_books_go_into_a_third(take, packed, receiver, tmp_path):
    make_book(tmp_path / "other", [3])
    take(packed)
    with pytest.raises(InputRefused) as error:  # both call their tables the same
        take(pack(tmp_path / "other", [id_of(3)]).content)
    assert {problem.file for problem in error.value.problems} == {"data/tables/synthetic_programme.csv"}


class TestSuccessors:
    """What became of codes goes along where an analysis is put together by it, and nothing else of it."""

    LINES = "ZZ001,ZZ001,2013-01-01,merged,\nZZ999,ZZ001,2013-01-01,merged,\n"

    @pytest.fixture
    def merger(self, sender):
        """The sender, where another hospital merged into the first."""
        table = sender / "data" / "tables" / "synthetic_programme.csv"
        rows = table.read_text(encoding="utf-8").splitlines()
        rows += [row.replace("ZZ001", "ZZ999") for row in rows if row.startswith("ZZ001,2012")]
        table.write_text("\n".join(rows) + "\n", encoding="utf-8")
        text = f"{HEADER}{self.LINES}ZZ002,,2030-01,withdrawn,\n"
        (sender / "data" / "successors.csv").write_text(text, encoding="utf-8")
        return sender

    def test_they_go_along_and_make_the_same_rows(self, merger, take, receiver):
        raw = pack(merger, [id_of(1)]).content
        assert members(raw)["data/successors.csv"].decode() == HEADER + self.LINES
        done = take(raw)
        assert {line for line in done.taken if "successors" in line} == {
            "data/successors.csv: ZZ001", "data/successors.csv: ZZ999",
        }  # fmt: skip
        assert (receiver / "data" / "successors.csv").read_text() == HEADER + self.LINES
        assert not done.look
        assert pack(receiver, [id_of(1)]).content == raw
        assert take(raw).taken == []

    def test_what_differs_is_told_at_its_line(self, merger, take, receiver, plain):
        raw = pack(merger, [id_of(1)]).content
        other = HEADER + self.LINES.replace("2013-01-01", "2013-02-01")
        organisations = receiver / "data" / "organisations.csv"
        organisations.write_text(f"{organisations.read_text()}ZZ001,{PLACE.name}\n")
        (receiver / "data" / "successors.csv").write_text(other)
        before = tree(receiver)
        with pytest.raises(InputRefused) as error:
            take(raw)
        assert [(problem.file, problem.line) for problem in error.value.problems] == [
            ("data/successors.csv", 2), ("data/successors.csv", 3),
        ]  # fmt: skip
        plain(error.value.problems[0].what, "ZZ001 differs", "--replace")
        assert tree(receiver) == before
        take(raw, replace=True)
        assert (receiver / "data" / "successors.csv").read_text() == HEADER + self.LINES

    @pytest.mark.parametrize(
        ("old", "new", "says"),
        [("code,successor", "code,into", "should have the columns"), ("merged", "joined", "`kind`")],
    )
    def test_lines_that_are_none(self, merger, take, old, new, says):
        raw = changed(pack(merger, [id_of(1)]).content, "data/successors.csv", old, new)
        with pytest.raises(InputRefused) as error:
            take(raw)
        assert says in error.value.problems[0].what
        assert error.value.problems[0].file == "x.zip, data/successors.csv"
