"""Random numbers on CUDA devices: those of the CPU, bit for bit; the numbers lie where the key does."""

import cnengine as cn
import cnengine.tensor as ct
import pytest
from device_cases import check

KEY = ct.random.key(42)


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32", "float64"])
def test_floats(device, name):
    dtype = getattr(ct, name)
    check(lambda k: ct.random.uniform(k, (5, 3), dtype), KEY)
    if name in ("bfloat16", "float64"):
        check(lambda k: ct.random.normal(k, (4100,), dtype), KEY)


@pytest.mark.parametrize("name", ["uint8", "uint16", "uint32", "uint64"])
def test_bits(device, name):
    check(lambda k: ct.random.bits(k, (7,), getattr(ct, name)), KEY)


def test_keys(device):
    check(lambda k: (ct.random.split(k, 3), ct.random.fold_in(k, 9)), KEY)
    check(cn.vmap(lambda k: ct.random.normal(k, (4,))), ct.random.split(KEY, 3))
    check(
        cn.vmap(lambda k: ct.random.uniform(ct.random.fold_in(k, 1), ())), ct.random.split(KEY, 3)
    )
    check(lambda k: ct.random.uniform(k, (0, 2)), KEY)


def test_what_is_drawn_of_them(device):
    check(cn.jit(lambda k: ct.random.normal(k, (5, 3)) * 2.0), KEY)
    check(lambda k: ct.random.randint(k, (9,), 3, 12), KEY)
    check(lambda k: ct.random.bernoulli(k, 0.3, (9,)), KEY)
    check(lambda k: ct.random.permutation(k, 8), KEY)
    check(lambda k: ct.random.categorical(k, ct.zeros((3, 5)).to_device(k.device)), KEY)
