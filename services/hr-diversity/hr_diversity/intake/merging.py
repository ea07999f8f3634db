"""A delta on its base: the base's people minus those who are gone or given anew, plus those who are given.

People meet by pseudonym. Of the delta its chunks, a pseudonym and eight bytes a row are held, of the base one chunk at a time: each
is read, thinned out and packed again, or goes over as it is where the delta names nobody in it.
"""

import io
from dataclasses import dataclass

import polars as pl

from hr_diversity.intake.checks import LISTS
from hr_diversity.intake.findings import refused
from hr_diversity.intake.keeping import BAND, Chunk, age_band, can_be_joined, pack
from hr_diversity.intake.taking import Taken
from hr_diversity.measures.cubes import Cubes, add_cubes, count_people
from hr_diversity.measures.ladder import AGE_BANDS
from shared.errors import Conflict

NOT_IN_BASE = "not_in_base"
FEW, ENOUGH = 20_000, 40_000
"""Chunks of fewer rows are joined until there are enough, so that a year of daily deltas does not end in as many crumbs."""

SAID = (
    *("sex", "grade", "contract_source", "unit", "portfolio", "region", "duty_station"),
    *("nationality", "geographic_post", "entered_on", "birth_band"),
)
"""What a row says of somebody. The age band is not among it: it changes by itself."""


class OtherPseudonyms(Conflict):
    slug = "other-pseudonyms"


@dataclass(frozen=True, slots=True)
class Merged:
    """headcount = added + changed + unchanged; the base's = changed + unchanged + gone. `not_in_base` are findings. `cubes` is None
    where nobody is left.
    """

    added: int
    changed: int
    unchanged: int
    gone: int
    not_in_base: pl.DataFrame
    cubes: Cubes | None
    chunks: list[Chunk]

    @property
    def headcount(self) -> int:
        return self.added + self.changed + self.unchanged


class Merging:
    """Give every chunk of the base to `meet`, then `finish`. `year` is that of the delta's day."""

    def __init__(self, taken: Taken, year: int) -> None:
        self._taken, self._year = taken, year
        given = [_prints(unpack(chunk.data, year)) for chunk in taken.chunks]
        self._given = pl.concat(given) if given else pl.DataFrame(schema={"pseudonym": pl.Binary, "print": pl.UInt64})
        self._named = pl.concat([self._given["pseudonym"], taken.gone["pseudonym"]])
        self._left: list[pl.Series] = []
        self._met = self._alike = self._staying = 0
        self._cubes: list[Cubes] = [] if taken.cubes is None else [taken.cubes]
        self._chunks: list[Chunk] = []
        self._few: list[pl.DataFrame] = []

    def meet(self, data: bytes) -> None:
        """`data` is a chunk of the base, as it was packed then. Raises OtherPseudonyms."""
        if not can_be_joined(data):
            raise OtherPseudonyms(
                "the base has pseudonyms of an earlier form, by which nobody is found again; push it anew"
            )
        stored = pl.read_parquet(io.BytesIO(data))
        people = _as_of(stored, self._year)
        met = _prints(people).join(self._given, on="pseudonym", suffix="_given")
        self._met += met.height
        self._alike += int((met["print"] == met["print_given"]).sum())
        self._left.append(people.join(self._taken.gone, on="pseudonym", how="semi")["pseudonym"])
        staying = people.filter(~pl.col("pseudonym").is_in(self._named.implode()))
        self._staying += staying.height
        if not staying.is_empty():
            self._cubes.append(count_people(staying))
            self._put(staying, data if staying.equals(stored) else None)

    def finish(self) -> Merged:
        for chunk in self._taken.chunks:
            self._put(unpack(chunk.data, self._year), chunk.data)
        if self._few:
            self._chunks.append(pack(pl.concat(self._few)))
        left = pl.concat([pl.Series("pseudonym", [], pl.Binary), *self._left])
        strangers = self._taken.gone.filter(~pl.col("pseudonym").is_in(left.implode()))
        return Merged(
            added=self._given.height - self._met,
            changed=self._met - self._alike,
            unchanged=self._staying + self._alike,
            gone=left.len(),
            not_in_base=refused(strangers, "staff_id", NOT_IN_BASE),
            cubes=add_cubes(self._cubes) if self._cubes else None,
            chunks=self._chunks,
        )

    def _put(self, people: pl.DataFrame, packed: bytes | None) -> None:
        if people.height >= FEW:
            self._chunks.append(pack(people) if packed is None else Chunk(people.height, packed))
            return
        self._few.append(people)
        if sum(one.height for one in self._few) >= ENOUGH:
            self._chunks.append(pack(pl.concat(self._few)))
            self._few = []


def unpack(data: bytes, year: int) -> pl.DataFrame:
    """A chunk as people of a snapshot of `year`, with today's lists behind its enumerations."""
    return _as_of(pl.read_parquet(io.BytesIO(data)), year)


def _as_of(stored: pl.DataFrame, year: int) -> pl.DataFrame:
    """Whoever was not given anew grows older. The year of birth is not kept, but its band says the ten years of age most of the time;
    where it leaves two possible, the one of before stays as long as it is one of them.
    """
    if "age_band" not in stored.columns:  # packed before there was one
        stored = stored.with_columns(age_band=pl.lit(None, pl.Enum(AGE_BANDS)))
    youngest = age_band(pl.lit(year) - pl.col("birth_band") - (BAND - 1)).cast(pl.String)
    oldest = age_band(pl.lit(year) - pl.col("birth_band")).cast(pl.String)
    before = pl.col("age_band").cast(pl.String)
    age = pl.when(before.eq_missing(oldest)).then(oldest).otherwise(youngest)
    return stored.with_columns(
        *(pl.col(name).cast(pl.String).cast(pl.Enum(words)) for name, words in LISTS.items()),
        age_band=age.cast(pl.Enum(AGE_BANDS)),
    )


def _prints(people: pl.DataFrame) -> pl.DataFrame:
    """pseudonym, print: equal where two rows say the same of somebody; where they do not, equal once in 2 ** 64."""
    return people.select("pseudonym", pl.struct(SAID).hash().alias("print"))
