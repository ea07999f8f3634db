"""The measures that are drawn from the table of representation, each of which can feed an indicator. All of them are as it shows them."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.measures.geography import ADEQUATE, COUNTED, OF_STAFF
from hr_diversity.measures.measure import Measure
from hr_diversity.models import DrawnMeasure
from hr_diversity.schemas.representation_table import KeptTable
from shared import clock, outbox
from shared.events.hr_diversity import MeasureDrawn, MeasureState
from shared.figures import share


async def state_geography(
    session: AsyncSession, snapshot: str, source: str, as_of: date, revision: int, table: KeptTable
) -> None:
    """Each is stated where it is another than before; the countries once a policy is told."""
    rows = await store.measures.list_measures_of(session, source, as_of)
    note, feeds = await store.sources.find_standing(session, source)
    for measure, figures in _figures(table):
        code = measure.code
        state = MeasureState(
            code=code,
            title=measure.title,
            source=source,
            as_of=as_of,
            snapshot=snapshot,
            revision=revision,
            rule=measure.rule,
            source_note=note,
            feeds_indicators=feeds,
            **figures,
        )
        row = rows.get(code)
        if row is None:
            row = DrawnMeasure(key=f"{source}/{as_of}/{code}", sequence=0, code=code, source=source, as_of=as_of)
            session.add(row)
        elif row.state == state.model_dump(mode="json"):
            continue
        row.state, row.drawn_at = state.model_dump(mode="json"), clock.now()
        await outbox.record(session, MeasureDrawn(**dict(state)), row)


def _figures(table: KeptTable) -> Iterator[tuple[Measure, dict[str, object]]]:
    nobody = {"women": None, "men": None, "other": None, "total": None}
    yield COUNTED, table.counted.model_dump()
    part, whole = table.of_staff or (None, None)
    yield (
        OF_STAFF,
        {
            **nobody,
            "numerator": part,
            "denominator": whole,
            "share": None if part is None or whole is None else share(part, whole),
            "suppressed": part is None,
        },
    )
    first = table.policies[0] if table.policies else None
    if first is not None and first.numbers is not None:
        within, members = first.numbers["within"], len(first.ranges)
        of_members = {"numerator": within, "denominator": members, "suppressed": False}
        yield ADEQUATE, {**nobody, **of_members, "share": share(within, members)}
