"""Embeddings beside torch's; rows are copied, so values are equal."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, TypeError  # noqa: A004


@pytest.mark.parametrize("padding", [None, 0, -1])
def test_rows(agree, torch, rng, padding):
    ids = rng.integers(0, 7, (3, 5))
    ids[0, :2] = 0
    agree(nn.Embedding(7, 4, padding), torch.nn.Embedding(7, 4, padding), ids, rtol=1e-6, atol=1e-6)


def test_padding_begins_as_zeros():
    weight = np.asarray(nn.Embedding(7, 4, padding_idx=2).weight)
    assert not weight[2].any()
    assert weight[[0, 1, 3]].all()


def test_attend_shares_the_table():
    table = nn.Embedding(7, 4)
    ids = ct.asarray([1, 2])
    np.testing.assert_allclose(
        np.asarray(table.attend(table(ids))),
        np.asarray(table.weight)[[1, 2]] @ np.asarray(table.weight).T,
        rtol=1e-5,
    )


def test_wrong_use():
    with pytest.raises(ArgumentError, match="Embedding: expected a padding_idx within 3, got 3"):
        nn.Embedding(3, 2, padding_idx=3)
    with pytest.raises(TypeError, match="Embedding: expected whole numbers, got float32"):
        nn.Embedding(3, 2)(ct.zeros((2,)))
