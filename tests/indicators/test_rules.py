"""What a result means, against expectations that were written by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators import rules
from shared.events.indicators import IndicatorState, Phase, Target
from shared.events.results import Result

WORDS = {"mid_cycle": ("on_track", "not_on_track"), "end_of_cycle": ("met", "not_met")}


def target(operator, value=None, **more):
    figure = None if value is None else Decimal(str(value))
    return Target(phase="2020-21", place="global", operator=operator, value=figure, text="", **more)


def result(number=1, as_of="2020-06-30", review="submitted", **said):
    recorded = datetime(2021, 1, 1, tzinfo=UTC)
    return Result(number=number, as_of=as_of, review=review, recorded_at=recorded, recorded_by="custodian", **said)


def share(numerator, denominator):
    return result(
        numerator=numerator, denominator=denominator, value=rules.status.derived_value(numerator, denominator, None)
    )


INDICATOR = IndicatorState(
    plan="a-plan", code="an-indicator", title="One", area="an-area", kind="percentage", custodians=["HRD"], targets=[]
)


def judged(wanted, given_result, vocabulary="mid_cycle"):
    return rules.status.judge(INDICATOR, wanted, given_result, vocabulary)


@pytest.mark.parametrize(
    ("operator", "value", "actual", "reached"),
    [
        ("at_least", 45, "45", True),
        ("at_least", 45, "44.999", False),
        ("at_least", 45, "100", True),
        ("at_least", 0, "0", True),
        ("at_most", 5, "5", True),
        ("at_most", 5, "5.001", False),
        ("at_most", 0, "0", True),
        ("at_most", 0, "0.001", False),
        ("exactly", 2, "2", True),
        ("exactly", 2, "2.000", True),
        ("exactly", 2, "3", False),
        ("exactly", 2, "1.999", False),
    ],
)
def test_a_number_reaches_its_target_by_the_operator(operator, value, actual, reached):
    for vocabulary, words in WORDS.items():
        assert judged(target(operator, value), result(value=actual), vocabulary) == words[not reached]


@pytest.mark.parametrize(
    ("operator", "wanted", "numerator", "denominator", "reached"),
    [
        ("at_least", "45", 9, 20, True),
        ("at_least", "45.001", 9, 20, False),
        ("at_least", "33.3", 1, 3, True),
        ("at_least", "33.334", 1, 3, False),
        ("at_most", "33.3", 1, 3, False),
        ("exactly", "33.3", 1, 3, False),
        ("exactly", "33.333", 1, 3, False),
        ("exactly", "50", 3, 6, True),
        ("at_least", "66.7", 2, 3, False),
        ("at_least", "45", 449_999_999_999, 10**12, False),
        ("at_least", "45", 450_000_000_000, 10**12, True),
        ("at_least", "44.95", 4_495, 10_000, True),
        ("at_least", "45", 4_495, 10_000, False),
    ],
)
def test_a_share_is_compared_exactly_and_not_as_its_rounded_percentage(
    operator, wanted, numerator, denominator, reached
):
    assert judged(target(operator, wanted), share(numerator, denominator)) == WORDS["mid_cycle"][not reached]


def test_a_share_is_shown_half_up_to_one_decimal():
    shown = [
        rules.status.derived_value(*pair, None) for pair in ((1, 3), (2, 3), (4_495, 10_000), (0, 7), (7, 7), (1, 2000))
    ]
    assert [str(value) for value in shown] == ["33.3", "66.7", "45.0", "0.0", "100.0", "0.1"]
    assert rules.status.derived_value(None, None, Decimal("16.25")) == Decimal("16.25")
    assert rules.status.derived_value(1, 0, None) is None


@pytest.mark.parametrize(("reached", "word"), [(True, "met"), (False, "not_met")])
def test_a_milestone_is_reached_or_not(reached, word):
    assert judged(target("reached"), result(reached=reached), "end_of_cycle") == word


def test_a_milestone_that_nobody_reported_on_has_no_data():
    assert judged(target("reached"), None) == "data_unavailable"
    assert judged(target("reached"), result(value=1)) == "data_unavailable"


@pytest.mark.parametrize(
    ("category", "word"), [("public", "on_track"), ("internal", "not_on_track"), (None, "data_unavailable")]
)
def test_a_category_is_the_one_aimed_at_or_not(category, word):
    assert judged(target("exactly", category="public"), result(category=category)) == word


TEN_INTERVIEWS_AND_A_REPORT = target(
    "all_of",
    parts=[{"name": "interviews", "operator": "at_least", "value": 10}, {"name": "report", "operator": "reached"}],
)


@pytest.mark.parametrize(
    ("interviews", "report", "word"),
    [
        (10, True, "met"),
        (12, True, "met"),
        (9, True, "not_met"),
        (10, False, "not_met"),
        (0, False, "not_met"),
        (9, None, "not_met"),
        (None, False, "not_met"),
        (10, None, "data_unavailable"),
        (None, True, "data_unavailable"),
        (None, None, "data_unavailable"),
    ],
)
def test_one_failed_part_fails_the_whole_and_a_missing_part_leaves_it_open(interviews, report, word):
    parts = []
    if interviews is not None:
        parts.append({"name": "interviews", "value": interviews})
    if report is not None:
        parts.append({"name": "report", "reached": report})
    assert judged(TEN_INTERVIEWS_AND_A_REPORT, result(parts=parts), "end_of_cycle") == word


@pytest.mark.parametrize(
    ("no_data", "comment", "refused"),
    [
        ("not_applicable", None, ["#/comment"]),
        ("not_applicable", " ", ["#/comment"]),
        ("not_applicable", "no mandate", []),
        ("not_reported", None, []),
    ],
)
def test_what_does_not_apply_says_why(no_data, comment, refused):
    faults = rules.faults.faults_of_result(INDICATOR, target("at_least", 2), result(no_data=no_data, comment=comment))
    assert [pointer for pointer, _, _ in faults] == refused


@pytest.mark.parametrize(
    ("minimum", "value", "refused"), [(None, 0, False), (None, -1, True), (-100, -3, False), (-100, -101, True)]
)
def test_a_part_is_zero_or_more_unless_the_indicator_may_be_less(minimum, value, refused):
    indicator = INDICATOR.model_copy(update={"kind": "compound", "minimum": minimum})
    wanted = target("all_of", parts=[{"name": "followers", "operator": "at_least", "value": 10}])
    faults = rules.faults.faults_of_result(indicator, wanted, result(parts=[{"name": "followers", "value": value}]))
    assert [pointer for pointer, _, _ in faults] == (["#/parts/0/value"] if refused else [])


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (target("at_least", 2), {"value": 0}),
        (target("reached"), {"reached": False}),
        (TEN_INTERVIEWS_AND_A_REPORT, {"parts": [{"name": "interviews", "value": 0}]}),
    ],
)
def test_none_and_not_achieved_are_results_of_zero_and_not_missing_data(wanted, said):
    assert judged(wanted, result(**said)) == "not_on_track"


def test_an_audit_that_was_not_done_is_missing_data():
    assert judged(target("at_least", 75), result(no_data="audit_not_done")) == "data_unavailable"
    assert judged(target("at_most", 75), result(no_data="audit_not_done")) == "data_unavailable"


def test_a_region_is_judged_by_its_own_target_whatever_the_whole_is():
    whole, africa = target("at_least", 37), target("at_least", 27)
    assert (judged(whole, result(value=13)), judged(africa, result(value=31))) == ("not_on_track", "on_track")


# standing result


def standing(*results):
    found = rules.status.standing_result(results)
    return None if found is None else found.number


def test_a_late_result_for_an_earlier_day_does_not_stand():
    assert standing(result(1, "2020-12-31"), result(2, "2020-06-30")) == 1


def test_of_two_results_for_a_day_the_later_recorded_one_stands():
    assert standing(result(1), result(2)) == 2
    assert standing(result(2), result(1)) == 2


def test_a_result_that_was_sent_back_does_not_stand_and_the_one_before_does():
    assert standing(result(1, "2020-06-30"), result(2, "2020-12-31", "sent_back")) == 1


def test_where_all_were_sent_back_or_nothing_was_recorded_nothing_stands():
    assert standing(result(1, review="sent_back"), result(2, review="sent_back")) is None
    assert standing() is None


def test_an_accepted_result_does_not_stand_before_a_newer_submitted_one():
    assert standing(result(1, "2020-06-30", "accepted"), result(2, "2020-07-01")) == 2


def test_a_result_without_data_stands_like_any_other():
    assert standing(result(1, "2020-06-30", value=50), result(2, "2020-12-31", no_data="event_not_held")) == 2


# phases and deadlines

FIRST = Phase(code="2018-19", title="", starts="2018-01-01", ends="2019-12-31", vocabulary="end_of_cycle")
SECOND = Phase(code="2020-21", title="", starts="2020-01-01", ends="2021-12-31", vocabulary="mid_cycle")


@pytest.mark.parametrize(
    ("day", "phase"),
    [
        ("2017-12-31", None),
        ("2018-01-01", "2018-19"),
        ("2019-12-31", "2018-19"),
        ("2020-01-01", "2020-21"),
        ("2021-12-31", "2020-21"),
        ("2022-01-01", None),
    ],
)
def test_a_phase_has_its_first_and_its_last_day(day, phase):
    found = rules.calendar.phase_of([FIRST, SECOND], date.fromisoformat(day))
    assert (found.code if found else None) == phase


# properties

FIGURES = st.decimals(0, 100, places=3, allow_nan=False, allow_infinity=False)
TARGETS = st.one_of(
    st.builds(target, st.sampled_from(["at_least", "at_most", "exactly"]), FIGURES),
    st.just(target("reached")),
    st.just(target("exactly", category="public")),
    st.just(TEN_INTERVIEWS_AND_A_REPORT),
)
SAID = st.one_of(
    st.fixed_dictionaries({"value": FIGURES}),
    st.fixed_dictionaries({"numerator": st.integers(0, 50), "denominator": st.integers(50, 90)}),
    st.fixed_dictionaries({"reached": st.booleans()}),
    st.fixed_dictionaries({"category": st.sampled_from(["public", "internal"])}),
    st.fixed_dictionaries(
        {"parts": st.just([{"name": "interviews", "value": 10}, {"name": "report", "reached": True}])}
    ),
    st.just({"no_data": "audit_not_done"}),
)
DAYS = st.dates(date(2018, 1, 1), date(2021, 12, 31))


@st.composite
def histories(draw):
    said = draw(st.lists(st.tuples(SAID, DAYS, st.sampled_from(["submitted", "accepted", "sent_back"])), max_size=6))
    return [result(number, day, review, **what) for number, (what, day, review) in enumerate(said, 1)]


@given(TARGETS, histories(), st.sampled_from(sorted(WORDS)))
def test_a_status_is_always_a_word_of_the_phases_own_vocabulary(wanted, history, vocabulary):
    status = judged(wanted, rules.status.standing_result(history), vocabulary)
    assert status in {*WORDS[vocabulary], "data_unavailable"} == rules.status.WORDS[vocabulary]


@given(TARGETS, histories(), SAID, DAYS)
def test_a_result_that_is_sent_back_never_changes_a_status(wanted, history, said, day):
    more = [*history, result(len(history) + 1, day, "sent_back", **said)]
    assert judged(wanted, rules.status.standing_result(more)) == judged(wanted, rules.status.standing_result(history))


@given(FIGURES, FIGURES, FIGURES)
def test_more_never_takes_a_target_of_at_least_off_its_track(wanted, one, other):
    low, high = sorted((one, other))
    aim = target("at_least", wanted)
    assert not (judged(aim, result(value=low)) == "on_track" and judged(aim, result(value=high)) == "not_on_track")


@given(FIGURES, st.integers(0, 10**12), st.integers(1, 10**12))
def test_a_share_is_at_least_or_at_most_any_figure_and_both_only_where_it_is_exactly_that(wanted, part, whole):
    given_share = share(min(part, whole), whole)
    least, most, exact = (
        rules.status.meets(INDICATOR, target(o, wanted), given_share) for o in ("at_least", "at_most", "exactly")
    )
    assert least or most
    assert exact == (least and most)


@given(histories())
def test_what_stands_is_the_latest_day_of_what_was_not_sent_back(history):
    counted = [one for one in history if one.review != "sent_back"]
    found = rules.status.standing_result(reversed(history))
    assert found == max(counted, key=lambda one: (one.as_of, one.number), default=None)
    assert found is None or all(one.as_of <= found.as_of for one in counted)
