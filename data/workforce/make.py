"""`python -m data.workforce.make FOLDER` writes the yearly snapshots of a synthetic staff, 2016 to 2022; nobody in them exists."""

import argparse
from pathlib import Path

from data.workforce import tables
from data.workforce.people import write


def main() -> None:
    parser = argparse.ArgumentParser(description="yearly staffing snapshots of a staff that does not exist")
    parser.add_argument("folder", type=Path, help="where the files go; it is made if it is not there")
    parser.add_argument("--rows", type=int, default=tables.STAFF, help="rows of the last year's snapshot, 300 or more")
    parser.add_argument("--seed", type=int, default=2016, help="one seed, one staff")
    parser.add_argument("--years", type=int, nargs="+", default=tables.YEARS, choices=tables.YEARS)
    told = parser.parse_args()
    if told.rows < 300:  # noqa: PLR2004 (below, grades of one person are lost)
        parser.error("--rows: 300 or more")
    told.folder.mkdir(parents=True, exist_ok=True)
    for year, rows in write(told.folder, rows=told.rows, seed=told.seed, years=told.years).items():
        print(f"{told.folder}/synthetic-staff-{year}-12-31.csv: {rows} rows, nobody in them exists")  # noqa: T201


if __name__ == "__main__":
    main()
