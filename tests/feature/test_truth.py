"""Online rows and history against the rule of truth, written out in plain Python."""

import datetime as dt
import math
import random

import numpy as np
import pyarrow as pa
import pytest
from cnengine import feature
from hypothesis import given, settings
from hypothesis import strategies as st

MS = pa.timestamp("ms", "UTC")
TTL = 7


def truth(rows, key, t, ttl):
    """The row that wins for a key at t: rows are (key, event, created, values) as written."""
    best = None
    for row in rows:
        if (
            row[0] == key
            and row[1] <= t
            and row[2] <= t
            and (best is None or row[1:3] >= best[1:3])
        ):
            best = row
    return best if best is not None and (ttl is None or t - best[1] < ttl) else None


def kept_online(rows, key):
    best = None
    for row in rows:
        if row[0] == key and (best is None or row[1:3] >= best[1:3]):
            best = row
    return best


def online_truth(rows, key, t, ttl):
    row = kept_online(rows, key)
    if row is None or row[1] > t or row[2] > t or (ttl is not None and t - row[1] >= ttl):
        return None
    return row


KINDS = {
    "int64": st.integers(-3, 3),
    "utf8": st.sampled_from(["", "a", "é", "fifteen bytes!!", "sixteen bytes!!!", "x" * 40]),
    "bool": st.booleans(),
    "timestamp[us, UTC]": st.integers(0, 3),
}
ROWS = st.lists(
    st.tuples(
        st.integers(0, 4), st.integers(0, 30), st.integers(0, 12),
        st.one_of(st.none(), st.floats(allow_nan=False)),
        st.one_of(st.none(), st.sampled_from(["", "word", "a text longer than a word" * 2])),
        st.one_of(st.none(), st.booleans()),
        st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1)),
    ),
    max_size=40,
)  # fmt: skip
SCHEMA = {"x": "float64", "s": "utf8", "b": "bool", "i": "int32"}
NAMES = list(SCHEMA)


def key_array(kind, values):
    if kind.startswith("timestamp"):
        return pa.array(values, pa.timestamp("us", "UTC"))
    return pa.array(values, {"int64": pa.int64(), "utf8": pa.string(), "bool": pa.bool_()}[kind])


@settings(max_examples=120, deadline=None)
@given(data=st.data(), rows=ROWS, ttl=st.sampled_from([None, TTL]),
       kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3))  # fmt: skip
def test_online_and_history_follow_the_rule(data, rows, ttl, kinds):
    keys = data.draw(st.lists(st.tuples(*(KINDS[k] for k in kinds)), min_size=5, max_size=5))
    columns = [f"k{i}" for i in range(len(kinds))]
    store = feature.open()
    store.create_view("v", entities=columns, schema=SCHEMA,
                      ttl=None if ttl is None else f"{ttl}ms")  # fmt: skip

    def table(which):
        out = {c: key_array(kinds[i], [keys[r[0]][i] for r in which])
               for i, c in enumerate(columns)}  # fmt: skip
        out["t"] = pa.array([r[1] for r in which], MS)
        out["c"] = pa.array([r[1] + r[2] - 4 for r in which], MS)
        for j, name in enumerate(NAMES):
            kind = [pa.float64(), pa.string(), pa.bool_(), pa.int32()][j]
            out[name] = pa.array([r[3 + j] for r in which], kind)
        return pa.table(out)

    at = 0
    while at < len(rows):
        size = data.draw(st.integers(1, 9))
        store.write("v", table(rows[at : at + size]), event_time="t", created="c")
        at += size
    written = [(keys[r[0]], r[1], r[1] + r[2] - 4, r[3:]) for r in rows]
    asked = [(k, t) for k in keys for t in (0, 3, 8, 15, 25, 31, 45)]
    entities = {c: key_array(kinds[i], [k[i] for k, _ in asked]) for i, c in enumerate(columns)}
    refs = [f"v:{n}" for n in NAMES]
    if rows:
        past = store.history(refs, {**entities, "when": pa.array([t for _, t in asked], MS)},
                             event_time="when")  # fmt: skip
        for row, (k, t) in zip(past.to_pylist(), asked, strict=True):
            want = truth(written, k, t, ttl)
            assert tuple(row[n] for n in NAMES) == (want[3] if want else (None,) * 4), (k, t)
    for t in (3, 15, 31, 45):
        now = store.lookup(refs, {c: v[::7] for c, v in entities.items()}, at=t)
        matrix = store.lookup_matrix(
            ["v:x", "v:b", "v:i"], {c: v[::7] for c, v in entities.items()}, t
        )
        for row, numbers, k in zip(now.to_pylist(), matrix, keys, strict=True):
            want = online_truth(written, k, t, ttl)
            values = want[3] if want else (None,) * 4
            assert tuple(row[n] for n in NAMES) == values
            for got, value in zip(numbers, (values[0], values[2], values[3]), strict=True):
                assert got == value if value is not None else math.isnan(got)
    # At the end of time both sides know the same.
    end = store.history(refs, {**entities, "when": pa.array([99] * len(asked), MS)},
                        event_time="when")  # fmt: skip
    live = store.lookup(refs, entities, at=99)
    assert end.select(NAMES).to_pylist() == live.select(NAMES).to_pylist()


def test_many_entities_and_rewrites():
    rng = random.Random(1)
    store = feature.open()
    store.create_view("v", entities=["k"], schema={"x": "int64", "s": "utf8"})
    kept = {}
    for batch in range(40):
        keys = [f"entity number {rng.randrange(3000)}" for _ in range(500)]
        times = [rng.randrange(100) for _ in keys]
        values = [batch * 1000 + i for i in range(500)]
        store.write(
            "v",
            pa.table({"k": keys, "t": pa.array(times, MS), "x": values,
                      "s": [str(v) * (v % 7) for v in values]}),
            event_time="t",
        )  # fmt: skip
        for k, t, v in zip(keys, times, values, strict=True):
            if t >= kept.get(k, (-1,))[0]:
                kept[k] = (t, v)
    assert store.counts("v") == (len(kept), 20_000)
    got = store.lookup(["v:x", "v:s"], {"k": list(kept)}, at=1000).to_pylist()
    for row in got:
        value = kept[row["k"]][1]
        assert (row["x"], row["s"]) == (value, str(value) * (value % 7))


@pytest.mark.parametrize("kind", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
                                  "uint64", "float32", "float64", "bool", "date",
                                  "timestamp[s]", "timestamp[ns, UTC]"])  # fmt: skip
@pytest.mark.parametrize("features", [1, 33, 100])
def test_every_type_in_narrow_and_wide_rows(kind, features):
    store = feature.open()
    names = [f"f{i}" for i in range(features)]
    schema = dict.fromkeys(names, kind) | {"pad": "bool"}
    store.create_view("v", entities=["k"], schema=schema)
    arrow = {"bool": pa.bool_(), "date": pa.date32(), "timestamp[s]": pa.timestamp("s"),
             "timestamp[ns, UTC]": pa.timestamp("ns", "UTC")}.get(kind)  # fmt: skip
    arrow = arrow or pa.type_for_alias(kind)
    raw = np.array([[(r * 7 + c) % 120 for c in range(features)] for r in range(9)])

    def column(c):
        values = [None if (r + c) % 5 == 0 else int(raw[r, c]) for r in range(9)]
        if kind == "bool":
            return pa.array([None if v is None else v % 2 == 0 for v in values])
        if arrow == pa.date32():
            return pa.array(values, pa.int32()).cast(arrow)
        if pa.types.is_temporal(arrow):
            return pa.array(values, pa.int64()).cast(arrow)
        return pa.array(values, arrow)

    table = pa.table({"k": list(range(9)), "t": pa.array([0] * 9, MS), "pad": [True] * 9,
                      **{n: column(c) for c, n in enumerate(names)}})  # fmt: skip
    store.write("v", table, event_time="t")
    got = store.lookup([f"v:{n}" for n in names], {"k": list(range(10))}, at=0)
    assert got.slice(0, 9).select(names).equals(table.select(names))
    assert got.slice(9).select(names).to_pylist() == [dict.fromkeys(names)]
    matrix = store.lookup_matrix([f"v:{n}" for n in names], {"k": np.arange(10)}, 0)
    for c, name in enumerate(names):
        plain = table[name].combine_chunks()
        if kind == "bool":
            plain = plain.cast(pa.int8())
        elif pa.types.is_temporal(arrow):
            plain = plain.cast(pa.int32() if kind == "date" else pa.int64())
        want = plain.cast(pa.float64()).to_numpy(zero_copy_only=False)
        np.testing.assert_array_equal(matrix[:9, c], want)
    past = store.history(["v:*"], {"k": list(range(9)), "when": pa.array([0] * 9, MS)},
                         event_time="when")  # fmt: skip
    assert past.select(names).equals(table.select(names))


def test_ttl_is_strict_and_times_keep_nanoseconds():
    store = feature.open()
    store.create_view("v", entities=["k"], schema={"x": "int64"}, ttl=dt.timedelta(microseconds=1))
    base = np.datetime64("2024-05-01T00:00:00", "ns")
    store.write("v", {"k": [1], "x": [5], "t": pa.array([base])}, event_time="t")
    for nanos, live in [(-1, False), (0, True), (999, True), (1000, False)]:
        at = base + np.timedelta64(nanos, "ns")
        assert (store.lookup(["v:x"], {"k": 1}, at=at)["x"].to_pylist() == [5]) is live
        past = store.history(["v:x"], {"k": [1], "w": pa.array([at])}, event_time="w")
        assert (past["x"].to_pylist() == [5]) is live
