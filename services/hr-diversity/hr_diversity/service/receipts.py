"""What a push is answered, and what is stated of it: both are made of the same content, and neither shows a person."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.intake import Chunk, Taken
from hr_diversity.intake.merging import Merged
from hr_diversity.measures.composition import BY_GRADE
from hr_diversity.measures.cubes import Cubes
from hr_diversity.models import Snapshot
from hr_diversity.schemas.snapshots import Base, HeadcountJump, MeasureLine, Receipt, RefusedValue, Warnings
from hr_diversity.service.deltas import Asked
from hr_diversity.service.releases import Weighed
from shared.events.hr_diversity import SnapshotState
from shared.figures import round_half_up

MOST_WARNED = 100


@dataclass(frozen=True, slots=True)
class Content:
    """What a snapshot will hold: the people of a full file, or those that a delta made of its base (`merged`)."""

    taken: Taken
    digest: str
    headcount: int
    cubes: Cubes
    chunks: list[Chunk]
    base: Snapshot | None = None
    merged: Merged | None = None

    def rows(self) -> list[bytes]:
        return [chunk.data for chunk in self.chunks]


HELD = (
    "Fewer women or men than may be told apart came or left since the figures that are out already: beside them, new ones would show "
    "single persons. Those stay, and this snapshot is published with the next one that differs by enough."
)


def describe(
    asked: Asked, revision: int, content: Content, weighed: Weighed | None, warnings: Warnings
) -> dict[str, Any]:
    """The fields of an Outcome. `weighed` is None where the snapshot is held."""
    taken, base, merged = content.taken, content.base, content.merged
    return {
        "source": asked.source,
        "as_of": asked.as_of,
        "mode": asked.mode,
        "base": Base(id=base.id, as_of=base.as_of, revision=base.revision) if base else None,
        "revision": revision,
        "rows": taken.rows,
        "accepted": taken.accepted,
        "headcount": content.headcount,
        "added": merged.added if merged else None,
        "changed": merged.changed if merged else None,
        "unchanged": merged.unchanged if merged else None,
        "gone": merged.gone if merged else None,
        "refused": [RefusedValue(**asdict(one)) for one in taken.findings.shown],
        "refused_total": taken.findings.rows,
        "refused_by_rule": dict(sorted(taken.findings.by_rule.items())),
        "unknown_codes": taken.findings.unknown_codes,
        "missing": taken.missing,
        "released": weighed is not None,
        "held": HELD if weighed is None else None,
        "measures": [
            MeasureLine(code=one.measure.code, **asdict(one.total)) for one in (weighed.drawn if weighed else ())
        ],
        "warnings": warnings,
    }


def make_state(receipt: Receipt, content: Content, weighed: Weighed | None) -> SnapshotState:
    """Where the headcount is withheld, or all of the snapshot is held, the numbers of rows are too. How many rows a delta brought is never
    stated, since few of them would tell of single persons; it is stated as the whole staff that came of it.
    """
    drawn = weighed.drawn if weighed else []
    open_ = any(one.measure is BY_GRADE and one.total.total is not None for one in drawn)
    refused = content.taken.findings.rows
    return SnapshotState(
        id=receipt.id,
        source=receipt.source,
        as_of=receipt.as_of,
        revision=receipt.revision,
        rows=content.headcount + refused if open_ else None,
        accepted=content.headcount if open_ else None,
        refused=refused,
        digest=content.digest,
    )


async def warn(session: AsyncSession, asked: Asked, content: Content, most_percent: float) -> Warnings:
    known = await store.units.list_unit_names(session)
    units = content.cubes.units["unit"].unique().sort().to_list()
    unknown = [unit for unit in units if unit not in known] if known else []
    before = await store.snapshots.find_head_before(session, asked.source, asked.as_of)
    jump, after = None, content.headcount
    if before is not None and abs(after - before.accepted) * 100 > most_percent * before.accepted:
        percent = round_half_up(Decimal(after - before.accepted) * 100 / before.accepted)
        jump = HeadcountJump(before=before.accepted, after=after, percent=percent, compared_with=before.as_of)
    return Warnings(unknown_units=unknown[:MOST_WARNED], headcount_jump=jump)
