"""The share of vacancies whose text asks for gender-related skills or duties, drawn as a measure whenever the register moves it."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.models import DrawnMeasure
from shared import clock, outbox
from shared.events.hr_diversity import MeasureDrawn, MeasureState
from shared.figures import share

CODE, SOURCE = "vacancies-gender-text", "vacancies"
TITLE = "Vacancies whose text asks for gender-related skills or duties"


async def draw_gender_texts(session: AsyncSession, years: Iterable[int]) -> None:
    """The measure of each year is stated where it is another than before: of the vacancies posted in the year, those that ask, of those
    that were read. It is as of the year's last day, in a year that runs as of today. Vacancies are no persons: nothing is withheld.
    """
    for year in sorted(years):
        await store.measures.lock_series(
            session, f"{CODE}/{year}"
        )  # or two changes at once would each count without the other
        texts = await store.recruitment.count_gender_texts(session, date(year, 1, 1), date(year, 12, 31))
        asking, read = texts.get(True, 0), texts.get(True, 0) + texts.get(False, 0)
        as_of = min(date(year, 12, 31), clock.today())
        key = f"{SOURCE}/{as_of}/{CODE}"
        row = await session.get(DrawnMeasure, key)
        if row is None:
            if not read:
                continue
            row = DrawnMeasure(key=key, sequence=0, code=CODE, source=SOURCE, as_of=as_of)
            session.add(row)
        elif (row.state["numerator"], row.state["denominator"]) == (asking, read):
            continue
        state = _state(as_of, row.sequence + 1, asking, read)
        row.state, row.drawn_at = state.model_dump(mode="json"), clock.now()
        await outbox.record(session, MeasureDrawn(**dict(state)), row)


def _state(as_of: date, revision: int, asking: int, read: int) -> MeasureState:
    return MeasureState(
        code=CODE,
        title=TITLE,
        source=SOURCE,
        as_of=as_of,
        snapshot=f"{SOURCE}/{as_of.year}",
        revision=revision,
        rule=f"{CODE}/1",
        women=None,
        men=None,
        other=None,
        total=None,
        share=share(asking, read),
        suppressed=False,
        numerator=asking,
        denominator=read,
    )
