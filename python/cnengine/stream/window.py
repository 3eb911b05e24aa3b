"""Kinds of windows."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from cnengine._time import parse_duration_ms

Duration = str | datetime.timedelta | int


@dataclass(frozen=True)
class Window:
    """How events are put into windows; made by `tumbling`, `sliding` and `session`.

    Examples
    --------
    >>> import cnengine as cn
    >>> cn.stream.sliding("6h", "10m").size_ms
    21600000
    """

    kind: str
    size_ms: int
    slide_ms: int = 0
    offset_ms: int = 0


def tumbling(size: Duration, *, offset: Duration = 0) -> Window:
    """Windows of one length, one after the other, from 1970-01-01T00:00:00 UTC + `offset` on.

    Examples
    --------
    >>> tumbling("1h").size_ms
    3600000
    """
    return sliding(size, size, offset=offset)


def sliding(size: Duration, slide: Duration, *, offset: Duration = 0) -> Window:
    """Windows of length `size`, one beginning every `slide`, so that they overlap.

    They begin at `offset` and multiples of `slide` from it, counted from 1970-01-01T00:00:00 UTC,
    also where `size` is no multiple of `slide`; so do those of Flink and Beam.

    A record is added to one pane, not to `size / slide` windows. Results of floating-point
    aggregates are the panes added in an order that depends on the window alone.

    Examples
    --------
    >>> sliding("6h", "10m")
    Window(kind='sliding', size_ms=21600000, slide_ms=600000, offset_ms=0)
    """
    lengths = [parse_duration_ms(value, "sliding") for value in (size, slide, offset)]
    return Window("sliding", *lengths)


def session(gap: Duration) -> Window:
    """Windows that hold the events of a key less than `gap` apart, ending `gap` after the last.

    Events exactly `gap` apart are of two windows.

    Examples
    --------
    >>> session("30m").kind
    'session'
    """
    return Window("session", parse_duration_ms(gap, "session"))
