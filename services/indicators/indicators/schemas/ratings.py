"""The answer about ratings on an ordinal scale."""

from indicators.rules.ratings import Ratings


class PlanRatings(Ratings):
    plan: str
    phase: str
