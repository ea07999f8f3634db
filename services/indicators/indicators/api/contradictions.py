"""Where what is said disagrees with the figures, or with what is said elsewhere."""

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Query

from indicators import rules, schemas, store
from indicators.api.scope import units_of
from shared.auth import Anyone
from shared.database import Reader
from shared.errors import NotFound, responses
from shared.paging import Page

router = APIRouter(tags=["contradictions"])
ALL = 10_000


@router.get("/contradictions", responses=responses(NotFound))
async def list_contradictions(
    principal: Anyone,
    session: Reader,
    plan: Annotated[
        str | None,
        Query(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$", description="a plan's code; all plans where it is absent"),
    ] = None,
) -> schemas.contradictions.Contradictions:
    """Found by rules over everything that is recorded: what is said with its source, what is computed with its inputs, and by how
    much they differ. A custodian sees those that draw on its own units' indicators, or on none.
    """
    plans = [await store.definitions.get_plan(session, plan)] if plan else await store.facts.list_all_plans(session)
    facts = [await store.facts.facts_of(session, one) for one in plans]
    found = rules.contradictions.find(facts)
    units = units_of(principal)
    if units is not None:
        own = set[str]()
        for one in plans:
            rows, _ = await store.definitions.list_indicators(session, one.key, units, Page(ALL, None))
            own |= {row.code for row in rows}
        found = [item for item in found if set(item.indicators) <= own]
    counts: dict[str, Counter[str]] = {}
    for item in found:
        counts.setdefault(item.severity, Counter())[item.rule.partition(":")[0]] += 1
    return schemas.contradictions.Contradictions(
        items=found, counts={severity: dict(of) for severity, of in sorted(counts.items())}
    )
