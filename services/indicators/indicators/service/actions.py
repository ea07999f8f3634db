"""Commands on accelerating actions: add one, define one wholly, change some of it."""

from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from indicators import store
from indicators.models import Action, Indicator
from indicators.schemas.actions import ActionChange, ActionDefinition, NewAction
from indicators.service import stating
from indicators.service.custody import check_units
from shared.errors import Conflict, invalid
from shared.events.indicators import ActionAdded, ActionUpdated
from shared.versions import check_version, refuse_version_of_nothing


class ActionExists(Conflict):
    slug = "action-exists"


async def add_action(session: AsyncSession, plan: str, given: NewAction, units: store.definitions.Scope) -> Action:
    """The action is there, for indicators within the caller's scope. Raises ActionExists, Unprocessable."""
    await _check_indicators(session, plan, given, units)
    if await store.definitions.claim(session, Action, f"{plan}/{given.code}") is not None:
        raise ActionExists(f"there is an action {given.code} in the plan {plan} already")
    action = Action(key=f"{plan}/{given.code}", sequence=0, plan=plan, code=given.code)
    session.add(action)
    _set(action, store.definitions.columns_of(Action, given))
    await stating.state(session, ActionAdded.model_validate(action.state().model_dump()), action)
    return action


async def define_action(
    session: AsyncSession,
    plan: str,
    code: str,
    given: ActionDefinition,
    if_match: int | None,
    units: store.definitions.Scope,
) -> tuple[Action, bool]:
    """The action is as given; whether it is new. Another unit's action is as if absent, so its code is taken (409)."""
    columns = store.definitions.columns_of(Action, given)
    action = await store.definitions.claim(session, Action, f"{plan}/{code}")
    if action is None:
        refuse_version_of_nothing(f"{plan}/{code}", if_match)
        return await add_action(session, plan, NewAction(code=code, **given.model_dump()), units), True
    if units is not None and not set(units) & set(action.custodians):
        raise ActionExists(f"there is an action {code} in the plan {plan} already")
    if _same(action, columns):
        return action, False
    check_version(action, if_match)
    await _check_indicators(session, plan, given, units)
    _set(action, columns)
    await stating.state(session, ActionUpdated.model_validate(action.state().model_dump()), action)
    return action, False


async def update_action(
    session: AsyncSession,
    plan: str,
    code: str,
    given: ActionChange,
    if_match: int | None,
    units: store.definitions.Scope,
) -> Action:
    """What `given` names is changed. Raises NoSuchAction, PreconditionRequired, PreconditionFailed."""
    action = await store.actions.get_action(session, plan, code, units, lock=True)
    check_version(action, if_match)
    changes = given.model_dump(exclude_unset=True)
    if "state" in changes:
        changes["status"] = changes.pop("state")
    for name in ("text", "status", "needs_funding", "responsible_roles"):
        if name in changes and changes[name] is None:
            raise invalid(f"#/{'state' if name == 'status' else name}", None, "cannot be taken away")
    check_times(changes.get("starts", action.starts), changes.get("due", action.due))
    if not all(getattr(action, name) == value for name, value in changes.items()):
        for name, value in changes.items():
            setattr(action, name, value)
        await stating.state(session, ActionUpdated.model_validate(action.state().model_dump()), action)
    return action


def check_times(starts: date | None, due: date | None) -> None:
    """Raises Unprocessable where the action would be due before it starts."""
    if starts is not None and due is not None and due < starts:
        raise invalid("#/due", due, f"cannot be before the action starts, {starts}")


async def _check_indicators(
    session: AsyncSession, plan: str, given: ActionDefinition, units: store.definitions.Scope
) -> None:
    check_times(given.starts, given.due)
    await store.definitions.get_plan(session, plan)
    if units is not None and not set(units) & set(given.custodians):
        raise invalid(
            "#/custodians", given.custodians, f"one of your units must be among them: {', '.join(sorted(units))}"
        )
    await check_units(session, given.custodians, "#/custodians")
    found: dict[str, Indicator] = {}
    for place, code in enumerate(given.indicators):
        try:
            found[code] = await store.definitions.get_indicator(session, plan, code, units)
        except store.definitions.NoSuchIndicator as error:
            raise invalid(f"#/indicators/{place}", code, f"there is no such indicator in the plan {plan}") from error
    known = {target["place"] for indicator in found.values() for target in indicator.targets}
    for number, where in enumerate(given.places):
        if where not in known:
            raise invalid(f"#/places/{number}", where, "none of these indicators has a target there")


def _columns(columns: dict[str, Any]) -> dict[str, Any]:
    return {("status" if name == "state" else name): value for name, value in columns.items()}


def _same(action: Action, columns: dict[str, Any]) -> bool:
    return all(getattr(action, name) == value for name, value in _columns(columns).items())


def _set(action: Action, columns: dict[str, Any]) -> None:
    for name, value in _columns(columns).items():
        setattr(action, name, value)
