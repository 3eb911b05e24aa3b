"""Connectionist temporal classification: labels of sequences without their times."""

from __future__ import annotations

import math

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError
from cnengine.nn.losses import reduced

__all__ = ["ctc_loss"]

Array = ct.Array


def ctc_loss(
    log_probs: Array,
    targets: Array,
    input_lengths: Array,
    target_lengths: Array,
    *,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Array:
    """-log of the sum over all alignments of labels to times, with blanks between.

    Parameters
    ----------
    log_probs
        (time, batch, classes), logarithms of probabilities.
    targets
        (batch, labels), whole numbers; what lies beyond `target_lengths` is not read.
    input_lengths, target_lengths
        (batch,).
    reduction
        ``"mean"`` divides each loss by its labels first, as torch does it.
    zero_infinity
        Whether sequences that are too short for their labels have the loss 0, not infinity.

    Graves et al. 2006.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> even = ct.log(ct.full((2, 1, 2), 0.5))
    >>> loss = nn.ctc_loss(even, ct.asarray([[1]]), ct.asarray([2]), ct.asarray([1]))
    >>> round(float(loss), 4)
    0.2877
    """
    if log_probs.ndim != 3 or targets.ndim != 2 or targets.shape[0] != log_probs.shape[1]:
        raise ShapeError(
            "ctc_loss: expected (time, batch, classes) and (batch, labels), got "
            f"{log_probs.shape} and {targets.shape}"
        )
    if not 0 <= blank < log_probs.shape[2]:
        raise ArgumentError(f"ctc_loss: expected a blank among the classes, got {blank}")
    batch, labels = targets.shape
    places = 2 * labels + 1
    at = ct.expand_dims(ct.arange(places), axis=0)

    def blanks(count: int) -> Array:
        return ct.full((batch, count), blank, dtype=targets.dtype)

    # Labels with blanks around: blank a blank b blank.
    pairs = ct.stack([blanks(labels), targets], axis=2)
    spaced = ct.concat([ct.reshape(pairs, (batch, 2 * labels)), blanks(1)], axis=1)
    two_before = ct.concat([blanks(2), spaced[:, :-2]], axis=1)
    # A blank may be skipped between labels that differ.
    may_skip = (spaced != blank) & (spaced != two_before)
    end = ct.expand_dims(target_lengths * 2, axis=1)
    # What each place emits at each time; classes beyond the lengths may be anything, so keep in.
    inside = ct.where(at <= end, spaced, blank)
    index = ct.broadcast_to(ct.expand_dims(inside, axis=0), (log_probs.shape[0], batch, places))
    emitted = ct.take_along_axis(log_probs, index, axis=2)
    low = -1e30 if log_probs.dtype.itemsize >= 4 else -1e4  # finite, so that derivatives are too
    first = ct.where(at <= 1, emitted[0], low)
    times = ct.arange(log_probs.shape[0])

    def step(alpha: Array, row: tuple[Array, Array]) -> tuple[Array, None]:
        now, time = row
        one = ct.concat([ct.full((batch, 1), low, dtype=alpha.dtype), alpha[:, :-1]], axis=1)
        two = ct.concat([ct.full((batch, 2), low, dtype=alpha.dtype), alpha[:, :-2]], axis=1)
        two = ct.where(may_skip, two, low)
        after = ct.logaddexp(ct.logaddexp(alpha, one), two) + now
        return ct.where(time < ct.expand_dims(input_lengths, axis=1), after, alpha), None

    alpha = first
    if log_probs.shape[0] > 1:
        alpha, _ = ct.scan(step, first, (emitted[1:], times[1:]))
    last = ct.logaddexp(
        ct.sum(ct.where(at == end, alpha, 0.0), axis=1),
        ct.where(target_lengths > 0, ct.sum(ct.where(at == end - 1, alpha, 0.0), axis=1), low),
    )
    impossible = last < low / 2
    losses = ct.where(impossible, 0.0 if zero_infinity else math.inf, -last)
    if reduction == "mean":
        return ct.mean(losses / ct.astype(ct.maximum(target_lengths, 1), losses.dtype))
    return reduced(losses, reduction, "ctc_loss")
