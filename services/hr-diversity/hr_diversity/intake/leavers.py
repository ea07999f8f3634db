"""The rows of a delta that say who left: `gone` is true, and of the rest only the staff id is read."""

import polars as pl

from hr_diversity.intake.checks import LONGEST_ID, SPACE_OR_CONTROL
from hr_diversity.intake.columns import GONE
from hr_diversity.intake.findings import refused, unless_id
from hr_diversity.intake.keeping import DUPLICATE, Pseudonyms

NOBODY = pl.DataFrame(schema={"pseudonym": pl.Binary, "line": pl.UInt32})


class Leavers:
    """Takes the leavers out of frames of texts, and becomes one frame of pseudonym and line."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms, self._gone = pseudonyms, list[pl.DataFrame]()

    def take(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """(the rows of those who did not leave, without the column `gone`; findings)."""
        said = pl.col(GONE)
        odd, leaving = rows.filter(~said.is_in(["", "true", "false"])), rows.filter(said == "true")
        value = unless_id(said, pl.col("staff_id"))
        missing = leaving.filter(pl.col("staff_id") == "")
        malformed = leaving.filter(
            pl.col("staff_id").str.contains(SPACE_OR_CONTROL) | (pl.col("staff_id").str.len_chars() > LONGEST_ID)
        )
        found = [
            refused(odd, GONE, "bad_gone", value),
            refused(missing, "staff_id", "missing_value"),
            refused(malformed, "staff_id", "bad_staff_id"),
        ]
        bad = pl.concat([missing["line"], malformed["line"]])
        who = leaving.filter(~pl.col("line").is_in(bad.implode()))
        if not who.is_empty():
            self._gone.append(pl.DataFrame([self._pseudonyms.of(who["staff_id"]), who["line"]]))
        return rows.filter(said.is_in(["", "false"])).drop(GONE), pl.concat(found)

    def finish(self, given: list[pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """(pseudonym and line of each who left, once; findings). Who is given as well (`given`: pseudonym, line) is refused as a
        leaver.
        """
        gone = pl.concat([NOBODY, *self._gone])
        again = ~gone["pseudonym"].is_first_distinct()
        for who in given:
            again |= gone["pseudonym"].is_in(who["pseudonym"].implode())
        return gone.filter(~again), refused(gone.filter(again), "staff_id", DUPLICATE)
