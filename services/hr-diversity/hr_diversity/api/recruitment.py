"""Routes of what is made of many vacancies."""

from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.rules import recruitment
from hr_diversity.rules.recruitment import METRICS, Metric
from hr_diversity.schemas.recruitment import Duration, Published, RecruitmentDurations
from shared import clock
from shared.auth import allow
from shared.database import Reader
from shared.errors import FieldError, Unprocessable, responses
from shared.events.hr_diversity import Track
from shared.parameters import refuse_unknown_parameters

router = APIRouter(prefix="/recruitment", tags=["recruitment"], dependencies=[Depends(refuse_unknown_parameters)])

Since = Annotated[date | None, Query(alias="from", description="the first day; from the beginning where absent")]
Until = Annotated[date | None, Query(alias="to", description="the last day; today where absent")]


class EndsBeforeItBegins(Unprocessable):
    slug = "ends-before-it-begins"


@router.get("/durations", dependencies=[Depends(allow("reader"))], responses=responses(Unprocessable))
async def get_durations(
    session: Reader,
    since: Since = None,
    until: Until = None,
    unit: Annotated[str | None, Query(max_length=40)] = None,
    track: Track | None = None,
) -> RecruitmentDurations:
    """Each metric with its own ends, and what documents publish of it beside. What is yet to come is not known: `to` is today at the latest."""
    until = min(until or clock.today(), clock.today())
    if since is not None and since > until:
        detail = f"{since} is after the last day, {until}"
        raise EndsBeforeItBegins(detail, errors=[FieldError(parameter="from", value=str(since), detail=detail)])
    metrics = [
        await _duration(session, metric, since, until, unit) for metric in METRICS if track in {None, metric.track}
    ]
    return RecruitmentDurations(since=since, until=until, unit=unit, track=track, metrics=metrics)


async def _duration(
    session: AsyncSession, metric: Metric, since: date | None, until: date, unit: str | None
) -> Duration:
    found = None
    if metric.start is not None:
        found = recruitment.measure(await store.recruitment.list_spells(session, metric, unit, until), since, until)
    figures = asdict(found) if found else dict.fromkeys(recruitment.Durations.__dataclass_fields__)
    claims = await store.recruitment.list_published(session, metric.concepts)
    published = [Published.model_validate(claim) for claim in claims]
    return Duration(**asdict(metric), computed=found is not None, published=published, **figures)
