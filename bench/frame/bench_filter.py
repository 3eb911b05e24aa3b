"""A filter on two columns and a computed column, 10M rows, a quarter of them kept."""

from collections.abc import Callable, Iterator

import numpy as np

from bench.harness import THREADS, peer


def OPS(scale: float) -> int:
    """Rows a call."""
    return int(10_000_000 * scale)


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import cnengine.frame as cf
    import pyarrow as pa
    import pyarrow.compute as pc

    rng = np.random.default_rng(0)
    n = int(10_000_000 * scale)
    table = pa.table(
        {"a": rng.normal(size=n), "b": rng.integers(0, 100, n), "c": rng.normal(size=n)}
    )

    def ours() -> object:
        a, b, c = cf.col("a"), cf.col("b"), cf.col("c")
        kept = cf.from_arrow(table).filter((a > 0) & (b < 50))
        return kept.with_columns(d=a * 2 + c).collect()

    yield "cnengine", ours
    if duckdb := peer("duckdb"):
        connection = duckdb.connect(config={"threads": THREADS})
        connection.register("t", table)
        query = "select *, a * 2 + c as d from t where a > 0 and b < 50"
        yield "duckdb", lambda: connection.sql(query).to_arrow_table()
    if pl := peer("polars"):
        frame = pl.from_arrow(table)
        a, b, c = pl.col("a"), pl.col("b"), pl.col("c")
        query_pl = frame.lazy().filter((a > 0) & (b < 50)).with_columns(d=a * 2 + c)
        yield "polars", query_pl.collect

    def arrow() -> object:
        kept = table.filter((pc.field("a") > 0) & (pc.field("b") < 50))
        return kept.append_column("d", pc.add(pc.multiply(kept["a"], 2.0), kept["c"]))

    yield "pyarrow", arrow


def check(results: dict[str, object]) -> None:
    want = results["cnengine"]
    for name, got in results.items():
        for column in ("a", "b", "d"):
            np.testing.assert_array_equal(
                np.sort(want[column].to_numpy()), np.sort(got[column].to_numpy()), err_msg=name
            )
