"""Event-time windows over streams of records, with watermarks, lateness and checkpoints.

A stream is a plan: a source, steps that look at one record at a time, then an aggregation per key
and window. `Stream.collect` runs it over what is there; a `Job` runs several to their sinks,
record by record or in batches, with the same result to the bit, and resumes from its checkpoint.

Times are UTC. A record has an event time (when it happened) and an arrival time (when it came to
the log). The clock of a job is the largest arrival time so far; the watermark of a source says
which event times are complete: per partition the largest event time less `watermark`, of the
source the smallest of these. An event behind the watermark is late.
"""

from cnengine.stream.job import Job, Output
from cnengine.stream.plan import Grouped, Stream, from_arrow, from_topic
from cnengine.stream.window import Window, session, sliding, tumbling

__all__ = ["Grouped", "Job", "Output", "Stream", "Window", "from_arrow", "from_topic", "session",
           "sliding", "tumbling"]  # fmt: skip
