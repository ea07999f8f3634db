"""What a template and an upload need of a whole plan, read at once."""

from collections.abc import Sequence

from sqlalchemy import Text, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from indicators.models import Indicator
from indicators.store.definitions import Scope, of_units
from shared.events.results import Result


async def list_all(
    session: AsyncSession, plan: str, units: Scope, *, custodian: str | None = None, hold: bool = False
) -> Sequence[Indicator]:
    """Every indicator of the plan within `units`, by code. With `hold` they stand still until the transaction ends."""
    statement = select(Indicator).where(Indicator.plan == plan, of_units(Indicator.custodians, units))
    if custodian is not None:
        statement = statement.where(of_units(Indicator.custodians, [custodian]))
    if hold:
        statement = statement.with_for_update(read=True)
    return (await session.execute(statement.order_by(Indicator.key))).scalars().all()


_STOOD = text("""
    SELECT given.key, changes.state -> 'standing' AS standing
    FROM unnest(CAST(:keys AS text[]), CAST(:versions AS bigint[])) AS given (key, version)
    JOIN changes ON changes.aggregate = 'result/' || given.key AND changes.sequence = given.version
""").columns(key=Text, standing=JSONB)


async def stood_at(session: AsyncSession, versions: Sequence[tuple[str, int]]) -> dict[str, Result]:
    """Of each line (key, version) the result that stood at that version, as the audit trail has it; absent where none did."""
    given = {"keys": [key for key, _ in versions], "versions": [version for _, version in versions]}
    found = (await session.execute(_STOOD, given)).all() if versions else []
    return {row.key: Result.model_validate(row.standing) for row in found if row.standing is not None}
