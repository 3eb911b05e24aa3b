"""A point-in-time join: 1 M rows of 10 k entities asked 500 k times, against as-of joins.

Every row is known when it happens, so that an as-of join gives the same answer; ours also honours
rows that became known later. "cnengine" has its index from the first call, as a store has that is
asked again; "cnengine, first" writes the rows and builds it anew.
"""

from collections.abc import Callable, Iterator

from bench.harness import peer

ROUNDS = 5
OPS = lambda scale: max(500, int(500_000 * scale))  # noqa: E731
FEATURES = 5


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import numpy as np
    import pyarrow as pa
    from cnengine import feature

    rng = np.random.default_rng(0)
    rows, asks = max(1000, int(1_000_000 * scale)), OPS(scale)
    entities = max(10, int(10_000 * scale))
    ms = pa.timestamp("ms", "UTC")
    names = [f"f{i}" for i in range(FEATURES)]
    written = pa.table({
        "k": rng.integers(0, entities, rows),
        "t": pa.array(np.sort(rng.integers(0, 10**9, rows)), ms),
        **{name: rng.normal(size=rows) for name in names},
    })  # fmt: skip
    # No two rows of an entity at one time: as-of joins differ in which of them they take.
    keep = np.unique(written["k"].to_numpy() * 10**10 + written["t"].cast("int64").to_numpy(),
                     return_index=True)[1]  # fmt: skip
    written = written.take(np.sort(keep))
    asked = pa.table({"k": rng.integers(0, entities, asks),
                      "t": pa.array(np.sort(rng.integers(0, 10**9, asks)), ms)})  # fmt: skip

    def fill() -> feature.Store:
        store = feature.open()
        store.create_view("v", entities=["k"], schema=dict.fromkeys(names, "float64"))
        store.write("v", written, event_time="t")
        return store

    kept = fill()
    yield "cnengine", lambda: kept.history(["v:*"], asked, event_time="t").select(names)
    yield "cnengine, first", lambda: fill().history(["v:*"], asked, event_time="t").select(names)
    if polars := peer("polars"):
        left, right = polars.from_arrow(asked), polars.from_arrow(written)

        def by_polars() -> pa.Table:
            out = left.join_asof(right, on="t", by="k", strategy="backward")
            return out.select(names).to_arrow()

        yield "polars", by_polars
    if duckdb := peer("duckdb"):
        connection = duckdb.connect()
        connection.execute("set threads to 2")
        connection.register("written", written)
        connection.register("asked", asked.append_column("i", pa.array(np.arange(asks))))

        def by_duckdb() -> pa.Table:
            return connection.sql(
                f"select {', '.join(names)} from asked a asof left join written w "
                "on a.k = w.k and a.t >= w.t order by a.i"
            ).to_arrow_table()

        yield "duckdb", by_duckdb


def check(results: dict[str, object]) -> None:
    import numpy as np

    def matrix(table: object) -> np.ndarray:
        return np.stack([c.to_numpy(zero_copy_only=False) for c in
                         (column.combine_chunks() for column in table.columns)])  # fmt: skip

    for name, answer in results.items():
        np.testing.assert_array_equal(matrix(answer), matrix(results["cnengine"]), err_msg=name)
