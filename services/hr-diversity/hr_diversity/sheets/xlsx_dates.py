"""Which numbers of a workbook are days: those whose style shows them so (ECMA-376 part 1, 18.8.30 and 18.17.4.1)."""

import re
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

BUILT_IN = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
NO_LETTERS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]')
"""Of a format's code what is no letter of a day: quoted and escaped text, padding, colours and conditions."""
SINCE_1900, SINCE_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 (a spreadsheet's days are in no zone)
LAST = 2_958_466
"""The first number beyond the year 9999."""
LONGEST_NUMBER = 9
FALSE_LEAP_DAY = 60
"""29 February 1900, which was none: numbers below it are one day later than they seem."""


def day_styles(styles: bytes) -> frozenset[int]:
    """The numbers of those cell styles that show a day or an instant."""
    root = ET.fromstring(styles)  # noqa: S314 (it declares no entity: that was looked at)
    codes = {_number(one, "numFmtId"): one.get("formatCode", "") for one in root.iter() if _is(one, "numFmt")}
    days = BUILT_IN | {number for number, code in codes.items() if _is_day(code)}
    found = next((one for one in root.iter() if _is(one, "cellXfs")), ())
    return frozenset(at for at, style in enumerate(found) if _number(style, "numFmtId") in days)


def whole_number(text: str) -> int:
    """-1 where it is none, or one of more than nine digits."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else -1


def _is(element: ET.Element, name: str) -> bool:
    return element.tag.rpartition("}")[2] == name


def _number(element: ET.Element, name: str) -> int:
    return whole_number(element.get(name, ""))


def _is_day(code: str) -> bool:
    return re.search("[ymdhs]", NO_LETTERS.sub("", code.partition(";")[0]).lower().replace("general", "")) is not None


def written_day(number: float, *, from_1904: bool) -> str | None:
    """2015-03-01, or 2015-03-01T12:00:00 where it has a time of day. None where no day has this number."""
    if not 0 <= number < LAST:
        return None
    if from_1904:
        moment = SINCE_1904 + timedelta(days=number)
    else:
        moment = SINCE_1900 + timedelta(days=number + (number < FALSE_LEAP_DAY))
    moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    return moment.date().isoformat() if moment.time() == datetime.min.time() else moment.isoformat()
