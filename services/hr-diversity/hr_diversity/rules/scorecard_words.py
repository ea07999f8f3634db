"""A scorecard in the words of those who read it in a meeting: names, sentences, definitions, and why something is not shown."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from hr_diversity.rules.scorecard_sources import SENIOR_REGULAR
from hr_diversity.schemas.scorecards import CardLine, Definition, Headline, Portfolio, Scorecard, Withheld
from shared.figures import as_number

TITLES: dict[Portfolio, str] = {
    "whole-organisation": "Whole organisation",
    "policy": "Policy portfolio",
    "management-reform": "Management and Reform portfolio",
    "field-operations": "Field Operations and Partnerships portfolio",
}
DASH = "–"  # noqa: RUF001 (what stands where there is no figure)
CATEGORIES = {
    "senior": "P5 and above",
    "professional": "Professional, P1 to P4",
    "national_officer": "National officers",
    "general_service": "General service",
}
FUNDS = {
    "regular_budget": "Regular budget",
    "development_cooperation": "Development cooperation",
    "other": "Other funds",
}
STATUSES = {"below": "Fewer women than parity", "at_parity": "At parity", "above": "Fewer men than parity"}


def portfolio(code: str) -> str:
    for known, title in TITLES.items():
        if known == code:
            return title.removesuffix(" portfolio")
    return "No portfolio stated" if code == "not_stated" else code


def day(of: date) -> str:
    return f"{of.day} {of:%B %Y}"


def count(figure: int | None) -> str:
    return DASH if figure is None else f"{figure:,}"


def percent(share: Decimal | None) -> str:
    """With its decimal even where that is 0, so that shares stand under each other."""
    return DASH if share is None else f"{share:.1f}"


def number(figure: Decimal | int) -> str:
    """1234.5 as "1,234.5"."""
    return f"{as_number(Decimal(figure)):,}"


def people(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"


def split(line: CardLine) -> str:
    """How many women and men."""
    return f"{people(line.women or 0, 'woman', 'women')} and {people(line.men or 0, 'man', 'men')}"


def needed(line: CardLine) -> str | None:
    """What would bring the line into the band, in a few words; None where it is there, or cannot be."""
    if line.parity is None or line.parity.status == "at_parity":
        return None
    women, men = line.parity.women_needed, line.parity.men_needed
    if women:
        return f"{people(women, 'more woman', 'more women')} in place of {'a man' if women == 1 else 'men'}"
    if men:
        return f"{people(men, 'more man', 'more men')} in place of {'a woman' if men == 1 else 'women'}"
    return None


def summary(card: Scorecard) -> list[str]:
    """The card in sentences; nothing is said of what is withheld but that it is."""
    note = None if card.source_note is None else card.source_note.rstrip(".") + "."
    said = [note, _staff(card), _parity(card), _change(card.headline), _senior(card), _target(card), _vacancies(card)]
    return [sentence for sentence in said if sentence]


def _whose(card: Scorecard) -> str:
    return "the whole organisation" if card.portfolio == "whole-organisation" else f"the {card.title}"


def _staff(card: Scorecard) -> str:
    line = card.headline
    if line.share is None or line.women is None:
        where = f"of {_whose(card)} on {day(card.as_of)}"
        return (
            f"The women and men {where} are not shown: single people could be recognised. {before_that(line)}".strip()
        )
    return (
        f"On {day(card.as_of)} women were {number(line.share)} per cent of the staff of {_whose(card)}: {split(line)}."
    )


def before_that(line: Headline) -> str:
    """What was shown last, where the figures of the day are withheld; else nothing."""
    last = line.last_shown
    if last is None or last.share is None:
        return ""
    counts = f"{people(last.women, 'woman', 'women')} and {people(last.men, 'man', 'men')}"
    return f"Last shown: {number(last.share)} per cent women on {day(last.as_of)}, {counts}."


def _parity(card: Scorecard) -> str | None:
    if card.headline.parity is None:
        return None
    within = f"{number(card.policy.lower)} to {number(card.policy.upper)} per cent women"
    wanted = needed(card.headline)
    status = card.headline.parity.status
    if status == "at_parity":
        return f"That is at parity ({within})."
    words = "below parity" if status == "below" else "above parity"
    return f"That is {words} ({within})" + (f"; {wanted} would reach it." if wanted else ".")


def _change(line: Headline) -> str | None:
    then = line.year_before or line.before
    if then is None or then.share is None or then.points is None:
        return None
    since = "A year before" if line.year_before else "At the snapshot before"
    if then.points == 0:
        return f"{since}, on {day(then.as_of)}, it was the same."
    return f"{since}, on {day(then.as_of)}, it was {number(then.share)} per cent."


def points_of(points: Decimal) -> str:
    return f"{number(points)} point{'' if points == 1 else 's'}"


def _senior(card: Scorecard) -> str | None:
    line = card.senior.regular_budget
    if line is None:
        return None
    if line.share is None or line.women is None:
        return f"At P5 and above on the regular budget women and men are not shown. {before_that(line)}".strip()
    return f"At P5 and above on the regular budget women are {number(line.share)} per cent: {split(line)}."


def _target(card: Scorecard) -> str | None:
    target = card.senior.target
    if target is None or target.points_short is None:
        return None
    aim = f"The target of the plan for {target.phase} is at least {number(target.at_least)} per cent"
    return f"{aim}, which is reached." if target.met else f"{aim}: {points_of(target.points_short)} short."


def _vacancies(card: Scorecard) -> str:
    open_ = card.open_vacancies
    if open_.total == 0:
        return "No vacancy was open on that day."
    were = "vacancy was" if open_.total == 1 else "vacancies were"
    senior = f", {open_.senior} of them at P5 and above" if open_.senior else ""
    return f"{open_.total:,} {were} open on that day{senior}."


def definitions(card: Scorecard, measures: Mapping[str, tuple[str, str]]) -> list[Definition]:
    """What each word of the card means; `measures` are definition and formula by code."""
    lower, upper = number(card.policy.lower), number(card.policy.upper)
    found = [
        Definition(
            term="Share of women",
            words="Women among women and men, in per cent, rounded half up once. Sex X or not stated is counted beside "
            "them. Differences are taken between unrounded shares.",
            formula=measures.get(card.headline.measure, ("", ""))[1],
        ),
        Definition(
            term="Parity",
            words=f"From {lower} to {upper} per cent women, both included, by the unrounded share. What is needed is counted in posts "
            "that change hands while their number stays.",
            formula=card.policy.source,
        ),
    ]
    if card.senior.regular_budget is not None:
        words, formula = measures.get(SENIOR_REGULAR, ("", ""))
        found.append(Definition(term="P5 and above", words=words, formula=formula))
    words = "Posted by that day, and neither filled nor cancelled by then. Posts, not people."
    if card.flows.lines:
        came = (
            "People counted from the snapshot before to this one: who was not on the staff, is in a higher grade than before, or is not "
            "on the staff any more. Of P5 and above: across the line to P5, or to such a post from outside."
        )
        found.append(Definition(term="Came, rose and left", words=came, formula="The platform's own"))
    return [*found, Definition(term="Open vacancies", words=words, formula="The platform's own")]


def withheld(card: Scorecard, threshold: int) -> list[Withheld]:
    """Which lines have no women and men, and why; one entry for each part of the card that has some."""
    seniors = [one for one in (card.senior.regular_budget, card.senior.whole_workforce) if one is not None]
    sections: list[tuple[str, list[CardLine]]] = [
        ("All staff", [card.headline]),
        ("P5 and above", [*seniors]),
        *((groups.title, groups.lines) for groups in (card.categories, card.contract_sources, card.parts, card.flows)),
    ]
    why = (
        f"Fewer than {threshold} women, men or others are in the group, or have come to it or left it since the figures before; or its "
        "figures would give those of such a group away. Nothing is shown as zero in their place."
    )
    found = []
    for where, lines in sections:
        names = [line.name for line in lines if line.women is None]
        if names:
            found.append(Withheld(where=where, groups=names, why=why))
    if not found and any(line.suppressed for _, lines in sections for line in lines):
        found.append(Withheld(where="Sex X or not stated", groups=["their number in some groups"], why=why))
    return found
