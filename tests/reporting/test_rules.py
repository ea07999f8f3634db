"""How a status is consolidated: every figure below was counted by hand."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reporting.facts import FIRST, LAST, indicator, marked, money, plan, recorded, result, target, unit

from reporting import rules
from reporting.rules import WORDS, Row
from shared.events.indicators import Area, Baseline, Published
from shared.events.resources import MarkerLevel
from shared.events.results import Result, ResultPart


def row(status: Any, place: str = "global", code: str = "one", part_of: str | None = None, **of: Any) -> Row:
    aim = target(place, part_of=part_of)
    return Row(indicator(code, [aim], **of), aim, status, None)


def consolidate(*rows: Row, in_phase: str = LAST, **of: Any) -> dict[str, Any]:
    return rules.consolidate(plan(**of), in_phase, rows, {"HRD": unit("HRD", "People")})


def test_counts_stand_beside_their_shares_and_the_whole_includes_what_is_without_data() -> None:
    found = rules.tally(["met", "not_met", "not_met", "data_unavailable"], "end_of_cycle")
    assert found == {
        "total": 4,
        "counts": {"met": 1, "not_met": 2, "data_unavailable": 1},
        "shares": {"met": 25, "not_met": 50, "data_unavailable": 25},
    }


# 1 of 16 is 6.25, which the rounding of floats would make 6.2; 29 of 57 is 50.877, which a source document cut off at 50.8
@pytest.mark.parametrize(
    ("met", "total", "share"),
    [(1, 3, 33.3), (2, 3, 66.7), (29, 57, 50.9), (7, 57, 12.3), (1, 16, 6.3), (1, 2000, 0.1), (1, 2001, 0)],
)
def test_a_share_is_rounded_half_up_to_one_decimal(met: int, total: int, share: float) -> None:
    found = rules.tally(["met"] * met + ["not_met"] * (total - met), "end_of_cycle")
    assert found["shares"]["met"] == share


def test_of_nothing_there_are_counts_of_zero_and_no_shares() -> None:
    assert rules.tally([], "mid_cycle") == {
        "total": 0,
        "counts": {"on_track": 0, "not_on_track": 0, "data_unavailable": 0},
        "shares": {"on_track": None, "not_on_track": None, "data_unavailable": None},
    }


def test_a_whole_share_is_a_whole_number_in_json() -> None:
    assert [type(share) for share in rules.tally(["met", "not_met"], "end_of_cycle")["shares"].values()] == [int] * 3


def test_a_part_is_not_counted_beside_its_whole() -> None:
    found = consolidate(
        row("met"),
        row("not_met", "region:africa", part_of="global"),
        row("not_met", "portfolio:policy", part_of="global"),
    )
    assert found["targets"]["total"] == found["indicators"]["total"] == 1
    assert found["by_area"][0]["counts"]["not_met"] == found["by_custodian"][0]["counts"]["not_met"] == 0


def test_a_part_is_shown_at_its_own_place_all_the_same() -> None:
    found = consolidate(row("met"), row("not_met", "region:arab-states", part_of="global"))
    assert [(place["region"], place["title"], place["counts"]["not_met"]) for place in found["by_region"]] == [
        ("arab-states", "Arab States", 1)
    ]


def test_a_status_never_rolls_up_from_parts_to_the_whole() -> None:
    found = consolidate(row("not_met"), *(row("met", f"region:{name}", part_of="global") for name in "abcdef"))
    assert found["targets"]["counts"] == {"met": 0, "not_met": 1, "data_unavailable": 0}


def test_a_regional_target_that_is_no_part_counts_as_a_target_and_not_as_an_indicator() -> None:
    found = consolidate(row("met"), row("not_met", "region:africa"))
    assert (found["targets"]["total"], found["indicators"]["total"]) == (2, 1)


def test_a_target_is_counted_once_for_each_of_its_custodians() -> None:
    found = consolidate(row("met", custodians=["HRD", "FIN"]), row("not_met", custodians=["HRD", "HRD"]))
    counted = {one["custodian"]: (one["title"], one["total"]) for one in found["by_custodian"]}
    assert counted == {"HRD": ("People", 2), "FIN": ("FIN", 1)}
    assert found["targets"]["total"] == 2


def test_areas_keep_the_order_of_the_plan_and_empty_ones_stay() -> None:
    found = consolidate(row("met", area="money"))
    assert [(area["area"], area["title"], area["total"]) for area in found["by_area"]] == [
        ("staff", "Staffing", 0),
        ("money", "Money", 1),
    ]


TREE = [
    Area(code="outcome", title="Outcome"),
    Area(code="output", title="Output", parent="outcome"),
    Area(code="step", title="Step", parent="output"),
    Area(code="other", title="Other", parent="of another plan"),
]


def test_an_area_counts_what_is_below_it_at_any_depth_and_names_its_parent() -> None:
    in_tree = plan().model_copy(update={"areas": TREE})
    rows = [
        row("met", area="step"),
        row("not_met", area="output"),
        row("met", area="outcome"),
        row("met", area="other"),
    ]
    found = rules.consolidate(in_tree, LAST, rows, {})["by_area"]
    assert [(one["area"], one["parent"], one["total"], one["counts"]["met"]) for one in found] == [
        ("outcome", None, 3, 2),
        ("output", "outcome", 2, 1),
        ("step", "output", 1, 1),
        ("other", "of another plan", 1, 1),
    ]
    assert found[0]["shares"]["met"] == 66.7  # of the counts, and not the mean of 50 and 100


def test_areas_that_are_each_other_s_parent_are_counted_all_the_same() -> None:
    ring = [Area(code="a", title="A", parent="b"), Area(code="b", title="B", parent="a")]
    assert rules.within(ring) == {"a": {"a", "b"}, "b": {"a", "b"}}


def test_money_of_an_area_that_lies_within_another_is_not_added_again() -> None:
    in_tree = plan().model_copy(update={"areas": TREE})
    reported = [money(area, budget=amount) for area, amount in (("outcome", 10), ("step", 4), ("other", 1))]
    (total,) = rules.resources.totals(in_tree, reported)
    assert total["budget"] == 11
    assert [one["part_of"] for one in rules.resources.by_area(in_tree, reported)] == [None, "outcome", None]


def test_of_lines_without_a_number_there_is_no_sum() -> None:
    (total,) = rules.resources.totals(plan(), [money("staff")])
    assert (total["budget"], total["budget_not_given"], total["expenditure"]) == (None, 2, 2)


def test_a_marker_that_is_printed_as_shares_has_no_computed_ones() -> None:
    printed = marked({}).model_copy(update={"levels": [MarkerLevel(level=1, share=46), MarkerLevel(level=3, share=6)]})
    found = rules.resources.distribution(plan(), printed)
    assert [(one["level"], one["share"], one["published_share"]) for one in found["levels"]] == [
        (3, None, 6),
        (1, None, 46),
    ]
    assert found["total"] is None


def test_the_words_of_mid_cycle_and_end_of_cycle_are_never_mixed() -> None:
    first, last = consolidate(in_phase=FIRST), consolidate(in_phase=LAST)
    for found, words in ((first, WORDS["mid_cycle"]), (last, WORDS["end_of_cycle"])):
        assert set(found["targets"]["counts"]) == set(found["targets"]["shares"]) == set(words)
    assert set(first["targets"]["counts"]) & set(last["targets"]["counts"]) == {"data_unavailable"}


def test_the_published_figures_stand_beside_the_computed_ones_with_the_difference() -> None:
    published = [
        Published(phase=FIRST, total=99, counts={"on_track": 99}, shares={"on_track": 100}),
        Published(phase=LAST, total=57, counts={"met": 1, "not_met": 3}, shares={"met": 50.8}, rounding="cut off"),
    ]
    found = consolidate(row("met"), row("met"), row("not_met"), published=published)
    assert found["published"] == {
        "total": 57,
        "counts": {"met": 1, "not_met": 3},
        "shares": {"met": 50.8},
        "rounding": "cut off",
        "provenance": None,
        "difference": {"total": -54, "counts": {"met": 1, "not_met": -2}},
    }
    assert found["targets"]["counts"]["met"] == 2


def test_a_phase_without_published_figures_has_none() -> None:
    assert (
        consolidate(row("met"), published=[Published(phase=FIRST, total=1, counts={}, shares={})])["published"] is None
    )


def test_only_the_targets_of_the_phase_are_rows_and_one_without_a_result_has_no_data() -> None:
    both = indicator("one", [target(), target("region:africa"), target(in_phase=FIRST)])
    state = recorded("one", "met", result(50))
    found = rules.rows_of([both], {("one", LAST, "global"): state}, LAST)
    assert [(row.target.place, row.status, row.standing) for row in found] == [
        ("global", "met", state.standing),
        ("region:africa", "data_unavailable", None),
    ]


def test_a_result_of_another_indicator_phase_or_place_is_not_taken() -> None:
    state = recorded("one", "met", result(50))
    others = {("two", LAST, "global"): state, ("one", FIRST, "global"): state, ("one", LAST, "region:africa"): state}
    assert [row.status for row in rules.rows_of([indicator("one")], others, LAST)] == ["data_unavailable"]


STATUSES = {vocabulary: st.sampled_from(words) for vocabulary, words in WORDS.items()}
PLACES = st.sampled_from(["global", "region:africa", "portfolio:policy"])
ROWS = st.lists(
    st.builds(
        lambda status, place, part, custodians, area: row(
            status, place, part_of="global" if part else None, custodians=custodians, area=area
        ),
        STATUSES["end_of_cycle"],
        PLACES,
        st.booleans(),
        st.lists(st.sampled_from(["HRD", "FIN", "LEG"]), min_size=1, max_size=3),
        st.sampled_from(["staff", "money"]),
    ),
    max_size=40,
)


@given(ROWS)
def test_in_every_group_the_counts_sum_to_the_total_and_the_shares_follow_from_them(rows: list[Row]) -> None:
    found = consolidate(*rows)
    groups = [found["targets"], found["indicators"]]
    for name in ("by_area", "by_custodian", "by_portfolio", "by_region"):
        groups += found[name]
    for group in groups:
        assert sum(group["counts"].values()) == group["total"]
        for word, count in group["counts"].items():
            # by hand: half up in whole numbers, in tenths of a per cent
            expected = (2000 * count + group["total"]) // (2 * group["total"]) / 10 if group["total"] else None
            assert group["shares"][word] == expected


@given(ROWS)
def test_every_counted_target_is_in_one_area(rows: list[Row]) -> None:
    found = consolidate(*rows)
    assert sum(area["total"] for area in found["by_area"]) == found["targets"]["total"]
    for word, count in found["targets"]["counts"].items():
        assert sum(area["counts"][word] for area in found["by_area"]) == count


def standing(**given: Any) -> Result:
    return Result(
        number=1,
        as_of=date(2020, 12, 31),
        review="accepted",
        recorded_at="2021-01-01T00:00:00Z",
        recorded_by="custodian:HRD",
        **given,
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"value": 38, "numerator": 114, "denominator": 300}, "38 (114 of 300)"),
        ({"value": 37.5}, "37.5"),
        ({"value": 0}, "0"),
        ({"value": 0, "numerator": 0, "denominator": 12}, "0 (0 of 12)"),
        ({"reached": True}, "reached"),
        ({"reached": False}, "not reached"),
        ({"category": "partly_accessible"}, "partly accessible"),
        (
            {"parts": [ResultPart(name="interviews", value=0), ResultPart(name="report", reached=False)]},
            "interviews 0, report not reached",
        ),
        ({"parts": [ResultPart(name="report", reached=True)]}, "report reached"),
    ],
)
def test_a_result_is_said_in_words(given: dict[str, Any], words: str) -> None:
    assert rules.said(standing(**given)) == words


@pytest.mark.parametrize(
    ("status", "given", "words"),
    [
        ("data_unavailable", None, "Nothing has been reported for this target, so its status is data unavailable."),
        (
            "data_unavailable",
            {"no_data": "audit_not_done"},
            "The latest report says there is no data (audit not done), so the status is data unavailable.",
        ),
        (
            "not_met",
            {"value": 38, "numerator": 38, "denominator": 100},
            "The result of 2020-12-31 is 38 (38 of 100); the target is at least 45; so the status is not met.",
        ),
    ],
)
def test_why_a_target_has_its_status_is_one_sentence(status: Any, given: dict[str, Any] | None, words: str) -> None:
    aim = target()
    assert rules.sentence(Row(indicator("one", [aim]), aim, status, standing(**given) if given else None)) == words


def test_a_milestone_is_said_by_its_own_text() -> None:
    aim = target().model_copy(update={"operator": "reached", "value": None, "text": "a strategy is adopted"})
    assert rules.aim(aim) == "“a strategy is adopted”"
    assert rules.sentence(Row(indicator("one", [aim]), aim, "met", standing(reached=True))) == (
        "The result of 2020-12-31 is reached; the target is “a strategy is adopted”; so the status is met."
    )


def test_a_result_and_a_target_are_said_with_their_unit() -> None:
    assert rules.said(standing(value=38, numerator=114, denominator=300), "per cent") == "38 per cent (114 of 300)"
    assert rules.aim(target(value=2), "meetings") == "at least 2 meetings"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"value": 28, "year": 2006}, "more than the baseline of 28 per cent (2006)"),
        ({"numerator": 7, "denominator": 25}, "more than the baseline of 7 of 25"),
        ({"text": "HRD statistics for 2006", "year": 2006}, "more than the baseline of HRD statistics for 2006"),
        ({"year": 2006}, "“increase towards parity”"),
    ],
)
def test_a_direction_is_said_from_its_baseline(given: dict[str, Any], words: str) -> None:
    aim = target().model_copy(update={"operator": "increases", "value": None, "text": "increase towards parity"})
    assert rules.aim(aim, "per cent", Baseline(**given)) == words
    assert rules.aim(aim, "per cent") == "“increase towards parity”"


def test_a_category_is_aimed_at_by_its_name() -> None:
    aim = target().model_copy(update={"value": None, "category": "meets_requirements", "text": "Meets requirements"})
    assert rules.aim(aim) == "at least meets requirements"
