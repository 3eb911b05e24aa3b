"""A stable sort of 3M rows by a float, and by a text and an integer, carrying one column."""

from collections.abc import Callable, Iterator

import numpy as np

from bench.harness import THREADS, peer


def OPS(scale: float) -> int:
    """Rows a call."""
    return 2 * int(3_000_000 * scale)


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import cnengine.frame as cf
    import pyarrow as pa

    rng = np.random.default_rng(0)
    n = int(3_000_000 * scale)
    names = pa.array([f"name {i:04}" for i in range(5000)])
    table = pa.table(
        {
            "f": rng.normal(size=n),
            "s": names.take(pa.array(rng.integers(0, 5000, n))),
            "i": rng.integers(0, 1000, n),
            "row": np.arange(n),
        }
    )
    keys = [["f"], ["s", "i"]]

    def ours() -> list:
        frame = cf.from_arrow(table)
        return [frame.select(*k, "row").sort(*k).collect() for k in keys]

    yield "cnengine", ours
    if duckdb := peer("duckdb"):
        connection = duckdb.connect(config={"threads": THREADS})
        connection.register("t", table)
        # Its sort is not stable, so the row is a key as well.
        queries = [f"select {c}, row from t order by {c}, row" for c in ("f", "s, i")]
        yield "duckdb", lambda: [connection.sql(q).to_arrow_table() for q in queries]
    if pl := peer("polars"):
        frame = pl.from_arrow(table)
        yield (
            "polars",
            lambda: [frame.select(*k, "row").sort(k, maintain_order=True) for k in keys],
        )
    yield (
        "pyarrow",
        lambda: [table.select([*k, "row"]).sort_by([(c, "ascending") for c in k]) for k in keys],
    )


def check(results: dict[str, object]) -> None:
    want = results["cnengine"]
    for name, got in results.items():
        for a, b in zip(want, got, strict=True):
            np.testing.assert_array_equal(a["row"].to_numpy(), b["row"].to_numpy(), err_msg=name)
