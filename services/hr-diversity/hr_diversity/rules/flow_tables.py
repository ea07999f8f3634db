"""Flow accounts as answers, out of what is counted and what is withheld of it."""

from collections.abc import Callable, Collection, Iterable, Mapping

from hr_diversity.rules.flow_suppression import ALL, SEXES, SHOWN_BY_GRADE, SUMMED, Cell, Stocks, shows_residual
from hr_diversity.rules.flows import DETAILS, IN, MOVES, OUT, REGULAR, WHOLE, Line, total_of
from hr_diversity.rules.suppression.lines import Counts, Figures
from hr_diversity.schemas import flows as schemas
from hr_diversity.schemas import measures as measures_schemas
from shared.figures import share

RULE = "flow-accounts/1"
TRANSFERS = ("transfers_in", "transfers_out")
WORDS = {
    "appointments": "in: were not on the staff and are",
    "promotions_in": "in: from a lower grade",
    "other_grade_changes_in": "in: from a higher grade",
    "transfers_in": "in: from other funding, at the grade that they have now",
    "separations": "out: are not on the staff any more",
    "promotions_out": "out: to a higher grade",
    "other_grade_changes_out": "out: to a lower grade",
    "transfers_out": "out: to other funding, at the grade that they had",
    "moves": "within: another unit or duty station in the same grade; of P5 and above another grade too",
    "lateral_moves": "of the moves: another unit, in the same grade",
    "duty_station_moves": "another duty station, in whatever grade, counted at the one that they have now",
}
Known = Callable[[int], bool]


def figures_of(counts: Counts, known: Known) -> Figures:
    """`known` says of which sexes the count may be shown."""
    women, men, other = (counts[sex] if known(sex) else None for sex in SEXES)
    both = women is not None and men is not None
    return Figures(
        women=women,
        men=men,
        other=other,
        total=counts.total if both and other is not None else None,
        share=share(counts.women, counts.women + counts.men) if both else None,
        suppressed=not all(known(sex) for sex in SEXES),
    )


def sum_of(line: Line, grade: str, terms: Iterable[str], gone: Collection[Cell]) -> Figures:
    """The sum of some terms of a line as it may be shown: where one is withheld, the sum is."""
    terms = tuple(terms)
    counts = Counts(*(sum(line.terms[term][sex] for term in terms) for sex in SEXES))
    return figures_of(counts, lambda sex: not any(_is_gone(term, grade, sex, gone) for term in terms))


def _is_gone(term: str, grade: str, sex: int, gone: Collection[Cell]) -> bool:
    return (SUMMED.get(term, term) if grade == ALL else term, grade, sex) in gone


def publish(
    found: Mapping[str, Mapping[str, Line]],
    gone: Collection[Cell],
    stocks: Stocks,
    k: int,
    regular_only: Collection[str],
) -> list[schemas.Account]:
    """The account of the whole by grade, and that of the regular budget for the lines that are shown of it only."""
    answer = []
    for population in (WHOLE, REGULAR):
        account = found[population]
        chosen = [grade for grade in account if (grade in regular_only) == (population == REGULAR)]
        everywhere = all(shows_residual(line, k) for part in found.values() for line in part.values())
        lines = [
            _line(population, grade, account[grade], gone, stocks, residual=_may_be_told(found, population, grade, k))
            for grade in chosen
        ]
        total = _line(population, ALL, total_of(account), gone, stocks, residual=everywhere)
        answer.append(schemas.Account(population=population, lines=lines, total=total))
    return answer


def _may_be_told(found: Mapping[str, Mapping[str, Line]], population: str, grade: str, k: int) -> bool:
    parts = found.values() if population == WHOLE else [found[population]]
    return all(shows_residual(part[grade], k) for part in parts if grade in part)


def _line(
    population: str, grade: str, line: Line, gone: Collection[Cell], stocks: Stocks, *, residual: bool
) -> schemas.FlowLine:
    terms = list(SHOWN_BY_GRADE)
    if population == REGULAR and grade == ALL:
        terms = [*IN, *OUT, *MOVES]
    before, after = (
        figures_of(counts, lambda sex, shown=shown: (population, grade, sex) in shown)  # type: ignore[misc]
        for counts, shown in ((line.before, stocks.before), (line.after, stocks.after))
    )
    left = line.residual if residual else (None, None, None)
    return schemas.FlowLine(
        grade=grade or None,
        before=_shown(before),
        after=_shown(after),
        terms={term: _shown(sum_of(line, grade, [term], gone)) for term in terms},
        residual=schemas.Residual(women=left[0], men=left[1], other=left[2], suppressed=not residual),
    )


def tell_all(found: Mapping[str, Mapping[str, Line]]) -> list[schemas.Account]:
    """Every account with nothing withheld."""
    return [
        schemas.Account(
            population=population,
            lines=[_told(grade, line) for grade, line in account.items()],
            total=_told(ALL, total_of(account)),
        )
        for population, account in found.items()
    ]


def _told(grade: str, line: Line) -> schemas.FlowLine:
    women, men, other = line.residual
    return schemas.FlowLine(
        grade=grade or None,
        before=_shown(figures_of(line.before, lambda _: True)),
        after=_shown(figures_of(line.after, lambda _: True)),
        terms={term: _shown(sum_of(line, grade, [term], ())) for term in (*IN, *OUT, *MOVES, *DETAILS)},
        residual=schemas.Residual(women=women, men=men, other=other, suppressed=False),
    )


def _shown(figures: Figures) -> measures_schemas.Line:
    return measures_schemas.Line.model_validate(figures, from_attributes=True)
