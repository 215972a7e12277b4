"""`evalkit pulse`: from a place's exact answers to its page, and back."""

import re

EXACT = """wave,staff group,question,asked,answered,confident
2024-05,Nurses,Do you feel confident that this will work?,60,44,30
2024-05,Doctors,Do you feel confident that this will work?,20,9,4
2024-05,Therapists,Do you feel confident that this will work?,30,21,15
2024-05,All staff,Do you feel confident that this will work?,110,74,49
"""


def test_answers_are_withheld_written_checked_and_taken_back(example):
    site = next(path.stem for path in (example.root / "data" / "sites").glob("*.yml"))
    exact = example.root / "data" / "private" / "pulse.csv"
    exact.parent.mkdir(exist_ok=True)
    exact.write_text(EXACT, encoding="utf-8")
    said = example.evalkit("pulse", "data/private/pulse.csv", "--site", site)
    assert said.status == 0, said.err
    assert "2 rows shown, 2 withheld" in said.out
    written = (example.root / "data" / "pulse" / f"{site}.csv").read_text(encoding="utf-8")
    assert "Doctors,Do you feel confident that this will work?,20,*,*" in written
    assert ",9,4" not in written
    assert example.evalkit("check").status == 0

    again = example.evalkit("pulse", "data/private/pulse.csv", "--site", site)
    assert again.status == 0, again.err
    assert (example.root / "data" / "pulse" / f"{site}.csv").read_text(encoding="utf-8") == written

    exact.write_text(EXACT.replace("60,44,30", "60,30,44"), encoding="utf-8")
    before = example.snapshot("data/pulse")
    refused = example.evalkit("pulse", "data/private/pulse.csv", "--site", site)
    assert refused.status == 2
    assert re.search(r"pulse\.csv, line 2: `confident` is more than `answered`", refused.err)
    assert example.snapshot("data/pulse") == before
    unknown = example.evalkit("pulse", "data/private/pulse.csv", "--site", f"{site}s")
    assert (unknown.status, f"did you mean `{site}`" in unknown.err) == (2, True)

    for _ in range(2):
        assert example.evalkit("undo").status == 0
    assert not (example.root / "data" / "pulse" / f"{site}.csv").exists()
