"""Mean per key in windows of 6 h every 10 min, 10,000 records of 100,000 keys over 12 h.

The peer is Bytewax, on a sample because it folds every record into 36 windows in Python; both get
the same records. Its cost a record does not fall with more records, so the ratio here is, if
anything, kind to it: ours is nearly all emission here, 36 rows a record.
"""

from datetime import UTC, datetime, timedelta

import cnengine as cn
import numpy as np

from bench.harness import peer
from bench.stream.data import SLIDE, make_table

RECORDS = 10_000
ROUNDS = 3


def OPS(scale):
    return int(RECORDS * scale)


def cases(scale):
    table = make_table(int(RECORDS * scale))
    windows = cn.stream.from_arrow(table, event_time="t").group_by("k")
    windows = windows.window(cn.stream.sliding("6h", "10m")).agg(cn.mean("v"))
    yield "cnengine", windows.collect
    if peer("bytewax"):
        times, keys, values = (table[name].to_pylist() for name in ("t", "k", "v"))
        records = [(str(k), (t.replace(tzinfo=UTC), v))
                   for t, k, v in zip(times, keys, values, strict=True)]  # fmt: skip
        yield "bytewax", lambda: run_bytewax(records)


def run_bytewax(records):
    import bytewax.operators as op
    import bytewax.operators.windowing as win
    from bytewax.dataflow import Dataflow
    from bytewax.testing import TestingSink, TestingSource, run_main

    out = []
    flow = Dataflow("bench")
    source = op.input("in", flow, TestingSource(records, batch_size=1000))
    clock = win.EventClock(lambda item: item[0], wait_for_system_duration=timedelta(0))
    windower = win.SlidingWindower(
        length=timedelta(hours=6),
        offset=timedelta(minutes=10),
        align_to=datetime(1970, 1, 1, tzinfo=UTC),
    )
    folded = win.fold_window(
        "mean",
        source,
        clock,
        windower,
        builder=lambda: (0.0, 0),
        folder=lambda state, item: (state[0] + item[1], state[1] + 1),
        merger=lambda a, b: (a[0] + b[0], a[1] + b[1]),
    )
    op.output("out", folded.down, TestingSink(out))
    run_main(flow)
    return out


def check(results):
    table = results["cnengine"]
    starts = np.asarray(table["window_start"].cast("int64")).tolist()
    ours = dict(zip(zip(table["k"].to_pylist(), starts, strict=True), table["v"].to_pylist(),
                    strict=True))  # fmt: skip
    assert ours
    if "bytewax" in results:
        theirs = {(int(key), window * SLIDE): total / count
                  for key, (window, (total, count)) in results["bytewax"]}  # fmt: skip
        assert theirs == ours
