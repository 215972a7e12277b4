"""Which other analyses go further than an answer: those of the same change at the same places, with later figures."""

from types import SimpleNamespace
from typing import Any

from evalkit.book.content import lasting_told


def entry(
    id: str,
    last: str,
    units: tuple[str, ...] = ("ZZ901",),
    starts: tuple[str, ...] = ("2018-01",),
    measure: str = "visits",
) -> Any:
    effect = SimpleNamespace(treated_units=units, interruptions=starts, measure=measure, data={"last": last})
    return SimpleNamespace(analysis=SimpleNamespace(id=id, title=f"Analysis {id}"), effect=effect)


def test_only_later_figures_of_the_same_change_there_go_further():
    answer = entry("answer", "2018-09")
    others = [
        answer,
        entry("later", "2019-02"),
        entry("shares", "2019-02", measure="shares"),
        entry("as-long", "2018-09"),
        entry("elsewhere", "2019-02", units=("ZZ902",)),
        entry("other-start", "2019-02", starts=("2017-01",)),
    ]
    found = lasting_told.further(answer, others)
    assert [(one.id, one.to, one.other_outcome) for one in found] == [
        ("later", "February 2019", False),
        ("shares", "February 2019", True),
    ]
    assert lasting_told.further(answer, others[:1]) == []
