"""`python -m benchmarks [NAME ...]`: measures, prints each figure beside its limit, and writes the table of RESULTS.md anew.

A run of some scripts replaces only their rows. What stands below the table in RESULTS.md is written by hand and kept.
"""

import importlib
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measuring import Row

NAMES = [
    "latency",
    "projection",
    "status_get",
    "indicators_get",
    "bulk",
    "snapshots",
    "measures_get",
    "startup",
    "flows",
    "suppression",
]
RESULTS = Path(__file__).parent / "RESULTS.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
HEAD = "| figure | measured | limit, same run | ratio | goal | command |\n|---|---|---|---|---|---|"


def main(names: list[str]) -> None:
    unknown = set(names) - set(NAMES)
    if unknown:
        sys.exit(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    for name in names or NAMES:
        print(f"{name} ...", flush=True)
        rows: list[Row] = importlib.import_module(f"benchmarks.{name}").run()
        for row in rows:
            print(f"  {row.figure}: {row.measured}\n    {row.limit}; ratio {row.ratio}; goal {row.goal}", flush=True)
        _write(name, rows)


def _write(name: str, rows: list[Row]) -> None:
    text = RESULTS.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    table, _, after = rest.partition(END)
    kept = [
        line
        for line in table.splitlines()
        if line.startswith("| ") and "| figure |" not in line and f"benchmarks {name}`" not in line
    ]
    new = [f"| {r.figure} | {r.measured} | {r.limit} | {r.ratio} | {r.goal} | `{r.command}` |" for r in rows]
    lines = sorted(
        kept + new, key=lambda line: next(i for i, known in enumerate(NAMES) if f"benchmarks {known}`" in line)
    )
    when = f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}"
    body = "\n".join(["", f"Measured {when}. Client, server and PostgreSQL share the cores.", "", HEAD, *lines, ""])
    RESULTS.write_text(before + BEGIN + "\n" + body + "\n" + END + after, encoding="utf-8")


main(sys.argv[1:])
