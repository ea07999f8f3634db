"""The route of the flow accounts.

What must not break: whoever reads published figures gets accounts of consecutive released snapshots, as they were drawn, and no free pairs.
"""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request

from hr_diversity import store
from hr_diversity.api.snapshots import Source
from hr_diversity.schemas.flows import Flows
from hr_diversity.service.disclosures import disclose
from hr_diversity.service.flows import compare_snapshots
from shared.auth import Anyone
from shared.database import Session
from shared.errors import FieldError, Forbidden, NotFound, Unprocessable, responses
from shared.parameters import refuse_unknown_parameters

router = APIRouter(tags=["flows"], dependencies=[Depends(refuse_unknown_parameters)])


class FlowsNotDrawn(NotFound):
    slug = "flows-not-drawn"


class PairNotPublished(Unprocessable):
    slug = "pair-not-published"


class PairNotNamed(Unprocessable):
    slug = "pair-not-named"


@router.get("/flows", responses=responses(Forbidden, NotFound, Unprocessable))
async def get_flows(
    request: Request,
    principal: Anyone,
    session: Session,
    source: Source | None = None,
    as_of: Annotated[
        date | None, Query(description="the later day; published: the latest account of this day or before")
    ] = None,
    since: Annotated[
        date | None, Query(description="the earlier day; published: that of the account, or nothing")
    ] = None,
    detail: Annotated[
        Literal["published", "full"],
        Query(description="full: any two snapshots of a source, nothing withheld, for the HR role and on record"),
    ] = "published",
) -> Flows:
    """How the staff came from one snapshot to the next: appointments, promotions, separations and moves by grade and sex, with stocks before
    and after, and what no term explains.
    """
    if detail == "full":
        await disclose(session, principal, f"{request.url.path}?{request.url.query}")
        if source is None or as_of is None or since is None or since >= as_of:
            wanted = "full figures are of a source and two days, the earlier one as since"
            named = {"source": source, "since": since, "as_of": as_of}
            wrong = [name for name, value in named.items() if value is None] or ["since"]
            errors = [
                FieldError(parameter=name, value=named[name] and str(named[name]), detail=wanted) for name in wrong
            ]
            raise PairNotNamed(f"source {source}, since {since}, as_of {as_of}: {wanted}", errors=errors)
        return await compare_snapshots(session, source, since, as_of)
    row = await store.flows.find_account(session, source, as_of)
    if row is None:
        raise FlowsNotDrawn(
            f"no flows{f' of {source}' if source else ''} until {as_of or 'today'}; they are drawn from the second released snapshot on"
        )
    if since is not None and since != row.since:
        told = f"the published account of {row.as_of} begins at {row.since}, the release before it"
        raise PairNotPublished(
            f"since {since}: {told}", errors=[FieldError(parameter="since", value=str(since), detail=told)]
        )
    return Flows.model_validate(row.state)
