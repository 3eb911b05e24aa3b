"""Lengths of time as people write them."""

from __future__ import annotations

import datetime
import re

from cnengine import errors

_UNITS = {
    "us": datetime.timedelta(microseconds=1),
    "ms": datetime.timedelta(milliseconds=1),
    "s": datetime.timedelta(seconds=1),
    "m": datetime.timedelta(minutes=1),
    "h": datetime.timedelta(hours=1),
    "d": datetime.timedelta(days=1),
    "w": datetime.timedelta(weeks=1),
}
_PART = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h|d|w)")


def parse_duration(value: str | datetime.timedelta, function: str) -> datetime.timedelta:
    """Reads "10m", "1h30m", "1.5d"; a timedelta is taken as it is.

    Raises
    ------
    ArgumentError
        When the text is not such a length; TypeError for another type. Both name `function`.

    Examples
    --------
    >>> parse_duration("1h30m", "demo")
    datetime.timedelta(seconds=5400)
    """
    if isinstance(value, datetime.timedelta):
        return value
    if not isinstance(value, str):
        raise errors.TypeError(
            f'{function}: expected a length of time such as "10m", got {type(value).__name__}'
        )
    parts = _PART.findall(value)
    if not parts or "".join(number + unit for number, unit in parts) != value:
        raise errors.ArgumentError(
            f'{function}: expected a length of time such as "500ms", "10m", "1h30m" or "7d", '
            f"got {value!r}"
        )
    try:
        return sum((float(number) * _UNITS[unit] for number, unit in parts), datetime.timedelta())
    except OverflowError:
        raise errors.ArgumentError(
            f"{function}: expected a length of time below 10^9 days, got {value[:40]!r}"
        ) from None
