"""One function per command: load and lock, decide, store, record the event. Nothing is committed here."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from recommendations import rules, store
from recommendations.models import Evaluation, FollowUpAction, Recommendation
from recommendations.schemas import FollowUpChange, NewEvaluation, NewFollowUpAction, NewRecommendation, NewResponse
from shared import clock, outbox
from shared.auth import Principal
from shared.errors import Conflict, FieldError, PreconditionFailed, Unprocessable, invalid
from shared.events.base import Event
from shared.events.recommendations import (
    EvaluationRegistered,
    FollowUpActionAdded,
    FollowUpActionUpdated,
    RecommendationMade,
    ResponseGiven,
)
from shared.versions import check_version, etag


class UnknownSource(Unprocessable):
    slug = "unknown-source"


class NotAccepted(Conflict):
    slug = "recommendation-not-accepted"


class FollowUpOpen(Conflict):
    slug = "follow-up-open"


async def register_evaluation(
    session: AsyncSession, code: str, given: NewEvaluation, if_match: int | None
) -> tuple[Evaluation, bool]:
    """The evaluation is in the register as `given`; (row, whether it is new). The same again states nothing.

    Raises PreconditionRequired or PreconditionFailed where it exists otherwise.
    """
    columns = given.model_dump(mode="json")
    row = await store.claim_evaluation(session, code)
    if row is None:
        _refuse_version_of_nothing(code, if_match)
        row = Evaluation(key=code, **columns)
        session.add(row)
        await _record(session, EvaluationRegistered, row)
        return row, True
    if _change(row, columns, if_match):
        await _record(session, EvaluationRegistered, row)
    return row, False


async def make_recommendation(
    session: AsyncSession, source: str, number: int, given: NewRecommendation, if_match: int | None
) -> tuple[Recommendation, bool]:
    """The recommendation is in the register as `given`; (row, whether it is new). Response and follow-up stay as they are, and
    the same again states nothing.

    Raises UnknownSource, Unprocessable for a field, PreconditionRequired or PreconditionFailed.
    """
    # locked, so that of two who make the same recommendation the second one finds it, and what is depended on stands still
    if await store.find_evaluation(session, source, lock=True) is None:
        detail = "there is no such evaluation in the register"
        raise UnknownSource(
            f"source: {detail} (got {source!r})", errors=[FieldError(parameter="source", value=source, detail=detail)]
        )
    _refuse(rules.fault_of_sub_actions([(part.number, part.parent) for part in given.sub_actions]))
    known = await store.list_numbers(session, source) if given.depends_on else []
    _refuse(rules.fault_of_dependencies(number, given.depends_on, known))
    columns = given.model_dump(mode="json")
    row = await store.find_recommendation(session, source, number)
    if row is None:
        key = store.key_of(source, number)
        _refuse_version_of_nothing(key, if_match)
        row = Recommendation(key=key, source=source, number=number, follow_up=[], **columns)
        row.state = rules.status_of(None, [])
        session.add(row)
        await _record(session, RecommendationMade, row)
        return row, True
    if _change(row, columns, if_match):
        await _record(session, RecommendationMade, row)
    return row, False


async def give_response(
    session: AsyncSession, caller: Principal, source: str, number: int, given: NewResponse, if_match: int | None
) -> Recommendation:
    """Management's answer is `given`, in place of an earlier one, which takes the version (`if_match`) to change.

    Raises NoSuchRecommendation, also for another unit's; Unprocessable; PreconditionRequired; PreconditionFailed; FollowUpOpen
    where a rejection would leave follow-up actions open.
    """
    row = await store.get_recommendation(session, source, number, _scope_of(caller), lock=True)
    if row.answer is not None or if_match is not None:
        check_version(row, if_match)
    today = clock.today()
    given_on = given.given_on or today
    _refuse(rules.fault_of_response(given.answer, given.reason, given_on, today))
    still_open = [action.number for action in row.follow_up if rules.is_open(action.state)]
    if given.answer == "rejected" and still_open:
        raise FollowUpOpen(
            f"{row.key} cannot be rejected while follow-up actions {still_open} are open; close them first"
        )
    row.answer, row.reason, row.given_on, row.given_by = given.answer, given.reason, given_on, caller.actor
    await _record_follow_up(session, ResponseGiven, row)
    return row


async def add_follow_up_action(
    session: AsyncSession, caller: Principal, source: str, number: int, given: NewFollowUpAction, if_match: int | None
) -> Recommendation:
    """The recommendation has one more action, with the next number.

    Raises NoSuchRecommendation, also for another unit's; NotAccepted; Unprocessable; PreconditionFailed.
    """
    row = await store.get_recommendation(session, source, number, _scope_of(caller), lock=True)
    if if_match is not None:
        check_version(row, if_match)
    _refuse_unless_accepted(row)
    _refuse(rules.fault_of_follow_up(given.state, given.note, given.evidence))
    await _refuse_absent_units(session, given.responsible)
    columns: dict[str, Any] = {**given.model_dump(mode="json"), "due": given.due}
    row.follow_up.append(FollowUpAction(number=len(row.follow_up) + 1, **columns))
    await _record_follow_up(session, FollowUpActionAdded, row)
    return row


async def update_follow_up_action(
    session: AsyncSession,
    caller: Principal,
    source: str,
    number: int,
    action_number: int,
    given: FollowUpChange,
    if_match: int | None,
) -> Recommendation:
    """The fields named in `given` are as given, the others as before. Where nothing is other than before, nothing is stated.

    Raises NoSuchRecommendation, also for another unit's; NoSuchFollowUpAction; PreconditionRequired; PreconditionFailed;
    NotAccepted; Unprocessable.
    """
    row = await store.get_recommendation(session, source, number, _scope_of(caller), lock=True, action=action_number)
    action = store.get_follow_up_action(row, action_number)
    check_version(row, if_match)
    _refuse_unless_accepted(row)
    named = given.model_dump(mode="json", exclude_unset=True)
    if given.due is not None:
        named["due"] = given.due
    state = given.state or action.state
    said = named if state != action.state else {"note": action.note, "evidence": action.evidence, **named}
    _refuse(rules.fault_of_follow_up(state, said.get("note"), said.get("evidence", [])))
    await _refuse_absent_units(session, given.responsible or [])
    if _assign(action, named):
        await _record_follow_up(session, FollowUpActionUpdated, row)
    return row


async def _refuse_absent_units(session: AsyncSession, responsible: Sequence[str]) -> None:
    absent = await store.absent_units(session, responsible)
    if absent:
        raise invalid(f"#/responsible/{responsible.index(absent[0])}", absent[0], "there is no such unit")


def _scope_of(caller: Principal) -> store.Scope:
    return None if caller.has("evaluation-office", "operator") else caller.units


def _change(row: Evaluation | Recommendation, columns: dict[str, Any], if_match: int | None) -> bool:
    """Whether one of `columns` is other than before; only then a version is asked for (and a refusal undoes the change)."""
    changed = _assign(row, columns)
    if changed:
        check_version(row, if_match)
    return changed


def _assign(row: Evaluation | Recommendation | FollowUpAction, columns: dict[str, Any]) -> bool:
    """Whether one of `columns` is other than before."""
    changed = {name: value for name, value in columns.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


def _refuse(fault: rules.Fault | None) -> None:
    if fault is not None:
        raise invalid(fault.pointer, fault.value, fault.detail)


def _refuse_unless_accepted(row: Recommendation) -> None:
    if row.answer not in {"accepted", "partially_accepted"}:
        raise NotAccepted(f"{row.key} has no follow-up: its state is {row.state}; it takes a response that accepts it")


def _refuse_version_of_nothing(key: str, if_match: int | None) -> None:
    if if_match is not None:
        detail = f"{key} does not exist yet"
        raise PreconditionFailed(detail, errors=[FieldError(header="If-Match", value=etag(if_match), detail=detail)])


async def _record_follow_up(session: AsyncSession, fact: type[Event], row: Recommendation) -> None:
    row.state = rules.status_of(row.answer, [action.state for action in row.follow_up])
    await _record(session, fact, row)


async def _record(session: AsyncSession, fact: type[Event], row: Evaluation | Recommendation) -> None:
    await outbox.record(session, fact.model_validate(row.details().model_dump()), row)
