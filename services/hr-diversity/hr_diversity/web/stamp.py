"""What stands on a card that was issued, and not on one that is only looked at."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Stamp:
    """`digest` is the SHA-256 of the content, in hex."""

    number: int
    issued_on: date
    digest: str
