"""What becomes of a share when so many leave and so many come each year, and what it takes to reach a target by a year.

Expected values, exact: a path may have a third of a woman. What must not break: one year's account adds up, stock + appointments -
separations, for women and for men; a stock is never used up below nobody.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from hr_diversity.rules.parity import HUNDRED, percent

Verdict = Literal["reached", "on_course", "possible", "out_of_reach"]


class UsedUp(Exception):  # noqa: N818 (it says what happened to the stock)
    """More women or men would leave than there are. `year` counts from 1."""

    def __init__(self, year: int, who: str) -> None:
        super().__init__(f"in year {year} more {who} leave than there are")
        self.year = year


@dataclass(frozen=True, slots=True)
class Stock:
    women: Fraction
    men: Fraction

    @property
    def people(self) -> Fraction:
        return self.women + self.men

    @property
    def share(self) -> Fraction | None:
        return percent(self.women, self.men)


@dataclass(frozen=True, slots=True)
class Flows:
    """What happens each year: numbers of people, and of them women in per cent.

    `women_leaving` None: women leave as often as men, so their share of separations is their share of the stock in that year.
    """

    separations: Fraction
    appointments: Fraction
    women_appointed: Fraction
    women_leaving: Fraction | None = None


def path(stock: Stock, flows: Flows, years: int) -> list[Stock]:
    """The stock at the end of each year, 1 to `years`. Raises UsedUp.

    W(t+1) = W(t) + appointments * share of appointments - separations * share of separations, and the same for men.
    """
    found = _walk(stock, flows, years)
    for year, one in enumerate(found, start=1):
        for who, left in (("women", one.women), ("men", one.men)):
            if left < 0:
                raise UsedUp(year, who)
    return found


def _walk(stock: Stock, flows: Flows, years: int) -> list[Stock]:
    """The path by its formula alone, which is linear in the share of appointments even where it falls below nobody."""
    appointed = flows.appointments * flows.women_appointed / HUNDRED
    found = []
    for year in range(1, years + 1):
        leaving = stock.share if flows.women_leaving is None else flows.women_leaving
        if leaving is None:
            leaving = Fraction(0)
        if flows.separations > stock.people:
            raise UsedUp(year, "people")
        left = flows.separations * leaving / HUNDRED
        stock = Stock(
            stock.women + appointed - left,
            stock.men + (flows.appointments - appointed) - (flows.separations - left),
        )
        found.append(stock)
    return found


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a target share can be reached in the years there are.

    `appointments_needed` is the share of women among appointments, in per cent, that ends exactly at the target: under 0 where it is
    reached even if only men come, over 100 where it is out of reach, None where nobody comes. `at_most` is the share if only women come.
    `on_course` means that the share of appointments there is suffices; `possible`, that a higher one would.
    """

    verdict: Verdict
    ends_at: Fraction | None
    at_most: Fraction | None
    appointments_needed: Fraction | None


def reach(stock: Stock, flows: Flows, target: Fraction, years: int) -> Reach:
    """Raises UsedUp where the flows as given use the stock up."""
    ends = path(stock, flows, years)[-1]
    none, all_ = (_walk(stock, _appointing(flows, Fraction(share)), years)[-1] for share in (0, HUNDRED))
    gain = all_.women - none.women
    wanted = target * ends.people / HUNDRED - none.women
    asked = wanted * HUNDRED / gain if gain else None
    reached = stock.share is not None and stock.share >= target
    if ends.share is not None and ends.share >= target:
        verdict: Verdict = "reached" if reached else "on_course"
    else:
        verdict = "possible" if asked is not None and asked <= HUNDRED else "out_of_reach"
    at_most = None if all_.share is None else min(all_.share, Fraction(HUNDRED))
    return Reach(verdict, ends.share, at_most, asked)


def _appointing(flows: Flows, share: Fraction) -> Flows:
    return Flows(flows.separations, flows.appointments, share, flows.women_leaving)


@dataclass(frozen=True, slots=True)
class Filled:
    """The share once an open post is filled, and its distance to the target in points: negative is short of it."""

    share: Fraction
    distance: Fraction


def vacancy(women: int, men: int, target: Fraction) -> tuple[Filled, Filled]:
    """What one open post does to the share: filled by a woman, and by a man. The post is not among the women and men."""
    people = women + men + 1
    by_woman, by_man = (Fraction((women + more) * HUNDRED, people) for more in (1, 0))
    return Filled(by_woman, by_woman - target), Filled(by_man, by_man - target)


@dataclass(frozen=True, slots=True)
class Filling:
    """What all open posts together can do. `women_needed` is the smallest number of them filled by women that reaches the target, all
    others by men; None where even all would not.
    """

    by_women: Filled
    by_men: Filled
    women_needed: int | None


def fill(women: int, men: int, posts: int, target: Fraction) -> Filling | None:
    """`posts` open ones, which are not among the women and men. None where there is neither a post nor anybody."""
    people = women + men + posts
    if not people:
        return None
    by_women, by_men = (Fraction((women + more) * HUNDRED, people) for more in (posts, 0))
    needed = max(0, int(-(-target * people // HUNDRED)) - women)
    return Filling(
        Filled(by_women, by_women - target), Filled(by_men, by_men - target), needed if needed <= posts else None
    )
