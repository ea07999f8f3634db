"""How a row of an upload is answered: the results that it is about in short, why it is refused, and what looks like a slip of the pen."""

from indicators import store
from indicators.schemas.bulk import Refusal, Row, Said
from indicators.service.recording import Entry
from indicators.store.definitions import NoSuchIndicator
from shared.errors import Problem
from shared.events.results import Result
from shared.figures import as_number


def said_by(result: Result) -> Said:
    return Said(
        number=result.number or None,
        as_of=result.as_of,
        value=result.value,
        numerator=result.numerator,
        denominator=result.denominator,
        reached=result.reached,
        category=result.category,
        parts=result.parts,
        no_data=result.no_data,
        review=result.review,
    )


def warnings_of(entry: Entry, said: Result) -> list[str]:
    alone = said.value if said.numerator is None else None
    if entry.aim.indicator.kind == "percentage" and alone is not None and 0 < alone < 1:
        meant = as_number(alone * 100)
        return [f"{alone} is read as {alone} per cent; for {meant} per cent write {meant}"]
    return []


def refusals_of(row: Row, problem: Problem) -> list[Refusal]:
    """What a single request is told of its fields, told of the row's columns."""
    if isinstance(problem, store.results.NoSuchTarget):
        return [Refusal(column="place", value=row.place, rule=problem.slug, detail=problem.detail)]
    if isinstance(problem, NoSuchIndicator):
        return [Refusal(column="indicator", value=row.indicator, rule=problem.slug, detail=problem.detail)]
    return [
        Refusal(
            column=(error.pointer or "").removeprefix("#/"), value=error.value, rule=problem.slug, detail=error.detail
        )
        for error in problem.errors
    ]
