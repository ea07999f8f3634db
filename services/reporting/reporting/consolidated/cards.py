"""The card of an indicator: all that is known of it, and why each of its targets stands where it stands."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from reporting import rules
from reporting.consolidated.actions import named
from reporting.consolidated.found import Found, States, by_target, find, shown
from reporting.models import position_of
from reporting.projections import actions, status
from shared.errors import NotFound
from shared.events.indicators import IndicatorState
from shared.events.results import ResultState


class NoSuchIndicator(NotFound):
    slug = "no-such-indicator"


async def card_of(session: AsyncSession, plan_code: str, code: str) -> dict[str, Any]:
    """An indicator's card: its definition, its targets with status and the reason for it, their history, custodians and actions.

    Raises NoSuchIndicator.
    """
    position = await position_of(session)
    defined = await status.find_definition(session, f"indicator/{plan_code}/{code}")
    if defined is None:
        raise NoSuchIndicator(f"there is no indicator {code} in the plan {plan_code}")
    indicator = IndicatorState.model_validate(defined.state)
    found = await find(session, plan_code)
    versions = await status.list_history(session, plan_code, code)
    states = {row.aggregate: ResultState.model_validate(row.state) for row in versions}
    rows = _rows(found, indicator, by_target(list(states.values())))
    return {
        **_definition(indicator, found),
        **await _elsewhere(session, indicator, list(states.values())),
        "state": [shown(row) for row in rows],
        "why": [_why(row, versions) for row in rows],
        "history": [_version(row, indicator.unit) for row in sorted(versions, key=_in_time)],
        "actions": [named(state, found) for state in await actions.list_of_indicator(session, plan_code, code)],
        "version": defined.sequence,
        "position": position,
    }


def _rows(found: Found, indicator: IndicatorState, known: States) -> list[rules.Row]:
    phases = found.plan.phases if found.plan else []
    return [row for phase in phases for row in rules.rows_of([indicator], known, phase.code)]


def _definition(indicator: IndicatorState, found: Found) -> dict[str, Any]:
    """What the indicator is and who keeps it, now and before."""
    areas = {area.code: area.title for area in found.plan.areas} if found.plan else {}
    stood = indicator.baseline
    return {
        "plan": indicator.plan,
        "code": indicator.code,
        "title": indicator.title,
        "area": indicator.area,
        "area_title": areas.get(indicator.area, indicator.area),
        "kind": indicator.kind,
        "unit": indicator.unit,
        "direction": indicator.direction,
        "definition": indicator.definition,
        "categories": indicator.categories,
        "baseline": stood.model_dump(mode="json", exclude_none=True) if stood else None,
        "baseline_said": rules.baseline(stood, indicator.unit) if stood else None,
        "aggregation": indicator.aggregation.model_dump() if indicator.aggregation else None,
        "disaggregation": [dimension.model_dump() for dimension in indicator.disaggregation],
        "fed_by": indicator.fed_by,
        "custodians": [found.named(unit) for unit in indicator.custodians],
        "custodianships": [
            {**found.named(kept.unit), "since": kept.since, "until": kept.until} for kept in indicator.custodianships
        ],
        "earlier": [earlier.model_dump(mode="json") for earlier in indicator.earlier],
        "provenance": indicator.provenance.model_dump(exclude_none=True) if indicator.provenance else None,
    }


async def _elsewhere(session: AsyncSession, indicator: IndicatorState, states: list[ResultState]) -> dict[str, Any]:
    """What the indicator names: its predecessor, indicators of other plans that ask for the same, documents cited as evidence."""
    results = [result for state in states for result in (state.standing, state.changed) if result]
    cited = sorted({proof.document for result in results for proof in result.evidence if proof.document})
    others = [*indicator.aligned_with, *([indicator.predecessor] if indicator.predecessor else [])]
    known = await status.find_definitions(
        session, [f"indicator/{key}" for key in others] + [f"document/{code}" for code in cited]
    )

    def other(key: str) -> dict[str, Any]:
        plan, _, code = key.partition("/")
        return {"plan": plan, "code": code, "title": known.get(f"indicator/{key}", {}).get("title")}

    before = indicator.predecessor
    return {
        "aligned_with": [other(key) for key in indicator.aligned_with],
        "predecessor": {
            **other(before),
            "comparable": indicator.comparable,
            "comparability": indicator.comparability,
        }
        if before
        else None,
        "documents": [document for code in cited if (document := known.get(f"document/{code}"))],
    }


def _in_time(row: Any) -> tuple[Any, ...]:
    return row.at, row.aggregate, row.sequence


def _version(row: Any, unit: str | None) -> dict[str, Any]:
    """One entry of the history: what was stated when, and what the status was from then on."""
    state = ResultState.model_validate(row.state)
    fell = {name: row.state[name] for name in ("before", "before_phase", "action") if name in row.state}
    return {
        "phase": state.phase,
        "place": state.place,
        "at": row.at.isoformat(),
        "event": row.type,
        "status": state.status,
        "result": state.changed.model_dump(mode="json", exclude_none=True),
        "said": state.changed.text or rules.said(state.changed, unit),
        **({"regressed": True, **fell} if fell else {}),
        **{name: value for name, value in row.cause.items() if name == "actor"},
    }


def _why(row: rules.Row, versions: list[Any]) -> dict[str, Any]:
    """The chain that led to a target's status: the sentence, what the result is derived from, and the events that stated it."""
    key = f"result/{row.indicator.plan}/{row.indicator.code}/{row.target.phase}/{row.target.place}"
    standing = row.standing
    derived = standing.derived_from if standing else None
    return {
        "phase": row.target.phase,
        "place": row.target.place,
        "status": row.status,
        "because": rules.sentence(row),
        "derived_from": derived.model_dump(mode="json") if derived else None,
        "events": [
            {"type": version.type, "at": version.at.isoformat(), "status": version.status, **version.cause}
            for version in versions
            if version.aggregate == key
        ],
    }
