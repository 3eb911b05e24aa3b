"""Layers of the transformer, and encoders and decoders made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import TypeError  # noqa: A004
from cnengine.nn.activations import activation_of
from cnengine.nn.attention import MultiHeadAttention
from cnengine.nn.containers import ModuleList
from cnengine.nn.dropout import Dropout
from cnengine.nn.linear import Linear
from cnengine.nn.module import Module
from cnengine.nn.normalization import LayerNorm

__all__ = ["Transformer", "TransformerDecoder", "TransformerDecoderLayer", "TransformerEncoder",
           "TransformerEncoderLayer"]  # fmt: skip

Array = ct.Array


class _Layer(Module):
    """What both kinds of layers share: parts named as in torch, norms before or after."""

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Array], Array] = "relu",
        layer_norm_eps: float = 1e-5,
        norm_first: bool = False,
        bias: bool = True,
    ) -> None:
        self.norm_first = norm_first
        self.activation = activation_of(activation)
        self.self_attn = MultiHeadAttention(d_model, nhead, dropout, bias)
        self.linear1 = Linear(d_model, dim_feedforward, bias)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.dropout1, self.dropout2 = Dropout(dropout), Dropout(dropout)

    def _feed(self, x: Array) -> Array:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))

    def _add(self, x: Array, norm: Module, drop: Module, part: Callable[[Array], Array]) -> Array:
        if self.norm_first:
            return x + drop(part(norm(x)))
        return norm(x + drop(part(x)))


class TransformerEncoderLayer(_Layer):
    """Attention of a sequence to itself, then two layers on each place; both added to their input.

    Sequences are (batch, length, d_model). Vaswani et al. 2017, arXiv:1706.03762; with `norm_first`
    norms come before (arXiv:2002.04745).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.TransformerEncoderLayer(8, 2, 16)(ct.ones((3, 5, 8))).shape
    (3, 5, 8)
    """

    def forward(self, x: Array, mask: Array | None = None, *, is_causal: bool = False) -> Array:
        """x is (batch, length, d_model); `mask` as in `MultiHeadAttention`."""
        x = self._add(x, self.norm1, self.dropout1,
                      lambda y: self.self_attn(y, mask=mask, is_causal=is_causal))  # fmt: skip
        return self._add(x, self.norm2, self.dropout2, self._feed)


class TransformerDecoderLayer(_Layer):
    """As `TransformerEncoderLayer`, with attention to a second sequence in between.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> layer = nn.TransformerDecoderLayer(8, 2, 16)
    >>> layer(ct.ones((3, 5, 8)), ct.ones((3, 7, 8)), is_causal=True).shape
    (3, 5, 8)
    """

    def __init__(self, d_model: int, nhead: int, *args: Any, **options: Any) -> None:
        super().__init__(d_model, nhead, *args, **options)
        bias = self.linear1.bias is not None
        drop = self.dropout.p
        self.multihead_attn = MultiHeadAttention(d_model, nhead, drop, bias)
        self.norm3 = LayerNorm(d_model, self.norm1.eps, bias=bias)
        self.dropout3 = Dropout(drop)

    def forward(
        self,
        x: Array,
        memory: Array,
        mask: Array | None = None,
        memory_mask: Array | None = None,
        *,
        is_causal: bool = False,
    ) -> Array:
        """x is (batch, length, d_model), `memory` (batch, other length, d_model)."""
        x = self._add(x, self.norm1, self.dropout1,
                      lambda y: self.self_attn(y, mask=mask, is_causal=is_causal))  # fmt: skip
        x = self._add(x, self.norm2, self.dropout2,
                      lambda y: self.multihead_attn(y, memory, mask=memory_mask))  # fmt: skip
        return self._add(x, self.norm3, self.dropout3, self._feed)


class _Stack(Module):
    def __init__(
        self, make: Callable[[], Module], num_layers: int, norm: Module | None = None
    ) -> None:
        if isinstance(make, Module):  # torch copies it: all layers would begin with equal weights
            name = type(make).__name__
            raise TypeError(
                f"{type(self).__name__}: expected a function that makes a layer, such as "
                f"lambda: nn.{name}(...), got a {name}"
            )
        self.layers = ModuleList([make() for _ in range(num_layers)])
        self.norm = norm

    def forward(self, x: Array, *args: Any, **options: Any) -> Array:
        """What the last layer gives, after `norm` where there is one; arguments are the layers'."""
        for layer in self.layers:
            x = layer(x, *args, **options)
        return x if self.norm is None else self.norm(x)


class TransformerEncoder(_Stack):
    """Encoder layers, one after the other; `make` gives a new one each time.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> encoder = nn.TransformerEncoder(lambda: nn.TransformerEncoderLayer(8, 2, 16), 2)
    >>> encoder(ct.ones((3, 5, 8)), is_causal=True).shape
    (3, 5, 8)
    """


class TransformerDecoder(_Stack):
    """Decoder layers, one after the other; `make` gives a new one each time.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> decoder = nn.TransformerDecoder(lambda: nn.TransformerDecoderLayer(8, 2, 16), 2)
    >>> decoder(ct.ones((3, 5, 8)), ct.ones((3, 7, 8))).shape
    (3, 5, 8)
    """


class Transformer(Module):
    """An encoder of one sequence and a decoder of another one, each with a norm at its end.

    Options beside the numbers of layers are those of the layers; sequences are (batch, length,
    d_model). Vaswani et al. 2017, arXiv:1706.03762.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> model = nn.Transformer(8, 2, 1, 1, dim_feedforward=16)
    >>> model(ct.ones((3, 5, 8)), ct.ones((3, 7, 8)), is_causal=True).shape
    (3, 7, 8)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        **options: Any,
    ) -> None:
        bias, eps = options.get("bias", True), options.get("layer_norm_eps", 1e-5)
        self.encoder = TransformerEncoder(
            lambda: TransformerEncoderLayer(d_model, nhead, **options),
            num_encoder_layers,
            LayerNorm(d_model, eps, bias=bias),
        )
        self.decoder = TransformerDecoder(
            lambda: TransformerDecoderLayer(d_model, nhead, **options),
            num_decoder_layers,
            LayerNorm(d_model, eps, bias=bias),
        )

    def forward(
        self,
        x: Array,
        y: Array,
        x_mask: Array | None = None,
        y_mask: Array | None = None,
        memory_mask: Array | None = None,
        *,
        is_causal: bool = False,
    ) -> Array:
        """What the decoder makes of y and of what the encoder made of x; `is_causal` is y's."""
        return self.decoder(y, self.encoder(x, x_mask), y_mask, memory_mask, is_causal=is_causal)
