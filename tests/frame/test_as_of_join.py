"""As-of joins of numbers that float64 cannot hold, against the definition on Python's integers."""

import cnengine.frame as cf
import numpy as np
import pyarrow as pa
import pytest
from cnengine import errors

RANGES = {
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
    "timestamp[ns]": (-(2**63), 2**63 - 1),
}


def random_times(kind: str, count: int, seed: int) -> list[int]:
    """Neighbours around powers of two and the ends of the type."""
    low, high = RANGES[kind]
    rng = np.random.default_rng(seed)
    bases = [low, 0, 2**53, 2**60, 2**62, 2**63 - 1, high]
    near = [bases[i] + int(d) for i, d in rng.integers([0, -3], [len(bases), 4], (count, 2))]
    return [min(max(t, low), high) for t in near]


def nearest(time, others, strategy, tolerance):
    """The place of the match by the definition, or None."""
    best = None
    for i, other in enumerate(others):
        gap = other - time
        if tolerance is not None and abs(gap) > tolerance:
            continue
        if (strategy == "backward" and gap > 0) or (strategy == "forward" and gap < 0):
            continue
        rank = (abs(gap), gap > 0, i if gap > 0 or strategy == "forward" else -i)
        if best is None or rank < best[0]:
            best = (rank, i)
    return best[1] if best else None


@pytest.mark.parametrize("kind", RANGES)
@pytest.mark.parametrize("strategy", ["backward", "forward", "nearest"])
@pytest.mark.parametrize("tolerance", [None, 0, 3, 2**53 + 1, 2**62 + 1])
def test_distances_are_exact(kind, strategy, tolerance):
    type_ = pa.timestamp("ns") if kind.startswith("timestamp") else getattr(pa, kind)()
    left, right = random_times(kind, 60, 1), random_times(kind, 40, 2)
    if type_ == pa.timestamp("ns"):
        tolerance = None if tolerance is None else tolerance // 1000 * 1000
        limit = None if tolerance is None else f"{tolerance // 1000}us"
        make = lambda v: pa.array(v, pa.int64()).cast(type_)  # noqa: E731
    else:
        limit = tolerance
        make = lambda v: pa.array(v, type_)  # noqa: E731
    got = cf.from_arrow(pa.table({"t": make(left)})).join_asof(
        pa.table({"t": make(right), "row": range(len(right))}),
        on="t", strategy=strategy, tolerance=limit,
    ).collect()  # fmt: skip
    assert got["row"].to_pylist() == [nearest(t, right, strategy, tolerance) for t in left]


@pytest.mark.parametrize("tolerance", [2.5, 0.0, float("inf"), float("nan"), -1.0, -1])
def test_tolerances_that_are_no_whole_number(tolerance):
    left, right = pa.table({"t": [0, 5, 9]}), pa.table({"t": [2, 9], "row": [0, 1]})
    got = cf.from_arrow(left).join_asof(right, on="t", strategy="forward", tolerance=tolerance)
    want = [i if g <= tolerance else None for i, g in ((0, 2), (1, 4), (1, 0))]
    assert got.collect()["row"].to_pylist() == want


def test_keys_of_signed_and_unsigned_columns_are_equal_as_numbers():
    signed = [2**53 + 1, 2**63 - 1, -1, 0, None]
    unsigned = [2**53, 2**63 - 1, 2**64 - 1, 0, 2**63, None]
    a = pa.table({"t": [1] * 5, "k": pa.array(signed, pa.int64())})
    b = pa.table({"t": [1] * 6, "k": pa.array(unsigned, pa.uint64()), "row": range(6)})
    got = cf.from_arrow(a).join_asof(b, on="t", by="k").collect()
    assert got["row"].to_pylist() == [None, 1, None, 3, None]
    back = cf.from_arrow(b.drop("row")).join_asof(
        a.append_column("row", pa.array(range(5))), on="t", by="k"
    )
    assert back.collect()["row"].to_pylist() == [None, 1, None, 3, None, None]


def test_times_of_signed_and_unsigned_columns():
    left = pa.table({"t": pa.array([2**53, -1], pa.int64())})
    right = pa.table({"t": pa.array([2**53 + 1, 0], pa.uint64()), "row": [0, 1]})
    got = cf.from_arrow(left).join_asof(right, on="t").collect()
    assert got["row"].to_pylist() == [1, None]
    large = pa.table({"t": pa.array([2**63], pa.uint64()), "row": [0]})
    with pytest.raises(errors.ArgumentError, match="join_asof: 9223372036854775808 does not fit"):
        cf.from_arrow(left).join_asof(large, on="t").collect()
