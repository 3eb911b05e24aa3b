"""Mean per key in windows of 6 h every 10 min, 2 M records of 100,000 keys over 12 h.

The peer is Polars' group_by_dynamic over the same table in one piece; it makes fewer windows
(none before the first record of a key). Bytes: a record is read once (24 bytes), looks up its key
(one slot of 16 bytes) and adds to one state of 16 bytes; a window moves about 100 bytes a key:
one pane in, one out, one row of 32 bytes and its key.
"""

import cnengine as cn
import numpy as np

from bench.harness import peer
from bench.stream.data import first_panes, full_windows, make_table

RECORDS = 2_000_000


def OPS(scale):
    return int(RECORDS * scale)


def cases(scale):
    table = make_table(int(RECORDS * scale))
    _data[:] = [table]
    windows = cn.stream.from_arrow(table, event_time="t").group_by("k")
    windows = windows.window(cn.stream.sliding("6h", "10m")).agg(cn.mean("v"))
    yield "cnengine", windows.collect
    if polars := peer("polars"):
        frame = polars.from_arrow(table)

        def dynamic():
            grouped = frame.group_by_dynamic("t", every="10m", period="6h", group_by="k")
            return grouped.agg(polars.col("v").mean())

        yield "polars", dynamic


def check(results):
    rows = {}
    for name, result in results.items():
        table = result if name == "cnengine" else result.to_arrow()
        start = table["window_start"] if name == "cnengine" else table["t"]
        rows[name] = (table["k"], np.asarray(start.cast("int64")), table["v"])
    expected = full_windows(*rows["cnengine"], first_panes(_data[0]))
    assert expected.shape[1] > 0
    for row in rows.values():
        np.testing.assert_array_equal(full_windows(*row, first_panes(_data[0])), expected)


_data: list = []
