"""One step of RNN, GRU and LSTM, for loops of one's own."""

from __future__ import annotations

from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError
from cnengine.nn.initializers import Initializer, fan_in_uniform
from cnengine.nn.linear import linear
from cnengine.nn.recurrent import GRU, LSTM, RNN, _Recurrent
from cnengine.nn.seed import keys_of

__all__ = ["GRUCell", "LSTMCell", "RNNCell"]

Array = ct.Array


class _Single(_Recurrent):
    """A cell with the weights of one layer, named as in torch."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        weight_init: Initializer | None = None,
        dtype: ct.DType = ct.float32,
        key: Array | None = None,
    ) -> None:
        self.input_size, self.hidden_size = input_size, hidden_size
        init, rows = fan_in_uniform(hidden_size), self.gates * hidden_size
        keys = keys_of(key, 4)
        weight = weight_init or init
        self.weight_ih = weight(keys[0], (rows, input_size), dtype)
        self.weight_hh = weight(keys[1], (rows, hidden_size), dtype)
        self.bias_ih = init(keys[2], (rows,), dtype) if bias else None
        self.bias_hh = init(keys[3], (rows,), dtype) if bias else None

    def forward(self, x: Array, state: Any = None) -> Any:  # type: ignore[override]
        """The next state: x is (batch, input_size), a state (batch, hidden_size), or a pair of
        them for LSTM; None: zeros. Both may be without the batch. Raises ShapeError.
        """
        name = type(self).__name__
        if x.ndim not in (1, 2) or x.shape[-1] != self.input_size:
            raise ShapeError(f"{name}: expected (batch, {self.input_size}), got {x.shape}")
        shape = (*x.shape[:-1], self.hidden_size)
        if state is None:
            parts = (ct.zeros(shape, dtype=x.dtype),) * self.states
        else:
            parts = (state,) if self.states == 1 else tuple(state)
        for each in parts:
            if tuple(each.shape) != shape:
                raise ShapeError(f"{name}: expected a state {shape}, got {each.shape}")
        rows = tuple(ct.reshape(each, (-1, self.hidden_size)) for each in parts)
        gates = linear(ct.reshape(x, (-1, self.input_size)), self.weight_ih, self.bias_ih)
        after = self._cell(gates, rows, lambda h: linear(h, self.weight_hh, self.bias_hh))
        after = tuple(ct.reshape(each, shape) for each in after)
        return after[0] if self.states == 1 else after


class RNNCell(_Single, RNN):
    """One step of `RNN`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.RNNCell(3, 4)(ct.ones((2, 3))).shape
    (2, 4)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        **options: Any,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ArgumentError(f"RNNCell: expected tanh or relu, got {nonlinearity!r}")
        self.nonlinearity = nonlinearity
        _Single.__init__(self, input_size, hidden_size, bias, **options)


class GRUCell(_Single, GRU):
    """One step of `GRU`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.GRUCell(3, 4)(ct.ones((2, 3)), ct.zeros((2, 4))).shape
    (2, 4)
    """


class LSTMCell(_Single, LSTM):
    """One step of `LSTM`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> h, c = nn.LSTMCell(3, 4)(ct.ones((2, 3)))
    >>> h.shape, c.shape
    ((2, 4), (2, 4))
    """
