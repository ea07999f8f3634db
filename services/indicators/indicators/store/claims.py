"""Published claims, and rules between values."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from indicators.models import Claim, Indicator, Rule
from indicators.store.definitions import Scope, _page, of_units
from shared.errors import NotFound
from shared.events.indicators import IndicatorState
from shared.paging import Page


class NoSuchClaim(NotFound):
    slug = "no-such-claim"


class NoSuchRule(NotFound):
    slug = "no-such-rule"


def _claims_of(units: Scope) -> ColumnElement[bool]:
    """Of no indicator, or of one of theirs."""
    if units is None:
        return true()
    own = exists().where(
        Indicator.plan == Claim.plan, Indicator.code == Claim.indicator, of_units(Indicator.custodians, units)
    )
    return or_(Claim.indicator.is_(None), own)


def _rules_of(units: Scope) -> ColumnElement[bool]:
    """With a term of one of their indicators: its results are held to the rule, whoever keeps the others."""
    if units is None:
        return true()
    term = func.jsonb_build_array(func.jsonb_build_object("indicator", Indicator.code))
    return exists().where(
        Indicator.plan == Rule.plan,
        or_(Rule.left.contains(term), Rule.right.contains(term)),
        of_units(Indicator.custodians, units),
    )


async def get_claim(session: AsyncSession, plan: str, code: str, units: Scope) -> Claim:
    """Raises NoSuchClaim, also where it is of an indicator of none of `units`."""
    statement = select(Claim).where(Claim.key == f"{plan}/{code}", _claims_of(units))
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NoSuchClaim(f"there is no claim {code} in the plan {plan}")
    return found


async def list_claims(
    session: AsyncSession,
    plan: str,
    units: Scope,
    page: Page,
    *,
    indicator: str | None = None,
    concept: str | None = None,
) -> tuple[list[Claim], str | None]:
    statement = select(Claim).where(Claim.plan == plan, _claims_of(units))
    if indicator is not None:
        statement = statement.where(Claim.indicator == indicator)
    if concept is not None:
        statement = statement.where(Claim.concept == concept)
    return await _page(session, statement, Claim.key, page)


async def get_rule(session: AsyncSession, plan: str, code: str, units: Scope) -> Rule:
    """Raises NoSuchRule, also where it has no term of an indicator of `units`."""
    statement = select(Rule).where(Rule.key == f"{plan}/{code}", _rules_of(units))
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NoSuchRule(f"there is no rule {code} in the plan {plan}")
    return found


async def list_rules(session: AsyncSession, plan: str, units: Scope, page: Page) -> tuple[list[Rule], str | None]:
    return await _page(session, select(Rule).where(Rule.plan == plan, _rules_of(units)), Rule.key, page)


async def indicators_held(session: AsyncSession, plan: str, codes: Sequence[str]) -> dict[str, Indicator]:
    """Those of `codes` that the plan has; their definitions stand still until the transaction ends."""
    statement = (
        select(Indicator)
        .where(Indicator.key.in_([f"{plan}/{code}" for code in codes]))
        .order_by(Indicator.key)
        .with_for_update(read=True)
    )
    return {row.code: row for row in (await session.execute(statement)).scalars()}


async def rules_about(session: AsyncSession, plan: str, indicators: Sequence[str]) -> list[Rule]:
    """The plan's rules that have a term of one of `indicators`, by code."""
    rows = (await session.execute(select(Rule).where(Rule.plan == plan).order_by(Rule.code))).scalars()
    wanted = set(indicators)
    return [row for row in rows if wanted & {term["indicator"] for term in [*row.left, *row.right]}]


async def indicators_of(session: AsyncSession, plan: str, codes: Sequence[str]) -> list[IndicatorState]:
    """Those of `codes` that the plan has."""
    if not codes:
        return []
    statement = select(Indicator).where(Indicator.key.in_([f"{plan}/{code}" for code in codes])).order_by(Indicator.key)
    return [row.state() for row in (await session.execute(statement)).scalars()]
