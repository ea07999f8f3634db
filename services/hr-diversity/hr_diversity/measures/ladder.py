"""The grade ladder and the other closed lists that measures are drawn by, in the order in which they are shown."""

GRADES = (
    *("G1", "G2", "G3", "G4", "G5", "G6", "G7"),
    *("NOA", "NOB", "NOC", "NOD", "NOE"),
    *("P1", "P2", "P3", "P4", "P5"),
    *("D1", "D2", "ADG", "DDG", "DG"),
)
SENIOR = frozenset({"P5", "D1", "D2", "ADG", "DDG", "DG"})
"""P5 and above: the senior posts of the plan's indicator."""

REGULAR_BUDGET = "regular_budget"
CONTRACT_SOURCES = (REGULAR_BUDGET, "development_cooperation", "other")
SEXES = ("F", "M", "X")
REGIONS = ("africa", "americas", "arab-states", "asia-pacific", "europe-central-asia")
PORTFOLIOS = ("policy", "management-reform", "field-operations")
