"""Writes the two synthetic staffing snapshots of this folder; nobody in them exists.

The committed files come of it byte for byte: people per grade are tables, all else is drawn with a fixed seed. Of P5 and above
on the regular budget, all F or M, 114 of 300 are women on 31 December 2020 (38.0 per cent), 112 of 302 a year later (37.1).
"""

import csv
import random
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, timedelta
from pathlib import Path

SEED, HEADQUARTERS = 2021, "Geneva"
FIRST, SECOND = date(2020, 12, 31), date(2021, 12, 31)
REGULAR, COOPERATION, OTHER = "regular_budget", "development_cooperation", "other"

# (grade, contract source, women, men)
ROSTER = (
    ("G1", REGULAR, 1, 5),
    ("G2", REGULAR, 4, 14),
    ("G3", REGULAR, 12, 16),
    ("G3", COOPERATION, 5, 9),
    ("G4", REGULAR, 26, 12),
    ("G4", COOPERATION, 18, 12),
    ("G5", REGULAR, 56, 18),
    ("G5", COOPERATION, 36, 20),
    ("G5", OTHER, 4, 2),
    ("G6", REGULAR, 46, 14),
    ("G6", COOPERATION, 14, 8),
    ("G7", REGULAR, 14, 7),
    ("NOA", REGULAR, 4, 3),
    ("NOA", COOPERATION, 20, 18),
    ("NOB", REGULAR, 8, 7),
    ("NOB", COOPERATION, 30, 28),
    ("NOC", REGULAR, 6, 7),
    ("NOC", COOPERATION, 8, 9),
    ("NOD", REGULAR, 2, 3),
    ("NOE", REGULAR, 0, 1),
    ("P1", REGULAR, 2, 1),
    ("P1", COOPERATION, 4, 3),
    ("P2", REGULAR, 16, 9),
    ("P2", COOPERATION, 20, 13),
    ("P3", REGULAR, 34, 27),
    ("P3", COOPERATION, 32, 26),
    ("P3", OTHER, 3, 2),
    ("P4", REGULAR, 46, 58),
    ("P4", COOPERATION, 28, 35),
    ("P4", OTHER, 2, 3),
    ("P5", REGULAR, 83, 133),
    ("P5", COOPERATION, 9, 15),
    ("D1", REGULAR, 21, 34),
    ("D1", COOPERATION, 0, 1),
    ("D2", REGULAR, 7, 13),
    ("ADG", REGULAR, 2, 3),
    ("DDG", REGULAR, 1, 2),
    ("DG", REGULAR, 0, 1),
)
SENIOR = frozenset({"P5", "D1", "D2", "ADG", "DDG", "DG"})

# Rows whose sex becomes X or stays empty: (grade, contract source, sex), never senior staff on the regular budget.
UNSTATED = (
    ("G5", COOPERATION, "X"),
    ("NOB", COOPERATION, "X"),
    ("P3", REGULAR, "X"),
    ("P4", COOPERATION, "X"),
    ("G4", REGULAR, ""),
    ("G6", COOPERATION, ""),
    ("NOA", COOPERATION, ""),
    ("P2", REGULAR, ""),
    ("P5", COOPERATION, ""),
)

# (grade, contract source, women, men); promotions give the new grade last
LEAVERS = (
    ("P5", REGULAR, 6, 9),
    ("D1", REGULAR, 2, 3),
    ("G5", REGULAR, 5, 2),
    ("G5", COOPERATION, 4, 3),
    ("NOB", COOPERATION, 4, 4),
    ("P3", COOPERATION, 4, 3),
    ("P4", COOPERATION, 3, 4),
    ("P4", REGULAR, 2, 3),
    ("P5", COOPERATION, 1, 2),
)
PROMOTIONS = (
    ("P5", REGULAR, 1, 3, "D1"),
    ("P4", REGULAR, 3, 8, "P5"),
    ("P3", REGULAR, 4, 3, "P4"),
    ("G5", REGULAR, 4, 1, "G6"),
)
JOINERS = (
    ("P5", REGULAR, 3, 7),
    ("D1", REGULAR, 0, 1),
    ("P4", REGULAR, 3, 5),
    ("P3", REGULAR, 4, 3),
    ("P2", REGULAR, 3, 2),
    ("P3", COOPERATION, 6, 4),
    ("P2", COOPERATION, 4, 3),
    ("NOB", COOPERATION, 5, 5),
    ("G5", COOPERATION, 5, 3),
    ("G5", REGULAR, 4, 2),
)

# region -> (regional office, ((duty station, country), ...))
FIELD = {
    "africa": (
        "RO-AFRICA",
        (
            ("Abidjan", "CIV"),
            ("Addis Ababa", "ETH"),
            ("Antananarivo", "MDG"),
            ("Cairo", "EGY"),
            ("Dakar", "SEN"),
            ("Dar es Salaam", "TZA"),
            ("Pretoria", "ZAF"),
        ),
    ),
    "americas": (
        "RO-AMERICAS",
        (
            ("Lima", "PER"),
            ("Brasilia", "BRA"),
            ("Buenos Aires", "ARG"),
            ("Mexico City", "MEX"),
            ("Port of Spain", "TTO"),
            ("San José", "CRI"),
            ("Santiago", "CHL"),
        ),
    ),
    "arab-states": ("RO-ARAB-STATES", (("Beirut", "LBN"), ("Amman", "JOR"), ("Doha", "QAT"), ("Kuwait City", "KWT"))),
    "asia-pacific": (
        "RO-ASIA-PACIFIC",
        (
            ("Bangkok", "THA"),
            ("Dhaka", "BGD"),
            ("Hanoi", "VNM"),
            ("Jakarta", "IDN"),
            ("Kathmandu", "NPL"),
            ("Manila", "PHL"),
            ("New Delhi", "IND"),
            ("Suva", "FJI"),
        ),
    ),
    "europe-central-asia": ("RO-EUROPE-CENTRAL-ASIA", (("Budapest", "HUN"), ("Ankara", "TUR"), ("Moscow", "RUS"))),
}
FIELD_WEIGHTS = (32, 20, 9, 30, 9)
# (unit, portfolio) at headquarters. Where units.json states no portfolio for a unit, the one here is made up.
OFFICES = (
    ("POLICY-DEPARTMENTS", "policy"),
    ("RESEARCH", "policy"),
    ("GEDI", "policy"),
    ("HRD", "management-reform"),
    ("PROGRAM", "management-reform"),
    ("RELMEETINGS", "management-reform"),
    ("PARDEV", "field-operations"),
    ("MULTILATERALS", "field-operations"),
)
OFFICE_WEIGHTS = (48, 8, 4, 11, 7, 11, 6, 5)
DEPUTIES = (("DDG-POL", "policy"), ("DDG-MR", "management-reform"), ("DDG-FOP", "field-operations"))
NATIONALITIES = (
    *("FRA", "GBR", "DEU", "ITA", "ESP", "CHE", "USA", "CAN", "JPN", "KOR", "CHN", "IND", "AUS", "BRA", "MEX", "ARG"),
    *("COL", "PER", "SEN", "CIV", "KEN", "NGA", "ZAF", "EGY", "MAR", "TUN", "LBN", "JOR", "PHL", "THA", "IDN", "BGD"),
    *("PAK", "NPL", "RUS", "UKR", "TUR", "POL", "SWE", "NOR", "DNK", "FIN", "NLD", "BEL", "PRT", "IRL", "AUT", "CMR"),
)
GENEVA_NATIONALITIES = ("CHE", "FRA", "FRA", "CHE", "ITA", "ESP", "PRT", "GBR", "PHL", "PER")
HEADQUARTERS_SHARE = {"G": 0.45, "N": 0.0, "P": 0.5, "D": 0.6}
COOPERATION_HEADQUARTERS_SHARE = 0.12
NOT_GEOGRAPHIC_SHARE = 0.2
YOUNGEST_AT_GRADE = {"G": 24, "N": 28, "P1": 25, "P2": 27, "P3": 32, "P4": 37, "P5": 43, "D": 48, "A": 52}
OLDEST = 64
ENTRY_AGE = 23


@dataclass(frozen=True, kw_only=True)
class Staff:
    staff_id: str
    sex: str
    grade: str
    contract_source: str
    unit: str
    portfolio: str
    region: str
    duty_station: str
    nationality: str
    birth_year: int
    geographic_post: str
    entered_on: str


class Maker:
    """Draws people; two makers of one seed draw the same ones in the same order."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)  # noqa: S311 -- synthetic data has to be the same each time, not secret
        self.made = {"": 0}

    def person(self, sex: str, grade: str, source: str, earliest: date, latest: date) -> Staff:
        """One new person who entered after `earliest` and not after `latest`."""
        nth = self.made[grade] = self.made.get(grade, 0) + 1
        self.made[""] += 1
        region, unit, portfolio, station, country = self.place(grade, source, nth)
        local = grade[0] in {"G", "N"}
        if not local:
            nationality = self.draw.choice(NATIONALITIES)
        elif station == HEADQUARTERS:
            nationality = self.draw.choice(GENEVA_NATIONALITIES)
        else:
            nationality = country
        youngest = YOUNGEST_AT_GRADE.get(grade) or YOUNGEST_AT_GRADE.get(grade[0], YOUNGEST_AT_GRADE["D"])
        birth_year = latest.year - self.draw.randint(youngest, OLDEST)
        entered = max(earliest, date(birth_year + ENTRY_AGE, 1, 1))
        entered += timedelta(days=self.draw.randint(0, (latest - entered).days))
        geographic = not local and source == REGULAR and (grade in SENIOR or self.draw.random() > NOT_GEOGRAPHIC_SHARE)
        return Staff(
            staff_id=f"EX-{self.made['']:04d}",
            sex=sex,
            grade=grade,
            contract_source=source,
            unit=unit,
            portfolio=portfolio,
            region=region,
            duty_station=station,
            nationality=nationality,
            birth_year=birth_year,
            geographic_post="true" if geographic else "false",
            entered_on=entered.isoformat(),
        )

    def place(self, grade: str, source: str, nth: int) -> tuple[str, str, str, str, str]:
        """Region, unit, portfolio, duty station and country of the nth person of a grade."""
        if grade == "DG":
            return "europe-central-asia", "CABINET", "management-reform", HEADQUARTERS, "CHE"
        if grade == "DDG":
            unit, portfolio = DEPUTIES[(nth - 1) % len(DEPUTIES)]
            return "europe-central-asia", unit, portfolio, HEADQUARTERS, "CHE"
        if grade == "ADG":
            region = list(FIELD)[(nth - 1) % len(FIELD)]
            unit, stations = FIELD[region]
            return region, unit, "field-operations", *stations[0]
        share = HEADQUARTERS_SHARE[grade[0]]
        if source != REGULAR:
            share = min(share, COOPERATION_HEADQUARTERS_SHARE)
        if self.draw.random() < share:
            unit, portfolio = self.draw.choices(OFFICES, OFFICE_WEIGHTS)[0]
            return "europe-central-asia", unit, portfolio, HEADQUARTERS, "CHE"
        region = self.draw.choices(list(FIELD), FIELD_WEIGHTS)[0]
        unit, stations = FIELD[region]
        return region, unit, "field-operations", *self.draw.choice(stations)

    def some(self, staff: list[Staff], grade: str, source: str, sex: str, count: int) -> list[int]:
        """Positions of `count` people of that grade, contract source and sex."""
        fitting = [
            n for n, one in enumerate(staff) if (one.grade, one.contract_source, one.sex) == (grade, source, sex)
        ]
        return self.draw.sample(fitting, count)


def first_snapshot(maker: Maker) -> list[Staff]:
    people = [(grade, source, sex) for grade, source, f, m in ROSTER for sex in "F" * f + "M" * m]
    maker.draw.shuffle(people)
    staff = [maker.person(sex, grade, source, date(1990, 1, 1), FIRST) for grade, source, sex in people]
    for grade, source, sex in UNSTATED:
        [n] = maker.some(staff, grade, source, "F" if sex else "M", 1)
        staff[n] = replace(staff[n], sex=sex)
    return staff


def second_snapshot(maker: Maker, first: list[Staff]) -> list[Staff]:
    """The first one after a year of promotions, departures and arrivals; who stays keeps the id."""
    staff = list(first)
    for grade, source, women, men, new_grade in PROMOTIONS:
        for sex, count in (("F", women), ("M", men)):
            for n in maker.some(staff, grade, source, sex, count):
                geographic = "true" if new_grade in SENIOR else staff[n].geographic_post
                staff[n] = replace(staff[n], grade=new_grade, geographic_post=geographic)
    for grade, source, women, men in LEAVERS:
        for sex, count in (("F", women), ("M", men)):
            gone = set(maker.some(staff, grade, source, sex, count))
            staff = [one for n, one in enumerate(staff) if n not in gone]
    for grade, source, women, men in JOINERS:
        staff += [maker.person(s, grade, source, FIRST + timedelta(days=1), SECOND) for s in "F" * women + "M" * men]
    return staff


def write(path: Path, staff: list[Staff]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Staff)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(one) for one in staff)


def main(folder: Path) -> None:
    maker = Maker(SEED)
    first = first_snapshot(maker)
    write(folder / f"staff-{FIRST}.csv", first)
    write(folder / f"staff-{SECOND}.csv", second_snapshot(maker, first))


if __name__ == "__main__":
    main(Path(__file__).parent)
