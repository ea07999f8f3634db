"""Figures that are computed: exact inside as fractions, rounded half up once where they are shown."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import PlainSerializer

from shared.figures import as_number, scaled

Computed = Annotated[Decimal, PlainSerializer(as_number, return_type=int | float, when_used="json")]
"""A figure of an answer. It has no bounds, since a sum or quotient of figures may be longer than any of them."""


def cut_off(figure: Fraction | Decimal, places: int = 1) -> Decimal:
    """`figure` without its further digits: how some documents print their shares. Only ever compared with, never shown as ours.

    >>> cut_off(Fraction(2900, 57))
    Decimal('50.8')
    """
    return scaled(figure, places, Fraction(0))
