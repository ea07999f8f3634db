"""What the demo tells of a staff that does not exist: its yearly files, and vacancies and registers that fit both to them and to what the
documents publish of 2022.

What must not break: the same staff gives the same entries, so that loading them again changes nothing. Applicants, days and reasons are
made up; the averages, counts and rates that the Human Resources Strategy 2022-25 (progress 2022) prints come out of them.
"""

import csv
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from apge.trouble import Trouble

SOURCE = "synthetic"
YEARS = range(2016, 2023)
LAST = 2022
Row = dict[str, str]

RAPS_PUBLISHED, RAPS_OPEN, RAPS_CANCELLED = 77, 3, 3
CLOSE_TO_SELECTION, POSTING_TO_POST, SELECTION_TO_POST = 172, 124, 62
"""Days, on average, of 2022: paragraph 7 of the report."""
MENTEES = 67
COMPLETED = (
    ("appraisals", "performance-appraisals", "Performance appraisals of 2022", 88),
    ("mandatory_learning", "disability-inclusion", "Course on disability inclusion", 80),
    ("mandatory_learning", "sexual-exploitation", "Course on the prevention of sexual exploitation and abuse", 92),
)
"""(kind, code, title, per cent of the staff)"""
RETIREMENT_AGE = 62
GENDER_TEXT = {"development_cooperation": 0.55, "raps": 0.65}
"""So often a text asks for gender-related skills."""


def write_staff(project: Path, folder: Path) -> list[Path]:
    """The yearly files, 2016 to 2022. Raises Trouble where the generator is not there."""
    if not (project / "data" / "workforce" / "make.py").exists():
        raise Trouble(f"{project / 'data' / 'workforce'} holds no generator of a staff: run this in the project.")
    command = [sys.executable, "-m", "data.workforce.make", str(folder)]
    made = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)  # noqa: S603 (our own file)
    if made.returncode:
        raise Trouble(f"the synthetic staff could not be made: {made.stderr.strip().splitlines()[-1:]}")
    return [folder / f"synthetic-staff-{year}-12-31.csv" for year in YEARS]


def read_staff(file: Path) -> dict[str, Row]:
    with file.open(encoding="utf-8", newline="") as lines:
        return {row["staff_id"]: row for row in csv.DictReader(lines)}


def vacancies(before: dict[str, Row], after: dict[str, Row]) -> list[dict[str, Any]]:
    """One for each Professional who came to development cooperation in the year, and those of the regular budget that were published."""
    chance = Random(LAST)  # noqa: S311 (the same ones each time is what is wanted)
    came = [row for key, row in after.items() if key not in before]
    cooperation = [r for r in came if r["contract_source"] == "development_cooperation" and r["grade"][0] == "P"]
    regular = [r for r in after.values() if r["contract_source"] == "regular_budget" and r["grade"][0] in "PD"]
    step = len(regular) // RAPS_PUBLISHED
    return [
        *(_filled(number, row, chance) for number, row in enumerate(cooperation)),
        *(_published(number, row, chance) for number, row in enumerate(regular[:: max(1, step)][:RAPS_PUBLISHED])),
    ]


def _filled(number: int, row: Row, chance: Random) -> dict[str, Any]:
    """Every other one is a key position. The days lie evenly around the published averages."""
    on_post = date.fromisoformat(row["entered_on"])
    key, place = number % 2 == 0, number // 2
    around = place - 29 if key else (1 + place // 2 % 20) * (1 if place % 2 else -1)
    selected = on_post - timedelta(SELECTION_TO_POST if key else SELECTION_TO_POST + around)
    posted = on_post - timedelta(POSTING_TO_POST + around) if key else selected - timedelta(60)
    return {
        "reference": f"SY-DC-{LAST}-{number + 1:03}",
        **_post(row, "development_cooperation"),
        "key_position": key,
        "gender_text": chance.random() < GENDER_TEXT["development_cooperation"],
        **_days(posted=posted, closed=posted + timedelta(14), shortlisted=posted + timedelta(28), selected=selected),
        "on_post": str(on_post),
        "applicants": _applicants(chance, row["sex"]),
    }


def _published(number: int, row: Row, chance: Random) -> dict[str, Any]:
    """Through RAPS. The last are open or cancelled; the others were selected in 172 days on average."""
    posted = date(LAST, 1, 10) + timedelta(number * 340 // RAPS_PUBLISHED)
    closed = posted + timedelta(30)
    found = {
        "reference": f"SY-RAPS-{LAST}-{number + 1:03}",
        **_post(row, "raps"),
        "geographic_post": row["geographic_post"] == "true",
        "gender_text": chance.random() < GENDER_TEXT["raps"],
    }
    filled = RAPS_PUBLISHED - RAPS_OPEN - RAPS_CANCELLED
    if number < filled:
        selected = closed + timedelta(CLOSE_TO_SELECTION + number - filled // 2)
        days = _days(posted=posted, closed=closed, shortlisted=closed + timedelta(40), selected=selected)
        return {**found, **days, "applicants": _applicants(chance, row["sex"])}
    days = _days(posted=posted, closed=closed)
    if number < filled + RAPS_CANCELLED:
        days["cancelled"] = str(closed + timedelta(20))
    return {**found, **days, "applicants": {"applied": _some(chance, 60)}}


def _post(row: Row, track: str) -> dict[str, Any]:
    named = {name: row[name] for name in ("unit", "portfolio", "region", "duty_station", "grade") if row[name]}
    return {**named, "funding": row["contract_source"], "track": track}


def _days(**days: date) -> dict[str, str]:
    return {name: str(day) for name, day in days.items()}


def _applicants(chance: Random, sex: str) -> dict[str, dict[str, int]]:
    """Fewer from stage to stage, of each sex; the one who is selected is among them at all."""
    one = {"women": int(sex == "F"), "men": int(sex == "M"), "other": int(sex not in {"F", "M"})}
    stages, counts = {"selected": one}, one
    for stage, more in (("recommended", 2), ("shortlisted", 5), ("applied", 45)):
        added = _some(chance, more)
        counts = {name: counts[name] + added[name] for name in counts}
        stages[stage] = counts
    return {stage: stages[stage] for stage in ("applied", "shortlisted", "recommended", "selected")}


def _some(chance: Random, most: int) -> dict[str, int]:
    return {"women": chance.randint(most // 3, most), "men": chance.randint(most // 3, most), "other": 0}


def registers(staff: Sequence[dict[str, Row]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(address under the service, entry): who took part, who has completed what, and year by year who left."""
    day = f"{LAST}-12-31"
    yield (
        f"participation/{SOURCE}-career-mentoring",
        {"kind": "programme", "title": "Career mentoring, women at P4 and P5", "as_of": "2022-07-12"}
        | {"women": MENTEES, "men": 0},
    )
    yield (
        f"participation/{SOURCE}-managers-learning",
        {"kind": "training", "title": "Learning on performance management", "as_of": day, "women": 221, "men": 186},
    )
    people = len(staff[-1])
    for kind, code, title, rate in COMPLETED:
        counts = {"completed": people * rate // 100, "of": people}
        yield f"compliance/{SOURCE}-{code}", {"kind": kind, "title": title, "as_of": day, **counts}
    for year, (before, after) in zip(YEARS[1:], pairwise(staff), strict=True):
        yield f"exits/{SOURCE}-exits", _exits(year, [row for key, row in before.items() if key not in after])


def _exits(year: int, left: list[Row]) -> dict[str, Any]:
    """The reasons are made up: those of the age of retirement retire, of the others every third resigns, and contracts end."""
    reasons: dict[str, dict[str, int]] = {}
    for number, row in enumerate(left):
        old = bool(row["birth_year"]) and year - int(row["birth_year"]) >= RETIREMENT_AGE
        reason = "retirement" if old else "resignation" if number % 3 == 0 else "end_of_contract"
        counts = reasons.setdefault(reason, {"women": 0, "men": 0, "other": 0})
        counts[{"F": "women", "M": "men"}.get(row["sex"], "other")] += 1
    interviews = sum(sum(counts.values()) for counts in reasons.values()) * 2 // 5
    days = {"since": f"{year}-01-01", "as_of": f"{year}-12-31"}
    return {"title": f"Exits of {year}", **days, "reasons": reasons, "interviews": interviews}
