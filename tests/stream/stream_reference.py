"""Windows, watermarks and lateness by their definitions: plain Python, one record at a time.

Every window keeps the list of its records; nothing is shared, nothing is incremental.
"""

import math
from dataclasses import dataclass, field

NEVER = math.inf


@dataclass
class Model:
    """One keyed windowed aggregation over one source."""

    kind: str = "sliding"
    size: int = 10
    slide: int = 10
    offset: int = 0
    gap: int = 10
    bound: int = 0
    lateness: int = 0
    emit: str = "watermark"
    idle_timeout: float = NEVER

    clock: float = -NEVER
    watermark: float = -NEVER
    late: int = 0
    dropped: list = field(default_factory=list)
    emissions: list = field(default_factory=list)
    largest: dict = field(default_factory=dict)  # by partition
    arrived: dict = field(default_factory=dict)
    idle: set = field(default_factory=set)
    open: dict = field(default_factory=dict)  # (key, begin, end) -> records
    revision: dict = field(default_factory=dict)  # (key, begin, end) -> emissions so far

    def windows(self, event):
        if self.kind == "session":
            return [(event, event + self.gap)]
        # The last window to begin, then those before it: Flink's SlidingEventTimeWindows.
        last = event - (event - self.offset + self.slide) % self.slide
        begins = range(last, event - self.size, -self.slide)
        return [(begin, begin + self.size) for begin in reversed(begins)]

    def frontier(self):
        return self.clock if self.emit == "clock" else self.watermark

    def record(self, arrival, event, key, value, partition=0):
        self.advance(max(self.clock, arrival))
        self.late += event < self.watermark
        self.arrived[partition] = self.clock
        self.idle.discard(partition)
        live = [w for w in self.windows(event)
                if w[1] + self.lateness > self.watermark or w[1] > self.frontier()]  # fmt: skip
        if not live:
            self.dropped.append((event, key, value))
        for begin, end in live:
            window = self.join(key, begin, end, (event, value))
            if window[2] <= self.frontier():
                self.send(window, self.clock)
        self.largest[partition] = max(event, self.largest.get(partition, event))
        self.move_watermark()

    def join(self, key, begin, end, record):
        touched = [(key, begin, end)] if self.kind == "sliding" else [
            w for w in self.open if w[0] == key and w[1] < end and w[2] > begin
        ]  # fmt: skip
        # Sessions are joined from the oldest on.
        records = [r for w in sorted(touched) for r in self.open.pop(w, [])]
        revision = max([self.revision.pop(w, 0) for w in touched], default=0)
        window = (key, min([begin, *(w[1] for w in touched)]),
                  max([end, *(w[2] for w in touched)]))  # fmt: skip
        self.open[window] = [*records, record]
        self.revision[window] = revision
        return window

    def send(self, window, at):
        present = [(e, v) for e, v in self.open[window] if v is not None]
        values = [v for _, v in present]
        by_time = sorted(present, key=lambda r: r[0])  # stable: ties stay in order of arrival
        result = (len(self.open[window]), sum(values) if values else None,
                  min(values, default=None), max(values, default=None),
                  *([by_time[0][1], by_time[-1][1]] if by_time else [None, None]))  # fmt: skip
        self.emissions.append((*window, at, self.revision[window], *result))
        self.revision[window] += 1

    def fire(self, before, to, at_end):
        """Emits the windows whose end lies in (before, to]."""
        for window in sorted(self.open, key=lambda w: (w[2], w[0])):
            if before < window[2] <= to:
                self.send(window, window[2] if at_end else self.clock)

    def move_watermark(self):
        live = [e - self.bound for p, e in self.largest.items() if p not in self.idle]
        before, self.watermark = self.watermark, max(self.watermark, min(live, default=-NEVER))
        if self.emit == "watermark":
            self.fire(before, self.watermark, at_end=False)

    def advance(self, clock):
        """Moves the clock, through the moments at which partitions become idle."""
        due = {p: t + self.idle_timeout for p, t in self.arrived.items() if p not in self.idle}
        for moment in sorted({t for t in due.values() if t <= clock}):
            self.move_clock(moment)
            self.idle |= {p for p, t in due.items() if t <= moment}
            self.move_watermark()
        self.move_clock(clock)

    def move_clock(self, clock):
        before, self.clock = self.clock, max(self.clock, clock)
        if self.emit == "clock":
            self.fire(before, self.clock, at_end=True)

    def finish(self):
        self.fire(self.frontier(), NEVER, at_end=self.emit == "clock")

    def final(self):
        """The last emission of each window that was not joined into another."""
        last = {}
        for row in self.emissions:
            for other in [w for w in last if w[0] == row[0] and w[1] < row[2] and w[2] > row[1]]:
                if self.kind == "session" or other == row[:3]:
                    del last[other]
            last[row[:3]] = row[5:]
        return sorted(((*w, *row) for w, row in last.items()), key=repr)
