"""Effects of several analyses as one: made where outcomes are known, and again only where a member has changed."""

import json
from dataclasses import replace

import pytest

from evalkit import Effect
from evalkit.catalogue.records.learning import Pooled
from evalkit.certainty import Circumstances
from evalkit.runs.state.outcomes import RESULTS, write_results
from evalkit.runs.state.pooled_outcomes import JudgedBy, pool_outcomes, results_of
from evalkit.verdict import verdict
from tests.support.synthetic_book import MEASURE, made_up, make_project, site_id, with_result


@pytest.fixture
def book(tmp_path):
    """Catalogue and outcomes of six places, each a little other, and two records over three of them each."""
    make_project(tmp_path)
    catalogue, _, outcomes = made_up(tmp_path, range(1, 7))
    outcomes = [_moved(outcome, number) for number, outcome in enumerate(outcomes)]
    for id, numbers in (("first-three", (1, 2, 3)), ("last-three", (4, 5, 6))):
        catalogue.pooled[id] = Pooled(
            id=id, title=id, question="Did anything move?", why_together="Invented.", area="whole-system-flow",
            expected="decrease", analyses=[f"{site_id(number)}/visits" for number in numbers],
        )  # fmt: skip
    return tmp_path, catalogue, outcomes


def _moved(outcome, by: float):
    result = json.loads(outcome.result.published)
    data = result["effect"]["data"]
    data |= {"disclosure": "synthetic", "synthetic": True}
    values = result["effect"]["estimates"]["columns"]
    for row in result["effect"]["estimates"]["rows"]:
        for name in ("estimate", "low", "high"):
            row[values.index(name)] += by / 100
    return with_result(outcome, result)


@pytest.fixture
def pooled_how_often(monkeypatch) -> list:
    from evalkit.designs.pooled_effect import design

    calls, pool = [], design.pool
    monkeypatch.setattr(design, "pool", lambda effects, **more: calls.append(len(effects)) or pool(effects, **more))
    return calls


def test_a_result_says_what_it_is_made_from_and_has_passed_the_gate(book):
    first, last = pool_outcomes(*book)
    assert first.pooled.id == "first-three"
    result = first.result.plain
    assert [member["evaluation"] for member in result["provenance"]["members"]] == [
        site_id(number) for number in (1, 2, 3)
    ]
    assert first.result.effect.gated
    assert Effect.from_dict(result["effect"]).treated_units == ("ZZ0001", "ZZ0002", "ZZ0003")
    assert result["synthetic"]
    assert result["verdict"]["reasons"]
    assert result["in_words"]["answer"].split()[0] in ("Made-up", "It")
    assert len(result["in_words"]["alt"]) >= 40
    assert last.sentence == first.sentence == ""


def test_it_is_made_again_where_a_member_changed_and_no_other(book, pooled_how_often):
    root, catalogue, outcomes = book
    before = pool_outcomes(root, catalogue, outcomes)
    assert pooled_how_often == [3, 3]
    assert [outcome.result.published for outcome in pool_outcomes(root, catalogue, outcomes)] == [
        outcome.result.published for outcome in before
    ]
    assert pooled_how_often == [3, 3]
    outcomes[0] = _moved(outcomes[0], 30)
    after = pool_outcomes(root, catalogue, outcomes)
    assert pooled_how_often == [3, 3, 3]
    assert [
        outcome.result.published != other.result.published for outcome, other in zip(after, before, strict=True)
    ] == [True, False]


def test_a_new_name_of_a_site_is_told(book):
    root, catalogue, outcomes = book
    pool_outcomes(root, catalogue, outcomes)
    organisation = catalogue.organisations["ZZ0001"]
    catalogue.organisations["ZZ0001"] = organisation.model_copy(update={"name": "Renamed trust (synthetic)"})
    assert pool_outcomes(root, catalogue, outcomes)[0].result.plain["names"]["ZZ0001"] == "Renamed trust (synthetic)"


def test_without_the_result_of_a_member_there_is_a_sentence_and_nothing_else(book):
    root, catalogue, outcomes = book
    outcomes[1] = replace(outcomes[1], status="failed", sentence="It failed.", result=None)
    first, last = pool_outcomes(root, catalogue, outcomes)
    assert first.sentence == f"Nothing was pooled, as {site_id(2)}/visits has no result at present."
    assert first.result is None
    assert set(results_of([first, last])) == set(results_of([last]))


def test_what_can_not_be_pooled_says_why(book):
    root, catalogue, outcomes = book
    result = json.loads(outcomes[1].result.published)
    result["effect"]["measure"] = "another-measure"
    outcomes[1] = with_result(outcomes[1], result)
    first, _ = pool_outcomes(root, catalogue, outcomes)
    assert "different measures" in first.sentence
    assert first.result is None


def test_results_are_written_beside_the_others_and_taken_out_with_their_record(book):
    root, catalogue, outcomes = book
    write_results(root, [], results_of(pool_outcomes(root, catalogue, outcomes)))
    written = sorted(path.name for path in (root / RESULTS / "across").iterdir())
    assert written == ["first-three.csv", "first-three.json", "last-three.csv", "last-three.json"]
    table = (root / RESULTS / "across" / "first-three.csv").read_text(encoding="utf-8").splitlines()
    assert table[0] == "what,estimate,low,high,scale,weight"
    assert [line.split(",")[0] for line in table[1:3]] == ["pooled", "prediction interval"]
    del catalogue.pooled["first-three"]
    assert write_results(root, [], results_of(pool_outcomes(root, catalogue, outcomes))) == ["across/first-three"]


def test_another_planned_answer_costs_certainty_once_unless_all_was_fixed_beforehand(book):
    root, catalogue, outcomes = book
    known = Circumstances(fixed_before=False)
    effect, measure = pool_outcomes(root, catalogue, outcomes)[0].result.effect, catalogue.measures[MEASURE["id"]]
    alone = verdict(effect, measure, known)
    same, other = ("Another", alone.word), ("A change", "not_evaluable")
    assert verdict(effect, measure, replace(known, planned=(same,))) == alone
    beside = verdict(effect, measure, replace(known, planned=(same, other)))
    (reason,) = [reason for reason in beside.reasons if reason.startswith("One step down for the analysis")]
    assert "“A change” comes to another verdict (not evaluable)" in reason
    assert "“Another”" not in reason
    steps = [sum(reason.startswith("One step down") for reason in judged.reasons) for judged in (alone, beside)]
    assert steps[1] == max(steps[0], 1)
    fixed = replace(known, fixed_before=True)
    assert verdict(effect, measure, replace(fixed, planned=(other,))) == verdict(effect, measure, fixed)


@pytest.mark.parametrize(("touched", "counts"), [(1, False), (2, True)])
def test_a_rival_counts_where_it_could_explain_more_than_half_of_what_is_pooled(book, touched, counts):
    _, catalogue, _ = book
    records = list(catalogue.evaluations.values())[:3]
    grades = {"what": "Another change.", "grade": "all", "grade_reason": "Nothing limits it.", "affects": ["visits"]}
    rival = records[0].rival_explanations[0].model_copy(update=grades)
    records = [
        evaluation.model_copy(update={"rival_explanations": [rival] if number < touched else []})
        for number, evaluation in enumerate(records)
    ]
    judged_by = JudgedBy.from_evaluations(records, [f"{evaluation.id}/visits" for evaluation in records])
    assert judged_by.rivals == (("Another change. Nothing limits it.",) if counts else ())


@pytest.mark.parametrize("fixed", [(True, True), (True, False), (False, False)])
def test_several_evaluations_were_fixed_beforehand_where_all_were(book, fixed):
    _, catalogue, _ = book
    records = [
        evaluation.model_copy(
            update={
                "protocol": evaluation.protocol.model_copy(
                    update={"status": "before_data" if was_fixed else "already_seen"}
                )
            }
        )
        for evaluation, was_fixed in zip(catalogue.evaluations.values(), fixed, strict=False)
    ]
    assert JudgedBy.from_evaluations(records, []).fixed_before is all(fixed)
