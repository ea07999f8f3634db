"""What the API answers, composed from the views' rows: each document with the position of the feed from which it is current."""

from reporting.consolidated.actions import actions_of
from reporting.consolidated.cards import card_of
from reporting.consolidated.parity import measures_known, parity_of, targets_fed, units_known
from reporting.consolidated.plans import plans_known
from reporting.consolidated.resources import resources_of
from reporting.consolidated.status import indicators_of, status_of

__all__ = [
    "actions_of", "card_of", "indicators_of", "measures_known", "parity_of", "plans_known", "resources_of", "status_of", "targets_fed",
    "units_known",
]  # fmt: skip
