"""Recruitment durations: each metric with its own two ends, exact, and open vacancies censored."""

import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hr_diversity.registering import registered, row

from hr_diversity.rules.recruitment import METRICS, Spell, Stay, find_kaplan_meier_median, find_median, measure
from shared import clock
from shared.cloudevents import Envelope
from shared.events.base import topic_of
from shared.events.claims import ClaimPublished
from shared.telemetry import new_id
from shared.testing import Client

DURATIONS = "/hr-diversity/v1/recruitment/durations"
DATA = Path(__file__).parents[2] / "data"
FIRST, LAST = date(2022, 1, 1), date(2022, 12, 31)
DC = {"track": "development_cooperation", "funding": "development_cooperation"}
BARE = {"shortlisted": None, "applicants": None}


def ago(days: int, left: int | None = None, *, cancelled: bool = False) -> Spell:
    """A vacancy that began so many days before the last day, and left so many days after its beginning."""
    start = LAST - timedelta(days=days)
    end = None if left is None else start + timedelta(days=left)
    return Spell(start, None if cancelled else end, end if cancelled else None)


async def durations(client: Client, **params: str) -> dict[str, dict[str, Any]]:
    answer = await client.get(DURATIONS, params=params, role="reader")
    assert answer.status_code == 200, answer.text
    return {one["code"]: one for one in answer.json()["metrics"]}


def counts(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in ("n", "mean", "median", "n_open", "n_cancelled")}


async def test_each_metric_counts_from_its_own_start_to_its_own_end_and_only_its_own_vacancies(client: Client) -> None:
    days = {"posted": "2022-01-01", "closed": "2022-01-31", "selected": "2022-03-02", "on_post": "2022-05-01"}
    await registered(
        client,
        row(1, **days, **BARE),
        row(2, **days, **BARE, **DC, key_position=True),
        row(3, **{**days, "on_post": "2022-05-02"}, **BARE, **DC),
    )
    found = await durations(client, **{"from": "2022-01-01", "to": "2022-12-31"})
    assert {code: (one["start"], one["end"], one["n"], one["mean"]) for code, one in found.items()} == {
        "raps_close_to_selection": ("closed", "selected", 1, 30),
        "dc_posting_to_on_post": ("posted", "on_post", 1, 120),
        "dc_selection_to_on_post": ("selected", "on_post", 2, 60.5),
        "dc_recruitment_time": (None, None, None, None),
    }


async def test_a_metric_whose_ends_nobody_states_is_never_computed(client: Client) -> None:
    await registered(client, row(1, on_post="2022-09-01", **DC, key_position=True))
    found = (await durations(client))["dc_recruitment_time"]
    assert not found["computed"]
    assert {found[name] for name in (*counts(found), "kaplan_meier_median")} == {None}


async def test_open_vacancies_stand_beside_and_are_in_no_mean(client: Client) -> None:
    ended = {"closed": "2022-02-10", "selected": "2022-06-30", **BARE}
    await registered(
        client,
        row(1, **ended),
        row(2, **{**ended, "selected": None}),
        row(3, **{**ended, "selected": None, "cancelled": "2022-03-10"}),
        row(4, **{**ended, "selected": "2023-02-01"}),
        row(5, **{**ended, "closed": str(clock.today() + timedelta(days=9)), "selected": None}),
    )
    found = (await durations(client, to="2022-12-31"))["raps_close_to_selection"]
    assert counts(found) == {"n": 1, "mean": 140, "median": 140, "n_open": 2, "n_cancelled": 1}
    later = (await durations(client))["raps_close_to_selection"]
    assert counts(later) == {"n": 2, "mean": 248, "median": 248, "n_open": 1, "n_cancelled": 1}


async def test_a_unit_and_a_track_may_be_asked_for(client: Client) -> None:
    await registered(client, row(1), row(2, unit="GEDI", selected="2022-06-20"))
    found = await durations(client, unit="GEDI", track="raps")
    assert list(found) == ["raps_close_to_selection"]
    assert counts(found["raps_close_to_selection"])["mean"] == 130


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"from": "2022-02-01", "to": "2022-01-31"}, 422),
        ({"from": "9999-01-01"}, 422),
        ({"from": "soon"}, 422),
        ({"track": "elsewhere"}, 422),
        ({"since": "2022-01-01"}, 400),
    ],
)
async def test_a_period_has_to_make_sense(reading: Client, params: dict[str, str], status: int) -> None:
    assert (await reading.get(DURATIONS, params=params, role="reader")).status_code == status


async def test_who_does_not_say_who_it_is_reads_no_durations(reading: Client) -> None:
    assert (await reading.get(DURATIONS)).status_code == 401
    for role in ("custodian", "reviewer", "hr-feeder", "evaluation-office", "senior-manager", "reader", "operator"):
        assert (await reading.get(DURATIONS, role=role)).status_code == 200  # type: ignore[arg-type]


def claims() -> list[ClaimPublished]:
    found = []
    for name in ("hr-strategy-2022-25", "programme-2020-21"):
        said = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
        found += [ClaimPublished(plan=name, **claim) for claim in said["claims"]]
    return found


async def tell(client: Client, *events: ClaimPublished, sequence: int = 1) -> None:
    topic, bus = topic_of("indicators"), client.app.state.bus
    envelopes = [
        Envelope(
            id=new_id(),
            type=event.type,
            source="/indicators",
            subject=f"claim/{event.plan}/{event.code}",
            time=clock.now().isoformat(),
            sequence=sequence,
            data=event.model_dump_json().encode(),
        )
        for event in events
    ]
    await bus.ensure_topics([topic])
    await bus.publish(topic, envelopes)
    await client.caught_up()


async def test_the_figures_of_the_documents_stand_beside_each_with_its_place(client: Client) -> None:
    await tell(client, *claims())
    found = await durations(client)
    assert {code: [one["value"] for one in metric["published"]] for code, metric in found.items()} == {
        "raps_close_to_selection": [172],
        "dc_posting_to_on_post": [145, 124],
        "dc_selection_to_on_post": [68, 62],
        "dc_recruitment_time": [200, 148, 120],
    }
    assert found["dc_recruitment_time"]["published"][2]["concept"] == "dc-recruitment-time-target"
    for metric in found.values():
        assert metric["n"] in {0, None}
        assert all(one["unit"] == "days" and one["provenance"]["document"] for one in metric["published"])


async def test_a_claim_that_is_corrected_is_shown_corrected(client: Client) -> None:
    said = ClaimPublished(plan="p", code="c", text="about 170", concept="raps-close-to-selection", value=Decimal(170))
    await tell(client, said)
    await tell(client, said.model_copy(update={"value": Decimal(171)}), sequence=2)
    assert [one["value"] for one in (await durations(client))["raps_close_to_selection"]["published"]] == [171]
    await tell(client, said.model_copy(update={"concept": "something-else"}), sequence=3)
    assert (await durations(client))["raps_close_to_selection"]["published"] == []
    rebuilt = await client.post("/hr-diversity/v1/rebuilds/published", role="operator")
    assert json.loads(rebuilt.text.splitlines()[-1])["rows"] == {"published_figures": 0}


def test_no_two_metrics_have_the_same_ends_and_vacancies() -> None:
    kinds = [(metric.start, metric.end, metric.track, metric.key_positions) for metric in METRICS]
    assert len(set(kinds)) == len(kinds) == 4


@pytest.mark.parametrize(
    ("days", "mean", "median"),
    [
        ([1, 2], "1.5", "1.5"),
        ([1, 1, 2], "1.3", "1"),
        ([0, 0, 0, 1], "0.3", "0"),
        ([1, 2, 2, 2, 2, 2, 2, 5], "2.3", "2"),
    ],
)
def test_a_mean_is_rounded_half_up_once(days: list[int], mean: str, median: str) -> None:
    found = measure([ago(100, day) for day in days], None, LAST)
    assert (found.mean, found.median) == (Decimal(mean), Decimal(median))


def test_what_is_open_is_not_zero_days_long() -> None:
    assert measure([ago(50), ago(10)], None, LAST) == type(measure([], None, LAST))(0, None, None, 2, 0, None)


def test_the_median_after_kaplan_and_meier_is_that_of_the_textbook() -> None:
    """Weeks of remission under 6-MP, Freireich and others 1963; the estimate reaches a half at 23 weeks (0.448)."""
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    stays = [*(Stay(None, day, ended=True) for day in ended), *(Stay(None, day, ended=False) for day in censored)]
    assert find_kaplan_meier_median(stays) == 23


def test_a_vacancy_that_began_before_the_period_is_at_risk_only_from_the_age_that_it_had() -> None:
    old = Spell(date(2021, 1, 1), date(2022, 1, 2))
    fresh = [Spell(FIRST, FIRST + timedelta(days=day)) for day in (10, 20)]
    assert measure([old, *fresh], FIRST, LAST).kaplan_meier_median == 10
    assert measure([old, *fresh], None, LAST).kaplan_meier_median == 20


lengths = st.lists(st.integers(0, 60), min_size=1, max_size=30)


@given(lengths)
@settings(max_examples=200)
def test_without_censoring_it_is_the_lower_median(days: list[int]) -> None:
    found = measure([ago(100, day) for day in days], None, LAST)
    ordered = sorted(days)
    assert found.kaplan_meier_median == ordered[(len(days) - 1) // 2]
    assert (
        found.median == find_median(days[::-1]) == Fraction(ordered[(len(days) - 1) // 2] + ordered[len(days) // 2], 2)
    )
    assert (found.n, found.n_open, found.n_cancelled) == (len(days), 0, 0)


@given(lengths, lengths)
@settings(max_examples=200)
def test_open_vacancies_never_make_the_median_shorter(ended: list[int], open_: list[int]) -> None:
    done = [ago(100, day) for day in ended]
    without = measure(done, None, LAST)
    found = measure([*done, *(ago(day) for day in open_)], None, LAST)
    assert (found.n, found.mean, found.median, found.n_open) == (without.n, without.mean, without.median, len(open_))
    assert found.kaplan_meier_median is None or found.kaplan_meier_median >= without.kaplan_meier_median


@given(st.lists(st.tuples(st.integers(0, 400), st.none() | st.integers(0, 400), st.booleans()), max_size=30))
@settings(max_examples=200)
def test_every_vacancy_of_a_period_is_counted_once(drawn: list[tuple[int, int | None, bool]]) -> None:
    spells = [ago(days, left, cancelled=cancelled) for days, left, cancelled in drawn]
    found = measure(spells, FIRST, LAST)
    lefts = [spell.end or spell.cancelled for spell in spells]
    within = [left for left in lefts if left is not None and FIRST <= left <= LAST]
    still = [left for left in lefts if left is None or left > LAST]
    assert (found.n + found.n_cancelled, found.n_open) == (len(within), len(still))
