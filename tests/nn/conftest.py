"""Comparison of layers with torch's: values, changed state, and derivatives by all that is float."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn


@pytest.fixture(scope="session")
def torch():
    """The module; tests that compare with it are left out without it."""
    module = pytest.importorskip("torch", reason="torch is not installed: no peer to compare with")
    module.set_num_threads(1)
    return module


def leaves_of(result) -> list:
    if isinstance(result, (tuple, list)):
        return [leaf for each in result for leaf in leaves_of(each)]
    return [result]


def weighted(result, module) -> object:
    """One number of all results, with weights that differ by element."""
    total = 0.0
    for at, each in enumerate(leaves_of(result)):
        size = int(np.prod(each.shape))
        weights = np.cos(np.arange(size) * 0.7 + at).reshape(each.shape).astype(np.float32)
        total = total + (each * module.asarray(weights)).sum() if module is not ct else (
            total + ct.sum(each * ct.asarray(weights)))  # fmt: skip
    return total


@pytest.fixture
def agree(torch):
    """agree(module, peer, *inputs): loads the peer's state and compares all that comes out.

    `by` are the inputs that derivatives are taken by; None: all that are float.
    """

    def compare(module, peer, *inputs, rtol=2e-5, atol=2e-5, call=None, peer_call=None, by=None):
        call = call or (lambda m, *x: m(*x))
        peer_call = peer_call or call
        module.load_state_dict({k: v.detach().numpy().copy() for k, v in peer.state_dict().items()})
        is_float = [
            np.issubdtype(x.dtype, np.floating) and (by is None or at in by)
            for at, x in enumerate(inputs)
        ]
        theirs = [torch.tensor(x, requires_grad=f) for x, f in zip(inputs, is_float, strict=True)]
        peer.zero_grad()
        want = peer_call(peer, *theirs)
        weighted(want, torch).backward()
        ours = [ct.asarray(x) for x in inputs]
        params, rest = nn.split(module)

        def run(params, floats):
            model = nn.merge(params, rest)
            given = iter(floats)
            result = call(
                model, *[next(given) if f else x for x, f in zip(ours, is_float, strict=True)]
            )
            return weighted(result, ct), (result, model.state())

        floats = [x for x, f in zip(ours, is_float, strict=True) if f]
        derive = ct.value_and_grad(run, (0, 1), has_aux=True)
        for function in (derive, ct.jit(derive)):
            (_, (got, state)), (by_params, by_inputs) = function(params, floats)
            for a, b in zip(leaves_of(got), leaves_of(want), strict=True):
                np.testing.assert_allclose(np.asarray(a), b.detach().numpy(), rtol=rtol, atol=atol)
            after = peer.state_dict()
            for name, value in state.items():
                if name in after:
                    np.testing.assert_allclose(
                        np.asarray(value), after[name].numpy(), rtol=rtol, atol=atol, err_msg=name
                    )
            peers = dict(peer.named_parameters())
            assert set(by_params) == set(peers)
            for name, value in by_params.items():
                np.testing.assert_allclose(
                    np.asarray(value), peers[name].grad.numpy(), rtol=rtol, atol=atol, err_msg=name
                )
            derived = [x for x, f in zip(theirs, is_float, strict=True) if f]
            for a, b in zip(by_inputs, derived, strict=True):
                np.testing.assert_allclose(np.asarray(a), b.grad.numpy(), rtol=rtol, atol=atol)

    return compare


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def normal(rng):
    """normal(*shape): numbers as float32."""
    return lambda *shape: rng.normal(size=shape).astype(np.float32)
