"""Published claims, and rules between values."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from indicators.models import Claim, Indicator, Rule
from indicators.store.definitions import _page, find
from shared.errors import NotFound
from shared.events.indicators import IndicatorState
from shared.paging import Page


class NoSuchClaim(NotFound):
    slug = "no-such-claim"


class NoSuchRule(NotFound):
    slug = "no-such-rule"


async def get_claim(session: AsyncSession, plan: str, code: str) -> Claim:
    found = await find(session, Claim, f"{plan}/{code}")
    if found is None:
        raise NoSuchClaim(f"there is no claim {code} in the plan {plan}")
    return found


async def list_claims(
    session: AsyncSession, plan: str, page: Page, *, indicator: str | None = None, concept: str | None = None
) -> tuple[list[Claim], str | None]:
    statement = select(Claim).where(Claim.plan == plan)
    if indicator is not None:
        statement = statement.where(Claim.indicator == indicator)
    if concept is not None:
        statement = statement.where(Claim.concept == concept)
    return await _page(session, statement, Claim.key, page)


async def get_rule(session: AsyncSession, plan: str, code: str) -> Rule:
    found = await find(session, Rule, f"{plan}/{code}")
    if found is None:
        raise NoSuchRule(f"there is no rule {code} in the plan {plan}")
    return found


async def list_rules(session: AsyncSession, plan: str, page: Page) -> tuple[list[Rule], str | None]:
    return await _page(session, select(Rule).where(Rule.plan == plan), Rule.key, page)


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
