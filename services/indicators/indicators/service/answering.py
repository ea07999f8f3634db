"""How a row of an upload is answered: the results that it is about in short, and what looks like a slip of the pen."""

from indicators.schemas.bulk import Said
from indicators.service.recording import Entry
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
