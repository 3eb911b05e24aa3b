"""Durations and instants as people write them, in whole milliseconds."""

from __future__ import annotations

import datetime
import re

from cnengine import errors

_UNIT_NS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9,
            "d": 86400 * 10**9, "w": 604800 * 10**9}  # fmt: skip
_PART = re.compile(r"(\d+)(?:\.(\d+))?(ns|us|ms|s|m|h|d|w)")
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


def _fits(number: int, value: object, function: str) -> int:
    """The number itself, where the core's 64 bits hold it."""
    if not -(2**63) < number < 2**63:
        raise errors.ArgumentError(f"{function}: expected a time that 64 bits hold, got {value!r}")
    return number


def _duration_ns(value: str | datetime.timedelta | int, function: str) -> int:
    if isinstance(value, datetime.timedelta):
        return value // _MICROSECOND * 1000
    if isinstance(value, int) and not isinstance(value, bool):
        return value * 10**6
    if not isinstance(value, str):
        raise errors.TypeError(
            f'{function}: expected a length of time such as "10m", a timedelta or milliseconds, '
            f"got {type(value).__name__}"
        )
    parts = list(_PART.finditer(value))
    if not parts or "".join(part[0] for part in parts) != value:
        raise errors.ArgumentError(
            f'{function}: expected a length of time such as "500ms" or "1h30m", got {value!r}'
        )
    total = 0
    for whole, fraction, unit in (part.groups() for part in parts):
        scale = 10 ** len(fraction or "")
        total += int(whole + (fraction or "")) * _UNIT_NS[unit] // scale
    return total


def parse_duration_ns(value: str | datetime.timedelta | int, function: str) -> int:
    """Nanoseconds of "10m", "1h30m", "1.5s", a timedelta, or an int of milliseconds.

    Raises
    ------
    ArgumentError
        The text is not such a length, or 64 bits do not hold it; TypeError for another type. Both
        name `function`.

    Examples
    --------
    >>> parse_duration_ns("1h30m", "window"), parse_duration_ns(500, "window")
    (5400000000000, 500000000)
    """
    return _fits(_duration_ns(value, function), value, function)


def parse_duration_ms(value: str | datetime.timedelta | int, function: str) -> int:
    """Milliseconds of a length of time; see `parse_duration_ns`.

    Raises
    ------
    ArgumentError
        Also when it is not a whole number of milliseconds.

    Examples
    --------
    >>> parse_duration_ms("10m", "window")
    600000
    """
    ms, rest = divmod(_duration_ns(value, function), 10**6)
    if rest:
        raise errors.ArgumentError(f"{function}: expected whole milliseconds, got {value!r}")
    return _fits(ms, value, function)


def to_epoch_ms(value: datetime.datetime | int | str, function: str) -> int:
    """Milliseconds since 1970 (UTC) of a datetime, of ISO 8601 text, or the int itself.

    Without a zone it is UTC; finer parts are cut off.

    Raises
    ------
    ArgumentError
        The text is not an instant; TypeError for another type. Both name `function`.

    Examples
    --------
    >>> to_epoch_ms("1970-01-01T00:01:00Z", "run"), to_epoch_ms(7, "run")
    (60000, 7)
    """
    if isinstance(value, int) and not isinstance(value, bool):
        if not -(2**63) <= value < 2**63:
            raise errors.ArgumentError(
                f"{function}: expected milliseconds since 1970 within 64 bits, got {value}"
            )
        return value
    if isinstance(value, str):
        try:
            value = datetime.datetime.fromisoformat(value)
        except ValueError:
            raise errors.ArgumentError(
                f"{function}: expected a time such as 2013-12-01T00:00:00Z, got {value!r}"
            ) from None
    if not isinstance(value, datetime.datetime):
        raise errors.TypeError(
            f"{function}: expected a datetime, ISO 8601 text or milliseconds since 1970, "
            f"got {type(value).__name__}"
        )
    if value.tzinfo is None:
        value = value.replace(tzinfo=datetime.UTC)
    return (value - _EPOCH) // _MICROSECOND // 1000
