"""The measures of flows between a snapshot and the released one before it, and how the moves behind them are counted on columns."""

from dataclasses import dataclass

import polars as pl

from hr_diversity.measures.measure import REGULAR as REGULAR_STAFF
from hr_diversity.measures.measure import WHOLE as ALL_STAFF
from hr_diversity.measures.measure import Measure
from hr_diversity.rules.flows import REGULAR, WHOLE, Move, Post
from hr_diversity.rules.suppression.lines import MEN, OTHER, WOMEN

POST = ("sex", "grade", "contract_source")
OWN = "The platform's own: stock-flow accounts by grade"
MOBILITY = "Programme implementation 2020-21, box 36: functional and geographical mobility, staff who changed position or duty station"
LATERAL = "ST/AI/2010/3, section 1: a move to a different position at the same level"
PROMOTION = "ST/AI/2010/3 on selection to a higher level; the competitive examination for promotion to the Professional category"


@dataclass(frozen=True, slots=True)
class Flow:
    """`terms` are those of the account that the measure adds up."""

    measure: Measure
    population: str
    terms: tuple[str, ...]


def _flow(code: str, words: str, told: str, formula: str, terms: tuple[str, ...]) -> list[Flow]:
    """By grade of the whole workforce, and of the regular budget in one figure: by grade, whole less regular budget would tell of few."""
    by_grade, regular = f"{code}-by-grade", f"{code}-regular-budget"
    definition = (
        f"{told}, from the source's released snapshot before to that of the as-of date: women, men, other (X or not stated), total, "
        "and the share of women among the women and men in per cent."
    )
    whole = Measure(
        code=by_grade,
        title=f"{words} by grade",
        definition=f"{definition} A line for each grade that had or has staff.",
        formula=formula,
        population=ALL_STAFF,
        dimension="grade",
        beside=regular,
    )
    part = Measure(
        code=regular,
        title=f"{words}, regular budget",
        definition=f"{definition} Whoever came from other funding or went to it is told apart, as a transfer.",
        formula=formula,
        population=REGULAR_STAFF,
        beside=by_grade,
        funding=REGULAR,
    )
    return [Flow(whole, WHOLE, terms), Flow(part, REGULAR, terms)]


def _transfers(code: str, words: str, told: str, term: str) -> Flow:
    definition = f"{told}, from the source's released snapshot before to that of the as-of date: women, men, other, total, share of women."
    measure = Measure(
        code=code, title=words, definition=definition, formula=OWN, population=REGULAR_STAFF, funding=REGULAR
    )
    return Flow(measure, REGULAR, (term,))


MOBILE = ("promotions_out", "other_grade_changes_out", "lateral_moves", "duty_station_moves")
FLOWS: dict[str, Flow] = {
    flow.measure.code: flow
    for flow in (
        *_flow(
            "appointments", "Appointments", "People who were not on the staff and are, by grade", OWN, ("appointments",)
        ),
        *_flow(
            "separations",
            "Separations",
            "People who were on the staff and are not, by the grade before",
            OWN,
            ("separations",),
        ),
        *_flow(
            "promotions",
            "Promotions",
            "People in a higher grade than before, by the new grade",
            PROMOTION,
            ("promotions_in",),
        ),
        *_flow(
            "lateral-moves", "Lateral moves", "People of the same grade in another unit", LATERAL, ("lateral_moves",)
        ),
        *_flow(
            "mobility",
            "Functional and geographical mobility",
            "People who changed position (grade or unit) or duty station, by the grade before",
            MOBILITY,
            MOBILE,
        ),
        _transfers(
            "transfers-to-regular-budget",
            "Transfers to the regular budget",
            "People on other funding before",
            "transfers_in",
        ),
        _transfers(
            "transfers-from-regular-budget",
            "Transfers from the regular budget",
            "People on other funding now",
            "transfers_out",
        ),
    )
}


def count_moves(people: pl.DataFrame) -> list[Move]:
    """The people of `measures.changes.Changes`, those who moved alike together."""
    there = pl.col("was") & pl.col("is")
    told = people.group_by(
        "was",
        "is",
        _class("sex"),
        *POST[1:],
        _class("sex_after"),
        *(f"{name}_after" for name in POST[1:]),
        (there & pl.col("unit").ne_missing(pl.col("unit_after"))).alias("other_unit"),
        (there & pl.col("duty_station").ne_missing(pl.col("duty_station_after"))).alias("other_station"),
    ).len("n")
    return [
        Move(Post(*row[2:5]) if row[0] else None, Post(*row[5:8]) if row[1] else None, *row[8:]) for row in told.rows()
    ]


def _class(name: str) -> pl.Expr:
    return pl.when(pl.col(name) == "F").then(WOMEN).when(pl.col(name) == "M").then(MEN).otherwise(OTHER).alias(name)


def count_posts(counted: pl.DataFrame) -> dict[Post, int]:
    """The stock behind a frame that has sex, grade, contract_source and `n`."""
    plain = counted.select(*(pl.col(name).cast(pl.String) for name in POST), pl.col("n").cast(pl.Int64))
    told = plain.group_by(_class("sex"), *POST[1:]).agg(pl.col("n").sum())
    return {Post(*row[:3]): row[3] for row in told.rows()}
