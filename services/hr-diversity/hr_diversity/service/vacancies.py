"""Vacancies are registered and updated, one by one or many at once; what stands already is not stated again."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.models import Vacancy
from hr_diversity.rules.vacancies import find_faults
from hr_diversity.schemas.vacancies import NewVacancy, Outcome, Refusal, RowAnswer, VacancyBatch, VacancyRow
from hr_diversity.service.gender_texts import draw_gender_texts
from hr_diversity.service.stating import Stated, state_all
from shared import clock
from shared.errors import FieldError, Unprocessable
from shared.events.hr_diversity import VacancyRegistered, VacancyUpdated
from shared.versions import check_version, refuse_version_of_nothing

FIELDS = tuple(NewVacancy.model_fields)
MOST_NAMED = 100
PLANNED: dict[Outcome, Outcome] = {"registered": "would_register", "updated": "would_update"}


class ImpossibleVacancy(Unprocessable):
    slug = "impossible-vacancy"


class RowsRefused(Unprocessable):
    slug = "rows-refused"


async def register_vacancy(
    session: AsyncSession, reference: str, given: NewVacancy, if_match: int | None
) -> tuple[Vacancy, bool]:
    """The vacancy as it stands now, and whether it is new. Said again as it stands, nothing happens.

    Raises ImpossibleVacancy, PreconditionRequired or PreconditionFailed.
    """
    faults = find_faults(given.model_dump(), clock.today())
    if faults:
        raise ImpossibleVacancy(
            "; ".join(f"{fault.field}: {fault.detail}" for fault in faults),
            errors=[FieldError(pointer=f"#/{fault.field}", value=fault.value, detail=fault.detail) for fault in faults],
        )
    row = (await store.vacancies.lock_vacancies(session, [_values(reference, given)]))[reference]
    new = row.sequence == 0
    if new:
        refuse_version_of_nothing(reference, if_match)
    elif _says(row) == given.model_dump():
        return row, False
    else:
        check_version(row, if_match)
    years = {row.posted.year, given.posted.year}
    await state_all(session, [_put(row, given)])
    await draw_gender_texts(session, years)
    return row, new


async def register_vacancies(
    session: AsyncSession, rows: Sequence[RowAnswer | VacancyRow], *, dry_run: bool
) -> VacancyBatch:
    """Every row of a batch, answered; all are stored or, where one is refused, none. A row that could not be read is its answer already.

    Raises RowsRefused with every row's answer, but for a dry run.
    """
    given = [row for row in rows if isinstance(row, VacancyRow)]
    if dry_run or not given:
        known = await store.vacancies.find_vacancies(session, [row.reference for row in given])
    else:
        first = {row.reference: _values(row.reference, row) for row in reversed(given)}
        known = await store.vacancies.lock_vacancies(session, list(first.values()))
    items = _decide(rows, known)
    refused = [item for item in items if item.outcome == "refused"]
    if not dry_run and not refused:
        await _store(session, items, given, known)
    counts = Counter(PLANNED.get(item.outcome, item.outcome) if dry_run else item.outcome for item in items)
    if dry_run:
        items = [item.model_copy(update={"outcome": PLANNED.get(item.outcome, item.outcome)}) for item in items]
    batch = VacancyBatch(dry_run=dry_run, rows=len(items), counts=dict(counts), items=items)
    if refused and not dry_run:
        raise _refusal(batch, refused)
    return batch


def _decide(rows: Sequence[RowAnswer | VacancyRow], known: dict[str, Vacancy]) -> list[RowAnswer]:
    items: list[RowAnswer] = []
    seen: dict[str, int] = {}
    today = clock.today()
    for number, row in enumerate(rows, 1):
        if isinstance(row, RowAnswer):
            items.append(row)
            continue
        values = row.model_dump(include=set(FIELDS))
        refused = [
            Refusal(field=fault.field, value=fault.value, rule=ImpossibleVacancy.slug, detail=fault.detail)
            for fault in find_faults(values, today)
        ]
        first = seen.setdefault(row.reference, number)
        if first != number:
            detail = f"row {first} has the same reference"
            refused.append(Refusal(field="reference", value=row.reference, rule="twice", detail=detail))
        found = known.get(row.reference)
        version = found.sequence if found is not None else 0
        same = version > 0 and found is not None and _says(found) == values
        if row.version is not None and row.version != version and not same:
            detail = f"others have changed it since version {row.version}: version {version} stands"
            refused.append(Refusal(field="version", value=row.version, rule="stale-version", detail=detail))
        outcome: Outcome = "refused" if refused else "unchanged" if same else "updated" if version else "registered"
        items.append(
            RowAnswer(row=number, reference=row.reference, outcome=outcome, version=version or None, refused=refused)
        )
    return items


async def _store(
    session: AsyncSession, items: list[RowAnswer], given: Sequence[VacancyRow], known: dict[str, Vacancy]
) -> None:
    by_reference = {row.reference: row for row in given}
    changed = [item for item in items if item.outcome in PLANNED and item.reference is not None]
    pairs = [(known[str(one.reference)], by_reference[str(one.reference)]) for one in changed]
    years = {posted.year for row, said in pairs for posted in (row.posted, said.posted)}
    await state_all(session, [_put(row, said) for row, said in pairs])
    await draw_gender_texts(session, years)
    for item in changed:
        item.version = known[str(item.reference)].sequence


def _refusal(batch: VacancyBatch, refused: list[RowAnswer]) -> RowsRefused:
    errors = [
        FieldError(pointer=f"#/{item.row}/{one.field}", value=one.value, detail=one.detail)
        for item in refused
        for one in item.refused
    ]
    detail = f"{len(refused)} of {batch.rows} rows are refused, and nothing is registered"
    return RowsRefused(
        detail, errors=errors[:MOST_NAMED], members=batch.model_dump(mode="json", include={"counts", "items"})
    )


def _values(reference: str, given: NewVacancy) -> dict[str, Any]:
    return {"key": reference, "sequence": 0, **given.model_dump(include=set(FIELDS))}


def _says(row: Vacancy) -> dict[str, Any]:
    """The row in the words of a request."""
    return {name: getattr(row, name) for name in FIELDS}


def _put(row: Vacancy, given: NewVacancy) -> Stated:
    for name, value in given.model_dump(include=set(FIELDS)).items():
        setattr(row, name, value)
    kind = VacancyUpdated if row.sequence else VacancyRegistered
    return Stated(kind(**dict(row.state())), row, given.model_dump(mode="json", include=set(FIELDS)))
