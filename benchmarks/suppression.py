"""How many lines suppression withholds beside the fewest that are as safe, what that is of a real-sized staff, and how long it takes.

The fewest are found by trying all sets of further lines, the small ones first, on tables so small that this ends. Safe is the same in both:
every withheld line has an interval of k or more in each column. What is withheld for change is what the releases before it ask for.
"""

import io
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations, product
from pathlib import Path

import polars as pl
from data.workforce.people import write

from benchmarks.measuring import ROOT, Row
from hr_diversity.intake.keeping import age_band
from hr_diversity.measures.changes import compare
from hr_diversity.measures.cubes import Cubes, count_people
from hr_diversity.measures.ladder import AGE_BANDS, GRADES, PORTFOLIOS, REGIONS
from hr_diversity.measures.moves import MOVED_BY, count_moves, total_of
from hr_diversity.rules.releases import Release, anchors, restless
from hr_diversity.rules.suppression.lines import MEN, WOMEN, Counts, add, is_telling
from hr_diversity.rules.suppression.network import Edge, Name, Network, _is_hidden, protect
from hr_diversity.service.releases import Weighed, draw, draw_beside

COMMAND = "python -m benchmarks suppression"
K = 5
TABLES = 100
YEARS = range(2016, 2023)
LARGE = 1_000_000
UNITS, STATIONS = 300, 200


def run() -> list[Row]:
    return [
        _beside_tau_argus(),
        _beside_the_optimum("one-way, 4 to 8 groups", _one_way),
        _beside_the_optimum("3 x 3 with margins", _two_way),
        *_years(),
        *_times(),
    ]


def _counts(draw: random.Random) -> Counts:
    size = draw.choice([4, 12, 40])
    return Counts(draw.randint(0, size), draw.randint(0, size), 0)


def _one_way(draw: random.Random) -> list[Edge]:
    edges = [Edge(n, "start", "end", _counts(draw)) for n in range(draw.randint(4, 8))]
    return [*edges, Edge("all", "end", "start", add(edge.counts for edge in edges), weight=None)]


def _two_way(draw: random.Random) -> list[Edge]:
    return _with_margins({key: _counts(draw) for key in product("abc", "xyz")})


def _with_margins(cells: Mapping[tuple[str, str], Counts]) -> list[Edge]:
    edges = [Edge((row, column), ("row", row), ("column", column), counts) for (row, column), counts in cells.items()]
    edges += [Edge(row, "all", ("row", row), add(cells[row, column] for column in "xyz")) for row in "abc"]
    edges += [Edge(column, ("column", column), "end", add(cells[row, column] for row in "abc")) for column in "xyz"]
    return [*edges, Edge("all", "end", "all", add(cells.values()), weight=None)]


def _beside_the_optimum(words: str, table: Callable[[random.Random], list[Edge]]) -> Row:
    """Lines withheld in all tables that can be protected at all while their total is shown."""
    ours = fewest = small = lines = tables = 0
    draw = random.Random(5)
    while tables < TABLES:
        edges = [edge for edge in table(draw) if edge.counts.total or edge.weight is None]
        first = {edge.name for edge in edges if edge.weight is not None and is_telling(edge.counts, K)}
        network = Network(edges, first)
        if not first or protect(network, (WOMEN, MEN), K) is not None:
            continue
        tables, lines, small = tables + 1, lines + len(edges) - 1, small + len(first)
        ours, fewest = ours + len(network.withheld), fewest + _fewest(edges, first)
    return Row(
        f"Lines withheld, {TABLES} random tables, {words}, {lines} lines of which {small} small",
        str(ours),
        f"fewest that are as safe: {fewest}",
        f"{ours / fewest:.2f}",
        "within 1.2 of the optimum",
        COMMAND,
    )


def _beside_tau_argus() -> Row:
    """3 x 3 tables of one column of counts, small ones withheld, beside Tau-Argus' optimal suppression with a frequency rule of the same
    threshold and a safety range as wide as the count. It asks for less: of a count of one it hides that it is not three.
    """
    ours = theirs = unsafe = small = 0
    draw = random.Random(9)
    for _ in range(TABLES):
        cells = {key: draw.randint(0, draw.choice([4, 12, 40])) for key in product("abc", "xyz")}
        network = Network(_of_one_column(cells))
        first = [at for at, edge in enumerate(network.edges) if edge.weight is not None and 0 < edge.counts.women < K]
        for at in first:
            network.withhold(at)
        if not first or protect(network, (WOMEN,), K) is not None:
            continue
        argued = Network(network.edges, _by_tau_argus(cells))
        small, ours, theirs = small + len(first), ours + len(network.withheld), theirs + len(argued.withheld)
        unsafe += sum(not _is_hidden(argued, at, WOMEN, K) for at in argued.withheld)
    return Row(
        f"Lines withheld, random tables of one count, 3 x 3 with margins, {small} small",
        str(ours),
        f"Tau-Argus (pytauargus, OPT, FREQ): {theirs}, of which {unsafe} known to less than {K}",
        f"{ours / theirs:.2f}" if theirs else "-",
        "reported",
        COMMAND,
    )


def _of_one_column(cells: Mapping[tuple[str, str], int]) -> list[Edge]:
    """With men beside the counts, so that nothing follows from a line's being listed."""
    return [edge for edge in _with_margins({key: Counts(n, 100, 0) for key, n in cells.items()}) if edge.counts.women]


def _by_tau_argus(cells: Mapping[tuple[str, str], int]) -> set[Name]:
    from pytauargus import protect as optimal

    rows = [key for key, n in cells.items() for _ in range(n)]
    columns = {"row": [row for row, _ in rows], "column": [column for _, column in rows], "one": [1] * len(rows)}
    with tempfile.TemporaryDirectory() as folder:
        [table] = optimal(
            columns, ["row", "column"], response="one", safety_rules=f"FREQ({K},100)", suppress="OPT(1)", workdir=folder
        ).tables
    gone = [row for row, told in zip(table.rows, table.safe(), strict=True) if told == "x"]
    return {_edge_of(row["row"], row["column"]) for row in gone}


def _edge_of(row: str, column: str) -> Name:
    if "Total" in (row, column):
        return "all" if row == column else row if column == "Total" else column
    return row, column


def _fewest(edges: Sequence[Edge], first: set[object]) -> int:
    others = [edge.name for edge in edges if edge.weight is not None and edge.name not in first]
    for more in range(len(others) + 1):
        for chosen in combinations(others, more):
            network = Network(edges, {*first, *chosen})
            if all(_is_hidden(network, at, column, K) for at in network.withheld for column in (WOMEN, MEN)):
                return len(network.withheld)
    raise AssertionError("all lines together are not safe")  # then `protect` would have failed


def _years() -> Iterator[Row]:
    """The synthetic staff, each year by itself, and each beside the years before it."""
    lines = alone = beside = asked = 0
    out: list[tuple[Release, bytes]] = []
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), rows=3000, seed=2016, years=list(YEARS))
        for year in YEARS:
            people = _people(Path(folder) / f"synthetic-staff-{year}-12-31.csv", year)
            cubes, chunk = count_people(people), _chunk(people)
            near = anchors(release for release, _ in reversed(out))
            chunks = {release.snapshot: held for release, held in out}
            pairs = [
                (one, count_moves(compare([chunks[one.snapshot]], [chunk], columns=MOVED_BY).people)) for one in near
            ]
            found = restless(pairs, K)
            weighed = draw_beside(cubes, K, found)
            out.append((_release(str(year), weighed), chunk))
            lines += sum(len(one.cells) for one in weighed.drawn)
            alone += _withheld(draw(cubes, K))
            beside += _withheld(weighed.drawn)
            asked += len([line for line in found.closed | found.covering if line[1]])
    yield Row(
        f"Lines withheld, synthetic staff of 3,000, {len(YEARS)} years, {lines} lines",
        f"{alone} ({alone / lines:.0%}) of each year by itself",
        f"{beside} ({beside / lines:.0%}) beside the years before, which ask for {asked}",
        f"{beside / alone:.2f}",
        "reported",
        COMMAND,
    )


def _people(path: Path, year: int) -> pl.DataFrame:
    rows = pl.read_csv(path, infer_schema_length=None)
    return rows.with_columns(
        pl.col("sex").replace("", None),
        pseudonym=pl.col("staff_id").cast(pl.Binary),
        birth_band=(pl.col("birth_year") // 5 * 5).cast(pl.Int16),
        age_band=age_band(year - pl.col("birth_year")),
        geographic_post=pl.col("geographic_post").cast(pl.String) == "true",
    )


def _chunk(people: pl.DataFrame) -> bytes:
    held = io.BytesIO()
    people.write_parquet(held)
    return held.getvalue()


def _release(name: str, weighed: Weighed) -> Release:
    lines = [(total_of(one.measure), one.total) for one in weighed.drawn]
    lines += [((one.measure.code, group), figures) for one in weighed.drawn for group, figures in one.cells.items()]
    return Release(
        name,
        frozenset(line for line, figures in lines if figures.women is not None).union(weighed.told),
        frozenset(line for line, figures in lines if figures.other is not None).union(weighed.told_others),
        frozenset(weighed.covering),
    )


def _withheld(drawn: Sequence) -> int:
    return sum(figures.women is None for one in drawn for figures in one.cells.values())


def _times() -> Iterator[Row]:
    example = count_people(_people(ROOT / "data/examples/staff-2021-12-31.csv", 2021))
    for words, cubes in (
        ("the example's staff of 1,216", example),
        (f"1,000,000 staff, {UNITS} units, {STATIONS} stations", _large(skewed=False)),
        (f"1,000,000 staff, {UNITS} units, {STATIONS} stations, half of them of few people", _large(skewed=True)),
    ):
        seconds = min(_timed(partial(draw, cubes, K)) for _ in range(3))
        yield Row(
            f"Time to weigh and draw all measures, {words}", f"{seconds * 1000:.0f} ms", "-", "-", "below 5 s", COMMAND
        )


def _timed(do: Callable[[], object]) -> float:
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def _large(*, skewed: bool) -> Cubes:
    """Where `skewed`, the size of units and stations falls from one to the next until half of them have few people."""
    draw = random.Random(7)

    def some(codes: Sequence[str], steep: float = 1.0) -> list[str]:
        weights = [steep**n for n in range(len(codes))]
        return draw.choices(codes, weights, k=LARGE)

    steep = 0.93 if skewed else 1.0
    units, stations = some([f"U{n}" for n in range(UNITS)], steep), some([f"S{n}" for n in range(STATIONS)], steep)
    return count_people(
        pl.DataFrame(
            {
                "sex": some(["F", "M", "X"], 0.5 if skewed else 0.1),
                "grade": some(GRADES, 0.8),
                "contract_source": some(["regular_budget", "development_cooperation", "other"], 0.7),
                "unit": units,
                "portfolio": [PORTFOLIOS[int(unit[1:]) % len(PORTFOLIOS)] for unit in units],
                "region": [REGIONS[int(station[1:]) % len(REGIONS)] for station in stations],
                "duty_station": stations,
                "age_band": some(AGE_BANDS),
                "nationality": ["CHE"] * LARGE,
                "geographic_post": [False] * LARGE,
            }
        )
    )
