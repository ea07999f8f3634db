"""A source declares how it lays out its files, and every push of it is read so.

What must not break: a declaration that would refuse all rows by itself is refused; of every version there is a row of the trail.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.intake.declaring import find_faults
from hr_diversity.intake.mapping import OTHERS, OWN, Layout
from hr_diversity.models import Change, Source
from hr_diversity.schemas.sources import Declaration
from shared import clock
from shared.database import Database
from shared.errors import FieldError, Unprocessable, shorten
from shared.telemetry import current
from shared.versions import check_version, refuse_version_of_nothing

DECLARED = "source-declared"
MOST_NAMED = 100


class ImpossibleDeclaration(Unprocessable):
    slug = "impossible-declaration"


async def declare_source(
    session: AsyncSession, key: str, given: Declaration, if_match: int | None
) -> tuple[Source, bool]:
    """The source as it is declared now, and whether it is new. Said again as it stands, nothing happens.

    Raises ImpossibleDeclaration, PreconditionRequired or PreconditionFailed.
    """
    _refuse_faults(given)
    said = given.model_dump(mode="json", exclude_defaults=True)
    row = await store.sources.lock_source(session, key, clock.now())
    new = row.sequence == 0
    if new:
        refuse_version_of_nothing(key, if_match)
    elif row.said == said:
        return row, False
    else:
        check_version(row, if_match)
    row.sequence += 1
    row.said, row.declared_at = said, clock.now()
    trail = Change(
        aggregate=f"source/{key}",
        sequence=row.sequence,
        event=DECLARED,
        kept=said,
        actor=current().actor,
        subject=current().subject,
        changed_at=row.declared_at,
    )
    session.add(trail)
    await session.flush()
    return row, new


def _refuse_faults(given: Declaration) -> None:
    faults = find_faults(make_layout(given), clock.today())
    if not faults:
        return
    errors = [
        FieldError(
            pointer="#/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in fault.path),
            value=shorten(fault.value),
            detail=fault.detail,
        )
        for fault in faults[:MOST_NAMED]
    ]
    raise ImpossibleDeclaration(
        "; ".join(f"{'/'.join(one.path)}: {one.detail}" for one in faults[:10])[:2000], errors=errors
    )


def make_layout(given: Declaration) -> Layout:
    said = given.model_dump(exclude={"note", "feeds_indicators"})
    ignored = given.ignored
    return Layout(**{**said, "ignored": ignored if ignored == OTHERS else tuple(ignored)})


async def find_layout(database: Database, key: str) -> Layout:
    """How the files of a source are laid out: as it declared, or else with our own columns.

    In a transaction of its own, because a push takes as long as its file does, and no transaction may be idle so long.
    """
    async with database.reading() as session:
        row = await store.sources.find_source(session, key)
    return OWN if row is None else make_layout(Declaration.model_validate(row.said))
