"""Local clocks and UTC: the offset of a time zone at many instants, without a loop over them.

`zoneinfo` answers for one instant at a time. A zone changes its offset a few times a year, so we
find those changes once by bisection and then answer with a binary search.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

MINUTE = 60_000
DAY = 24 * 60 * MINUTE


def _offset(zone: ZoneInfo, at_ms: int) -> int:
    moment = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)
    return int(moment.utcoffset().total_seconds()) * 1000


@lru_cache(maxsize=256)
def transitions(name: str, start_ms: int, end_ms: int) -> tuple[np.ndarray, np.ndarray]:
    """When `name` changes its offset within [start_ms, end_ms), to the minute.

    Returns
    -------
    starts, offsets : int64 arrays of one length
        Offset ``offsets[i]`` (ms east of UTC) holds from ``starts[i]`` (ms since 1970, UTC).
    """
    zone = ZoneInfo(name)
    starts, offsets = [start_ms], [_offset(zone, start_ms)]
    for day in range(start_ms + DAY, end_ms + DAY, DAY):
        if _offset(zone, day) != offsets[-1]:
            low, high = day - DAY, day
            while high - low > MINUTE:
                middle = (low + high) // 2 // MINUTE * MINUTE
                if _offset(zone, middle) == offsets[-1]:
                    low = middle
                else:
                    high = middle
            starts.append(high)
            offsets.append(_offset(zone, high))
    return np.array(starts, np.int64), np.array(offsets, np.int64)


def utc_offsets(names: np.ndarray, at_ms: np.ndarray) -> np.ndarray:
    """Milliseconds east of UTC of zone ``names[i]`` at instant ``at_ms[i]``.

    >>> import numpy as np
    >>> summer = np.array(["2013-07-01T12:00"], "datetime64[ms]").astype(np.int64)
    >>> (utc_offsets(np.array(["America/New_York"]), summer) // 3_600_000).tolist()
    [-4]
    """
    out = np.zeros(len(at_ms), np.int64)
    if len(at_ms) == 0:
        return out
    start, end = int(at_ms.min()) // DAY * DAY, int(at_ms.max()) + DAY
    zones, which = np.unique(names, return_inverse=True)
    for i, name in enumerate(zones):
        rows = which == i
        starts, offsets = transitions(str(name), start, end)
        out[rows] = offsets[np.searchsorted(starts, at_ms[rows], side="right") - 1]
    return out


def next_local_time(names: np.ndarray, after_ms: np.ndarray, hhmm: np.ndarray) -> np.ndarray:
    """The first instant after ``after_ms[i]`` when clocks in zone ``names[i]`` show ``hhmm[i]``.

    `hhmm` is 100 * hour + minute, where 2400 is midnight. The result is within 24 hours (25 on a
    day on which the clocks change).
    """
    offset = utc_offsets(names, after_ms)
    wanted = (hhmm // 100 * 60 + hhmm % 100) * MINUTE
    wait = (wanted - (after_ms + offset)) % DAY
    found = after_ms + np.where(wait == 0, DAY, wait)
    return found - (utc_offsets(names, found) - offset)
