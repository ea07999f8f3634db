"""The organisation that never was: who is on its staff at each year's end, and how many leave, rise and move.

Stocks are of a staff of 3,000 at the end of 2022 and are scaled to any other. What the documents publish is not here but in
`../figures.json`; these numbers of people are made up so that they agree with it.
"""

REGULAR, COOPERATION, OTHER = "regular_budget", "development_cooperation", "other"
SOURCES = (REGULAR, COOPERATION, OTHER)
YEARS = (2016, 2017, 2018, 2019, 2020, 2021, 2022)
LAST = YEARS[-1]
STAFF = 3000

# Each grade can be followed by the next one of its ladder.
LADDERS = (
    ("G1", "G2", "G3", "G4", "G5", "G6", "G7"),
    ("NOA", "NOB", "NOC", "NOD", "NOE"),
    ("P1", "P2", "P3", "P4", "P5", "D1", "D2"),
    ("ADG",),
    ("DDG",),
    ("DG",),
)
SENIOR = ("P5", "D1", "D2", "ADG", "DDG", "DG")
INTERNATIONAL = ("P1", "P2", "P3", "P4", *SENIOR)

# (women, men) of P5 and above on the regular budget at each year's end, the series that is published from 2020 on
SENIOR_REGULAR = {
    "P5": ((74, 140), (76, 138), (79, 134), (82, 131), (85, 133), (83, 137), (90, 130)),
    "D1": ((16, 37), (17, 36), (18, 35), (19, 34), (19, 35), (19, 34), (19, 33)),
    "D2": ((6, 13), (6, 13), (6, 13), (7, 12), (7, 12), (7, 12), (8, 11)),
    "ADG": ((1, 4), (1, 4), (2, 3), (2, 3), (2, 3), (2, 4), (2, 3)),
    "DDG": ((1, 2), (1, 2), (1, 2), (1, 2), (1, 2), (1, 2), (1, 2)),
    "DG": ((0, 1), (0, 1), (0, 1), (0, 1), (0, 1), (0, 1), (0, 1)),
}

# (women, men) of all others at the end of 2022
OTHERS = {
    REGULAR: {
        "G1": (2, 4), "G2": (5, 12), "G3": (12, 14), "G4": (30, 14), "G5": (78, 24), "G6": (84, 24), "G7": (40, 14),
        "NOA": (10, 8), "NOB": (36, 30), "NOC": (22, 22), "NOD": (6, 8), "NOE": (1, 2),
        "P1": (3, 2), "P2": (48, 27), "P3": (102, 84), "P4": (128, 134),
    },
    COOPERATION: {
        "G2": (6, 20), "G3": (16, 34), "G4": (58, 40), "G5": (150, 86), "G6": (60, 34), "G7": (10, 6),
        "NOA": (92, 80), "NOB": (150, 138), "NOC": (42, 46), "NOD": (4, 6),
        "P1": (14, 8), "P2": (72, 46), "P3": (106, 92), "P4": (62, 78), "P5": (8, 14), "D1": (0, 3),
    },
    OTHER: {"G4": (6, 4), "G5": (10, 5), "G6": (5, 3), "P2": (8, 5), "P3": (14, 9), "P4": (9, 11)},
}  # fmt: skip

# The staff of a source at each year's end, against that at the end of 2022
GROWTH = {
    REGULAR: (0.985, 0.985, 0.99, 0.99, 0.995, 1.0, 1.0),
    COOPERATION: (0.78, 0.81, 0.85, 0.89, 0.92, 0.96, 1.0),
    OTHER: (0.9, 0.95, 1.0, 1.0, 0.95, 1.0, 1.0),
}
# Points by which the share of women of a ladder was lower at the end of 2016, and came nearer in equal steps
LOWER_IN_2016 = {"G": 0.0, "N": 0.02, "P": 0.03, "D": 0.03}

# Of a stock, how many of a hundred leave or rise in a year
SEPARATIONS = {REGULAR: 4.5, COOPERATION: 14.0, OTHER: 20.0}
SENIOR_SEPARATIONS = 6.5
PROMOTIONS = {"G": 3.0, "N": 3.0, "P1": 20.0, "P2": 9.0, "P3": 5.0, "P4": 3.0, "P5": 3.0, "D1": 3.5}
COOPERATION_PROMOTIONS = 2.5

# Where a source has so many appointments to a ladder in a year that more must leave than the rates say: 2022's vacancies filled
APPOINTMENTS = {(2022, COOPERATION, "P"): 117}

# Regular-budget staff who changed position or duty station from the first to the last year's end; 2016 begins before the first file,
# so 2017 has half of the 327 of 2016-17, and 2022 half of the 248 of 2020-21
MOVED = {(2016, 2017): 164, (2017, 2019): 325, (2019, 2021): 248, (2021, 2022): 124}

GEOGRAPHIC = 22.0
UNSTATED = {"X": 0.3, "": 0.4}
"""Of a hundred of those who were never senior on the regular budget, whose sex is X or empty."""
