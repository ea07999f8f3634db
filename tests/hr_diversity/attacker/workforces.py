"""Random staffs: tiny offices, grades of one person, units of one sex, many X, units across portfolios, stations in two regions."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import polars as pl
from tests.hr_diversity.attacker.release import SEXES, Keys, Known, level_of

from hr_diversity.measures.cubes import Cubes, count_people
from hr_diversity.measures.ladder import AGE_BANDS, CONTRACT_SOURCES, GRADES, PORTFOLIOS, REGIONS
from hr_diversity.service.releases import Drawn


class Person(NamedTuple):
    sex: str | None
    grade: str
    contract_source: str
    region: str
    duty_station: str | None
    portfolio: str | None
    unit: str
    age_band: str | None


Staff = Sequence[Person]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a random staff is drawn from. Weights fall by `steep` from one code to the next, so that some groups are tiny."""

    people: int
    steep: float
    grades: Sequence[str]
    sources: Sequence[str]
    stations: Sequence[tuple[str, str | None]]
    units: Sequence[tuple[str | None, str]]
    ages: Sequence[str | None]
    women: float
    other: float
    single_sex_units: float


def shape(draw: random.Random, most: int = 2000) -> Shape:
    regions = draw.sample(REGIONS, draw.randint(1, len(REGIONS)))
    portfolios: list[str | None] = [*draw.sample(PORTFOLIOS, draw.randint(1, len(PORTFOLIOS)))]
    if draw.random() < 0.2:
        portfolios.append(None)
    stations: list[tuple[str, str | None]] = [(draw.choice(regions), f"S{n}") for n in range(draw.randint(1, 14))]
    stations += [(region, None) for region in regions if draw.random() < 0.1]
    stations += [
        (draw.choice(regions), station) for _, station in stations if draw.random() < draw.choice([0, 0, 0.15])
    ]
    units: list[tuple[str | None, str]] = [(draw.choice(portfolios), f"U{n}") for n in range(draw.randint(1, 16))]
    units += [(draw.choice(portfolios), unit) for _, unit in units if draw.random() < draw.choice([0, 0, 0.15])]
    return Shape(
        people=int(10 ** draw.uniform(0.8, 3.3) * most / 2000) + 1,
        steep=draw.choice([0.6, 0.75, 0.85, 0.95, 1]),
        grades=draw.sample(GRADES, draw.randint(1, len(GRADES))),
        sources=draw.sample(CONTRACT_SOURCES, draw.randint(1, 3)),
        stations=list(dict.fromkeys(stations)),
        units=list(dict.fromkeys(units)),
        ages=draw.sample([*AGE_BANDS[:-1], None], draw.randint(1, len(AGE_BANDS))),
        women=draw.choice([0, 0.02, 0.2, 0.4, 0.5, 0.5, 0.6, 1]),
        other=draw.choice([0, 0, 0.005, 0.03, 0.2]),
        single_sex_units=draw.choice([0, 0, 0.3]),
    )


def person(draw: random.Random, of: Shape) -> Person:
    def one(codes: Sequence[Any]) -> Any:
        return draw.choices(codes, [of.steep**n for n in range(len(codes))])[0]

    (region, station), (portfolio, unit) = one(of.stations), one(of.units)
    sex = "F" if draw.random() < of.women else "M"
    if sum(map(ord, unit)) % 100 < of.single_sex_units * 100:
        sex = "F" if sum(map(ord, unit)) % 2 else "M"
    if draw.random() < of.other:
        sex = draw.choice(["X", None])
    return Person(sex, one(of.grades), one(of.sources), region, station, portfolio, unit, one(of.ages))


def staff(draw: random.Random, most: int = 2000) -> list[Person]:
    of = shape(draw, most)
    return [person(draw, of) for _ in range(of.people)]


def cubes_of(people: Staff) -> Cubes:
    types = dict.fromkeys(Person._fields, pl.String)
    frame = pl.DataFrame(people, schema=types, orient="row")
    return count_people(frame.with_columns(nationality=pl.lit("CHE"), geographic_post=pl.lit(value=False)))


def states_of(drawn: Sequence[Drawn]) -> list[dict[str, Any]]:
    """Measures as the API shows them."""
    return [
        {
            "code": one.measure.code,
            "dimension": one.measure.dimension,
            **asdict(one.total),
            "cells": [{"group": group, **asdict(figures)} for group, figures in one.cells.items()],
        }
        for one in drawn
    ]


def cells_of(one: Person) -> list[tuple[str, Keys]]:
    """The finest counts in which a person is, by family."""
    level = level_of(one.grade, one.contract_source)
    return [
        ("posts", (one.grade, one.contract_source)),
        ("places", (level, one.region, one.duty_station or "not_stated")),
        ("units", (level, one.portfolio or "not_stated", one.unit)),
        ("ages", (level, one.age_band or "not_stated")),
    ]


def sex_of(one: Person) -> str:
    return SEXES[{"F": 0, "M": 1}.get(one.sex or "", 2)]


def truth_of(people: Staff) -> Counter[tuple[str, str, Keys]]:
    return Counter((sex_of(one), *cell) for one in people for cell in cells_of(one))


def known_of(people: Staff, *, posts: bool = False) -> Known:
    """`posts`: which grades each contract source pays is known too, as from a staffing table."""
    cells = {cell for one in people for cell in cells_of(one)}
    return Known(
        places={keys[1:] for family, keys in cells if family == "places"},  # type: ignore[misc]
        units={keys[1:] for family, keys in cells if family == "units"},  # type: ignore[misc]
        there={"posts": sorted(keys for family, keys in cells if family == "posts")} if posts else {},
    )
