"""A card as it is shown, on screen and on paper alike: figures written out, and where marks stand on a bar.

What must not break: a figure that is withheld is a dash and has no bar; it is never drawn as nothing.
"""

from decimal import Decimal
from typing import Any

from hr_diversity.rules import scorecard_words as words
from hr_diversity.schemas.scorecards import (
    CardEntry,
    CardLine,
    Compared,
    Groups,
    Headline,
    Participation,
    Scorecard,
    Target,
)
from hr_diversity.web.stamp import Stamp
from hr_diversity.web.trend import draw_trend

MOST_WITHHELD = 6
MOST_OF_A_NAME = 72
MINUS = "\N{MINUS SIGN}"


def show(card: Scorecard, stamp: Stamp | None) -> dict[str, Any]:
    """All that page and paper say, in the order in which they say it. Everything is text, a number for a mark, or a list of these."""
    return {
        "portfolio": card.portfolio,
        "title": card.title,
        "as_of": words.day(card.as_of),
        "day": str(card.as_of),
        "stamp": None if stamp is None else _stamp(stamp),
        "summary": card.summary,
        "band": {"from": float(card.policy.lower), "to": float(card.policy.upper), "words": _band(card)},
        "hero": _headline(card.headline, words.number(card.policy.goal)),
        "senior": _senior(card),
        "categories": _groups(card.categories),
        "funds": _groups(card.contract_sources),
        "parts": _groups(card.parts),
        "flows": _groups(card.flows),
        "trend": draw_trend(card),
        "vacancies": _vacancies(card),
        "participation": [_participation(one) for one in card.participation],
        "definitions": [one.model_dump() for one in card.definitions],
        "withheld": _withheld(card),
        "source": card.source,
        "note": card.source_note,
        "drawn": [f"{one.rule}, revision {one.revision}" for one in card.drawn_from],
        "snapshots": sorted({f"{one.snapshot}" for one in card.drawn_from}),
        "rule": card.rule,
        "query": "" if stamp else f"&as_of={card.as_of}&source={card.source}",
    }


def _stamp(stamp: Stamp) -> dict[str, str]:
    return {"number": str(stamp.number), "issued": words.day(stamp.issued_on), "digest": stamp.digest}


def _band(card: Scorecard) -> str:
    return f"{words.number(card.policy.lower)} to {words.number(card.policy.upper)} per cent women"


def _line(line: CardLine) -> dict[str, Any]:
    hidden = line.women is None or line.men is None
    return {
        "group": line.group,
        "name": line.name,
        "short": _short(line.name),
        "withheld": hidden,
        "women": words.count(line.women),
        "men": words.count(line.men),
        "other": None if line.other in {0, None} else f"{line.other:,}",
        "total": words.count(line.total),
        "share": words.percent(line.share),
        "width": None if hidden or line.share is None else float(line.share),
        "status": None if line.parity is None else line.parity.status,
        "status_words": "Too few to show"
        if hidden
        else None
        if line.parity is None
        else words.STATUSES[line.parity.status],
        "needed": words.needed(line),
    }


def _short(name: str) -> str:
    """For paper, where nothing can be unfolded."""
    return name if len(name) <= MOST_OF_A_NAME else name[: MOST_OF_A_NAME - 1].rstrip(" ,") + "\N{HORIZONTAL ELLIPSIS}"


def _headline(line: Headline, goal: str) -> dict[str, Any]:
    changes = [
        *_change("since the snapshot of", line.before if line.before != line.year_before else None),
        *_change("in a year, since", line.year_before),
    ]
    if line.projected_year is not None and line.per_year is not None:
        pace = words.number(line.per_year.quantize(Decimal("0.1")))
        changes.append(
            {
                "turn": "ahead",
                "figure": str(line.projected_year),
                "words": f"the year of {goal}\N{NO-BREAK SPACE}% at {pace} points a year",
            }
        )
    return {**_line(line), "changes": changes, "last_shown": words.before_that(line)}


def _change(since: str, then: Compared | None) -> list[dict[str, str]]:
    if then is None or then.points is None:
        return []
    said = f"{since} {words.day(then.as_of)}"
    turn = "up" if then.points > 0 else "down" if then.points < 0 else "same"
    sign = {"up": "+", "down": MINUS, "same": "±"}[turn]
    points = words.points_of(abs(then.points))
    return [
        {"turn": turn, "figure": f"{sign}{points}", "words": f"{said} ({words.percent(then.share)}\N{NO-BREAK SPACE}%)"}
    ]


def _senior(card: Scorecard) -> dict[str, Any]:
    regular, whole = card.senior.regular_budget, card.senior.whole_workforce
    goal = words.number(card.policy.goal)
    return {
        "regular": None if regular is None else _headline(regular, goal),
        "whole": None if whole is None else _headline(whole, goal),
        "target": None if card.senior.target is None else _target(card.senior.target),
    }


def _target(target: Target) -> dict[str, Any]:
    phase = target.phase.replace("-", "\N{NON-BREAKING HYPHEN}")
    aim = f"at least {words.number(target.at_least)}\N{NO-BREAK SPACE}% by the end of {phase}"
    where = "" if target.place == "global" else ", for the portfolio"
    if target.points_short is None:
        state = "not shown"
    else:
        state = "reached" if target.met else f"{words.points_of(target.points_short)} short"
    return {"at": float(target.at_least), "met": target.met, "aim": aim + where, "state": state}


def _groups(groups: Groups) -> dict[str, Any]:
    return {"title": groups.title, "lines": [_line(one) for one in groups.lines], "left_out": groups.left_out}


def _vacancies(card: Scorecard) -> dict[str, Any]:
    open_ = card.open_vacancies
    names = [(words.CATEGORIES[one], open_.by_category[one]) for one in words.CATEGORIES if one in open_.by_category]
    return {"total": f"{open_.total:,}", "lines": [{"name": name, "count": f"{number:,}"} for name, number in names]}


def _participation(one: Participation) -> dict[str, Any]:
    hidden = one.women is None or one.men is None
    return {
        "title": one.title,
        "short": _short(one.title),
        "as_of": words.day(one.as_of),
        "withheld": hidden,
        "women": words.count(one.women),
        "men": words.count(one.men),
        "share": words.percent(one.share),
    }


def _withheld(card: Scorecard) -> list[dict[str, Any]]:
    found = []
    for one in card.withheld:
        more = len(one.groups) - MOST_WITHHELD
        groups = ", ".join(one.groups[:MOST_WITHHELD]) + (f" and {more} more" if more > 0 else "")
        found.append({"where": one.where, "groups": groups, "why": one.why})
    return found


def show_entry(one: CardEntry) -> dict[str, Any]:
    """A card in the list of all."""
    issued = (
        "Not issued yet."
        if one.last_issued is None
        else f"Issued {_times(one.issues)}, last on {words.day(one.last_issued)}."
    )
    held = f" On the agenda of {words.people(one.meetings, 'meeting', 'meetings')}." if one.meetings else ""
    return {
        "portfolio": one.portfolio,
        "title": one.title,
        "as_of": None if one.as_of is None else words.day(one.as_of),
        "share": None if one.share is None else words.percent(one.share),
        "status": None if one.parity is None else words.STATUSES[one.parity.status],
        "history": issued + held,
        "note": one.source_note,
    }


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")
