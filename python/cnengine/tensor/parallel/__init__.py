"""Programs that several processes run together, each with a part of the data.

`run` starts the processes on this machine; `init` joins those that something else has started. All
of them (ranks) call the same functions of this module in the same order.
"""

from cnengine.tensor.parallel.gradients import value_and_grad
from cnengine.tensor.parallel.group import (
    allgather,
    allreduce,
    barrier,
    broadcast,
    close,
    init,
    rank,
    reduce_scatter,
    shard,
    size,
)
from cnengine.tensor.parallel.launch import WorkerError, run
from cnengine.tensor.parallel.session import Session, session

__all__ = ["Session", "WorkerError", "allgather", "allreduce", "barrier", "broadcast", "close",
           "init", "rank", "reduce_scatter", "run", "session", "shard", "size",
           "value_and_grad"]  # fmt: skip
