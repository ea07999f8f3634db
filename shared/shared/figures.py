"""How figures are kept and shown: exact decimals, one rounding rule, counts beside every percentage."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import Field, PlainSerializer


def as_number(figure: Decimal) -> int | float:
    """The JSON number of a figure: 45 and not 45.0, 37.1 and not "37.1". Exact up to 15 significant digits."""
    return int(figure) if figure == figure.to_integral_value() else float(figure)


# 12 digits before and 3 after the point are more than any headcount or budget needs, and survive every JSON reader as written
Figure = Annotated[
    Decimal,
    Field(max_digits=15, decimal_places=3, allow_inf_nan=False),
    PlainSerializer(as_number, return_type=int | float, when_used="json"),
]


def share(part: int | Decimal, whole: int | Decimal, places: int = 1) -> Decimal | None:
    """`part` of `whole` in per cent, rounded half up once; None where the whole is zero.

    The published figures of the source documents are partly truncated (29 of 57 as 50.8); half up gives 50.9. Both are shown,
    the computed one is never bent towards the published one.
    """
    if whole == 0:
        return None
    return round_half_up(Decimal(part) * 100 / Decimal(whole), places)


def round_half_up(figure: Decimal | Fraction, places: int = 1) -> Decimal:
    """`figure` rounded once, halves away from zero.

    >>> round_half_up(Fraction(2900, 57))
    Decimal('50.9')
    """
    return scaled(figure, places, Fraction(1, 2))


def scaled(figure: Decimal | Fraction, places: int, more: Fraction) -> Decimal:
    """`figure` cut off after `places` digits once `more` of the last one is added, exactly: it passes through no binary number."""
    exact = Fraction(figure)
    digits = (abs(exact) * 10**places + more).__floor__()
    # made of its digits, since scaling would round a long number to the context's 28
    return Decimal((int(exact < 0 and digits > 0), tuple(int(d) for d in str(digits)), -places))
