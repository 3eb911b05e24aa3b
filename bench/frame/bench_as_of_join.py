"""An as-of join of 3M rows with 3M rows by 10k keys, both sorted by time."""

from collections.abc import Callable, Iterator

import numpy as np

from bench.harness import THREADS, peer


def OPS(scale: float) -> int:
    """Left rows a call."""
    return int(3_000_000 * scale)


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import cnengine.frame as cf
    import pyarrow as pa

    rng = np.random.default_rng(0)
    n = int(3_000_000 * scale)

    def side(**extra: np.ndarray) -> pa.Table:
        # No time comes twice on a side, so that all peers agree on the match.
        times = np.sort(rng.choice(n * 10, n, replace=False))
        return pa.table({"t": times, "k": rng.integers(0, 10_000, n), **extra})

    left, right = side(), side(v=rng.normal(size=n))

    def ours() -> object:
        return cf.from_arrow(left).join_asof(right, on="t", by="k").collect()

    yield "cnengine", ours
    if duckdb := peer("duckdb"):
        connection = duckdb.connect(config={"threads": THREADS})
        connection.register("l", left)
        connection.register("r", right)
        query = "select l.t, l.k, r.v from l asof left join r on l.k = r.k and l.t >= r.t"
        yield "duckdb", lambda: connection.sql(query).to_arrow_table()
    if pl := peer("polars"):
        a, b = pl.from_arrow(left), pl.from_arrow(right)
        yield "polars", lambda: a.join_asof(b, on="t", by="k", check_sortedness=False)
    if pd := peer("pandas"):
        x, y = left.to_pandas(), right.to_pandas()
        yield "pandas", lambda: pd.merge_asof(x, y, on="t", by="k")


def check(results: dict[str, object]) -> None:
    def by_time(result: object) -> np.ndarray:
        values = np.asarray(result["v"].to_numpy(), dtype=np.float64)
        return values[np.argsort(result["t"].to_numpy(), kind="stable")]

    want = by_time(results["cnengine"])
    for name, got in results.items():
        np.testing.assert_array_equal(want, by_time(got), err_msg=name)
