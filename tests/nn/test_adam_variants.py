"""SparseAdam beside torch's with sparse derivatives (1e-9), Lamb beside its paper in float64 (1e-9)."""

import cnengine.tensor as ct
import numpy as np
from cnengine import nn

STEPS = 12


def test_sparse_adam(torch, rng):
    start = rng.normal(size=(9, 3))
    peer = torch.tensor(start, requires_grad=True)
    options = {"betas": (0.8, 0.95), "eps": 1e-3}
    theirs = torch.optim.SparseAdam([peer], lr=0.05, **options)
    ours = nn.SparseAdam(0.05, **options)
    params = {"table": ct.asarray(start)}
    state, update = ours.init(params), ct.jit(ours.update)
    for _ in range(STEPS):
        rows = rng.integers(0, 6, 4)  # some are read twice, some never
        slopes = rng.normal(size=(4, 3))
        peer.grad = torch.sparse_coo_tensor(rows[None], slopes, start.shape)
        theirs.step()
        dense = np.zeros_like(start)
        np.add.at(dense, rows, slopes)
        params, state = update({"table": ct.asarray(dense)}, state, params)
        np.testing.assert_allclose(
            np.asarray(params["table"]), peer.detach().numpy(), rtol=1e-9, atol=1e-9
        )
    np.testing.assert_array_equal(np.asarray(params["table"])[6:], start[6:])


def test_sparse_adam_of_one_axis():
    ours = nn.SparseAdam(0.1)
    params = {"w": ct.ones(3), "b": ct.asarray(1.0)}
    slopes = {"w": ct.asarray([0.0, 2.0, 0.0]), "b": ct.asarray(3.0)}
    after, _ = ours.update(slopes, ours.init(params), params)
    np.testing.assert_allclose(np.asarray(after["w"]), [1, 0.9, 1], rtol=1e-6)
    assert abs(float(after["b"]) - 0.9) < 1e-6


def lamb(p, g, m, v, t, rate, decay, eps=1e-6):
    """Algorithm 2 of arXiv:1904.00962 with phi(z) = z."""
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + eps) + decay * p
    length, own = np.linalg.norm(p), np.linalg.norm(step)
    return p - rate * (length / own if length and own else 1.0) * step, m, v


def test_lamb(rng):
    for decay in (0.0, 0.1):
        for start in (rng.normal(size=(4, 3)), np.zeros((2, 2)), rng.normal(size=(5,))):
            ours = nn.Lamb(0.05, weight_decay=decay)
            params = {"w": ct.asarray(start)}
            state, update = ours.init(params), ct.jit(ours.update)
            want, m, v = start, np.zeros_like(start), np.zeros_like(start)
            for t in range(1, STEPS):
                g = rng.normal(size=start.shape)
                want, m, v = lamb(want, g, m, v, t, 0.05, decay)
                params, state = update({"w": ct.asarray(g)}, state, params)
                np.testing.assert_allclose(np.asarray(params["w"]), want, rtol=1e-9, atol=1e-9)


def test_by_name():
    x = np.eye(4, dtype=np.float32)
    for name in ("lamb", "sparseadam"):
        model = nn.Model(nn.Linear(4, 2)).compile(name, "cross_entropy")
        assert len(model.fit(x, np.arange(4) % 2, epochs=2, verbose=0).history["loss"]) == 2
