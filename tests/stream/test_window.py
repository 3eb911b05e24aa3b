"""Tumbling, sliding and session windows against their definitions, in every order of arrival."""

import cnengine.frame as cf
import pyarrow as pa
import pytest
from cnengine import errors, stream
from hypothesis import given, settings
from hypothesis import strategies as st
from stream_reference import Model

AGGREGATES = [cf.count().alias("n"), cf.sum("v"), cf.min("v").alias("lo"), cf.max("v").alias("hi"),
              cf.first("v").alias("first"), cf.last("v").alias("last")]  # fmt: skip
RESULT = ["n", "v", "lo", "hi", "first", "last"]
TIME = pa.timestamp("ms", "UTC")


def records_of(values, keys="abcd", size=60):
    """(gap to the arrival before, event time relative to arrival, key, value)."""
    gap, shift = st.integers(0, 15), st.integers(-40, 25)
    return st.lists(st.tuples(gap, shift, st.sampled_from(keys), values), max_size=size)


# Whole numbers as floats, so that sums do not depend on the order of additions.
RECORDS = records_of(st.none() | st.integers(-1000, 1000).map(float))

COMMON = {"bound": st.integers(0, 20), "lateness": st.sampled_from([0, 5, 60]),
              "emit": st.sampled_from(["watermark", "clock"])}  # fmt: skip
MODELS = st.one_of(
    st.builds(
        lambda slide, more, offset, **rest: Model(
            "sliding", slide + more, slide, offset % slide, **rest
        ),
        slide=st.integers(1, 12),
        more=st.sampled_from([0, 0, 1, 7, 20, 24, 36]),
        offset=st.integers(0, 11),
        **COMMON,
    ),
    st.builds(Model, st.just("session"), gap=st.integers(1, 20), **COMMON),
)


def arrive(records):
    out, clock = [], 100
    for gap, shift, key, value in records:
        clock += gap
        out.append((clock, clock + shift, key, value))
    return out


def to_table(arrivals):
    columns = list(zip(*arrivals, strict=True)) if arrivals else [[]] * 4
    kinds = [TIME, TIME, pa.string(), pa.float64()]
    arrays = [pa.array(list(c), kind) for c, kind in zip(columns, kinds, strict=True)]
    return pa.table(arrays, ["arrived", "t", "k", "v"])


def build(table, model):
    source = stream.from_arrow(table, event_time="t", arrival_time="arrived", watermark=model.bound)
    window = (stream.session(model.gap) if model.kind == "session"
              else stream.sliding(model.size, model.slide, offset=model.offset))  # fmt: skip
    grouped = source.group_by("k").window(window).allowed_lateness(model.lateness)
    return grouped.emit(model.emit).agg(*AGGREGATES)


def run(windows, max_batch=None):
    out = windows.to()
    job = stream.Job([out])
    job.run(max_batch=max_batch)
    job.finish()
    return out, job.metrics()


def as_ms(table):
    fields = [(f.name, pa.int64() if pa.types.is_timestamp(f.type) else f.type)
              for f in table.schema]  # fmt: skip
    return table.cast(pa.schema(fields)).to_pylist()


def rows(table):
    names = ["k", "window_start", "window_end", "emitted_at", "revision", *RESULT]
    names = [name for name in names if name in table.column_names]
    return [tuple(row[name] for name in names) for row in as_ms(table)]


def changes(windows, max_batch=None):
    return run(windows, max_batch)[0].changes().combine_chunks()


@settings(max_examples=300, deadline=None)
@given(MODELS, RECORDS, st.sampled_from([1, 3, 1000]))
def test_every_emission(model, records, max_batch):
    arrivals = arrive(records)
    out, metrics = run(build(to_table(arrivals), model), max_batch)
    for arrival in arrivals:
        model.record(*arrival)
    assert metrics["late"] == model.late
    assert metrics["dropped"] == len(model.dropped)
    assert [(row["t"], row["k"], row["v"]) for row in as_ms(out.late())] == model.dropped
    model.finish()
    assert sorted(rows(out.changes()), key=repr) == sorted(model.emissions, key=repr)
    assert sorted(rows(out.collect()), key=repr) == model.final()
    assert metrics["emitted"] == len(model.emissions)


@settings(max_examples=150, deadline=None)
@given(MODELS, records_of(st.floats(-1e6, 1e6), "ab", 40), st.integers(2, 9))
def test_batches_change_no_bit(model, records, max_batch):
    windows = build(to_table(arrive(records)), model)
    whole = changes(windows)
    assert whole.equals(changes(windows, 1))
    assert whole.equals(changes(windows, max_batch))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3000), st.sampled_from("ab"), st.floats(-1e6, 1e6)),
                min_size=1, max_size=80), st.sampled_from([70, 100, 1000]))  # fmt: skip
def test_a_revised_window_has_the_bits_of_a_fresh_one(events, slide):
    """Windows that late records change one by one end as those that were computed once."""
    table = pa.table({"t": [e[0] for e in events], "k": [e[1] for e in events],
                      "v": [e[2] for e in events]})  # fmt: skip
    aggregates = [cf.sum("v"), cf.mean("v").alias("m"), cf.stddev("v").alias("s")]
    results = []
    for bound, lateness in ((0, 10_000), (10_000, 0)):
        grouped = stream.from_arrow(table, event_time="t", watermark=bound).group_by("k")
        grouped = grouped.window(stream.sliding(1000, slide)).allowed_lateness(lateness)
        table_out = grouped.agg(*aggregates).collect()
        results.append(table_out.sort_by([("k", "ascending"), ("window_start", "ascending")]))
    assert results[0].combine_chunks().equals(results[1].combine_chunks())


def test_against_hand_computed_windows():
    table = pa.table({"t": [1, 11, 12, 35], "v": [1.0, 2.0, 4.0, 8.0]})
    source = stream.from_arrow(table, event_time="t")
    got = source.group_by().window(stream.sliding(20, 10)).agg(cf.sum("v"))
    assert [tuple(row.values()) for row in as_ms(got.collect())] == [
        (-10, 10, 1.0), (0, 20, 7.0), (10, 30, 6.0), (20, 40, 8.0), (30, 50, 8.0)]  # fmt: skip


def test_windows_begin_at_multiples_of_the_slide():
    """Every window that holds an event, for all sizes, slides and offsets, on both sides of 0."""
    times = [-(10**12), -8, -7, -1, 0, 1, 5, 7, 10**12 + 3]
    table = pa.table({"t": times, "k": times})
    source = stream.from_arrow(table, event_time="t", watermark="1000000d").group_by("k")
    for size in range(1, 13):
        for slide in range(1, size + 1):
            for offset in (-slide + 1, 0, slide // 2, slide - 1):
                windows = source.window(stream.sliding(size, slide, offset=offset))
                got = as_ms(windows.agg(cf.count()).collect())
                want = [(t, begin, begin + size) for t in times
                        for begin in range(t - size + 1, t + 1)
                        if (begin - offset) % slide == 0]  # fmt: skip
                found = sorted((r["k"], r["window_start"], r["window_end"]) for r in got)
                assert found == want, (size, slide, offset)


def test_empty():
    for window in (stream.tumbling(10), stream.session(10)):
        windows = source().group_by("k").window(window).agg(cf.mean("v"), cf.count())
        assert windows.collect().num_rows == 0
        assert windows.collect().column_names == ["k", "window_start", "window_end", "v", "count"]
        assert windows.changes().column_names[-2:] == ["emitted_at", "revision"]
        assert windows.late().column_names == ["arrived", "t", "k", "v"]


def test_keys_of_every_type_with_nulls():
    table = pa.table({
        "t": [0, 1, 2, 3], "a": ["x", None, "x", None], "b": [1, 1, None, 1],
        "c": pa.array([True, False, True, False]),
        "d": pa.array([0, 1, 0, 1], pa.timestamp("us")),
    })  # fmt: skip
    result = stream.from_arrow(table, event_time="t").group_by("a", "b", "c", "d")
    got = result.window(stream.tumbling(10)).agg(cf.count()).collect()
    assert [(r["a"], r["b"], r["c"], r["count"]) for r in got.to_pylist()] == [
        ("x", 1, True, 1), (None, 1, False, 2), ("x", None, True, 1)]  # fmt: skip


def test_text_aggregates():
    n = 3000
    table = pa.table({"t": list(range(n)), "k": [str(i % 7) for i in range(n)],
                      "v": ["text " * (i % 5) + str(i) for i in range(n)]})  # fmt: skip
    grouped = stream.from_arrow(table, event_time="t", watermark=50).group_by("k")
    got = grouped.window(stream.sliding(400, 100)).agg(cf.last("v"), cf.min("v").alias("lo"))
    values = table["v"].to_pylist()
    for row in as_ms(got.collect()):
        inside = [values[i] for i in range(n)
                  if row["window_start"] <= i < row["window_end"]
                  and str(i % 7) == row["k"]]  # fmt: skip
        assert (row["v"], row["lo"]) == (inside[-1], min(inside))


@pytest.mark.parametrize(("window", "lateness", "groups"), [
    (stream.sliding(300, 100), 0, 3), (stream.session(2), 50, 1)])  # fmt: skip
def test_many_keys_come_and_go(window, lateness, groups):
    """The numbers of keys without state are given up; no result changes by it."""
    n = 60_000
    table = pa.table({"t": list(range(n)), "k": [i // 3 for i in range(n)]})
    windows = stream.from_arrow(table, event_time="t").group_by("k").window(window)
    windows = windows.allowed_lateness(lateness).agg(cf.count())
    whole = changes(windows)
    assert whole.equals(changes(windows, 977))
    assert sum(whole["count"].to_pylist()) == n * groups


def test_windows_far_apart_do_not_take_long():
    day = 86_400_000
    table = pa.table({"t": [0, 40_000 * day, -40_000 * day, 1]})
    windows = stream.from_arrow(table, event_time="t", watermark="1000000d").group_by()
    assert windows.window(stream.sliding(1000, 1)).agg(cf.count()).collect().num_rows == 3001


@pytest.mark.parametrize(("unit", "times"), [("s", 1), ("us", 10**6), ("ns", 10**9)])
def test_event_times_of_every_unit(unit, times):
    t = pa.array([-1 * times, 1 * times], pa.timestamp(unit))
    windows = stream.from_arrow(pa.table({"t": t}), event_time="t", watermark="1m").group_by()
    got = as_ms(windows.window(stream.tumbling("1s")).agg(cf.count()).collect())
    assert [row["window_start"] for row in got] == [-1000, 1000]
    dates = pa.table({"t": pa.array([0, 1], pa.date32())})
    got = stream.from_arrow(dates, event_time="t").group_by().window(stream.tumbling("1d"))
    assert [row["window_start"] for row in as_ms(got.agg(cf.count()).collect())] == [0, 86_400_000]


def source():
    return stream.from_arrow(to_table([]), event_time="t")


def failing_job():
    job = stream.Job([stream.from_arrow(to_table(arrive([(1, 1, "a", 1.0)])), event_time="t").to(
        lambda table: 1 / 0)])  # fmt: skip
    with pytest.raises(ZeroDivisionError):
        job.run()
    job.run()


@pytest.mark.parametrize(("make", "error", "text"), [
    (lambda: stream.tumbling("10 minutes"), ValueError, "sliding: expected a length of time"),
    (lambda: stream.tumbling(1.5), TypeError, "sliding: expected a length of time"),
    (lambda: stream.tumbling("1us"), ValueError, "whole milliseconds"),
    (lambda: build(to_table([]), Model(size=0, slide=0)), ValueError, "expected a size of 1"),
    (lambda: build(to_table([]), Model(size=5, slide=6)), ValueError, "a slide of at most"),
    (lambda: build(to_table([]), Model(offset=10)), ValueError, "an offset shorter than the slide"),
    (lambda: build(to_table([]), Model("session", gap=0)), ValueError, "expected a gap of 1"),
    (lambda: build(to_table([]), Model(lateness=-1)), ValueError, "expected a lateness of 0"),
    (lambda: build(to_table([]), Model(bound=-1)), ValueError, "from_arrow: expected a watermark"),
    (lambda: build(to_table([]), Model(emit="now")), ValueError, "emit: expected"),
    (lambda: stream.from_arrow(to_table([]), event_time="tt"), KeyError, 'no column "tt"'),
    (lambda: stream.from_arrow(to_table([]), event_time="v"), TypeError, '"v": expected time'),
    (lambda: stream.from_arrow(pa.table({"t": [1, None]}), event_time="t"), ValueError, "in row 1"),
    (lambda: stream.from_arrow(pa.table({"t": [2**60]}), event_time="t"), ValueError, "in row 0"),
    (lambda: source().group_by("kk").agg(cf.count()), KeyError, 'group_by: no column "kk"'),
    (lambda: source().group_by("k").agg(cf.mean("vv")), KeyError, 'agg: no column "vv"'),
    (lambda: source().group_by("k").agg(cf.mean("k")), TypeError, "agg: mean"),
    (lambda: source().group_by("k").agg(), ValueError, "agg: expected at least one aggregate"),
    (lambda: source().group_by("k").agg("v"), TypeError, "agg: expected aggregates"),
    (lambda: source().group_by("k").agg(cf.count().alias("k")), ValueError, 'named "k"'),
    (lambda: source().group_by("k").window("1h"), TypeError, "window: expected tumbling"),
    (lambda: source().filter(cf.col("v") + 1), TypeError, "filter: expected a condition"),
    (lambda: source().filter(cf.col("w") > 1), KeyError, 'no column "w"'),
    (lambda: source().select("k", "k"), ValueError, 'select: two columns are named "k"'),
    (lambda: source().group_by("k").agg(cf.count()).filter(cf.col("count") > 1), RuntimeError,
     "the stream is aggregated already"),
    (lambda: stream.Job([]), ValueError, "Job: expected at least one branch"),
    (lambda: stream.Job([1]), TypeError, "Job: expected what stream.to"),
    (lambda: source().to(3), TypeError, "to: expected a function"),
    (lambda: stream.Job([source().to()]).run(max_batch=0), ValueError, "run: expected max_batch"),
    (lambda: stream.Job([source().to()]).run("soon"), ValueError, "run: expected a time"),
    (lambda: stream.Job([source().to()]).run(1.5), TypeError, "run: expected a datetime"),
    (lambda: stream.Job([source().to()]).checkpoint(), RuntimeError, "without a checkpoint"),
    (lambda: stream.Job([source().to(print)], checkpoint_every=3), ValueError, "needs a check"),
    (lambda: source().to(print).collect(), RuntimeError, "collect: the results went to sinks"),
    (failing_job, RuntimeError, "run: an earlier call failed"),
])  # fmt: skip
def test_wrong_use(make, error, text):
    with pytest.raises(error, match=text) as caught:
        make()
    assert isinstance(caught.value, errors.Error)
