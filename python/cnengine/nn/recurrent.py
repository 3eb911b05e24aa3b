"""Layers that go through a sequence and keep a state: RNN, GRU, LSTM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError
from cnengine.nn.activations import relu
from cnengine.nn.dropout import Dropout
from cnengine.nn.initializers import Initializer, fan_in_uniform
from cnengine.nn.linear import linear
from cnengine.nn.module import Module
from cnengine.nn.seed import keys_of

__all__ = ["GRU", "LSTM", "RNN"]

Array = ct.Array
State = tuple[Array, ...]


class _Recurrent(Module):
    """Layers of cells; weights are named and laid out as in torch, gates one below the other."""

    gates: ClassVar[int]
    states: ClassVar[int] = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = True,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        weight_init: Initializer | None = None,
        dtype: ct.DType = ct.float32,
        key: Array | None = None,
    ) -> None:
        name = type(self).__name__
        if num_layers < 1 or hidden_size < 1:
            raise ArgumentError(f"{name}: expected layers and features, got {num_layers}")
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.batch_first, self.bidirectional = batch_first, bidirectional
        init = weight_init or fan_in_uniform(hidden_size)
        keys = iter(keys_of(key, 8 * num_layers + 1))
        rows = self.gates * hidden_size
        for layer in range(num_layers):
            width = input_size if layer == 0 else hidden_size * self._directions
            for suffix in self._suffixes(layer):
                setattr(self, f"weight_ih{suffix}", init(next(keys), (rows, width), dtype))
                setattr(self, f"weight_hh{suffix}", init(next(keys), (rows, hidden_size), dtype))
                for each in ("ih", "hh") if bias else ():
                    value = fan_in_uniform(hidden_size)(next(keys), (rows,), dtype)
                    setattr(self, f"bias_{each}{suffix}", value)
        self.dropout = Dropout(dropout, key=next(keys)) if dropout else None

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _suffixes(self, layer: int) -> list[str]:
        return [f"_l{layer}", f"_l{layer}_reverse"][: self._directions]

    def _cell(self, gates: Array, state: State, hidden: Callable[[Array], Array]) -> State:
        """The next state, its first part the output; `hidden` gives the gates' part of it."""
        raise NotImplementedError

    def _run(self, x: Array, state: State, suffix: str, mask: Array | None) -> tuple[Array, State]:
        """One layer in one direction over x (length, batch, features)."""
        weight, bias = getattr(self, f"weight_hh{suffix}"), getattr(self, f"bias_hh{suffix}", None)
        # The inputs' part of the gates is one product for all times.
        gates = linear(
            x, getattr(self, f"weight_ih{suffix}"), getattr(self, f"bias_ih{suffix}", None)
        )

        def step(state: State, row: Any) -> tuple[State, Array]:
            now, keep = row if mask is not None else (row, None)
            after = self._cell(now, state, lambda h: linear(h, weight, bias))
            if keep is None:
                return after, after[0]
            held = tuple(ct.where(keep, a, b) for a, b in zip(after, state, strict=True))
            return held, ct.where(keep, after[0], 0.0)

        rows = gates if mask is None else (gates, mask)
        after, out = ct.scan(step, state, rows, reverse=suffix.endswith("_reverse"))
        return out, after

    def _first_state(self, state: Any, batch: int, dtype: ct.DType) -> State:
        shape = (self.num_layers * self._directions, batch, self.hidden_size)
        if state is None:
            return tuple(ct.zeros(shape, dtype=dtype) for _ in range(self.states))
        parts = (state,) if self.states == 1 else tuple(state)
        for each in parts:
            if tuple(each.shape) != shape:
                raise ShapeError(
                    f"{type(self).__name__}: expected a state {shape}, got {each.shape}"
                )
        return parts

    def forward(
        self, x: Array, state: Any = None, lengths: Array | None = None
    ) -> tuple[Array, Any]:
        """The outputs of the last layer at all times, and the last state.

        x is (batch, length, input_size), or (length, batch, input_size) unless `batch_first`. The
        state (LSTM: a pair of them) is (layers * directions, batch, hidden_size); None: zeros.
        `lengths` (batch,) ends sequences earlier: states stay as they are then, outputs are 0. One
        sequence may come without the batch, with its state.
        """
        if x.ndim == 2 and lengths is None:
            return self._run_single(x, state)
        if x.ndim != 3 or x.shape[2] != self.input_size:
            raise ShapeError(
                f"{type(self).__name__}: expected three axes, the last of {self.input_size}, "
                f"got {x.shape}"
            )
        if self.batch_first:
            x = ct.permute_dims(x, (1, 0, 2))
        first = self._first_state(state, x.shape[1], x.dtype)
        mask = None
        if lengths is not None:
            times = ct.reshape(ct.arange(x.shape[0]), (-1, 1, 1))
            mask = times < ct.reshape(lengths, (1, -1, 1))
        ends: list[State] = []
        for layer in range(self.num_layers):
            if layer and self.dropout is not None:
                x = self.dropout(x)
            outs = []
            for suffix in self._suffixes(layer):
                begin = tuple(each[len(ends)] for each in first)
                out, end = self._run(x, begin, suffix, mask)
                outs.append(out)
                ends.append(end)
            x = outs[0] if len(outs) == 1 else ct.concat(outs, axis=-1)
        last = tuple(ct.stack(list(each), axis=0) for each in zip(*ends, strict=True))
        out = ct.permute_dims(x, (1, 0, 2)) if self.batch_first else x
        return out, (last[0] if self.states == 1 else last)

    def _run_single(self, x: Array, state: Any) -> tuple[Array, Any]:
        at = 0 if self.batch_first else 1
        if state is not None:
            state = ct.tree_map(lambda each: ct.expand_dims(each, axis=1), state)
        out, last = self.forward(ct.expand_dims(x, axis=at), state)
        return ct.squeeze(out, axis=at), ct.tree_map(lambda each: ct.squeeze(each, axis=1), last)

    def _parts(self, gates: Array) -> list[Array]:
        size = self.hidden_size
        return [gates[:, at * size : (at + 1) * size] for at in range(self.gates)]


class RNN(_Recurrent):
    """h = tanh(W_ih x + b_ih + W_hh h + b_hh), or with relu; options as those of `LSTM`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> out, h = nn.RNN(3, 4)(ct.ones((2, 5, 3)))
    >>> out.shape, h.shape
    ((2, 5, 4), (1, 2, 4))
    """

    gates: ClassVar = 1

    def __init__(self, *args: Any, nonlinearity: str = "tanh", **kwargs: Any) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ArgumentError(f"RNN: expected tanh or relu, got {nonlinearity!r}")
        self.nonlinearity = nonlinearity
        super().__init__(*args, **kwargs)

    def _cell(self, gates: Array, state: State, hidden: Callable[[Array], Array]) -> State:
        function = ct.tanh if self.nonlinearity == "tanh" else relu
        return (function(gates + hidden(state[0])),)


class GRU(_Recurrent):
    """Gated recurrent units, with the gates r, z and n of torch; options as those of `LSTM`.

    r and z are sigmoids of W_ih x + b_ih + W_hh h + b_hh; n = tanh(W_in x + b_in + r (W_hn h +
    b_hn)); h = (1 - z) n + z h. Cho et al. 2014, arXiv:1406.1078.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> out, h = nn.GRU(3, 4, bidirectional=True)(ct.ones((2, 5, 3)))
    >>> out.shape, h.shape
    ((2, 5, 8), (2, 2, 4))
    """

    gates: ClassVar = 3

    def _cell(self, gates: Array, state: State, hidden: Callable[[Array], Array]) -> State:
        xr, xz, xn = self._parts(gates)
        hr, hz, hn = self._parts(hidden(state[0]))
        r, z = ct.sigmoid(xr + hr), ct.sigmoid(xz + hz)
        n = ct.tanh(xn + r * hn)
        return (n + z * (state[0] - n),)


class LSTM(_Recurrent):
    """Long short-term memory, with the gates i, f, g and o of torch.

    i, f, o are sigmoids and g is tanh of W_ih x + b_ih + W_hh h + b_hh; c = f c + i g; h = o
    tanh(c). Hochreiter and Schmidhuber 1997.

    Parameters
    ----------
    input_size, hidden_size
        Features of the input and of the state.
    num_layers
        Layers, each of which reads the outputs of the one before.
    batch_first
        Whether inputs and outputs are (batch, length, features), which torch does not begin with.
    dropout
        Of outputs between layers, while training.
    bidirectional
        Whether a second direction runs from the end; outputs are both, side by side.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> out, (h, c) = nn.LSTM(3, 4, num_layers=2)(ct.ones((2, 5, 3)))
    >>> out.shape, h.shape, c.shape
    ((2, 5, 4), (2, 2, 4), (2, 2, 4))
    """

    gates: ClassVar = 4
    states: ClassVar = 2

    def _cell(self, gates: Array, state: State, hidden: Callable[[Array], Array]) -> State:
        h, c = state
        i, f, g, o = self._parts(gates + hidden(h))
        c = ct.sigmoid(f) * c + ct.sigmoid(i) * ct.tanh(g)
        return ct.sigmoid(o) * ct.tanh(c), c
