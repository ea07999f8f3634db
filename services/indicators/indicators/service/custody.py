"""The command on custodians: replace, add or end them from a day on, with a reason. Nothing that was reported moves with them."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from indicators import rules, store
from indicators.models import Indicator
from indicators.schemas.custody import CustodyChange
from indicators.service import stating
from shared import clock
from shared.errors import Conflict, invalid
from shared.events.indicators import Custodianship, IndicatorDefined
from shared.versions import check_version


class SameCustodians(Conflict):
    slug = "same-custodians"


async def change_custodians(
    session: AsyncSession, plan_code: str, code: str, given: CustodyChange, if_match: int | None
) -> Indicator:
    """The indicator has the custodians that follow from `given`; what former ones kept and reported stays attributed to them.

    Raises NoSuchIndicator, SameCustodians, Unprocessable, PreconditionRequired, PreconditionFailed.
    """
    plan = await store.definitions.get_plan(session, plan_code)
    indicator = await store.definitions.get_indicator(session, plan_code, code, None, lock=True)
    check_version(indicator, if_match)
    today = rules.calendar.day_in(clock.now(), plan.timezone)
    since = given.since or today
    if since > today:
        raise invalid("#/since", since, "is in the future; the change can be made on the day")
    custodians = _custodians(indicator, given)
    begun = [unit for unit in given.units if unit in custodians and unit not in indicator.custodians]
    await check_units(session, given.units, "#/units", begun, (since, since))
    kept = [Custodianship.model_validate(one) for one in indicator.custodianships]
    late = next((one for one in kept if one.until is None and one.since is not None and one.since > since), None)
    if late is not None:
        raise invalid("#/since", since, f"{late.unit} has kept the indicator since {late.since} only")
    indicator.custodians = custodians
    indicator.custodianships = [one.model_dump(mode="json") for one in rules.custody.hand_over(kept, custodians, since)]
    event = IndicatorDefined.model_validate(indicator.state().model_dump())
    await stating.state(session, event, indicator, given.reason)
    return indicator


def _custodians(indicator: Indicator, given: CustodyChange) -> list[str]:
    now = indicator.custodians
    for place, unit in enumerate(given.units):
        if given.change == "end" and unit not in now:
            raise invalid(f"#/units/{place}", unit, f"is no custodian; they are {', '.join(now)}")
    match given.change:
        case "replace":
            custodians = [*given.units]
        case "add":
            custodians = [*now, *(unit for unit in given.units if unit not in now)]
        case "end":
            custodians = [unit for unit in now if unit not in given.units]
    if not custodians:
        raise invalid("#/units", given.units, "an indicator has one custodian at the least")
    if set(custodians) == set(now):
        raise SameCustodians(f"the custodians of {indicator.code} are {', '.join(now)} already")
    return custodians


async def check_units(
    session: AsyncSession,
    codes: Sequence[str],
    pointer: str,
    begun: Collection[str] = (),
    days: tuple[date, date] = (date.min, date.max),
) -> None:
    """Every unit is known and named once, and those in `begun` exist on one of `days` (first, last). Raises Unprocessable."""
    units = await store.definitions.units_by_code(session, codes)
    for place, code in enumerate(codes):
        here = f"{pointer}/{place}"
        if code not in units:
            raise invalid(here, code, "there is no such unit")
        if code in codes[:place]:
            raise invalid(here, code, "stands there twice")
        gone = rules.custody.why_not(units[code].state(), *days) if code in begun else None
        if gone is not None:
            raise invalid(here, code, gone)
