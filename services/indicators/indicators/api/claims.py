"""What sources claim, and rules between values: read by everybody, a custodian those of its own indicators; recorded by operators."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from indicators import schemas, store
from indicators.api.scope import KnownPlan, PlanCode, answer, units_of
from indicators.models import Claim, Rule
from indicators.service import claims
from shared.auth import Anyone, allow
from shared.database import Reader, Session
from shared.errors import Conflict, NotFound, PreconditionFailed, PreconditionRequired, responses
from shared.paging import Paging
from shared.versions import IfMatch

router = APIRouter()
OPERATOR = [Depends(allow("operator"))]
CHANGES = responses(NotFound, Conflict, PreconditionFailed, PreconditionRequired)
Code = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")]


def _claim(row: Claim) -> schemas.claims.Claim:
    return schemas.claims.Claim.model_validate({**row.state().model_dump(), "version": row.sequence})


def _rule(row: Rule) -> schemas.claims.Rule:
    return schemas.claims.Rule.model_validate({**row.state().model_dump(), "version": row.sequence})


@router.get("/claims", tags=["claims"], responses=responses(NotFound))
async def list_claims(
    principal: Anyone,
    session: Reader,
    plan: KnownPlan,
    page: Paging,
    indicator: Annotated[str | None, Query(max_length=100, description="an indicator's code")] = None,
    concept: Annotated[str | None, Query(max_length=100)] = None,
) -> schemas.claims.Claims:
    """What sources say of the plan, as they say it. A custodian sees claims of its own units' indicators, and of none."""
    units = units_of(principal)
    rows, following = await store.claims.list_claims(session, plan, units, page, indicator=indicator, concept=concept)
    return schemas.claims.Claims(items=[_claim(row) for row in rows], next=following)


@router.get("/claims/{code}", tags=["claims"], response_model=schemas.claims.Claim, responses=responses(NotFound))
async def get_claim(principal: Anyone, session: Reader, plan: PlanCode, code: Code) -> Response:
    row = await store.claims.get_claim(session, plan, code, units_of(principal))
    return answer(_claim(row), row.sequence)


@router.put(
    "/claims/{code}",
    tags=["claims"],
    dependencies=OPERATOR,
    response_model=schemas.claims.Claim,
    responses={**CHANGES, 201: {"model": schemas.claims.Claim}},
)
async def publish_claim(
    session: Session, plan: PlanCode, code: Code, body: schemas.claims.ClaimDefinition, if_match: IfMatch
) -> Response:
    """Records what a source says beside what is computed, or records it otherwise than before (If-Match)."""
    row, new = await claims.publish_claim(session, plan, code, body, if_match)
    return answer(_claim(row), row.sequence, 201 if new else 200)


@router.get("/rules", tags=["rules"], responses=responses(NotFound))
async def list_rules(principal: Anyone, session: Reader, plan: KnownPlan, page: Paging) -> schemas.claims.Rules:
    """The rules between values that results of the plan are held to. A custodian sees those that its own units' indicators are in."""
    rows, following = await store.claims.list_rules(session, plan, units_of(principal), page)
    return schemas.claims.Rules(items=[_rule(row) for row in rows], next=following)


@router.get("/rules/{code}", tags=["rules"], response_model=schemas.claims.Rule, responses=responses(NotFound))
async def get_rule(principal: Anyone, session: Reader, plan: PlanCode, code: Code) -> Response:
    row = await store.claims.get_rule(session, plan, code, units_of(principal))
    return answer(_rule(row), row.sequence)


@router.put(
    "/rules/{code}",
    tags=["rules"],
    dependencies=OPERATOR,
    response_model=schemas.claims.Rule,
    responses={**CHANGES, 201: {"model": schemas.claims.Rule}},
)
async def define_rule(
    session: Session, plan: PlanCode, code: Code, body: schemas.claims.RuleDefinition, if_match: IfMatch
) -> Response:
    """A new rule between values, or another definition of one that exists (If-Match)."""
    row, new = await claims.define_rule(session, plan, code, body, if_match)
    return answer(_rule(row), row.sequence, 201 if new else 200)
