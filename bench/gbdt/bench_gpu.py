"""Fit on a GPU of higgs-like rows that are binned, 100 trees x 63 leaves, beside the memory's copy.

"copy" moves, from device memory to device memory, as many bytes as the fit has to move at least:
`times_of_cnengine` of it is the fraction of the memory roofline that the fit reaches. The bytes of
a tree follow from the rows of its nodes, as cuda/gbdt/README.md counts them, with one byte a bin.
The columns are sent to the device in each fit; "upload" is a fit of one tree and two leaves, which
has that and little else. Model and scores are compared with the CPU's on the first trees.
`--set higgs11` has 11 M rows, 1 M otherwise. Needs a GPU, and is left out without one.
"""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import data

SETS = ("higgs", "higgs11")
SET = "higgs"  # `--set` changes it
DEVICE = "gpu"
TREES, CHECKED = 100, 2
PARAMS = {"objective": "binary", "num_leaves": 63, "verbosity": -1}
FITTED = {}


def cases(scale):
    import cnengine as cn
    from cnengine._core import core, gbdt

    if DEVICE == "gpu" and core.gpu_count() == 0:
        pytest.skip("no CUDA device")
    d = data.load(SET, scale)
    rows = cn.gbdt.Dataset(d.x, d.y)
    cpu = cn.gbdt.train(PARAMS, rows, CHECKED)  # bins the rows, too
    FITTED["cpu"] = cpu

    def fit(trees, **more):
        return cn.gbdt.train({**PARAMS, "device": DEVICE, **more}, rows, trees)

    booster = fit(TREES)
    FITTED["gpu"] = booster
    size = bytes_of(booster.native, *d.x.shape)
    print(f"{SET}: {size / TREES / 1e9:.3f} GB a tree have to move")
    yield "cnengine", lambda: fit(TREES)
    yield "upload", lambda: fit(1, num_leaves=2)
    yield "copy", lambda: gbdt.device_copy(size, DEVICE)


def OPS(scale):
    return TREES


def bytes_of(native, rows, width):
    """The fewest bytes that growing the trees of a model moves."""
    total = 0
    for (nodes, _), leaves in zip(native.trees(), native.leaves(), strict=True):
        total += rows * (8 + 8 + 8)  # score and label become a gradient
        total += rows * (width + 8)  # histogram of the root
        for node in nodes:
            sides = [leaves["rows"][~c] if c < 0 else nodes[c]["rows"]
                     for c in (node["left"], node["right"])]  # fmt: skip
            total += node["rows"] * (4 + 1 + 1 + 4 + 1 + 4)  # partition
            total += min(sides) * (width + 8 + 4)  # histogram of the smaller child
        total += rows * (4 + 8 + 8)  # leaves to scores
    return total


def check(results):
    def trees(booster):
        return [[{**node, "threshold": float(node["threshold"])} for node in nodes] + values
                for nodes, values in booster.native.first_trees(CHECKED).trees()]  # fmt: skip

    assert trees(FITTED["gpu"]) == trees(FITTED["cpu"])
    assert results["cnengine"].to_bytes() == FITTED["gpu"].to_bytes()
    assert np.isfinite(results["copy"])
