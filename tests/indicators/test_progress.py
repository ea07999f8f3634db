"""Attainment, pace, growth and outlook: exact, right in both directions, and silent where nothing can be said."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.indicators.plan import (
    HRD,
    INDICATORS,
    NOW,
    PLAN_BODY,
    SHARE,
    TARGET,
    V1,
    at,
    begin,
    changed,
    define,
    get,
    of_kind,
    record,
    version,
)

from indicators.rules import outlook as rules_outlook
from indicators.rules import progress, trend
from indicators.rules.lines import Line
from shared import clock
from shared.events.indicators import IndicatorState, Phase
from shared.events.results import Result

PHASE = Phase(code=NOW, title="-", starts="2020-01-01", ends="2021-12-31", vocabulary="mid_cycle")
FIGURES = st.fractions(min_value=-1000, max_value=1000, max_denominator=1000)


def indicator(kind="quantity", value=None, operator="at_least", baseline=None, **more):
    target = {"phase": NOW, "place": "global", "operator": operator, "value": value, "text": "-"}
    return IndicatorState.model_validate(
        {"plan": "p", "code": "i", "title": "-", "area": "a", "kind": kind, "custodians": ["HRD"]}
        | {"targets": [target], "baseline": baseline}
        | more
    )


def result(value=None, day="2020-12-31", number=1, review="submitted", **more):
    said = {"number": number, "as_of": day, "value": value, "review": review, "recorded_by": "-"}
    return Result.model_validate({**said, "recorded_at": clock.now(), **more})


def line(of, *results, status="not_on_track"):
    standing = max((r for r in results if r.review != "sent_back"), key=lambda r: (r.as_of, r.number), default=None)
    return Line(of, PHASE, of.targets[0], tuple(results), standing, status)


def attained(actual, target, baseline=None, *, reached=False, up=True):
    found = progress.attainment(
        Fraction(actual),
        Fraction(target),
        None if baseline is None else Fraction(baseline),
        reached=reached,
        up=up,
    )
    return found.per_cent, found.method


@pytest.mark.parametrize(
    ("actual", "target", "baseline", "up", "expected"),
    [
        (38, 45, 30, True, (Decimal("53.3"), "from_baseline")),
        (148, 120, 200, False, (Decimal("65.0"), "from_baseline")),
        (210, 120, 200, False, (Decimal("-12.5"), "from_baseline")),
        (0, 0, 10, False, (Decimal("100.0"), "from_baseline")),
        (5, 0, 10, False, (Decimal("50.0"), "from_baseline")),
        (50, 40, 30, True, (Decimal("200.0"), "from_baseline")),
        (9, 12, None, True, (Decimal("75.0"), "from_zero")),
        (3, 0, None, True, (None, "none")),
        (3, 5, None, False, (None, "none")),
        (29, 30, 30, True, (None, "kept")),
    ],
)
def test_a_target_is_attained_as_far_as_its_way_from_the_baseline_is_done(actual, target, baseline, up, expected):
    assert attained(actual, target, baseline, up=up) == expected


def test_a_target_that_is_its_own_baseline_and_one_of_zero_are_reached_or_not_and_nothing_is_divided():
    assert attained(30, 30, 30, reached=True) == (100, "kept")
    assert attained(0, 0, None, reached=True) == (100, "none")
    assert attained(0, 0, 0, reached=True) == (100, "kept")


@given(FIGURES, FIGURES, FIGURES)
def test_less_is_better_is_more_is_better_seen_in_a_mirror(actual, target, baseline):
    up = progress.attainment(actual, target, baseline, reached=False, up=True)
    down = progress.attainment(-actual, -target, -baseline, reached=False, up=False)
    assert (up.per_cent, up.method) == (down.per_cent, down.method)


@given(FIGURES, FIGURES, st.integers(0, 730))
def test_what_is_expected_lies_between_baseline_and_target_and_is_both_at_the_ends(baseline, target, days):
    starts, ends = PHASE.starts, PHASE.ends
    found = progress.expected_at(starts + timedelta(days=days), starts, ends, baseline, target)
    assert min(baseline, target) <= found <= max(baseline, target)
    assert progress.expected_at(starts, starts, ends, baseline, target) == baseline
    assert progress.expected_at(ends, starts, ends, baseline, target) == target
    assert progress.expected_at(starts, starts, starts, baseline, target) == target


def test_pace_is_told_by_how_much_in_the_direction_that_is_wanted():
    rising = line(indicator("percentage", 45, baseline={"value": 35}), result(38, "2020-12-31"))
    found = progress.pace(rising)
    assert (found.pace, found.elapsed_days, found.total_days) == ("behind", 365, 730)
    assert found.exact_expected == "40"
    assert found.by == 2
    falling = line(indicator("quantity", 120, "at_most", {"value": 200}), result(150, "2020-12-31"))
    found = progress.pace(falling)
    assert (found.pace, found.by) == ("ahead", 10)
    exactly = line(indicator("percentage", 45, baseline={"value": 35}), result(40, "2020-12-31"))
    assert progress.pace(exactly).pace == "on_pace"


def test_a_count_begins_at_nothing_and_a_percentage_without_baseline_has_no_pace():
    count = line(indicator("count", 10), result(4, "2020-12-31"))
    found = progress.pace(count)
    assert (found.expected, found.pace, found.by) == (5, "behind", 1)
    assert progress.pace(line(indicator("percentage", 45), result(38))) is None
    assert progress.pace(line(indicator("count", 10))) is None


@pytest.mark.parametrize(
    ("baseline", "value", "per_cent", "pace"),
    [
        (None, 8, 80, "ahead"),
        (None, 10, 100, "ahead"),
        (None, 12, 80, None),
        (None, 4, 40, "behind"),
        (0, 15, 50, None),
        (20, 12, 80, "ahead"),
        (20, 8, 80, None),
        (20, 16, 40, "behind"),
        (10, 12, None, "behind"),
    ],
)
def test_an_exact_number_is_attained_by_distance_and_nothing_beyond_it_is_ahead(baseline, value, per_cent, pace):
    start = None if baseline is None else {"value": baseline, "year": 2019}
    here = line(indicator("count", 10, "exactly", start), result(value, "2020-12-31"))
    assert progress.attainment_of(here).per_cent == per_cent
    found = progress.pace(here)
    assert (None if found is None else found.pace) == pace


def test_growth_beyond_an_exact_number_is_not_on_track():
    of = indicator("quantity", 121, "exactly", {"value": 100, "year": 2019})
    assert progress.growth(line(of, result(130, "2020-12-31"))) is None
    found = progress.projection(line(of, result(130, "2020-12-31")))
    assert (found.progress, found.ratio < 0) == ("stagnation_or_regression", True)
    assert progress.projection(line(of, result(110, "2020-12-31"))).progress == "met_or_on_track"


def test_a_share_is_compared_by_its_counts_and_not_by_its_rounded_percentage():
    third = line(
        indicator("percentage", 50, baseline={"numerator": 1, "denominator": 3}),
        result(None, numerator=5, denominator=12),
    )
    assert progress.attainment_of(third).exact == "1/2"


def test_growth_is_compound_and_its_ratio_has_a_word():
    doubled = {"value": 100, "year": 2019}
    on_way = line(indicator("quantity", 121, baseline=doubled), result(110, "2020-12-31"))
    found = progress.growth(on_way)
    assert (found.observed_per_year, found.required_per_year, found.ratio) == (10, 10, 1)
    assert found.progress == "on_track"
    words = [
        progress.growth(line(indicator("quantity", 121, baseline=doubled), result(value, "2020-12-31"))).progress
        for value in (125, 107, 103, 99)
    ]
    assert words == ["achieved", "acceleration_needed", "limited", "deterioration"]
    falling = line(indicator("quantity", 81, "at_most", doubled), result(90, "2020-12-31"))
    assert progress.growth(falling).progress == "on_track"
    assert progress.growth(falling).observed_per_year == -10


@pytest.mark.parametrize(
    ("of", "value"),
    [
        (indicator("percentage", 45, baseline={"value": 35, "year": 2019}), 38),
        (indicator("quantity", 0, baseline={"value": 35, "year": 2019}, operator="at_most"), 20),
        (indicator("quantity", 45, baseline={"value": 0, "year": 2019}), 20),
        (indicator("quantity", 45), 20),
        (indicator("quantity", 45, baseline={"value": 35, "year": 2020}), 40),
        (indicator("quantity", 35, baseline={"value": 35, "year": 2019}), 30),
    ],
)
def test_growth_is_not_told_of_percentages_zeros_and_no_time(of, value):
    assert progress.growth(line(of, result(value, "2020-12-31"))) is None


def test_a_day_of_wild_growth_is_no_rate():
    of = indicator("quantity", 10**9, baseline={"value": 1, "year": 2020})
    wild = line(of, result(10**8, "2021-01-01"))
    assert progress.growth(wild) is None
    assert progress.projection(wild).method == "UNSD 2023, in a straight line"


def test_the_projection_carries_baseline_and_latest_value_on_to_the_end():
    of = indicator("quantity", 121, baseline={"value": 100, "year": 2019})
    found = progress.projection(line(of, result(110, "2020-12-31")))
    assert (found.estimate, found.ratio, found.progress) == (121, 1, "met_or_on_track")
    of = indicator("percentage", 45, baseline={"value": 35, "year": 2019})
    found = progress.projection(line(of, result(37, "2020-12-31")))
    assert (found.estimate, found.ratio, found.progress) == (39, Decimal("0.4"), "fair_but_acceleration_needed")
    assert found.method == "UNSD 2023, in a straight line"
    worse = progress.projection(line(of, result(34, "2020-12-31")))
    assert worse.progress == "stagnation_or_regression"
    met = progress.projection(line(of, result(45, "2020-12-31")))
    assert met.progress == "met_or_on_track"
    assert progress.projection(line(indicator("percentage", 45), result(37))) is None


@given(
    st.lists(st.integers(0, 3000), min_size=2, max_size=8, unique=True),
    st.fractions(-5, 5, max_denominator=50),
    FIGURES,
)
def test_a_line_through_points_of_a_line_is_that_line(days, slope, start):
    points = [trend.Point(date(2010, 1, 1) + timedelta(days=d), start + slope * d, "-") for d in days]
    found = trend.line_through(points)
    assert found[0] == slope
    assert trend.at_day(found, date(2010, 1, 1)) == start
    assert trend.line_through(points[:1]) is None


def outlook(of, *results, others=()):
    return rules_outlook.outlook(line(of, *results), others)


def test_a_target_is_attainable_when_its_trend_gets_there_by_the_end_of_the_phase():
    of = indicator("percentage", 45, baseline={"value": 35, "year": 2019})
    good, poor = outlook(of, result(41, "2020-12-31")), outlook(of, result(38, "2020-12-31"))
    assert (good.outlook, poor.outlook) == ("attainable", "not_attainable")
    assert [point.value for point in good.points] == [35, 41]
    assert good.per_year > good.needed_per_year
    assert poor.per_year < poor.needed_per_year
    assert "does not reach at least 45 per cent" in poor.words


def test_a_target_that_stands_reached_is_reached_and_one_whose_time_is_over_is_missed():
    of = indicator("percentage", 45, baseline={"value": 35, "year": 2019})
    assert outlook(of, result(45, "2020-06-30")).outlook == "reached"
    assert outlook(of, result(44, "2021-12-31")).outlook == "missed"


def test_one_point_is_no_trend_and_no_figure_is_no_point():
    of = indicator("percentage", 45)
    assert outlook(of, result(38)).outlook == "unknown"
    assert "one point only" in outlook(of, result(38)).words
    assert outlook(of).words == "there is no figure"
    assert outlook(of, result(no_data="not_reported")).words == "there is no figure"
    assert outlook(indicator("quantity", None, "increases", {"value": 1}), result(3)) is None


def test_of_two_results_of_a_day_the_last_recorded_that_was_not_sent_back_is_the_point():
    of = indicator("percentage", 45, baseline={"value": 35, "year": 2019})
    found = outlook(of, result(39, number=1), result(40, number=2), result(44, number=3, review="sent_back"))
    assert [point.value for point in found.points] == [35, 40]


def test_a_trend_of_percentages_ends_at_100():
    of = indicator("percentage", 100, baseline={"value": 10, "year": 2019})
    found = outlook(of, result(90, "2020-12-31"))
    assert (found.estimate, found.outlook) == (100, "attainable")


def test_a_count_has_no_points_of_another_phase_unless_it_goes_on_from_there():
    before = Line(
        indicator("count", 5), PHASE, indicator("count", 5).targets[0], (result(9, "2019-12-31"),), None, "met"
    )
    fresh = outlook(indicator("count", 10), result(4, "2020-12-31"), others=[before])
    assert [point.value for point in fresh.points] == [0, 4]
    lasting = indicator("count", 10, aggregation={"places": "sum", "periods": "latest"})
    kept = outlook(lasting, result(4, "2020-12-31"), others=[before])
    assert [point.value for point in kept.points] == [9, 4]


GROWING = {**SHARE, "fed_by": None, "baseline": {"value": 30, "year": 2017}, "targets": [TARGET]}


async def test_every_target_has_its_progress(client):
    await begin(client, "count")
    await define(client, at("indicators/share"), {**GROWING, "targets": SHARE["targets"]})
    await record(client, None, numerator=112, denominator=302, as_of="2020-12-31")
    found = await get(client, at("indicators/share/progress"))
    items = {(one["phase"], one["place"]): one for one in found["items"]}
    assert set(items) == {(NOW, "global"), ("2018-19", "global"), (NOW, "portfolio:policy")}
    mine = items[NOW, "global"]
    assert mine["standing"]["words"] == "37.1 per cent (112 of 302)"
    assert mine["attainment"]["per_cent"] == 47.2
    assert mine["attainment"]["exact"] == "214/453"
    assert mine["pace"]["pace"] == "behind"
    assert mine["outlook"]["outlook"] == "not_attainable"
    assert [point["source"] for point in mine["outlook"]["points"]] == [
        "baseline",
        f"result 1 of small/share/{NOW}/global",
    ]
    assert items["2018-19", "global"]["standing"] is None
    assert items["2018-19", "global"]["outlook"]["outlook"] == "unknown"


async def test_what_is_no_number_has_no_progress_but_its_status(client):
    await begin(client, "milestone", "state", "compound")
    await record(client, None, "milestone", reached=True)
    for code in ("milestone", "state", "compound"):
        item = (await get(client, at(f"indicators/{code}/progress")))["items"][0]
        assert {item[name] for name in ("attainment", "pace", "growth", "projection", "outlook")} == {None}
    item = (await get(client, at("indicators/milestone/progress")))["items"][0]
    assert item["status"] == "on_track"


@pytest.mark.parametrize(
    ("code", "fields", "words"),
    [
        ("level", {"category": "approaches"}, "approaches"),
        ("state", {"category": "internal"}, "internal"),
        ("milestone", {"reached": False}, "not reached"),
        (
            "compound",
            {"parts": [{"name": "interviews", "value": 9}, {"name": "report", "reached": True}]},
            "interviews 9, report reached",
        ),
        ("count", {"no_data": "not_reported"}, "no data: not reported"),
    ],
)
async def test_what_stands_is_said_in_the_words_of_its_kind(client, code, fields, words):
    await begin(client, *({code} - {"level"} or {"count"}))
    level = {
        **of_kind("ordinal", operator="at_least", category="meets"),
        "categories": ["misses", "approaches", "meets"],
    }
    if code == "level":
        await define(client, at("indicators/level"), level)
    await record(client, None, code, **fields)
    found = (await get(client, at(f"indicators/{code}/progress")))["items"][0]
    assert found["standing"]["words"] == words


@pytest.mark.parametrize(("comparable", "points"), [(True, 2), (False, 1), (None, 1)])
async def test_no_trend_is_drawn_over_a_changed_definition(client, comparable, points):
    await begin(client, "count")
    await define(client, f"{V1}/plans/older", {**PLAN_BODY, "starts": "2016-01-01"})
    before = {**GROWING, "baseline": None, "targets": [{**TARGET, "phase": "2018-19"}]}
    await define(client, at("indicators/share", "older"), before)
    body = {"phase": "2018-19", "value": 35, "as_of": "2019-12-31"}
    done = await client.post(at("indicators/share/results", "older"), json=body, **HRD)
    assert done.status_code == 201
    told = {"predecessor": "older/share", "comparable": comparable, "comparability": "P5 without project staff before"}
    await define(client, at("indicators/share"), {**GROWING, "baseline": None, **told})
    await record(client, 41, as_of="2020-12-31")
    found = (await get(client, at("indicators/share/progress")))["items"][0]["outlook"]
    assert len(found["points"]) == points
    assert found["outlook"] == ("attainable" if comparable else "unknown")
    assert found["left_out"] == (
        [] if comparable else ["older/share: not comparable (P5 without project staff before)"]
    )


async def test_a_predecessor_that_measures_in_another_unit_is_left_out(client):
    await begin(client, "count")
    await define(
        client, at("indicators/share"), {**INDICATORS["share"], "predecessor": "small/count", "comparable": True}
    )
    await record(client, 40, as_of="2020-12-31")
    found = (await get(client, at("indicators/share/progress")))["items"][0]["outlook"]
    assert found["left_out"] == ["small/count: another kind or unit"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("definition", "Women at P5 and above, project staff included"),
        ("direction", "down"),
        ("unit", "per cent of posts"),
    ],
)
async def test_nothing_is_drawn_over_a_definition_that_changed_within_the_plan(client, field, value):
    await begin(client, "count")
    body = {**GROWING, "targets": [{**TARGET, "operator": "exactly"}]} if field == "direction" else GROWING
    await define(client, at("indicators/share"), body)
    await record(client, 35, as_of="2020-06-30")
    await record(client, 39, as_of="2020-12-31")
    await define(client, at("indicators/share"), {**body, field: value}, 200, headers=version(1))
    before = (await get(client, at("indicators/share/progress")))["items"][0]
    assert {before[name] for name in ("attainment", "pace", "projection")} == {None}
    assert [point["source"] for point in before["outlook"]["points"]] == ["baseline"]
    assert before["outlook"]["outlook"] == "unknown"
    (told,) = before["outlook"]["left_out"]
    line = f"small/share/{NOW}/global"
    assert told.startswith(f"results 1, 2 of {line}: recorded before the definition changed (version 2 of ")
    assert told.endswith(f": {field})")
    await record(client, 41, as_of="2021-03-31")
    after = (await get(client, at("indicators/share/progress")))["items"][0]
    assert [point["value"] for point in after["outlook"]["points"]] == [30, 41]
    assert after["outlook"]["left_out"] == [told]
    assert after["pace"]["actual"] == 41


async def test_what_is_no_part_of_the_definition_leaves_the_trend_as_it_is(client):
    await begin(client, "count")
    await define(client, at("indicators/share"), {**GROWING, "definition": "P5"})
    await record(client, 35, as_of="2020-06-30")
    again = {**GROWING, "definition": "P5", "title": "Women", "custodians": ["HRD", "PARDEV"]}
    await define(client, at("indicators/share"), again, 200, headers=version(1))
    found = (await get(client, at("indicators/share/progress")))["items"][0]
    assert len(found["outlook"]["points"]) == 2
    assert found["outlook"]["left_out"] == []
    assert found["pace"]["actual"] == 35


REGIONS = ["region:africa", "region:americas"]


def by_region(places, kind="count", **more):
    target = {"phase": NOW, "operator": "at_least", "value": 2, "text": "-"}
    targets = [{**target, "place": "global"}, *({**target, "place": place} for place in REGIONS)]
    return {**of_kind(kind), "targets": targets, "aggregation": {"places": places, "periods": "none"}, **more}


async def aggregate(client, query=f"&phase={NOW}", status=200):
    found = await client.get(at("indicators/one/aggregate") + query, role="reader")
    assert found.status_code == status, found.text
    return found.json()


async def test_counts_of_regions_are_summed_and_stand_beside_what_was_recorded_for_the_whole(client):
    await begin(client, "count")
    await define(client, at("indicators/one"), by_region("sum"))
    await record(client, 7, "one")
    await record(client, 4, "one", place=REGIONS[0])
    [half] = (await aggregate(client))["items"]
    assert (half["figure"], half["complete"], half["missing"]) == (4, False, [REGIONS[1]])
    await record(client, 2, "one", place=REGIONS[1])
    [whole] = (await aggregate(client))["items"]
    assert (whole["by"], whole["figure"], whole["recorded"], whole["difference"]) == ("region", 6, 7, 1)
    assert whole["complete"]


async def test_percentages_are_drawn_from_summed_counts_and_never_averaged(client):
    await begin(client, "count")
    await define(client, at("indicators/one"), by_region("ratio", "percentage"))
    await record(client, None, "one", place=REGIONS[0], numerator=1, denominator=2)
    await record(client, None, "one", place=REGIONS[1], numerator=10, denominator=100)
    [found] = (await aggregate(client))["items"]
    assert (found["figure"], found["numerator"], found["denominator"]) == (10.8, 11, 102)
    await record(client, 40, "one", place=REGIONS[1], as_of="2020-07-01")
    [found] = (await aggregate(client))["items"]
    assert (found["figure"], found["missing"]) == (50, [REGIONS[1]])


@pytest.mark.parametrize(("rule", "kind"), [("none", "count"), ("none", "percentage")])
async def test_figures_that_make_no_one_figure_are_refused_with_the_reason(client, rule, kind):
    await begin(client, "count")
    await define(client, at("indicators/one"), by_region(rule, kind))
    found = await aggregate(client, status=409)
    assert found["type"] == "urn:apge:problem:not-aggregated"
    assert (await aggregate(client, "", 409))["detail"].endswith("make no one figure over periods")


async def test_what_accumulates_is_not_added_up_over_phases(client):
    await begin(client, "count")
    body = {**of_kind("count"), "aggregation": {"places": "none", "periods": "latest"}}
    target = {"place": "global", "operator": "at_least", "value": 2, "text": "-"}
    body["targets"] = [{**target, "phase": NOW}, {**target, "phase": "2018-19"}]
    await define(client, at("indicators/one"), body)
    await record(client, 5, "one", phase="2018-19", as_of="2019-12-31")
    await record(client, 8, "one", as_of="2020-12-31")
    [found] = (await aggregate(client, ""))["items"]
    assert (found["rule"], found["figure"]) == ("latest", 8)
    summed = changed(body, "aggregation/periods", "sum")
    await define(client, at("indicators/one"), summed, 200, headers=version(1))
    [found] = (await aggregate(client, ""))["items"]
    assert (found["rule"], found["figure"], [term["of"] for term in found["terms"]]) == ("sum", 13, ["2018-19", NOW])


async def test_cells_of_a_breakdown_are_summed_where_the_places_have_no_targets(client):
    await begin(client, "count")
    dimension = {"code": "region", "categories": ["africa", "americas"]}
    body = {**by_region("sum"), "disaggregation": [dimension]}
    await define(client, at("indicators/one"), {**body, "targets": body["targets"][:1]})
    cells = [{"dimension": "region", "category": c, "value": v} for c, v in (("africa", 4), ("americas", 3))]
    await record(client, 7, "one", breakdown=cells)
    [found] = (await aggregate(client))["items"]
    assert (found["by"], found["figure"], found["recorded"]) == ("region", 7, 7)


async def test_an_unknown_phase_is_absent_and_a_place_beside_a_phase_is_refused(client):
    await begin(client, "count")
    await define(client, at("indicators/one"), by_region("sum"))
    await aggregate(client, "&phase=1999", 404)
    await aggregate(client, f"&phase={NOW}&place={REGIONS[0]}", 400)
