"""Figures that are computed: exact inside as fractions, rounded half up once where they are shown."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import PlainSerializer

from shared.figures import as_number

Computed = Annotated[Decimal, PlainSerializer(as_number, return_type=int | float, when_used="json")]
"""A figure of an answer. It has no bounds, since a sum or quotient of figures may be longer than any of them."""


def half_up(figure: Fraction | Decimal, places: int = 1) -> Decimal:
    """`figure` rounded once, halves away from zero, without passing through a binary or a 28-digit decimal number.

    >>> half_up(Fraction(2900, 57))
    Decimal('50.9')
    """
    return _scaled(figure, places, Fraction(1, 2))


def cut_off(figure: Fraction | Decimal, places: int = 1) -> Decimal:
    """`figure` without its further digits: how some documents print their shares. Only ever compared with, never shown as ours.

    >>> cut_off(Fraction(2900, 57))
    Decimal('50.8')
    """
    return _scaled(figure, places, Fraction(0))


def _scaled(figure: Fraction | Decimal, places: int, more: Fraction) -> Decimal:
    exact = Fraction(figure)
    digits = (abs(exact) * 10**places + more).__floor__()
    # made of its digits, since scaling would round a long number to the context's 28
    return Decimal((int(exact < 0 and digits > 0), tuple(int(d) for d in str(digits)), -places))
