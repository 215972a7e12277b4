"""`evalkit check` of the pulses of a project: whose they are, and that an invented one stays with the invented site."""

import pytest

from evalkit.staff.pulses import read_pulses

GOOD = "wave,staff_group,question,asked,answered,confident\n2024-05,Nurses,Will it work?,60,44,30\n"
PULSE = "data/pulse/weston.csv"
SITE = """\
id: example
name: Ashford (invented)
org_codes: [{code}]
place: Nowhere
synthetic: true
context: Invented.
"""


def _with_site(project, code: str) -> None:
    project.write("data/sites/example.yml", SITE.format(code=code))
    path = project.root / "data" / "organisations.csv"
    first, *rest = path.read_text(encoding="utf-8").splitlines()
    blank = "," * (first.count(",") - 1)
    path.write_text("\n".join([first, *rest, f"{code},Ashford (invented){blank}"]) + "\n", encoding="utf-8")


def test_a_sound_pulse_of_a_real_site_is_read(project):
    project.write(PULSE, GOOD)
    assert project.problems() == []
    pulses, problems = read_pulses(project.root, project.catalogue().sites)
    assert problems == []
    assert pulses["weston"][0].answered == 44


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("data/pulse/westn.csv", GOOD, "is called as no site of the book is; did you mean `weston`"),
        ("data/pulse/weston.xlsx", GOOD, "is no CSV file: save it as CSV"),
        (
            PULSE,
            GOOD.replace("44,30", "9,3"),
            "line 2: `answered` is of 10 people or fewer, which is withheld: keep the exact file",
        ),
        (
            PULSE,
            GOOD.replace("Nurses", "Nurses (example entry)"),
            "line 2: is an example entry, which nobody said: take the row out",
        ),
        (PULSE, GOOD.replace("44,30", "30,44"), "line 2: `confident` is more than `answered`"),
        (PULSE, GOOD.replace("Nurses", "Nurses 943 476 5919"), "take out what is about one person"),
    ],
)
def test_what_is_wrong_with_it_is_told_by_check(project, file, content, said):
    project.write(file, content)
    problems = project.problems()
    assert any(str(problem).startswith(file) and said in str(problem) for problem in problems), problems


@pytest.mark.parametrize(("code", "sound"), [("ZZ901", True), ("ZZ902", False)])
def test_an_invented_pulse_belongs_to_one_invented_site(project, code, sound):
    _with_site(project, code)
    project.write("data/pulse/example.csv", GOOD)
    problems = [str(problem) for problem in project.problems()]
    assert (problems == []) is sound, problems
    if not sound:
        assert "keep invented answers there" in problems[0]
