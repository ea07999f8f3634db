"""Ratings on an ordinal scale: counted by hand, both headline ratios named, and what is not applicable never lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.indicators.plan import HRD, INDICATORS, PARDEV, PLAN, V1, at, begin, define, get, of_kind, results_of

from indicators.rules import ratings
from indicators.rules.lines import Line
from shared import clock
from shared.events.indicators import IndicatorState, Phase
from shared.events.results import Result

SCALE = ["missing", "approaches", "meets", "exceeds"]
RATED = {**of_kind("ordinal", operator="at_least", category="meets"), "categories": SCALE}
YEAR = Phase(code="2020-21", title="-", starts="2020-01-01", ends="2021-12-31", vocabulary="end_of_cycle")
SAID = st.sampled_from([*SCALE, "not_applicable", "not_reported", None])


def line(said: str | None, **target: object) -> Line:
    """What was said of one indicator: a rating, a reason for none, or nothing."""
    of = IndicatorState.model_validate({"plan": "p", "code": "pi", **RATED})
    aim = of.targets[0].model_copy(update=target)
    if said is None:
        return Line(of, YEAR, aim, (), None, "data_unavailable")
    given = {"category": said} if said in SCALE else {"no_data": said}
    common = {"number": 1, "as_of": "2020-12-31", "review": "accepted", "recorded_at": clock.now(), "recorded_by": "-"}
    result = Result.model_validate(common | given)
    return Line(of, YEAR, aim, (result,), result, "data_unavailable")


def test_of_17_ratings_with_two_not_applicable_both_ratios_are_given_with_their_counts() -> None:
    said = ["exceeds"] * 4 + ["meets"] * 6 + ["approaches"] * 3 + ["missing"] + ["not_applicable"] * 2 + [None]
    found = ratings.rate([line(one) for one in said])
    assert found.total == 17
    assert found.counts == {
        "missing": 1, "approaches": 3, "meets": 6, "exceeds": 4, "not_applicable": 2, "not_rated": 1
    }  # fmt: skip
    assert [(one.name, one.numerator, one.denominator, str(one.share)) for one in found.headlines] == [
        ("reached-of-all", 10, 17, "58.8"),
        ("reached-of-applicable", 10, 15, "66.7"),
    ]


def test_where_nothing_is_applicable_there_is_no_ratio_of_it() -> None:
    found = ratings.rate([line("not_applicable")])
    assert [one.share for one in found.headlines] == [0, None]


def test_missing_data_for_another_reason_is_not_rated_and_stays_in_both_wholes() -> None:
    found = ratings.rate([line("not_reported"), line("meets"), line("meets", part_of="global")])
    assert (found.counts["not_rated"], found.counts["not_applicable"]) == (1, 0)
    assert [(one.numerator, one.denominator) for one in found.headlines] == [(1, 2), (1, 2)]


@given(st.lists(SAID, max_size=30))
def test_every_indicator_is_counted_once(said: list[str | None]) -> None:
    found = ratings.rate([line(one) for one in said])
    assert sum(found.counts.values()) == found.total == len(said)
    of_all, of_applicable = found.headlines
    assert of_all.denominator - of_applicable.denominator == said.count("not_applicable")


async def test_the_ratings_of_a_plan_are_those_of_the_phase_for_whoever_asks(client) -> None:
    await begin(client, "count")
    for code, unit in (("pi-1", "HRD"), ("pi-2", "PARDEV"), ("pi-3", "HRD")):
        await define(client, at(f"indicators/{code}"), {**RATED, "custodians": [unit]})
    bodies = {"pi-1": {"category": "exceeds"}, "pi-3": {"no_data": "not_applicable", "comment": "no mandate for it"}}
    for code, body in bodies.items():
        done = await client.post(results_of(code), json={"phase": "2020-21", **body}, **HRD)
        assert done.status_code == 201, done.text
    found = await get(client, f"{V1}/plans/{PLAN}/ratings?phase=2020-21")
    assert (found["phase"], found["total"], found["counts"]["exceeds"]) == ("2020-21", 3, 1)
    assert [one["share"] for one in found["headlines"]] == [33.3, 50]
    for caller in (PARDEV, {"role": "custodian", "units": []}):
        assert await get(client, f"{V1}/plans/{PLAN}/ratings?phase=2020-21", **caller) == found


@pytest.mark.parametrize("path", [f"{V1}/plans/absent/ratings", f"{V1}/plans/{PLAN}/ratings?phase=1999"])
async def test_ratings_of_what_is_absent_are_not_found(client, path) -> None:
    await begin(client, *INDICATORS)
    answer = await client.get(path, role="reader")
    assert (answer.status_code, answer.json()["type"].startswith("urn:apge:problem:no-such-")) == (404, True)
