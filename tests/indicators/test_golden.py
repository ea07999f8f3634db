"""The plan of the data file, loaded through the API, says what the document says (domain.md c10) and what ADR 0003 counts."""

from collections import Counter
from decimal import Decimal

from tests.indicators.plan import (
    APGE,
    FILE,
    READER,
    UNITS,
    V1,
    assert_heads_are_last_events,
    at,
    define,
    events_of,
    get,
    without,
)

from shared.figures import share

PHASE = "2020-21"
REMEDIES = 1
"""opened by the platform itself, for the one target that was met in 2018-19 and missed in 2020"""
WORDS = ("on_track", "not_on_track", "data_unavailable")


async def targets_of(loaded):
    """(indicator, target) of every target."""
    found = await get(loaded, at("indicators", APGE))
    assert found["next"] is None
    return [(indicator["code"], target) for indicator in found["items"] for target in indicator["targets"]]


async def counted(loaded):
    return [(c, t) for c, t in await targets_of(loaded) if t["phase"] == PHASE and t["part_of"] is None]


async def test_the_29_counted_targets_are_2_on_track_and_20_not_and_7_without_data(loaded):
    statuses = Counter(target["status"] for _, target in await counted(loaded))
    assert statuses == {"on_track": 2, "not_on_track": 20, "data_unavailable": 7}
    assert statuses.total() == 29


async def test_on_track_are_the_marker_in_africa_and_the_country_programme_outcomes(loaded):
    reached = {(code, target["place"]) for code, target in await counted(loaded) if target["status"] == "on_track"}
    assert reached == {("gender-marker-proposals", "region:africa"), ("cpo-gender-marker", "global")}


async def test_africa_with_31_of_27_is_the_only_region_on_track_while_the_whole_with_13_of_37_is_not(loaded):
    found = await get(loaded, at("indicators/gender-marker-proposals", APGE))
    statuses = {target["place"]: target["status"] for target in found["targets"]}
    assert statuses == {
        "global": "not_on_track",
        "region:africa": "on_track",
        "region:americas": "not_on_track",
        "region:arab-states": "not_on_track",
        "region:asia-pacific": "not_on_track",
        "region:europe-central-asia": "not_on_track",
    }
    lines = (await get(loaded, at("indicators/gender-marker-proposals/results", APGE)))["items"]
    values = {line["place"]: line["results"][0]["value"] for line in lines}
    assert (values["region:africa"], values["global"]) == (31, 13)


async def test_the_seven_without_data_are_two_audits_two_sets_of_delegates_and_three_on_research(loaded):
    missing = {code for code, target in await counted(loaded) if target["status"] == "data_unavailable"}
    assert missing == {
        "audits-gender-risks",
        "audit-sexual-harassment",
        "ilc-women-delegates",
        "regional-meetings-women-delegates",
        "research-gender-dimension",
        "research-women-speakers",
        "research-women-authors",
    }


async def test_none_held_and_not_achieved_are_counted_as_not_on_track(loaded):
    statuses = {code: target["status"] for code, target in await counted(loaded)}
    for code in ("custodian-meetings", "unconscious-bias-sessions", "parity-capacity-events", "capacity-plan"):
        assert statuses[code] == "not_on_track"


async def test_a_portfolio_has_its_own_status_and_is_not_counted_beside_its_whole(loaded):
    parts = [(c, t) for c, t in await targets_of(loaded) if t["part_of"] is not None]
    assert len(parts) == 9
    statuses = {t["place"]: t["status"] for c, t in parts if c == "custodian-chiefs-outputs"}
    assert statuses == {
        "portfolio:policy": "on_track",
        "portfolio:management-reform": "on_track",
        "portfolio:field-operations": "not_on_track",
    }
    whole = await get(loaded, at("indicators/custodian-chiefs-outputs", APGE))
    assert [t["status"] for t in whole["targets"] if t["place"] == "global"] == ["not_on_track"]


async def test_the_website_target_missed_in_2020_was_met_by_the_end_of_2021_in_the_words_of_its_own_phase(loaded):
    found = await get(loaded, at("indicators/zero-harassment-campaign", APGE))
    assert {t["phase"]: t["status"] for t in found["targets"]} == {"2020-21": "not_on_track", "2018-19": "met"}


async def test_no_word_of_one_vocabulary_stands_in_a_phase_of_the_other(loaded):
    for _, target in await targets_of(loaded):
        assert target["status"] in ({*WORDS} if target["phase"] == PHASE else {"met", "not_met", "data_unavailable"})


async def test_both_published_57_are_kept_beside_what_is_computed(loaded):
    published = {one["phase"]: one for one in (await get(loaded, f"{V1}/plans/{APGE}"))["published"]}
    now, before = published["2020-21"], published["2018-19"]
    assert now["counts"] == {"on_track": 29, "not_on_track": 21, "data_unavailable": 7}
    assert before["counts"] == {"met": 29, "not_met": 24, "data_unavailable": 4}
    assert now["total"] == sum(now["counts"].values()) == before["total"] == sum(before["counts"].values()) == 57


async def test_published_shares_are_cut_off_where_half_up_gives_a_sum_of_100(loaded):
    published = (await get(loaded, f"{V1}/plans/{APGE}"))["published"]
    now = next(one for one in published if one["phase"] == PHASE)
    assert [now["shares"][word] for word in WORDS] == [50.8, 36.8, 12.2]
    assert now["rounding"] == "truncated"
    computed = [share(now["counts"][word], now["total"]) for word in WORDS]
    assert computed == [Decimal("50.9"), Decimal("36.8"), Decimal("12.3")]
    assert sum(computed) == 100


async def test_every_figure_of_the_file_comes_back_as_it_was(loaded):
    for entry in FILE["indicators"]:
        lines = (await get(loaded, at(f"indicators/{entry['code']}/results", APGE)))["items"]
        kept = {(line["phase"], line["place"], r["as_of"]): r for line in lines for r in line["results"]}
        for result in entry["results"]:
            back = kept[result["phase"], result["place"], result["as_of"]]
            for name in ("numerator", "denominator", "reached", "category", "no_data", "text", "provenance"):
                assert back[name] == result.get(name), (entry["code"], name)
            if result.get("value") is not None:
                assert Decimal(str(back["value"])) == Decimal(result["value"])


async def test_the_file_is_24_indicators_39_targets_and_50_actions_and_a_remedy(loaded):
    assert len((await get(loaded, f"{V1}/units"))["items"]) == len(UNITS)
    assert len({code for code, _ in await targets_of(loaded)}) == 24
    assert len(await targets_of(loaded)) == 39
    assert len((await get(loaded, at("actions", APGE)))["items"]) == 50 + REMEDIES


async def test_every_target_is_submitted_in_the_round_that_its_result_is_of_and_overdue_in_the_others(loaded):
    dues = (await get(loaded, at("due", APGE), **READER))["items"]
    submitted = {(due["indicator"], due["phase"], due["place"]) for due in dues if due["state"] == "submitted"}
    assert len(submitted) == len(await targets_of(loaded)) == 39
    assert {due["state"] for due in dues} == {"submitted", "overdue"}
    assert {due["timeliness"] for due in dues} == {"late", "missing"}  # recorded here long after the rounds were over


async def test_the_file_loaded_again_states_nothing(loaded):
    before = len(await events_of(loaded))
    for unit in UNITS:
        await define(loaded, f"{V1}/units/{unit['code']}", without(unit, "code", "provenance"), 200)
    await define(loaded, f"{V1}/plans/{APGE}", without(FILE["plan"], "code", "provenance"), 200)
    for entry in FILE["indicators"]:
        await define(loaded, at(f"indicators/{entry['code']}", APGE), without(entry, "code", "results"), 200)
    for action in FILE["actions"]:
        await define(loaded, at(f"actions/{action['code']}", APGE), without(action, "code"), 200)
    assert len(await events_of(loaded)) == before


async def test_every_aggregate_of_the_data_file_is_as_its_last_event_says(loaded):
    heads = await assert_heads_are_last_events(loaded)
    assert len(heads) == len(UNITS) + 1 + 24 + 39 + 50 + REMEDIES
