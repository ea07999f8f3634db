"""From application to selection by sex, over many vacancies: what of it may be shown, and the ratios that are drawn from what is shown.

A stage holds a part of the people of the stage before, so the people who were left behind at a step are a group like any other. What
must not break: neither a count nor a step that is small (1 to k-1) is shown, nor can it be narrowed to an interval shorter than k from
all lines of a table, its total line included.

How: of the four stages, those are shown whose counts and steps are not small in the total line (where `recommended` is so close to
`selected` that the step would be small, it is left out, and the step is taken from the stage before). In that order, a group is closed
at a stage, and at all after it, where its count or step is small; and further groups with it, until the closed ones together hold at
least k, or nobody, at the stage and at the step to it. The number selected is close to the number of vacancies, which everybody knows:
there a small number of other sex closes the line too. Elsewhere other sex is shown in the total line only, or where there is nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from hr_diversity.rules.suppression import MEN, OTHER, WOMEN, Counts, Figures, add, is_small, show
from hr_diversity.rules.vacancies import STAGES
from shared.events.hr_diversity import Stage
from shared.figures import round_half_up, share

Chain = Mapping[Stage, Counts]
"""Counts of one group at each of the stages, in their order, each part of the one before."""
Shown = dict[Stage, Figures]
CHOICES: tuple[tuple[Stage, ...], ...] = (
    STAGES,
    ("applied", "shortlisted", "selected"),
    ("applied", "selected"),
    ("applied", "shortlisted", "recommended"),
    ("applied", "shortlisted"),
    ("applied",),
    (),
)
SEXES = (WOMEN, MEN)
CLOSED = show(Counts(0, 0, 0), closed=True, partly=True)


def add_chains(chains: Sequence[Chain]) -> dict[Stage, Counts]:
    return {stage: add(chain[stage] for chain in chains) for stage in STAGES}


def protect(groups: Mapping[str, Chain], k: int) -> tuple[Shown, dict[str, Shown]]:
    """The total line, and each group's line in the order of `groups`, as they may be shown."""
    whole = add_chains(list(groups.values()))
    stages = next(choice for choice in CHOICES if not _tells(whole, choice, k))
    told = _told_of_others(whole, stages, k)
    total = {stage: show(whole[stage], closed=stage not in stages, partly=stage not in told) for stage in STAGES}
    if len(groups) == 1:  # its line is the total line
        return total, dict.fromkeys(groups, total)
    nobody_else = whole["applied"].other == 0
    lines: dict[str, Shown] = {group: dict.fromkeys(STAGES, CLOSED) for group in groups}
    for stage, closed in _close(groups, stages, k):
        for group in groups:
            partly = not nobody_else and stage != "selected"
            lines[group][stage] = show(groups[group][stage], closed=group in closed, partly=partly)
    return total, lines


def protect_nothing(groups: Mapping[str, Chain]) -> tuple[Shown, dict[str, Shown]]:
    """All counts as they are, for the HR role alone."""
    opened = {
        group: {stage: show(chain[stage], closed=False, partly=False) for stage in STAGES}
        for group, chain in groups.items()
    }
    whole = add_chains(list(groups.values()))
    return {stage: show(whole[stage], closed=False, partly=False) for stage in STAGES}, opened


def _columns(stage: Stage) -> tuple[int, ...]:
    return (*SEXES, OTHER) if stage == "selected" else SEXES


def _tells(chain: Chain, stages: Sequence[Stage], k: int) -> bool:
    """A count at one of these stages is small, or a step between two of them."""
    return any(is_small(chain[stage][column], k) for stage in stages for column in _columns(stage)) or any(
        is_small(chain[before][column] - chain[stage][column], k)
        for before, stage in pairwise(stages)
        for column in SEXES
    )


def _told_of_others(whole: Chain, stages: Sequence[Stage], k: int) -> set[Stage]:
    """The stages at which the total line tells the number of other sex: from the last one on, where neither it nor a step is small."""
    told: set[Stage] = set()
    later = 0
    for stage in reversed(stages):
        other = whole[stage].other
        if not is_small(other, k) and not is_small(other - later, k):
            told.add(stage)
            later = other
    return told


def _close(groups: Mapping[str, Chain], stages: Sequence[Stage], k: int) -> Iterator[tuple[Stage, set[str]]]:
    """Each stage with the groups that are closed at it."""
    closed: set[str] = set()
    for number, stage in enumerate(stages):
        before = stages[number - 1] if number else None
        seen = [one for one in (before, stage) if one is not None]
        closed |= {group for group, chain in groups.items() if _tells(chain, seen, k)}
        while closed and not _hidden(groups, closed, before, stage, k):
            open_ = groups.keys() - closed
            if not open_:
                break
            closed.add(min(open_, key=lambda group: (groups[group][stage].total, group)))
        yield stage, set(closed)


def _hidden(groups: Mapping[str, Chain], closed: set[str], before: Stage | None, stage: Stage, k: int) -> bool:
    """At least two are closed, and what they hold together, at the stage and at the step to it, is not small."""
    together = add_chains([groups[group] for group in closed])
    return len(closed) > 1 and not _tells(together, [one for one in (before, stage) if one is not None], k)


class Step(NamedTuple):
    """From one stage to the next that is shown. Ratios are per cent of the stage before; adverse impact is the women's by the men's."""

    before: Stage
    stage: Stage
    women_before: int
    women: int
    men_before: int
    men: int
    women_ratio: Decimal | None
    men_ratio: Decimal | None
    adverse_impact: Decimal | None


def list_steps(line: Shown) -> list[Step]:
    """The steps between the stages that are shown, and the whole way from the first to the last of them where there are more than two."""
    shown = [stage for stage in STAGES if line[stage].women is not None]
    pairs = list(pairwise(shown))
    if len(shown) > 2:  # noqa: PLR2004 (of two, the whole way is the one step)
        pairs.append((shown[0], shown[-1]))
    return [_step(before, stage, line[before], line[stage]) for before, stage in pairs]


def _step(before: Stage, stage: Stage, of: Figures, to: Figures) -> Step:
    women_before, women, men_before, men = (count or 0 for count in (of.women, to.women, of.men, to.men))
    return Step(
        before=before,
        stage=stage,
        women_before=women_before,
        women=women,
        men_before=men_before,
        men=men,
        women_ratio=share(women, women_before),
        men_ratio=share(men, men_before),
        adverse_impact=find_adverse_impact(women_before, women, men_before, men),
    )


def find_adverse_impact(women_before: int, women: int, men_before: int, men: int) -> Decimal | None:
    """The women's selection ratio divided by the men's, to two decimals, half up once; None where a ratio is missing or the men's is 0.

    Below 0.8 is what the four-fifths rule calls adverse impact on women (US Uniform Guidelines on Employee Selection Procedures, 1978).
    """
    if not women_before or not men_before or not men:
        return None
    return round_half_up(Decimal(women * men_before) / Decimal(women_before * men), 2)
