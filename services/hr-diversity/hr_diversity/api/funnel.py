"""The route of the recruitment funnel.

What must not break: whoever reads published figures gets whole years that are over. Of two periods that differ by a day, the difference
would be the vacancies of that day; of a year that runs, the difference to yesterday; and of a year that is over, it stays as it is out
until another one differs by enough.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Literal, cast, get_args

from fastapi import APIRouter, Depends, Query, Request

from hr_diversity import store
from hr_diversity.api.recruitment import EndsBeforeItBegins, Since, Until
from hr_diversity.rules import funnel
from hr_diversity.rules.funnel import Chain, Shown
from hr_diversity.schemas.funnel import By, Funnel, FunnelGroup, FunnelLine, GenderTexts, Step
from hr_diversity.schemas.measures import Line
from hr_diversity.service.disclosures import disclose
from hr_diversity.service.funnels import publish_funnel
from hr_diversity.store.recruitment import Selection
from shared import clock
from shared.auth import Anyone
from shared.database import Session
from shared.errors import FieldError, Forbidden, Unprocessable, responses
from shared.figures import share
from shared.parameters import refuse_unknown_parameters

router = APIRouter(prefix="/recruitment", tags=["recruitment"], dependencies=[Depends(refuse_unknown_parameters)])
Protect = Callable[[dict[str, Chain]], tuple[Shown, dict[str, Shown]]]


class WholeYearsOnly(Unprocessable):
    slug = "whole-years-only"


@router.get("/funnel", responses=responses(Forbidden, Unprocessable))
async def get_funnel(
    request: Request,
    principal: Anyone,
    session: Session,
    since: Since = None,
    until: Until = None,
    detail: Annotated[
        Literal["published", "full"],
        Query(description="full: any period, nothing withheld, for the HR role and on record"),
    ] = "published",
) -> Funnel:
    """Applied, shortlisted, recommended and selected by sex, with selection ratios, in all and by track, grade and unit. Published
    figures are of one calendar year that is over (the last one where no period is named).
    """
    k = request.app.state.settings.suppression_threshold
    if detail == "full":
        await disclose(session, principal, f"{request.url.path}?{request.url.query}")
        since, until = since or date.min, until or clock.today()
        if since > until:
            raise EndsBeforeItBegins(f"{since} is after the last day, {until}")
    else:
        since, until = _whole_year(since, until)
    selections = await store.recruitment.list_selections(session, since, until)
    protect: Protect = funnel.protect_nothing if detail == "full" else lambda groups: funnel.protect(groups, k)
    tables = {by: _table(selections, by, protect) for by in cast("tuple[By, ...]", get_args(By))}
    texts = await store.recruitment.count_gender_texts(session, since, until)
    asking, read = texts.get(True, 0), texts.get(True, 0) + texts.get(False, 0)
    found = Funnel(
        since=since,
        until=until,
        detail=detail,
        uncounted=sum(one.chain is None for one in selections),
        total=tables["track"][0],
        by={by: groups for by, (_, groups) in tables.items()},
        gender_texts=GenderTexts(asking=asking, read=read, share=share(asking, read), unread=texts.get(None, 0)),
    )
    return found if detail == "full" else await publish_funnel(session, found, k)


def _whole_year(since: date | None, until: date | None) -> tuple[date, date]:
    """Raises WholeYearsOnly."""
    over = clock.today().year - 1
    year = since.year if since else until.year if until else over
    since, until = since or date(year, 1, 1), until or date(year, 12, 31)
    if year > over or (since, until) != (date(year, 1, 1), date(year, 12, 31)):
        detail = f"published figures are of one calendar year up to {over}, from 1 January to 31 December"
        raise WholeYearsOnly(
            f"{since} to {until}: {detail}",
            errors=[FieldError(parameter="from", value=str(since), detail=detail)],
        )
    return since, until


def _table(selections: Sequence[Selection], by: By, protect: Protect) -> tuple[FunnelLine, list[FunnelGroup]]:
    chains: dict[str, list[Chain]] = defaultdict(list)
    for one in selections:
        if one.chain is not None:
            chains[getattr(one, by)].append(one.chain)
    counts = Counter({group: len(of) for group, of in chains.items()})
    total, lines = protect({group: funnel.add_chains(chains[group]) for group in sorted(chains)})
    groups = [FunnelGroup(group=group, **_line(line, counts[group])) for group, line in lines.items()]
    return FunnelLine(**_line(total, counts.total())), groups


def _line(shown: Shown, vacancies: int) -> dict[str, object]:
    return {
        "vacancies": vacancies,
        "stages": {stage: Line.model_validate(figures, from_attributes=True) for stage, figures in shown.items()},
        "steps": [Step.model_validate(step) for step in funnel.list_steps(shown)],
    }
