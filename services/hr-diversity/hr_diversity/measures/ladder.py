"""The grade ladder and the other closed lists that measures are drawn by, in the order in which they are shown."""

GENERAL_SERVICE = ("G1", "G2", "G3", "G4", "G5", "G6", "G7")
NATIONAL_OFFICERS = ("NOA", "NOB", "NOC", "NOD", "NOE")
PROFESSIONAL = ("P1", "P2", "P3", "P4")
SENIOR_GRADES = ("P5", "D1", "D2", "ADG", "DDG", "DG")
GRADES = (*GENERAL_SERVICE, *NATIONAL_OFFICERS, *PROFESSIONAL, *SENIOR_GRADES)
SENIOR = frozenset(SENIOR_GRADES)
"""P5 and above: the senior posts of the plan's indicator."""

CATEGORIES = {
    "general_service": GENERAL_SERVICE,
    "national_officer": NATIONAL_OFFICERS,
    "professional": PROFESSIONAL,
    "senior": SENIOR_GRADES,
}
CATEGORY_OF = {grade: category for category, grades in CATEGORIES.items() for grade in grades}

REGULAR_BUDGET = "regular_budget"
OTHER_FUNDING = "other_funding"
CONTRACT_SOURCES = (REGULAR_BUDGET, "development_cooperation", "other")
SENIOR_REGULAR, SENIOR_OTHER = "senior_regular_budget", "senior_other_funding"
LEVELS = ("general_service", "national_officer", "professional", SENIOR_REGULAR, SENIOR_OTHER)
"""The categories, the senior one by funding: what places, units and ages are crossed with."""

SEXES = ("F", "M", "X")
REGIONS = ("africa", "americas", "arab-states", "asia-pacific", "europe-central-asia")
PORTFOLIOS = ("policy", "management-reform", "field-operations")
NOT_STATED = "not_stated"
AGE_BANDS = ("under_30", "30_39", "40_49", "50_59", "60_and_over", NOT_STATED)
"""Age reached in the year of the as-of date."""

ORDERS: dict[str, tuple[str, ...]] = {
    "grade": GRADES,
    "category": tuple(CATEGORIES),
    "contract_source": CONTRACT_SOURCES,
    "age_band": AGE_BANDS,
}
"""Groups of other dimensions stand in the order of their codes."""
