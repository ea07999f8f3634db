"""What scenarios assume: parameters that are given, and the turnover of the latest account that tells it in place of those
that are not.

What must not break: the turnover comes from the account as it is shown to everybody.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from fastapi import Depends, Query

from hr_diversity import store
from hr_diversity.api.measures import measure_of
from hr_diversity.measures.flows import FLOWS
from hr_diversity.measures.measure import Measure
from hr_diversity.rules import turnover
from hr_diversity.rules.outlook import Assumed
from hr_diversity.rules.turnover import Unknown
from hr_diversity.schemas.flows import Flows
from hr_diversity.schemas.parity import Turnover
from shared.database import Reader
from shared.errors import FieldError, NotFound, Unprocessable
from shared.events.hr_diversity import Cell, MeasureState

MOST_ACCOUNTS = 5
"""So many accounts are gone back to find one that tells the line's turnover; the answer names its days."""
People = Annotated[Decimal, Query(ge=0, le=10_000_000, max_digits=10, decimal_places=2)]
Percent = Annotated[Decimal, Query(ge=0, le=100, max_digits=6, decimal_places=3)]


class UnknownGroup(NotFound):
    slug = "unknown-group"


class TurnoverUnknown(Unprocessable):
    slug = "turnover-unknown"


class NotAStock(Unprocessable):
    slug = "not-a-stock"


class Parameters:
    """As they were asked; None: not given."""

    def __init__(
        self,
        separations: Annotated[
            People | None, Query(description="people who leave each year; else as between the last two snapshots")
        ] = None,
        women_appointed: Annotated[
            Percent | None,
            Query(description="women among those who come, per cent; else as between the last two snapshots"),
        ] = None,
        appointments: Annotated[
            People | None,
            Query(
                description="people who come each year; else as many as leave, where these are given, or as came last"
            ),
        ] = None,
        women_leaving: Annotated[
            Percent | None,
            Query(description="women among those who leave, per cent; else as left last, or their share of the stock"),
        ] = None,
    ) -> None:
        self.separations, self.appointments = separations, appointments
        self.women_appointed, self.women_leaving = women_appointed, women_leaving


Given = Annotated[Parameters, Depends()]


async def assume(
    session: Reader, measure: Measure, state: MeasureState, group: str | None, given: Parameters, target: Decimal
) -> Assumed:
    """Raises TurnoverUnknown where something is not given and the flows do not tell it."""
    leave, share = given.separations, given.women_appointed
    come = leave if given.appointments is None else given.appointments
    if leave is not None and share is not None and come is not None:
        stay = None if given.women_leaving is None else Fraction(given.women_leaving)
        return Assumed(Fraction(leave), Fraction(come), Fraction(share), stay, Fraction(target), None)
    found = await _find_turnover(session, measure, state, group)
    missing = [name for name, value in (("separations", leave), ("women_appointed", share)) if value is None]
    if isinstance(found, Unknown):
        raise _unknown(missing, found.why)
    year = turnover.yearly(found)
    appointed = year.women_appointed if share is None else Fraction(share)
    if appointed is None:
        raise _unknown(["women_appointed"], f"nobody came from {found.since} to {found.as_of}")
    leaving = year.women_leaving if leave is None else None
    return Assumed(
        separations=year.separations if leave is None else Fraction(leave),
        appointments=year.appointments if come is None else Fraction(come),
        women_appointed=appointed,
        women_leaving=leaving if given.women_leaving is None else Fraction(given.women_leaving),
        target=Fraction(target),
        turnover=found,
    )


def _unknown(missing: list[str], why: str) -> TurnoverUnknown:
    return TurnoverUnknown(
        f"{why}; give {' and '.join(missing)}",
        errors=[FieldError(parameter=name, value=None, detail=f"not given, and {why}") for name in missing],
    )


async def _find_turnover(
    session: Reader, measure: Measure, state: MeasureState, group: str | None
) -> Turnover | Unknown:
    place = turnover.place_of(measure, group)
    if place is None:
        return Unknown(f"flows are not drawn for {measure.code}{f' of {group}' if group else ''}")
    rows = await store.flows.list_accounts(session, state.source, state.as_of, MOST_ACCOUNTS)
    found = [turnover.find(Flows.model_validate(row.state), place) for row in rows]
    known = next((one for one in found if isinstance(one, Turnover)), None)
    return known or next(iter(found), Unknown(f"there are no flows of {state.source} until {state.as_of}"))


def stock_of(code: str) -> Measure:
    """The measure, of people who are there. Raises UnknownMeasure, or NotAStock where it is of people who came, moved or left."""
    measure = measure_of(code)
    if code in FLOWS:
        detail = "people who came, moved or left are no stock, and have no parity to reach"
        raise NotAStock(f"{code}: {detail}", errors=[FieldError(value=code, detail=detail)])
    return measure


def line_of(state: MeasureState, group: str | None) -> MeasureState | Cell:
    """The total, or the group's line. Raises UnknownGroup."""
    if group is None:
        return state
    for cell in state.cells:
        if cell.group == group:
            return cell
    detail = f"groups are {', '.join(cell.group for cell in state.cells[:100]) or 'none'}"
    raise UnknownGroup(
        f"{state.code} of {state.as_of} has no group {group}; {detail}",
        errors=[FieldError(parameter="group", value=group, detail=detail)],
    )
