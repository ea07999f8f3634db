"""The measures of flows between a snapshot and the released one before it, and how the moves behind them are counted on columns."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from hr_diversity.measures.changes import compare
from hr_diversity.measures.ladder import (
    GENERAL_SERVICE,
    GRADES,
    NATIONAL_OFFICERS,
    PROFESSIONAL,
    SENIOR,
    SENIOR_GRADES,
)
from hr_diversity.measures.measure import REGULAR as REGULAR_STAFF
from hr_diversity.measures.measure import WHOLE as ALL_STAFF
from hr_diversity.measures.measure import Measure
from hr_diversity.measures.seniority import REGULAR_SENIOR
from hr_diversity.rules.flows import MOBILE, MOVES, REGULAR, REST, WHOLE, Line, Move, Post, accounts
from hr_diversity.rules.suppression.lines import MEN, OTHER, WOMEN

POST = ("sex", "grade", "contract_source")
COMPARED = (*POST, "unit", "duty_station")
PUBLISHED = (WHOLE, REGULAR, REST)

OWN = "The platform's own: stock-flow accounts by grade"
MOBILITY = "Programme implementation 2020-21, box 36: functional and geographical mobility, staff who changed position or duty station"
LATERAL = (
    "ST/AI/2010/3, section 1: a move to a different position at the same level, in the same or a different duty station"
)
PROMOTION = "ST/AI/2010/3 on selection to a higher level; the competitive examination for promotion to the Professional category"

SENIOR_LINE = "senior"
"""The grades of P5 and above as one line of the accounts."""
JOINED = dict.fromkeys(SENIOR_GRADES, SENIOR_LINE)
REGULAR_ONLY = frozenset({SENIOR_LINE})
LADDERS = (GENERAL_SERVICE, NATIONAL_OFFICERS, PROFESSIONAL)
"""Of grades with a line of their own: whoever is promoted is, but for leaps, promoted to the next one."""


@dataclass(frozen=True, slots=True)
class Flow:
    """`terms` are those of the account that the measure adds up; `line` is its line, None: of all, and of each where it has groups."""

    measure: Measure
    population: str
    terms: tuple[str, ...]
    line: str | None = None


def _flow(code: str, words: str, told: str, formula: str, terms: tuple[str, ...]) -> list[Flow]:
    """By grade of the whole workforce, and of the regular budget in one figure and for P5 and above: of a grade that were shown of both,
    anybody could tell the flows of the few on other funding.
    """
    by_grade, regular, senior = f"{code}-by-grade", f"{code}-regular-budget", f"{code}-p5-plus-regular-budget"
    definition = (
        f"{told}, from the source's released snapshot before to that of the as-of date: women, men, other (X or not stated), total, "
        "and the share of women among the women and men in per cent."
    )
    apart = "Whoever came from other funding or went to it is told apart, as a transfer."
    whole = Measure(
        code=by_grade,
        title=f"{words} by grade",
        definition=f"{definition} P5 and above are in the total only.",
        formula=formula,
        population=ALL_STAFF,
        dimension="grade",
        beside=regular,
    )
    part = Measure(
        code=regular,
        title=f"{words}, regular budget",
        definition=f"{definition} {apart}",
        formula=formula,
        population=REGULAR_STAFF,
        beside=by_grade,
        funding=REGULAR,
    )
    top = replace(
        part,
        code=senior,
        title=f"{words}, P5 and above, regular budget",
        definition=f"{definition} {apart} Promotions are those across the line to P5; from one of these grades to another is a move.",
        population=REGULAR_SENIOR,
        beside=None,
        grades=SENIOR,
    )
    return [Flow(whole, WHOLE, terms), Flow(part, REGULAR, terms), Flow(top, REGULAR, terms, SENIOR_LINE)]


def _transfers(code: str, words: str, told: str, term: str) -> Flow:
    definition = f"{told}, from the source's released snapshot before to that of the as-of date: women, men, other, total, share of women."
    measure = Measure(
        code=code, title=words, definition=definition, formula=OWN, population=REGULAR_STAFF, funding=REGULAR
    )
    return Flow(measure, REGULAR, (term,))


FLOWS: dict[str, Flow] = {
    flow.measure.code: flow
    for flow in (
        *_flow("appointments", "Appointments", "People who were not on the staff and are", OWN, ("appointments",)),
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
            "lateral-moves",
            "Lateral moves",
            "People of the same grade in another unit or duty station",
            LATERAL,
            MOVES,
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
            "People who were on other funding",
            "transfers_in",
        ),
        _transfers(
            "transfers-from-regular-budget",
            "Transfers from the regular budget",
            "People who are on other funding now",
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


def count_posts(chunks: Sequence[bytes]) -> dict[Post, int]:
    """The stock of a snapshot, of its stored chunks."""
    if not chunks:
        return {}
    counted = [
        pl.read_parquet(io.BytesIO(chunk), columns=list(POST)).group_by(POST).len("n").cast({pl.Enum: pl.String})
        for chunk in chunks
    ]
    told = pl.concat(counted).group_by(_class("sex"), *POST[1:]).agg(pl.col("n").cast(pl.Int64).sum())
    return {Post(*row[:3]): row[3] for row in told.rows()}


def draw_accounts(
    before: Sequence[bytes], after: Sequence[bytes], populations: Sequence[str] = PUBLISHED, *, by_grade: bool = False
) -> dict[str, dict[str, Line]]:
    """The accounts of two snapshots, of which the chunks are given; every grade is a line of its own where `by_grade`."""
    people = compare(before, after, columns=COMPARED).people
    return accounts_of(people, after, populations, by_grade=by_grade)


def accounts_of(
    people: pl.DataFrame, after: Sequence[bytes], populations: Sequence[str] = PUBLISHED, *, by_grade: bool = False
) -> dict[str, dict[str, Line]]:
    """As `draw_accounts`, of `people` who were compared already, by the same columns or more."""
    return accounts(count_moves(people), count_posts(after), GRADES, populations, joined={} if by_grade else JOINED)
