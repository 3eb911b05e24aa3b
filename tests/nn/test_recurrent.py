"""Recurrent layers beside torch's, over 6 steps; 3e-5."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, ShapeError

CLOSE = {"rtol": 3e-5, "atol": 3e-5}
OPTIONS = [
    {},
    {"num_layers": 2},
    {"bidirectional": True},
    {"num_layers": 2, "bidirectional": True, "bias": False},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM"])
def test_outputs_and_states(agree, torch, normal, name, options):
    peer = getattr(torch.nn, name)(3, 4, batch_first=True, **options)
    agree(getattr(nn, name)(3, 4, **options), peer, normal(2, 6, 3), **CLOSE)


def test_relu(agree, torch, normal):
    agree(
        nn.RNN(3, 4, nonlinearity="relu"),
        torch.nn.RNN(3, 4, nonlinearity="relu", batch_first=True),
        normal(2, 6, 3),
        **CLOSE,
    )


@pytest.mark.parametrize("name", ["GRU", "LSTM"])
def test_first_state_and_times_in_front(agree, torch, normal, name):
    peer = getattr(torch.nn, name)(3, 4, num_layers=2)
    states = [normal(2, 5, 4) for _ in range(2 if name == "LSTM" else 1)]

    def call(module, x, *states):
        return module(x, states if name == "LSTM" else states[0])

    agree(
        getattr(nn, name)(3, 4, num_layers=2, batch_first=False),
        peer,
        normal(6, 5, 3),
        *states,
        call=call,
        **CLOSE,
    )


@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM"])
def test_lengths_are_those_of_packed_sequences(agree, torch, normal, name):
    pack, pad = torch.nn.utils.rnn.pack_padded_sequence, torch.nn.utils.rnn.pad_packed_sequence
    lengths = np.array([6, 2, 4, 1])

    def theirs(module, x):
        packed = pack(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
        out, state = module(packed)
        return pad(out, batch_first=True)[0], state

    peer = getattr(torch.nn, name)(3, 4, 2, batch_first=True, bidirectional=True)
    agree(getattr(nn, name)(3, 4, 2, bidirectional=True), peer, normal(4, 6, 3), peer_call=theirs,
          call=lambda m, x: m(x, lengths=ct.asarray(lengths)), **CLOSE)  # fmt: skip


def test_options_and_shapes_are_checked():
    with pytest.raises(ArgumentError, match="RNN: expected tanh or relu"):
        nn.RNN(1, 1, nonlinearity="other")
    with pytest.raises(ShapeError, match="LSTM: expected three axes, the last of 3"):
        nn.LSTM(3, 4)(ct.zeros((2, 4)))
    with pytest.raises(ShapeError, match=r"GRU: expected a state \(1, 2, 4\)"):
        nn.GRU(3, 4)(ct.zeros((2, 5, 3)), ct.zeros((1, 3, 4)))
