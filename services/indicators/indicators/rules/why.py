"""Why a target has the status that it has: the chain from the definition to the word, in words and as data.

What must not break: each step says what was used, so that the status can be worked out again from the chain by hand; nothing here
decides anything, it tells what `rules.status` decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from indicators.rules import outlook, progress
from indicators.rules.lines import Line, figure_of, unit_of
from indicators.rules.regression import MISSED, Known
from indicators.rules.status import meets
from indicators.rules.words import said_of_any_kind, said_part, said_result, said_target
from shared.events.indicators import Provenance, TargetPart
from shared.events.results import Result, ResultPart, StatusRegressed

StepName = Literal[
    "definition", "redefinition", "target", "baseline", "results", "standing", "review", "origin", "comparison", "vocabulary", "status",
    "regression", "progress", "pace", "outlook", "warning", "claim",
]  # fmt: skip

VOCABULARY = {
    "mid_cycle": "the phase is judged mid-cycle, so the words are on track and not on track",
    "end_of_cycle": "the phase is judged at its end, so the words are met and not met",
}
STATUS = {
    "on_track": "on track",
    "not_on_track": "not on track",
    "met": "met",
    "not_met": "not met",
    "data_unavailable": "data unavailable",
}


class Step(BaseModel):
    """One link of the chain."""

    step: StepName
    words: str
    data: dict[str, Any] = {}


@dataclass(frozen=True)
class Course:
    """What a target's results are seen beside: the last status known before its phase, the regression that was stated of it and that
    it has not made good, and what a trend may run over.
    """

    before: Known | None
    fall: StatusRegressed | None
    others: Sequence[Line]
    left_out: Sequence[str]


def chain(line: Line, version: int, course: Course) -> list[Step]:
    """From definition and target over the results to status, regression, progress, pace and outlook; `version` is the definition's."""
    return [
        *_asked(line, version),
        _results(line),
        *_standing(line),
        Step(step="vocabulary", words=VOCABULARY[line.phase.vocabulary], data={"vocabulary": line.phase.vocabulary}),
        Step(step="status", words=f"the status is {STATUS[line.status]}", data={"status": line.status}),
        *_regression(line, course),
        *_going(line, course),
    ]


def _asked(line: Line, version: int) -> list[Step]:
    indicator, target, unit = line.indicator, line.target, unit_of(line.indicator)
    about = f"{indicator.title}" + (f": {indicator.definition}" if indicator.definition else "")
    wanted = target.text if target.text.strip() else said_target(target, unit)
    steps = [
        Step(
            step="definition",
            words=f"{about} (version {version}{_where(indicator.provenance)})",
            data={"key": f"{indicator.plan}/{indicator.code}", "version": version, "kind": indicator.kind, "unit": unit}
            | {"custodians": indicator.custodians, "provenance": _data(indicator.provenance)},
        ),
        *_redefined(line),
        Step(
            step="target",
            words=f"asked of {target.place} in {line.phase.title} is {wanted!r}, that is {said_target(target, unit)}"
            + _where(target.provenance, ", "),
            data=target.model_dump(mode="json", exclude_none=True),
        ),
    ]
    baseline = line.baseline
    if baseline is not None:
        told = baseline.text or said_result(baseline, unit)
        year = f" in {baseline.year}" if baseline.year else ""
        data = baseline.model_dump(mode="json", exclude_none=True)
        steps.append(
            Step(step="baseline", words=f"it began at {told}{year}{_where(baseline.provenance, ', ')}", data=data)
        )
    return steps


def _redefined(line: Line) -> list[Step]:
    """What a definition that became another leaves of the results: they stay in the history, and the status may rest on one."""
    changed = line.redefined
    if changed is None:
        return []
    before = [result.number for result in line.results if line.is_of_before(result)]
    words = f"the definition changed ({changed.words})"
    if before:
        numbers = ", ".join(map(str, before))
        words += f": recorded before that and in no trend, pace or progress since: {numbers}"
    if line.standing is not None and line.standing.number in before:
        words += "; the status rests on such a result until another stands"
    data = {"version": changed.version, "day": str(changed.day), "fields": changed.fields, "results": before}
    return [Step(step="redefinition", words=words, data=data)]


def _results(line: Line) -> Step:
    if not line.results:
        return Step(step="results", words="nothing was recorded", data={"results": []})
    told = [
        f"result {result.number} of {result.as_of}, {_said(line, result)}: {_role(line, result)}"
        for result in line.results
    ]
    data = [
        {"number": result.number, "as_of": str(result.as_of), "review": result.review, "why": _role(line, result)}
        for result in line.results
    ]
    return Step(step="results", words="; ".join(told), data={"results": data})


def _role(line: Line, result: Result) -> str:
    standing = line.standing
    if result.review == "sent_back":
        return "was sent back" + (f" ({result.review_reason})" if result.review_reason else "") + " and does not count"
    if standing is None or result.number == standing.number:
        return "stands, because of those that count it is of the latest day, and of that day recorded last"
    if result.as_of == standing.as_of:
        return f"gave way to result {standing.number} of the same day"
    return f"is of an earlier day than result {standing.number}"


def _standing(line: Line) -> list[Step]:
    result = line.standing
    if result is None:
        return []
    derived = result.derived_from
    if derived is None:
        origin = Step(
            step="origin",
            words=f"it was reported by {result.recorded_by} on {result.recorded_at.date()}{_where(result.provenance, ', ')}",
            data={"recorded_by": result.recorded_by, "recorded_at": result.recorded_at.isoformat()}
            | {
                "provenance": _data(result.provenance),
                "evidence": [one.model_dump(mode="json") for one in result.evidence],
            },
        )
    else:
        origin = Step(
            step="origin",
            words=f"nobody typed it: it is the measure {derived.measure} by the rule {derived.rule}, drawn from the snapshot "
            f"{derived.snapshot} of {derived.source} as of {derived.as_of}, revision {derived.revision}",
            data=derived.model_dump(mode="json"),
        )
    reviewed = {
        "submitted": "it waits for review, and counts until then",
        "accepted": "it was accepted",
        "sent_back": "-",
    }
    return [
        Step(
            step="standing",
            words=f"result {result.number} stands: {_said(line, result)} on {result.as_of}"
            + (f" ({result.comment})" if result.comment else ""),
            data=result.model_dump(mode="json", exclude_none=True),
        ),
        Step(
            step="review", words=reviewed[result.review], data={"review": result.review, "reason": result.review_reason}
        ),
        origin,
        _comparison(line, result),
    ]


def _said(line: Line, result: Result) -> str:
    return said_of_any_kind(result, unit_of(line.indicator))


def _comparison(line: Line, result: Result) -> Step:
    """The comparison as it was done: exact figures, no rounding."""
    holds = None if result.no_data is not None else meets(line.indicator, line.target, result)
    wanted, said, figure = said_target(line.target, unit_of(line.indicator)), _said(line, result), figure_of(result)
    data: dict[str, Any] = {"holds": holds, "operator": line.target.operator}
    if figure is not None:
        baseline = None if line.baseline is None else figure_of(line.baseline)
        right = baseline if line.target.value is None else line.target.value
        data |= {"left": str(figure), "right": None if right is None else str(right)}
    if holds is None:
        return Step(step="comparison", words=f"{said} says nothing about {wanted}", data=data)
    if line.target.operator == "reached":
        return Step(step="comparison", words=f"the milestone is {said}", data=data)
    if line.target.operator == "all_of":
        return Step(step="comparison", words=_parts(line, result, holds=holds), data=data)
    failed = {"at_least": "is less than", "at_most": "is more than", "increases": "is not", "decreases": "is not"}
    word = "is" if holds else failed.get(line.target.operator, "is not")
    return Step(step="comparison", words=f"{said} {word} {wanted}", data=data)


def _parts(line: Line, result: Result, *, holds: bool) -> str:
    given = {part.name: part for part in result.parts or []}
    told = [f"{part.name}: {_part_told(part, given.get(part.name))}" for part in line.target.parts or []]
    return ("all parts hold: " if holds else "not all parts hold: ") + "; ".join(told)


def _part_told(wanted: TargetPart, given: ResultPart | None) -> str:
    asked = "reached" if wanted.operator == "reached" else f"{wanted.operator.replace('_', ' ')} {wanted.value}"
    return f"{'nothing' if given is None else said_part(given)}, asked is {asked}"


def _regression(line: Line, course: Course) -> list[Step]:
    """As it was stated; else by what was known before the phase."""
    before, fall = course.before, course.fall
    if fall is not None and line.status in MISSED:
        data = {"before": fall.before, "before_phase": fall.before_phase, "regressed": True, "action": fall.action}
        words = f"{_fell(line, fall)}, so this is a regression; the remedial action {fall.action} was opened for it"
        return [Step(step="regression", words=words, data=data)]
    if before is None or before.status == "data_unavailable":
        return []
    fell = line.status in MISSED and before.status not in MISSED
    words = f"in {before.phase} it was {STATUS[before.status]}" + (", so this is a regression" if fell else "")
    data = {"before": before.status, "before_phase": before.phase, "regressed": fell}
    return [Step(step="regression", words=words, data=data)]


def _fell(line: Line, fall: StatusRegressed) -> str:
    """Within the phase with the results that it was reached by and missed by, where both are there."""
    was = f"it was {STATUS[fall.before]}"
    if fall.before_phase != line.phase.code or fall.standing is None:
        return f"in {fall.before_phase} {was}"
    missed = fall.standing
    counted = [one for one in line.results if one.review != "sent_back" and one.as_of <= missed.as_of]
    reached = [one for one in counted if meets(line.indicator, line.target, one) is True]
    last = max(reached, key=lambda one: (one.as_of, one.number), default=None)
    by = "" if last is None else f" with result {last.number} of {last.as_of}, {_said(line, last)},"
    return f"within {fall.before_phase} {was}{by} and fell with result {missed.number} of {missed.as_of}, {_said(line, missed)}"


def _going(line: Line, course: Course) -> list[Step]:
    done, pace = progress.attainment_of(line), progress.pace(line)
    ahead = outlook.outlook(line, course.others, course.left_out)
    told: list[tuple[StepName, Any]] = [("progress", done), ("pace", pace), ("outlook", ahead)]
    return [Step(step=name, words=one.words, data=one.model_dump(mode="json")) for name, one in told if one is not None]


def _where(provenance: Provenance | None, before: str = "; ") -> str:
    if provenance is None:
        return ""
    cell = [provenance.table, provenance.row and f"row {provenance.row}", provenance.column]
    return f"{before}{provenance.document}: " + ", ".join(one for one in cell if one)


def _data(provenance: Provenance | None) -> dict[str, Any] | None:
    return None if provenance is None else provenance.model_dump(mode="json", exclude_none=True)
