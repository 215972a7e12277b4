"""What may leave goes into the zip, the same bytes each time; what may not is told in a sentence."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest
import yaml

from evalkit.catalogue import read_catalogue
from evalkit.errors import EvaluationError, InputRefused
from evalkit.packs import manifest as form
from evalkit.packs import pack as pack_module
from evalkit.packs.pack import file_for, pack
from evalkit.packs.signed_off import problems_of
from evalkit.runs.planning.own_table import gate_all
from tests.support.invented import InventedPlace
from tests.support.packing import OWN, id_of, make_book, members, tree
from tests.unit.conftest import only

WHY = f"data/learning/{id_of(1)}-why.md"


def edit(path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def refuse(plain):
    def refused(root, *named: str, ids=(id_of(1),)) -> str:
        before = tree(root)
        with pytest.raises(EvaluationError) as error:
            pack(root, ids)
        assert tree(root) == before
        said = error.value.problems if isinstance(error.value, InputRefused) else [error.value]
        assert len(said) == 1, [str(one) for one in said]
        return plain(str(said[0]), *named)

    return refused


def test_an_evaluation_with_what_it_needs_and_no_more(packed):
    site = InventedPlace(1).id
    assert list(members(packed)) == [
        "manifest.json", "data/datapackage.json", f"data/evaluations/{id_of(1)}.yml", WHY, "data/measures.yml",
        "data/organisations.csv", f"data/sites/{site}.yml", "data/tables/synthetic_programme.csv",
    ]  # fmt: skip


def test_the_same_book_gives_the_same_bytes_wherever_it_lies(packed, tmp_path):
    again = tmp_path / "another place"
    make_book(again, [1, 2])
    assert pack(again, [id_of(1)]).content == packed
    assert pack(again, [id_of(1)]).content == packed


def test_nothing_says_when_or_by_whom(packed, sender, tmp_path):
    (tmp_path / "x.zip").write_bytes(packed)
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        for info in archive.infolist():
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert (info.create_system, info.external_attr, info.extra, info.comment) == (3, 0o100644 << 16, b"", b"")
    assert not any(str(tmp_path).encode() in content for content in members(packed).values())


def test_several_at_once(sender):
    says = pack(sender, [id_of(2), id_of(1)]).manifest
    assert set(says.evaluations) == {id_of(1), id_of(2)}
    assert pack(sender, [id_of(1), id_of(2)]).manifest == says


def test_figures_of_people_leave_in_the_form_that_may_be_shown(packed_own, gated):
    files = members(packed_own)
    assert files["data/tables/own_counts.csv"] == files[f"data/releases/{OWN}/001.csv"]
    exact = (gated / "data" / "private" / "own_counts.csv").read_bytes()
    third = exact.decode().splitlines()[3]
    assert third.endswith(",3,,")
    assert f"{third[: -len('3,,')]}*,," in files["data/tables/own_counts.csv"].decode()
    private = [path.read_bytes() for path in (gated / "data" / "private").rglob("*") if path.is_file()]
    for content in files.values():
        for one in private:
            assert content != one
            assert form.sha256(one).removeprefix("sha256:").encode() not in content


class TestWhatMayNotLeave:
    def test_an_evaluation_that_is_not_there(self, refuse, sender):
        refuse(sender, "ward-rounds-nowhere", ids=["ward-rounds-nowhere"])

    def test_a_draft(self, refuse, sender):
        edit(sender / "data" / "evaluations" / f"{id_of(1)}.yml", "status: published", "status: draft")
        refuse(sender, "is a draft", "status: published")

    def test_a_project_that_is_not_sound(self, refuse, sender):
        edit(sender / "data" / "evaluations" / f"{id_of(2)}.yml", "area: seven-day-services", "area: nowhere")
        refuse(sender, "nowhere")

    def test_own_figures(self, refuse, sender):
        edit(sender / "data" / "datapackage.json", '"rule": "synthetic"', '"rule": "own_figures"')
        refuse(sender, "data/tables/synthetic_programme.csv", "own_figures", "nothing leave")

    def test_invented_figures_of_real_organisations(self, sender, plain):
        for name in ("organisations.csv", "tables/synthetic_programme.csv"):
            edit(sender / "data" / name, "ZZ002,", "RA3,")
        for path in (sender / "data" / "sites").glob("*.yml"):
            path.write_text(path.read_text().replace("- ZZ002", "- RA3").replace("synthetic: true", "synthetic: true"))
        place = InventedPlace(2)
        for path in (
            f"sites/{place.id}.yml",
            f"evaluations/{place.evaluation}.yml",
            f"learning/{place.evaluation}-why.md",
        ):
            (sender / "data" / path).unlink()
        with pytest.raises(InputRefused) as error:
            pack(sender, [id_of(1)])
        plain(str(error.value.problems[0]), "real organisation", "synthetic_programme.csv, line 38")

    @pytest.mark.parametrize(
        "path", ["private/synthetic_programme.csv", "tables/a b.csv", "tables/deeper/a.csv", "measures.csv"]
    )
    def test_a_table_in_another_place(self, refuse, sender, path):
        (sender / "data" / path).parent.mkdir(exist_ok=True)
        (sender / "data" / "tables" / "synthetic_programme.csv").rename(sender / "data" / path)
        edit(sender / "data" / "datapackage.json", "tables/synthetic_programme.csv", path)
        refuse(sender, f"data/{path} is not packed")

    def test_a_table_that_its_exact_one_does_not_give_today(self, refuse, gated):
        exact = gated / "data" / "private" / "own_counts.csv"
        exact.write_text(exact.read_text().replace(",3,,", ",4,,"))
        refuse(gated, "run `evalkit gate`")

    def test_a_table_that_was_changed_where_its_exact_one_is_not(self, refuse, gated):
        shutil.rmtree(gated / "data" / "private")
        edit(gated / "data" / "tables" / "own_counts.csv", ",*,,", ",,,")
        refuse(gated, "is not the newest release")

    def test_a_table_that_was_never_released(self, refuse, gated):
        shutil.rmtree(gated / "data" / "releases")
        refuse(gated, "is not the newest release")

    def test_it_is_packed_where_its_exact_one_is_not(self, gated, packed_own):
        shutil.rmtree(gated / "data" / "private")
        assert pack(gated, [id_of(1)]).content == packed_own

    def test_every_release_goes_along(self, gated):
        exact = gated / "data" / "private" / "own_counts.csv"
        exact.write_text("\n".join(exact.read_text().splitlines()[:-1]) + "\n")
        gate_all(gated, [])
        assert f"data/releases/{OWN}/002.csv" in pack(gated, [id_of(1)]).manifest.members

    def test_an_old_release_that_shows_what_the_rule_does_not(self, refuse, gated):
        table, releases = gated / "data" / "tables" / "own_counts.csv", gated / "data" / "releases" / OWN
        shutil.rmtree(gated / "data" / "private")
        shutil.copy(table, releases / "002.csv")
        edit(releases / "001.csv", ",*,,", ",3,,")
        refuse(gated, f"data/releases/{OWN}/001.csv", "does not show")

    def test_a_note_in_a_gated_table(self, gated):
        shutil.rmtree(gated / "data" / "private")
        for path in (gated / "data" / "tables" / "own_counts.csv", gated / "data" / "releases" / OWN / "001.csv"):
            edit(path, ",*,,\n", ",*,,Mrs Smith came\n")
        with pytest.raises(InputRefused, match="column `note` holds text"):
            pack(gated, [id_of(1)])

    def test_a_file_that_changes_meanwhile(self, refuse, sender, monkeypatch):
        collect = pack_module._files

        def and_change(catalogue, needed):
            (sender / "data" / "learning" / f"{id_of(2)}-why.md").touch()
            return collect(catalogue, needed)

        monkeypatch.setattr(pack_module, "_files", and_change)
        refuse(sender, "was changed while the pack was made")

    def test_the_hash_of_an_exact_table_wherever_it_is_written(self, refuse, gated):
        exact = form.sha256((gated / "data" / "private" / "own_counts.csv").read_bytes())
        package = json.loads((gated / "data" / "datapackage.json").read_text())
        package["resources"][0]["made_of"] = exact
        (gated / "data" / "datapackage.json").write_text(json.dumps(package))
        refuse(gated, "data/datapackage.json", "hash of a file in data/private")

    @pytest.mark.parametrize("path", ["/" + "home/jo/notes", "/Users/jo/notes", r"C:\notes", r"\\server\share"])
    def test_a_path_of_a_machine_even_in_a_comment(self, refuse, sender, path):
        evaluation = sender / "data" / "evaluations" / f"{id_of(1)}.yml"
        evaluation.write_text(evaluation.read_text() + f"# see {path}\n")
        refuse(sender, evaluation.name, "path of somebody's machine")


class TestWordsOfPeople:
    def test_the_number_of_a_person_in_a_text(self, refuse, sender):
        edit(sender / WHY, "Synthetic data:", "943 476 5919 told us. Synthetic data:")
        refuse(sender, WHY, "an NHS number")

    def test_one_that_is_escaped_in_a_record_and_written_out_in_a_pack(self, refuse, sender):
        path = sender / "data" / "measures.yml"
        measures = yaml.safe_load(path.read_text(encoding="utf-8"))
        for measure in measures.values():
            measure["definition"] = "PERSON"
        path.write_text(yaml.safe_dump(measures).replace("PERSON", r'"Seen: 943\u0034765919."'), encoding="utf-8")
        refuse(sender, "data/measures.yml", "an NHS number")

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("Synthetic data:", "“Nobody told us anything.” Synthetic data:", "quotation"),
            ("Synthetic data:", 'She said "nobody told us anything". Synthetic data:', "quotation"),
            ("Synthetic data:", "‘Nobody told us anything.’ Synthetic data:", "quotation"),
            ("Synthetic data:", "> Nobody told us.\n\nSynthetic data:", "quotation"),
            ("Numbers drawn at random (synthetic).", "A sister said “it was the last straw”.", "quotation"),
        ],
    )
    def test_they_need_a_second_reader(self, refuse, sender, old, new, said):
        edit(sender / WHY, old, new)
        refuse(sender, WHY, said, "signed_off")
        edit(sender / WHY, "status: published", "status: published\nsigned_off: {by: Matron, date: 2026-11-30}")
        assert WHY in pack(sender, [id_of(1)]).manifest.members

    def test_so_do_words_of_staff(self, plain):
        """Those of patients are not shown without."""
        catalogue = read_catalogue(Path(__file__).parents[3])
        problem = only(problems_of(catalogue, ["leeds-chief-executive-time"]))
        plain(str(problem), "data/learning/leeds-chief-executive-time.md", "type staff_voice", "signed_off")

    @pytest.mark.parametrize("words", ["an “engine room”", "It’s the wards’ own", "What explains “{title}”?"])
    def test_terms_and_titles_are_no_quotations(self, sender, words):
        title = yaml.safe_load((sender / "data" / "evaluations" / f"{id_of(1)}.yml").read_text())["title"]
        edit(sender / WHY, "Synthetic data:", f"{words.format(title=title)} Synthetic data:")
        pack(sender, [id_of(1)])

    @pytest.mark.parametrize(
        "signed", ["Matron", "{by: Matron}", "{by: '', date: 2026-11-30}", "{by: Matron, date: soon}"]
    )
    def test_a_sign_off_says_who_and_when(self, refuse, sender, signed):
        edit(sender / WHY, "status: published", f"status: published\nsigned_off: {signed}")
        refuse(sender, WHY, "signed_off")

    def test_what_explains_another_result_too_goes_with_it(self, refuse, sender):
        edit(sender / WHY, f"explains:\n- {id_of(1)}", f"explains:\n- {id_of(1)}\n- {id_of(2)}")
        refuse(sender, WHY, id_of(2), "pack them together")
        assert WHY in pack(sender, [id_of(1), id_of(2)]).manifest.members


def test_of_a_published_table_only_its_hash_goes(sender):
    package = json.loads((sender / "data" / "datapackage.json").read_text())
    table = package["resources"][0]
    table["evalkit"] |= {"disclosure": {"rule": "official_statistics", "because": "Published."}, "synthetic": False}
    table["sources"] = [{"title": "A publisher", "path": "https://example.org/table"}]
    (sender / "data" / "datapackage.json").write_text(json.dumps(package))
    says = pack(sender, [id_of(1)]).manifest
    raw = (sender / "data" / "tables" / "synthetic_programme.csv").read_bytes()
    assert says.published_tables == {"synthetic-programme": form.sha256(raw)}
    assert not [name for name in says.members if name.startswith("data/tables/")]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x.yml", "ends in .zip"),
        ("folder.zip", "is a folder"),
        ("nowhere/x.zip", "does not exist"),
        ("link.zip", "or a link"),
    ],
)
def test_where_it_is_not_written(tmp_path, plain, name, said):
    (tmp_path / "folder.zip").mkdir()
    (tmp_path / "link.zip").symlink_to(tmp_path / "other")
    with pytest.raises(EvaluationError) as error:
        file_for(["x"], tmp_path / name)
    plain(str(error.value), said)
