"""Pure calculations over the views' rows: no database, no clock, no framework."""

from reporting.rules import parity, resources
from reporting.rules.areas import within
from reporting.rules.status import PLACES, WORDS, Row, consolidate, counted, rows_of, tally
from reporting.rules.words import aim, baseline, said, sentence

__all__ = [
    "PLACES", "WORDS", "Row", "aim", "baseline", "consolidate", "counted", "parity", "resources", "rows_of", "said", "sentence", "tally", "within",
]  # fmt: skip
