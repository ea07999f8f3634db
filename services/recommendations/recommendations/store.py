"""Every SQL statement of the service. A scope is part of the statement: what is outside of it is as if absent."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, true, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from recommendations.models import Custodianship, Evaluation, FollowUpAction, Recommendation, Unit
from recommendations.rules import ALL_DEPARTMENTS, APGE_CUSTODIANS
from recommendations.schemas import EvaluationCode, Ordinal
from shared.errors import BadRequest, FieldError, NotFound
from shared.events.recommendations import Level, RecommendationStatus
from shared.operations import Head, digest
from shared.paging import Page

Scope = Collection[str] | None
"""The units for which the caller acts; None for all."""

AFTER_EVALUATION: TypeAdapter[tuple[str]] = TypeAdapter(tuple[EvaluationCode])
AFTER_RECOMMENDATION: TypeAdapter[tuple[str, int]] = TypeAdapter(tuple[EvaluationCode, Ordinal])


class NoSuchEvaluation(NotFound):
    slug = "no-such-evaluation"


class NoSuchRecommendation(NotFound):
    slug = "no-such-recommendation"


class NoSuchFollowUpAction(NotFound):
    slug = "no-such-follow-up-action"


def key_of(source: str, number: int) -> str:
    return f"{source}/{number}"


async def claim_evaluation(session: AsyncSession, code: str) -> Evaluation | None:
    """The row, locked; where there is none, nobody else can make it before this transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"evaluation/{code}", 0))))
    return await find_evaluation(session, code, lock=True)


async def find_evaluation(session: AsyncSession, code: str, *, lock: bool = False) -> Evaluation | None:
    statement = select(Evaluation).where(Evaluation.key == code)
    return (await session.execute(statement.with_for_update() if lock else statement)).scalar_one_or_none()


async def get_evaluation(session: AsyncSession, code: str) -> Evaluation:
    """Raises NoSuchEvaluation."""
    found = await find_evaluation(session, code)
    if found is None:
        raise NoSuchEvaluation(f"{code}: there is no such evaluation here")
    return found


async def list_evaluations(session: AsyncSession, page: Page) -> tuple[list[Evaluation], str | None]:
    statement = select(Evaluation).order_by(Evaluation.key).limit(page.limit + 1)
    after = _place(page, AFTER_EVALUATION)
    if after is not None:
        statement = statement.where(Evaluation.key > after[0])
    rows = (await session.execute(statement)).scalars().all()
    return page.cut(list(rows), lambda row: [row.key])


async def find_recommendation(session: AsyncSession, source: str, number: int) -> Recommendation | None:
    """The row, locked."""
    statement = select(Recommendation).where(Recommendation.key == key_of(source, number)).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def get_recommendation(
    session: AsyncSession,
    source: str,
    number: int,
    units: Scope = None,
    *,
    lock: bool = False,
    action: int | None = None,
) -> Recommendation:
    """Raises NoSuchRecommendation, also where none of `units` is responsible for it, nor for its follow-up action `action`."""
    statement = select(Recommendation).where(
        Recommendation.key == key_of(source, number), _within(units, action) if units is not None else true()
    )
    if lock:
        statement = statement.with_for_update()
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NoSuchRecommendation(f"{key_of(source, number)}: there is no such recommendation here")
    return found


def get_follow_up_action(row: Recommendation, number: int) -> FollowUpAction:
    """Raises NoSuchFollowUpAction."""
    found = next((action for action in row.follow_up if action.number == number), None)
    if found is None:
        raise NoSuchFollowUpAction(f"{row.key} has no follow-up action {number}")
    return found


async def list_recommendations(
    session: AsyncSession,
    page: Page,
    *,
    source: str | None = None,
    unit: str | None = None,
    state: RecommendationStatus | None = None,
    priority: Level | None = None,
) -> tuple[list[Recommendation], str | None]:
    """By source and number. `unit` finds what the unit is responsible for, by its own name or by a group it belongs to."""
    order = tuple_(Recommendation.source, Recommendation.number)
    equal = {Recommendation.source: source, Recommendation.state: state, Recommendation.priority: priority}
    wanted = [column == value for column, value in equal.items() if value is not None]
    if unit is not None:
        wanted.append(_responsible(Recommendation.units, [unit]))
    after = _place(page, AFTER_RECOMMENDATION)
    if after is not None:
        wanted.append(order > after)
    statement = select(Recommendation).where(*wanted).order_by(*order.clauses).limit(page.limit + 1)
    rows = (await session.execute(statement)).scalars().all()
    return page.cut(list(rows), lambda row: [row.source, row.number])


async def list_numbers(session: AsyncSession, source: str) -> list[int]:
    """The recommendations that an evaluation has."""
    return list((await session.execute(select(Recommendation.number).where(Recommendation.source == source))).scalars())


async def absent_units(session: AsyncSession, codes: Sequence[str]) -> list[str]:
    """Those of `codes` that no unit has; none while no unit is known here at all."""
    known = set((await session.execute(select(Unit.code))).scalars())
    return [code for code in codes if known and code not in known]


async def keep_units(session: AsyncSession, kinds: Mapping[str, str]) -> None:
    """Each of `kinds` (unit to its kind) is known as such."""
    statement = upsert(Unit).values([{"code": code, "kind": kind} for code, kind in kinds.items()])
    await session.execute(
        statement.on_conflict_do_update(index_elements=[Unit.code], set_={"kind": statement.excluded.kind})
    )


async def keep_custodians(session: AsyncSession, custodians: Mapping[str, Collection[str]]) -> None:
    """Each indicator of `custodians` has these and no others."""
    await session.execute(delete(Custodianship).where(Custodianship.indicator.in_(custodians)))
    rows = [{"indicator": indicator, "unit": unit} for indicator, units in custodians.items() for unit in set(units)]
    if rows:
        await session.execute(insert(Custodianship), rows)


async def list_heads(session: AsyncSession) -> AsyncIterator[Head]:
    """Version and digest of every aggregate, as its last event carried it."""
    for evaluation in (await session.execute(select(Evaluation).order_by(Evaluation.key))).scalars():
        state = digest(evaluation.details())
        yield Head(aggregate=f"evaluation/{evaluation.key}", sequence=evaluation.sequence, digest=state)
    for row in (await session.execute(select(Recommendation).order_by(Recommendation.key))).scalars():
        yield Head(aggregate=f"recommendation/{row.key}", sequence=row.sequence, digest=digest(row.details()))


def _within(units: Collection[str], action: int | None) -> ColumnElement[bool]:
    owned = _responsible(Recommendation.units, units)
    if action is None:
        return owned
    entrusted = select(FollowUpAction).where(
        FollowUpAction.recommendation == Recommendation.key,
        FollowUpAction.number == action,
        _responsible(FollowUpAction.responsible, units),
    )
    return or_(owned, entrusted.exists())


def _responsible(named: InstrumentedAttribute[list[str]], units: Collection[str]) -> ColumnElement[bool]:
    """One of `units` is among `named`, or belongs at this moment to a group that is."""
    custodian = select(Custodianship).where(Custodianship.unit.in_(units)).exists()
    department = select(Unit).where(Unit.code.in_(units), Unit.kind == "department").exists()
    return or_(
        named.overlap(list(units)),
        and_(named.contains([APGE_CUSTODIANS]), custodian),
        and_(named.contains([ALL_DEPARTMENTS]), department),
    )


def _place(page: Page, shape: TypeAdapter[Any]) -> Any:
    """Where the page begins. Raises BadRequest for the cursor of another list."""
    if page.after is None:
        return None
    try:
        return shape.validate_python(page.after, strict=False)
    except ValidationError as error:
        detail = "this is the cursor of another list"
        raise BadRequest(f"after: {detail}", errors=[FieldError(parameter="after", detail=detail)]) from error
