"""Women and men of one measure: its lines with their parity, what changed since the snapshot before, and the series over the days."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from reporting import rules
from reporting.consolidated.found import NoSuchMeasure
from reporting.models import position_of
from reporting.projections import parity, status
from reporting.rules.parity import Band
from shared.figures import as_number

COUNTS = ("women", "men", "other", "total", "share", "suppressed")
DERIVED = ("snapshot", "revision", "rule")


async def parity_of(
    session: AsyncSession, code: str, as_of: date | None, source: str | None, band: Band
) -> dict[str, Any]:
    """The measure as of the latest day up to `as_of`, of the source that is named or else of the one that it was drawn from last.

    Raises NoSuchMeasure.
    """
    position = await position_of(session)
    found = await parity.find_measure(session, code, as_of, source)
    if found is None:
        until = "".join([f" of {source}" if source else "", f" up to {as_of}" if as_of else ""])
        raise NoSuchMeasure(f"no measure {code} was drawn from a staffing snapshot{until}")
    day = date.fromisoformat(found["as_of"])
    series = await parity.list_series(session, code, found["source"])
    before = await parity.find_measure(session, code, day - timedelta(days=1), found["source"])
    comparable = before if before is not None and before["rule"] == found["rule"] else None
    earlier = {cell["group"]: cell for cell in comparable["cells"]} if comparable else {}
    return {
        "code": code,
        **{name: found[name] for name in ("title", "source", "as_of", "dimension")},
        "source_note": found.get("source_note"),
        "band": band.told(),
        **_line(found, comparable, band),
        **{name: found.get(name) for name in ("numerator", "denominator")},
        "before": None if before is None else {"as_of": before["as_of"], "comparable": comparable is not None},
        "groups": [
            {"group": cell["group"], **_line(cell, earlier.get(cell["group"]), band)} for cell in found["cells"]
        ],
        "series": [_point(state, band) for state in series],
        "trend": rules.parity.trend([one for one in series if one["as_of"] <= found["as_of"]]),
        "derived_from": {name: found[name] for name in DERIVED},
        "position": position,
    }


def _line(line: dict[str, Any], before: dict[str, Any] | None, band: Band) -> dict[str, Any]:
    return {
        **{name: line[name] for name in COUNTS},
        "parity": rules.parity.stand(line, band),
        "change": rules.parity.change(before, line),
    }


def _point(state: dict[str, Any], band: Band) -> dict[str, Any]:
    counts = {name: state[name] for name in COUNTS}
    figures = {name: state.get(name) for name in ("numerator", "denominator")}
    derived = {name: state[name] for name in DERIVED}
    return {"as_of": state["as_of"], **counts, **figures, "parity": rules.parity.stand(state, band), **derived}


async def measures_known(session: AsyncSession) -> dict[str, Any]:
    """What there is to choose from: measures with their sources and days, and the snapshots, published or not."""
    position = await position_of(session)
    measures, snapshots = await parity.list_measures(session), await parity.list_snapshots(session)
    return {"items": measures, "snapshots": snapshots, "position": position}


async def targets_fed(session: AsyncSession, measure: str) -> dict[str, Any]:
    """The targets of all plans whose indicator this measure fills by itself, by plan and phase."""
    position = await position_of(session)
    plans = await status.list_plans(session)
    fed = [one for one in await status.list_indicators(session) if one.fed_by == measure]
    statuses = {
        (row.plan, row.indicator, row.phase, row.place): row.status for row in await status.list_statuses(session)
    }
    items = [
        {
            "plan": plan.code,
            "plan_title": plan.title,
            "phase": phase.code,
            "starts": phase.starts,
            "ends": phase.ends,
            "indicator": indicator.code,
            "title": indicator.title,
            "place": target.place,
            "operator": target.operator,
            "value": None if target.value is None else as_number(target.value),
            "text": target.text,
            "status": statuses.get((plan.code, indicator.code, phase.code, target.place), "data_unavailable"),
        }
        for plan in plans
        for phase in plan.phases
        for indicator in fed
        for target in indicator.targets
        if indicator.plan == plan.code and target.phase == phase.code
    ]
    return {"items": sorted(items, key=lambda one: (one["ends"], one["plan"], one["place"])), "position": position}


async def units_known(session: AsyncSession) -> dict[str, Any]:
    """Codes and names, so that a page can name what a measure is grouped by."""
    position = await position_of(session)
    units = [{"unit": unit.code, "name": unit.name} for unit in await status.list_units(session)]
    return {"items": units, "position": position}
