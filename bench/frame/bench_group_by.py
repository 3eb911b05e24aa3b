"""Grouped sum, mean and count, 10M rows: 10 groups of text, 100k groups of integers."""

from collections.abc import Callable, Iterator

import numpy as np

from bench.harness import THREADS, peer


def OPS(scale: float) -> int:
    """Rows a call."""
    return 2 * int(10_000_000 * scale)


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import cnengine.frame as cf
    import pyarrow as pa

    rng = np.random.default_rng(0)
    n = int(10_000_000 * scale)
    few = pa.array([f"carrier {i}" for i in range(10)]).take(pa.array(rng.integers(0, 10, n)))
    table = pa.table({"few": few, "many": rng.integers(0, 100_000, n), "v": rng.normal(size=n)})

    def ours() -> list:
        frame = cf.from_arrow(table)
        aggregates = [cf.sum("v"), cf.mean("v").alias("m"), cf.count().alias("n")]
        return [frame.group_by(k).agg(*aggregates).collect() for k in ("few", "many")]

    yield "cnengine", ours
    if duckdb := peer("duckdb"):
        connection = duckdb.connect(config={"threads": THREADS})
        connection.register("t", table)
        query = "select {0}, sum(v) v, avg(v) m, count(*) n from t group by {0}"
        yield (
            "duckdb",
            lambda: [connection.sql(query.format(k)).to_arrow_table() for k in ("few", "many")],
        )
    if pl := peer("polars"):
        frame = pl.from_arrow(table)
        results = [pl.sum("v"), pl.mean("v").alias("m"), pl.len().alias("n")]
        yield "polars", lambda: [frame.group_by(k).agg(results) for k in ("few", "many")]
    yield (
        "pyarrow",
        lambda: [
            table.group_by(k).aggregate([("v", "sum"), ("v", "mean"), ([], "count_all")])
            for k in ("few", "many")
        ],
    )


def check(results: dict[str, object]) -> None:
    import polars as pl

    def sorted_rows(table: object) -> np.ndarray:
        frame = pl.DataFrame(table)
        frame = frame.sort(frame.columns[0])
        return frame.select(frame.columns[1:]).to_numpy().astype(np.float64)

    want = results["cnengine"]
    for name, got in results.items():
        for a, b in zip(want, got, strict=True):
            np.testing.assert_allclose(
                sorted_rows(a), sorted_rows(b), rtol=1e-8, atol=1e-8, err_msg=name
            )
