"""Routes of geographic representation: the data and policies that are put, the table of a snapshot, and one vacancy against both gaps."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from hr_diversity import store
from hr_diversity.api.snapshots import Source
from hr_diversity.api.vacancies import Reference
from hr_diversity.measures.composition import BY_GRADE_REGULAR
from hr_diversity.measures.cubes import COUNTED
from hr_diversity.measures.ladder import REGULAR_BUDGET
from hr_diversity.models import RangeInputs, RangePolicy, Representation, Vacancy
from hr_diversity.rules.representation import RULES
from hr_diversity.rules.representation.table import Detail, compose
from hr_diversity.rules.representation.vacancy import choose, cross, list_groups
from hr_diversity.schemas.representation import (
    CODE,
    Inputs,
    NewInputs,
    NewPolicy,
    RangePolicies,
    RepresentationTable,
    RuleEntry,
    VacancyView,
)
from hr_diversity.schemas.representation import RangePolicy as PolicyState
from hr_diversity.schemas.representation_table import KeptTable
from hr_diversity.service import ranges, representation
from hr_diversity.service.disclosures import disclose
from shared.auth import Anyone, allow
from shared.database import Reader, Session
from shared.errors import (
    BadRequest,
    Conflict,
    FieldError,
    Forbidden,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    TooLarge,
    Unprocessable,
    responses,
)
from shared.events.hr_diversity import MeasureState
from shared.limits import SmallBodyRoute
from shared.parameters import refuse_unknown_parameters
from shared.versions import IfMatch, etag

router = APIRouter(
    prefix="/representation",
    tags=["representation"],
    route_class=SmallBodyRoute,
    dependencies=[Depends(refuse_unknown_parameters)],
)
KEEPER = [Depends(allow("operator", "hr-feeder"))]
READER = [Depends(allow("reader"))]
Code = Annotated[str, Path(pattern=CODE)]
AsOf = Annotated[date | None, Query(description="the latest for this day or before; else the latest")]
Policy = Annotated[str | None, Query(pattern=CODE, description="code of a policy; else the one that comes first")]
REFUSED = responses(BadRequest, PreconditionFailed, PreconditionRequired, TooLarge, Unprocessable)


class PolicyNotInForce(NotFound):
    slug = "policy-not-in-force"


class RowsDeleted(Conflict):
    slug = "rows-deleted"


def _inputs(row: RangeInputs) -> Inputs:
    return Inputs(code=row.code, version=row.sequence, **row.said)


@router.put(
    "/inputs/{code}",
    dependencies=KEEPER,
    response_model=Inputs,
    responses={201: {"model": Inputs, "description": "There was no edition of this day"}, **REFUSED},
)
async def put_inputs(request: Request, session: Session, code: Code, body: NewInputs, if_match: IfMatch) -> Response:
    """Member States with population and scale of assessments from a day on: a new edition, or another wording of one (If-Match)."""
    row, new, changed = await ranges.put_inputs(session, code, body, if_match)
    if changed:
        await representation.tell_further(session, row.effective_from, request.app.state.settings.suppression_threshold)
    return _answer(_inputs(row).model_dump_json(), row.sequence, new=new)


@router.get("/inputs/{code}", dependencies=READER, response_model=Inputs, responses=responses(NotFound))
async def get_inputs(session: Reader, code: Code, as_of: AsOf = None) -> Response:
    """The edition in force on the day."""
    row = await store.representation.find_edition(session, RangeInputs, code, as_of)
    if row is None:
        raise store.representation.UnknownInputs(f"{code}: there are no such inputs until {as_of or 'today'}")
    return _answer(_inputs(row).model_dump_json(), row.sequence)


@router.put(
    "/policies/{code}",
    dependencies=KEEPER,
    response_model=PolicyState,
    responses={201: {"model": PolicyState, "description": "There was no edition of this day"}, **REFUSED},
)
async def put_policy(request: Request, session: Session, code: Code, body: NewPolicy, if_match: IfMatch) -> Response:
    """Which rule with which parameters, base and inputs applies from a day on; policies of several codes apply side by side."""
    row, new, changed = await ranges.put_policy(session, code, body, if_match)
    if changed:
        await representation.tell_further(session, row.effective_from, request.app.state.settings.suppression_threshold)
    return _answer(ranges.policy_state(row).model_dump_json(), row.sequence, new=new)


@router.get("/policies", dependencies=READER)
async def list_policies(session: Reader) -> RangePolicies:
    """Every policy with the defaults of its rule, and the rules there are."""
    rows = await store.representation.list_editions(session, RangePolicy)
    return RangePolicies(
        items=[ranges.policy_state(row) for row in rows],
        rules=[RuleEntry.model_validate(rule) for rule in RULES.values()],
    )


@router.get("/policies/{code}", dependencies=READER, response_model=PolicyState, responses=responses(NotFound))
async def get_policy(session: Reader, code: Code, as_of: AsOf = None) -> Response:
    """The edition in force on the day."""
    row = await store.representation.find_edition(session, RangePolicy, code, as_of)
    if row is None:
        raise store.representation.UnknownPolicy(f"{code}: there is no such policy until {as_of or 'today'}")
    return _answer(ranges.policy_state(row).model_dump_json(), row.sequence)


@router.get("", responses=responses(Conflict, Forbidden, NotFound))
async def get_representation(
    request: Request,
    principal: Anyone,
    session: Session,
    policy: Policy = None,
    as_of: AsOf = None,
    source: Source | None = None,
    detail: Annotated[Detail, Query(description="full: nothing withheld, for the HR role and on record")] = "published",
) -> RepresentationTable:
    """Countries with their ranges, their posts and statuses, as they may be shown; women and men of those who count."""
    if detail == "full":
        await disclose(session, principal, f"{request.url.path}?{request.url.query}")
    row = await store.representation.get_table(session, as_of, source)
    table = KeptTable.model_validate(row.shown)
    if detail == "full":
        full = await representation.show_full(session, row, table)
        if full is None:
            raise RowsDeleted(f"the rows of the snapshot of {row.as_of} are deleted; what was published of it stays")
        table = full
    shown = compose(table, policy, _about(row), detail)
    if shown is None:
        raise _not_in_force(policy, row, table)
    return shown


@router.get("/vacancies/{reference}", dependencies=READER, responses=responses(Conflict, NotFound))
async def weigh_vacancy(
    session: Reader,
    reference: Reference,
    policy: Policy = None,
    as_of: AsOf = None,
    source: Source | None = None,
    target: Annotated[
        Decimal, Query(ge=0, le=100, max_digits=6, decimal_places=3, description="share of women, per cent")
    ] = Decimal(50),
) -> VacancyView:
    """What a recruit does to the share of women at the grade and to the number of countries within their range, by published figures."""
    vacancy = await store.vacancies.get_vacancy(session, reference)
    row = await store.representation.get_table(session, as_of, source)
    table = KeptTable.model_validate(row.shown)
    chosen = choose(table, policy)
    if chosen is None and policy is not None:
        raise _not_in_force(policy, row, table)
    women, men = await _at_grade(session, vacancy, row)
    counts = bool(vacancy.geographic_post) and vacancy.funding == REGULAR_BUDGET and vacancy.grade in COUNTED
    return VacancyView(
        reference=reference,
        grade=vacancy.grade,
        open=vacancy.on_post is None and vacancy.cancelled is None,
        counts=counts,
        source=row.source,
        as_of=row.as_of,
        policy=None if chosen is None else chosen.said.code,
        target=target,
        women=women,
        men=men,
        groups=[] if chosen is None or not counts else list_groups(table, chosen),
        matrix=cross(table, chosen if counts else None, women, men, target),
    )


async def _at_grade(session: Reader, vacancy: Vacancy, row: Representation) -> tuple[int | None, int | None]:
    """Women and men at the grade on the regular budget, as published for the day."""
    measure = await store.measures.find_measure(session, BY_GRADE_REGULAR.code, row.as_of, row.source)
    if measure is None:
        return None, None
    cells = MeasureState.model_validate(measure.state).cells
    cell = next((one for one in cells if one.group == vacancy.grade), None)
    return (None, None) if cell is None else (cell.women, cell.men)


def _about(row: Representation) -> Mapping[str, Any]:
    return {"source": row.source, "as_of": row.as_of, "snapshot": row.snapshot_id, "revision": row.revision}


def _not_in_force(policy: str | None, row: Representation, table: KeptTable) -> PolicyNotInForce:
    detail = f"in force are {', '.join(one.said.code for one in table.policies) or 'none'}"
    return PolicyNotInForce(
        f"{policy} was not in force on {row.as_of}; {detail}",
        errors=[FieldError(parameter="policy", value=policy, detail=detail)],
    )


def _answer(body: str, version: int, *, new: bool = False) -> Response:
    return Response(body, 201 if new else 200, {"ETag": etag(version)}, "application/json")
