"""Derivatives put together over the ranks while they are still being computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cnengine.errors import ArgumentError
from cnengine.tensor.array import Array
from cnengine.tensor.creation import asarray
from cnengine.tensor.derivative import _pull, _zeros_like, differentiated
from cnengine.tensor.parallel.group import Group, current

__all__ = ["value_and_grad"]


def _buckets(order: list[int], inputs: list[Array], bucket_bytes: int) -> list[list[int]]:
    """Inputs in the order in which their derivatives are known, cut where enough are together."""
    out: list[list[int]] = []
    room = 0
    for at in order:
        if room <= 0:
            out.append([])
            room = bucket_bytes
        out[-1].append(at)
        room -= inputs[at].size * inputs[at].dtype.itemsize
    return out


class _Sender:
    """Gives buckets to the thread that sends them, in their order, as soon as they are full."""

    def __init__(self, group: Group, op: str, inputs: list[Array], buckets: list[list[int]]):
        self.group, self.op, self.inputs, self.buckets = group, op, inputs, buckets
        self.slopes: dict[int, Array] = {}
        self.next = 0

    def take(self, at: int, slope: Array | None) -> None:
        """The derivative by one input is known."""
        self.slopes[at] = _zeros_like(self.inputs[at]) if slope is None else slope
        while self.next < len(self.buckets):
            bucket = self.buckets[self.next]
            if any(each not in self.slopes for each in bucket):
                break
            self.group.queue.submit([self.slopes.pop(each) for each in bucket], self.op)
            self.next += 1

    def spread(self, results: list[list[Array]]) -> list[Array]:
        """The results of the buckets, by input."""
        out: list[Any] = [None] * len(self.inputs)
        for bucket, arrays in zip(self.buckets, results, strict=True):
            for at, array in zip(bucket, arrays, strict=True):
                out[at] = array
        return out


class _Pull:
    """Goes back over tapes of one function."""

    def __init__(self, op: str, bucket_bytes: int) -> None:
        self.op, self.bucket_bytes = op, bucket_bytes
        self.owner: Group | None = None
        self.plans: dict[Any, list[list[int]]] = {}

    def plan(self, group: Group, tape: Any, result: Array, one: Array) -> tuple[Any, Any]:
        """The buckets that rank 0's order gives, and the derivatives of this first time."""
        found: list[Any] = [None] * len(tape.inputs)
        order: list[int] = []

        def note(at: int, slope: Array | None) -> None:
            order.append(at)
            found[at] = slope

        tape.trace.backward([result], [one], note)
        agreed = group.native.broadcast(asarray(np.asarray(order, dtype=np.int64)), 0)
        return _buckets(np.asarray(agreed).tolist(), tape.inputs, self.bucket_bytes), found

    def __call__(self, tape: Any, result: Array, one: Array) -> tuple[Array, list[Any]]:
        group = current()
        if group.native.size == 1:
            return _pull(tape, result, one)
        if self.owner is not group:
            self.owner, self.plans = group, {}
        key = tuple((each.dtype.name, each.shape) for each in tape.inputs)
        buckets, found = self.plans.get(key), None
        if buckets is None:
            buckets, found = self.plan(group, tape, result, one)
            self.plans[key] = buckets
        sender = _Sender(group, self.op, tape.inputs, buckets)
        group.queue.submit([tape.trace.primal(result)], self.op)
        try:
            if found is None:
                tape.trace.backward([result], [one], sender.take)
            else:
                for at, slope in enumerate(found):
                    sender.take(at, slope)
        finally:
            (value,), *results = group.queue.finish()
        return value, tape.trees(sender.spread(results))


def value_and_grad(
    f: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    *,
    has_aux: bool = False,
    op: str = "mean",
    bucket_bytes: int = 4 << 20,
) -> Callable[..., Any]:
    """As `cnengine.value_and_grad`, put together over the ranks: value and derivatives.

    Derivatives are sent by a thread while the others are still computed: those that are known first
    go first, several of them together. The order is that in which rank 0 came to know them the
    first time. What `has_aux` passes on stays that of this rank. `f` may be a function of `jit`;
    the result of this function cannot be given to it.

    Parameters
    ----------
    op
        "mean" of the ranks, or "sum", for functions that divide by the length of all parts.
    bucket_bytes
        Of derivatives that are sent together.

    Raises what `allreduce` raises.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine.tensor import parallel
    >>> value, slope = parallel.value_and_grad(lambda x: x * x)(ct.asarray(3.0))
    >>> float(value), float(slope)
    (9.0, 6.0)
    """
    if op not in ("mean", "sum"):
        raise ArgumentError(f"value_and_grad: expected op 'mean' or 'sum', got {op!r}")
    if bucket_bytes < 1:
        raise ArgumentError(f"value_and_grad: expected bucket_bytes above 0, got {bucket_bytes}")
    return differentiated(f, argnums, has_aux, _Pull(op, bucket_bytes))
