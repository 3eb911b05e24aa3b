"""Jobs on topics: order over partitions, idle partitions, several branches, sinks, bad records."""

import gc
import json
import threading
import weakref

import cnengine.frame as cf
import cnengine.log
import pyarrow as pa
import pytest
from cnengine import errors, feature, stream
from hypothesis import given, settings
from hypothesis import strategies as st
from stream_reference import NEVER, Model

SCHEMA = {"k": "utf8", "t": "timestamp[ms, UTC]", "v": "float64"}
TIME = pa.timestamp("ms", "UTC")


@pytest.fixture
def log(tmp_path):
    with cnengine.log.open(tmp_path / "log", fsync="none") as opened:
        yield opened


def fill(log, topic, arrivals, partitions):
    """(arrival, event, key, value, partition) records, as JSON; one topic for each call."""
    log.create_topic(topic, partitions)
    native = log._store
    by_partition = {}
    for record in arrivals:
        by_partition.setdefault(record[4], []).append(record)
    for partition, records in by_partition.items():
        # A key whose hash gives this partition, so that the test decides where a record goes.
        key = next(k for k in range(1000) if target(log, partitions, k) == partition)
        values = [json.dumps({"k": k, "t": t, "v": v, "more": [1]}) for _, t, k, v, _ in records]
        table = pa.table({"key": [str(key)] * len(records), "value": values,
                          "at": pa.array([r[0] for r in records], TIME)})  # fmt: skip
        log.produce(topic, table, key="key", timestamp="at")
    assert native.partitions(topic) == partitions


_TARGETS = {}


def target(log, partitions, key):
    if (partitions, key) not in _TARGETS:
        name = f"probe-{partitions}"
        if name not in log.topics():
            log.create_topic(name, partitions)
        ranges = log.produce(name, pa.table({"key": [str(key)], "value": ["{}"]}), key="key")
        _TARGETS[partitions, key] = next(iter(ranges))
    return _TARGETS[partitions, key]


def as_rows(table):
    fields = [(f.name, pa.int64() if pa.types.is_timestamp(f.type) else f.type)
              for f in table.schema]  # fmt: skip
    return [tuple(row.values()) for row in table.cast(pa.schema(fields)).to_pylist()]


def windowed(source, model):
    window = (stream.session(model.gap) if model.kind == "session"
              else stream.sliding(model.size, model.slide))  # fmt: skip
    grouped = source.group_by("k").window(window).allowed_lateness(model.lateness)
    return grouped.emit(model.emit).agg(cf.count().alias("n"), cf.sum("v"))


def expected(model):
    """Emissions as rows of (k, window_start, window_end, n, v, emitted_at, revision)."""
    return sorted(((*e[:3], *e[5:7], e[3], e[4]) for e in model.emissions), key=repr)


RECORDS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(-40, 20), st.sampled_from("abc"),
              st.integers(-9, 9).map(float), st.integers(0, 2)), max_size=50)  # fmt: skip
MODELS = st.builds(
    Model, st.sampled_from(["sliding", "session"]), size=st.just(30),
    slide=st.sampled_from([7, 30]),
    gap=st.integers(1, 15), bound=st.integers(0, 15), lateness=st.sampled_from([0, 25]),
    emit=st.sampled_from(["watermark", "clock"]), idle_timeout=st.sampled_from([3, 20, NEVER]),
)  # fmt: skip


def arrive(records):
    out, clock = [], 1000
    for gap, shift, key, value, partition in records:
        clock += gap
        out.append((clock, clock + shift, key, value, partition))
    return out


@settings(max_examples=120, deadline=None)
@given(model=MODELS, records=RECORDS, max_batch=st.sampled_from([1, 4, None]),
       stops=st.lists(st.integers(990, 1500), max_size=5))  # fmt: skip
def test_topics_against_the_definition(tmp_path_factory, model, records, max_batch, stops):
    """Partitions are merged by arrival; the clock may be moved between the records."""
    arrivals = arrive(records)
    with cnengine.log.open(tmp_path_factory.mktemp("log"), fsync="none") as log:
        fill(log, "events", arrivals, 3)
        idle = None if model.idle_timeout == NEVER else model.idle_timeout
        source = stream.from_topic(log, "events", schema=SCHEMA, event_time="t",
                                   watermark=model.bound, idle_timeout=idle)  # fmt: skip
        out = windowed(source, model).to()
        job = stream.Job([out])
        for stop in sorted(stops):
            job.run(stop, max_batch=max_batch)
        job.run(max_batch=max_batch)
        metrics = job.metrics()
        emitted = sorted(as_rows(out.changes()), key=repr)
    arrivals.sort(key=lambda r: (r[0], r[4]))
    stops.sort()
    for record in arrivals:
        while stops and stops[0] < record[0]:
            model.advance(max(model.clock, stops.pop(0)))
        model.record(*record)
    for stop in stops:
        model.advance(max(model.clock, stop))
    assert emitted == expected(model)
    assert (metrics["late"], metrics["dropped"]) == (model.late, len(model.dropped))
    assert metrics["records"] == len(arrivals)
    if arrivals:
        assert (metrics["clock_ms"], metrics["watermark_ms"]) == (model.clock, model.watermark)


def two_topics(log):
    ups = [(1000 + 10 * i, 995 + 10 * i, "ab"[i % 2], float(i), i % 2) for i in range(100)]
    downs = [(1003 + 25 * i, 990 + 25 * i, "a", float(i), 0) for i in range(40)]
    fill(log, "ups", ups, 2)
    fill(log, "downs", downs, 1)
    make = {"schema": SCHEMA, "event_time": "t", "watermark": 20}
    return stream.from_topic(log, "ups", **make), stream.from_topic(log, "downs", **make)


def branches(ups, downs):
    clock = ups.group_by("k").window(stream.sliding(100, 20)).emit("clock").agg(cf.mean("v"))
    return [
        clock.to(),
        downs.filter(cf.col("v") % 3 != 0).group_by("k").window(stream.tumbling(60)).emit("clock")
        .agg(cf.count()).to(),
        ups.with_columns(w=cf.col("v") * 2).group_by("k").agg(cf.sum("w"), cf.last("v")).to(),
        downs.select("k", x=cf.col("v") + 1).to(),
    ]  # fmt: skip


def test_branches_share_sources_and_the_clock(log):
    results = []
    for max_batch in (None, 1, 7):
        outputs = branches(*two_topics_once(log))
        job = stream.Job(outputs)
        job.run(1500, max_batch=max_batch)
        job.run(max_batch=max_batch)
        results.append([out.changes().combine_chunks() for out in outputs])
        assert job.metrics()["records"] == 140
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            assert a.equals(b)
    windows = as_rows(results[0][0])
    # Emitted by the clock: at the end of the window, or when a late record changes it.
    assert all(at == end if revision == 0 else at >= end
               for _, _, end, _, at, revision in windows)  # fmt: skip
    totals = as_rows(results[0][2])
    assert len(totals) == 100
    assert totals[-1][2:4] == (sum(2.0 * i for i in range(1, 100, 2)), 99.0)
    assert results[0][3].column_names == ["k", "x"]


def two_topics_once(log):
    if "ups" in log.topics():
        make = {"schema": SCHEMA, "event_time": "t", "watermark": 20}
        return tuple(stream.from_topic(log, name, **make) for name in ("ups", "downs"))
    return two_topics(log)


def test_new_records_are_seen_by_the_next_run(log):
    log.create_topic("raw")
    source = stream.from_topic(log, "raw")
    assert list(source.schema) == ["key", "value", "timestamp", "offset"]
    out = source.group_by("key").window(stream.tumbling(10)).agg(cf.count()).to()
    job = stream.Job([out])
    job.run()
    assert job.metrics()["clock_ms"] is None
    assert out.changes().num_rows == 0
    for at in (5, 7, 12):
        row = pa.table({"key": ["x"], "value": ["{"], "at": pa.array([at], TIME)})
        log.produce("raw", row, key="key", timestamp="at")
        job.run()
    job.advance(100)
    job.advance(50)
    assert job.metrics()["clock_ms"] == 100
    assert as_rows(out.collect()) == [(b"x", 0, 10, 2)]
    job.finish()
    assert as_rows(out.collect()) == [(b"x", 0, 10, 2), (b"x", 10, 20, 1)]


def test_a_quiet_partition_holds_the_watermark_until_it_is_idle(log):
    fill(log, "events", [(0, 0, "a", 1.0, 0), (1, 1, "a", 1.0, 1), (50, 50, "a", 1.0, 0)], 2)
    make = {"schema": SCHEMA, "event_time": "t"}
    patient = stream.from_topic(log, "events", **make)
    hasty = stream.from_topic(log, "events", idle_timeout=100, **make)
    outs = [s.group_by("k").window(stream.tumbling(10)).agg(cf.count()).to()
            for s in (patient, hasty)]  # fmt: skip
    job = stream.Job(outs)
    job.run()
    assert [out.changes().num_rows for out in outs] == [0, 0]
    job.advance(1000)
    assert outs[0].changes().num_rows == 0
    # Idle at 101, which is what emitted_at says.
    assert as_rows(outs[1].changes()) == [("a", 0, 10, 2, 101, 0)]


def test_sinks(log):
    ups, _ = two_topics(log)
    store = feature.open(None)
    store.create_view("means", entities=["k"], schema={"v": "float64"})
    windows = ups.group_by("k").window(stream.sliding(100, 20)).emit("clock").agg(cf.mean("v"))
    seen = []
    job = stream.Job([
        windows.to(store.sink("means", event_time="window_end", created="emitted_at"), seen.append)
    ])  # fmt: skip
    job.run(max_batch=1)
    rows = pa.concat_tables(seen)
    assert rows.num_rows == job.metrics()["emitted"] > 20
    for at in (1100, 1505, 1990):
        visible = [r for r in as_rows(rows) if r[0] == "a" and r[2] <= at and r[4] <= at]
        newest = max(visible, key=lambda r: (r[2], r[4], r[5]))
        asked = pa.table({"k": ["a"], "at": pa.array([at], TIME)})
        assert store.history(["means:v"], asked, event_time="at")["v"].to_pylist() == [newest[3]]


BAD = ['{"k": "a", "t": "never"}', "not json", '{"k": "a"}', '{"k": 1, "t": 5}']


REASONS = ['field "t": expected timestamp', "expected an object", 'no time in "t"',
           'field "k": expected']  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), list(zip(BAD, REASONS, strict=True)))
def test_bad_records(log, text, reason):
    log.create_topic("events")
    values = ['{"k": "a", "t": 1}', text, '{"k": "a", "t": 3, "v": 2}']
    log.produce("events", pa.table({"value": values, "at": pa.array([1, 2, 3], TIME)}),
                timestamp="at")  # fmt: skip
    source = stream.from_topic(log, "events", schema=SCHEMA, event_time="t")
    with pytest.raises(errors.CorruptionError, match=reason) as caught:
        source.collect()
    assert 'topic "events", partition 0' in str(caught.value)
    assert "1" in str(caught.value)
    for max_batch in (None, 1):
        lenient = stream.from_topic(log, "events", schema=SCHEMA, event_time="t", on_error="skip")
        out = lenient.to()
        job = stream.Job([out])
        job.run(max_batch=max_batch)
        assert as_rows(out.collect()) == [("a", 1, None), ("a", 3, 2.0)]
        metrics = job.metrics()
        assert (metrics["records"], metrics["bad"], metrics["emitted"]) == (3, 1, 2)


def test_columns_that_produce_took_out_of_the_value(log):
    log.create_topic("rides", 2)
    at = pa.array([1, 2, 3], TIME)
    rides = pa.table({"city": ["oslo", None, "rome"], "n": pa.array([5, -5, 7]), "at": at})
    log.produce("rides", rides, key="city", timestamp="at")
    schema = {"at": "timestamp[ms, UTC]", "city": "utf8", "n": "int64"}
    rides_read = stream.from_topic(log, "rides", schema=schema, event_time="at", key="city",
                                   timestamp="at")  # fmt: skip
    assert as_rows(rides_read.collect()) == [(1, "oslo", 5), (2, None, -5), (3, "rome", 7)]
    log.create_topic("numbers")
    log.produce("numbers", rides, key="n", timestamp="at")
    for kind, rows in (("int64", [5, -5, 7]), ("int8", [5, -5, 7]), ("uint16", [5, 7])):
        read = stream.from_topic(log, "numbers", schema={"n": kind}, key="n", on_error="skip")
        assert [row[0] for row in as_rows(read.collect())] == rows
    with pytest.raises(errors.CorruptionError, match="the key of record 1 is not of type uint16"):
        stream.from_topic(log, "numbers", schema={"n": "uint16"}, key="n").collect()
    with pytest.raises(errors.CorruptionError, match="the key of record 1 is not of type utf8"):
        stream.from_topic(log, "numbers", schema={"n": "utf8"}, key="n").collect()
    for wrong, match in (({"key": "m"}, 'no column "m"'), ({"key": "d"}, "expected text, bytes or"),
                         ({"timestamp": "n"}, "timestamp column"),
                         ({"key": "n", "schema": None}, "name columns of a schema")):  # fmt: skip
        options = {"schema": {"n": "int64", "d": "float64"}, **wrong}
        with pytest.raises(errors.Error, match=match):
            stream.from_topic(log, "numbers", **options)


def test_a_bad_key_costs_its_own_record_only(log):
    log.create_topic("events")
    keys = pa.array([b"a", b"\xff\xfe", None, b"b"], pa.binary())
    log.produce("events", pa.table({"key": keys, "value": ['{"v": 1}'] * 4}), key="key")
    make = {"schema": {"key": "utf8", "v": "int64"}, "key": "key"}
    out = stream.from_topic(log, "events", on_error="skip", **make).to()
    job = stream.Job([out])
    job.run()
    assert out.collect()["key"].to_pylist() == ["a", None, "b"]
    assert (job.metrics()["records"], job.metrics()["bad"]) == (4, 1)
    with pytest.raises(errors.CorruptionError, match=r"key of record 1 .*partition 0"):
        stream.from_topic(log, "events", **make).collect()


@pytest.mark.parametrize("window", [stream.tumbling(10), stream.session(10), None])
def test_an_arrival_that_is_no_time_is_a_bad_record(log, window):
    log.create_topic("events")
    at = pa.array([2**63 - 1, 5, -(2**63), 2**51, 7, -(2**50) - 1, 9, -(2**50)])
    values = [f'{{"v": {i}, "t": {i}}}' for i in range(len(at))]
    log.produce("events", pa.table({"value": values, "at": at}), timestamp="at")
    for event_time, late in ((None, 1), ("t", 0)):
        make = {"schema": {"v": "int64", "t": "int64"}, "event_time": event_time}
        lenient = stream.from_topic(log, "events", idle_timeout=20, on_error="skip", **make)
        counts = lenient.group_by() if window is None else lenient.group_by().window(window)
        for max_batch in (1, None):
            out, plain = counts.agg(cf.sum("v")).to(), lenient.to()
            job = stream.Job([out, plain])
            job.run(max_batch=max_batch)
            assert plain.collect()["v"].to_pylist() == [1, 4, 6, 7]
            metrics = job.metrics()
            assert (metrics["bad"], metrics["clock_ms"], metrics["late"]) == (4, 9, late)
            job.finish()
            assert out.collect()["v"].to_pylist()[-1] in (18, 11)
        with pytest.raises(errors.CorruptionError, match=r"no arrival time.*partition 0, offset 0"):
            stream.from_topic(log, "events", **make).collect()


def test_the_clock_is_kept_within_the_times(log):
    fill(log, "events", [(5, 5, "a", 1.0, 0)], 1)
    source = stream.from_topic(log, "events", schema=SCHEMA, event_time="t", idle_timeout="1d")
    job = stream.Job(source.group_by("k").window(stream.tumbling(10)).agg(cf.count()).to())
    for call in (job.run, job.advance):
        for time in (2**63 - 1, -(2**63), 2**50 + 1):
            with pytest.raises(ValueError, match=rf"{call.__name__}: expected a time within"):
                call(time)
        call(2**50)
    assert job.metrics()["clock_ms"] == 2**50


def test_wrong_topics(log):
    log.create_topic("events")
    with pytest.raises(KeyError, match='"event"; did you mean "events"'):
        stream.from_topic(log, "event")
    with pytest.raises(KeyError, match='from_topic: no column "tt"'):
        stream.from_topic(log, "events", schema=SCHEMA, event_time="tt")
    with pytest.raises(TypeError, match='column "k": expected time'):
        stream.from_topic(log, "events", schema=SCHEMA, event_time="k")
    with pytest.raises(ValueError, match="on_error"):
        stream.from_topic(log, "events", on_error="ignore")
    with pytest.raises(ValueError, match="from_topic: expected an idle timeout of 1 ms"):
        stream.from_topic(log, "events", idle_timeout=0)
    with pytest.raises(ValueError, match="from_topic: expected an idle timeout of 1 ms"):
        stream.from_topic(log, "events", idle_timeout=2**51)


def test_latency_is_measured(log):
    ups, _ = two_topics(log)
    job = stream.Job([ups.group_by("k").agg(cf.count()).to()])
    job.run(max_batch=1)
    latency = job.metrics()["record_ns"]
    assert job.latency.count == 100
    assert 0 < latency["p50"] <= latency["p99"] <= latency["p999"] <= latency["max"] < 10**10


def test_a_closed_job_lets_go_of_its_checkpoint(log, tmp_path):
    ups, _ = two_topics(log)
    plan = ups.group_by("k").agg(cf.count())
    with stream.Job(plan.to(), checkpoint=tmp_path / "c") as job:
        job.run()
        job.checkpoint()
        with pytest.raises(errors.LockedError, match="already open"):
            stream.Job(plan.to(), checkpoint=tmp_path / "c")
    for call in (job.run, job.finish, job.checkpoint, lambda: job.advance(0)):
        with pytest.raises(errors.StateError, match="the job is closed"):
            call()
    job.close()
    assert job.metrics()["records"] == 100
    with stream.Job(plan.to(), checkpoint=tmp_path / "c") as after:
        assert after.metrics()["records"] == 100


def test_results_are_read_while_the_job_runs():
    n = 30_000
    table = pa.table({"t": range(n), "k": [i % 100 for i in range(n)]})
    out = stream.from_arrow(table, event_time="t").group_by("k").agg(cf.count()).to()
    job = stream.Job([out])
    reads, begun, done = [], threading.Event(), threading.Event()

    def read():
        while not done.is_set():
            out.collect()
            reads.append(out.changes().num_rows)
            begun.set()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        assert begun.wait(60)
        job.run(max_batch=20)
    finally:
        done.set()
        reader.join()
    assert reads == sorted(reads)
    assert out.changes().num_rows == n


def test_a_sink_that_calls_its_own_job_is_told(log):
    ups, _ = two_topics(log)
    seen = []

    def sink(table):
        for call in (job.run, job.finish, job.close):
            with pytest.raises(errors.StateError, match="is at work"):
                call()
        seen.append(table.num_rows)

    job = stream.Job(ups.group_by("k").agg(cf.count()).to(sink))
    job.run()
    assert sum(seen) > 0


def test_a_job_that_its_own_sink_reaches_is_collected(log):
    ups, _ = two_topics(log)

    class Holder:
        def sink(self, table):
            self.rows = table.num_rows

    holder = Holder()
    holder.job = stream.Job(ups.group_by("k").agg(cf.count()).to(holder.sink))
    holder.job.run()
    gone = weakref.ref(holder)
    del holder
    gc.collect()
    assert gone() is None


def test_kept_results_are_those_of_one_job(log):
    ups, _ = two_topics(log)
    out = ups.group_by("k").agg(cf.count()).to()
    with pytest.raises(errors.StateError, match="twice for this one"):
        stream.Job([out, out])
    job = stream.Job(out)
    job.run()
    rows = out.changes()
    assert rows.num_rows > 0
    with pytest.raises(errors.StateError, match="close that job"):
        stream.Job(out)
    assert out.changes() == rows
    job.close()
    assert out.changes() == rows
    again = stream.Job(out)
    assert out.changes().num_rows == 0
    again.run()
    assert out.changes() == rows
    del again
    stream.Job(out).run()
    assert out.changes() == rows
