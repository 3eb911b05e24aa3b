"""A job that is stopped anywhere, killed or not, continues to the result of an undisturbed one."""

import contextlib
import os
import shutil
import signal
import struct

import cnengine.frame as cf
import cnengine.log
import pyarrow as pa
import pytest
from cnengine import _core, errors, feature, stream
from hypothesis import given, settings
from hypothesis import strategies as st

TIME = pa.timestamp("ms", "UTC")
VALUES = pa.schema({"value": pa.binary()})
EXTREMES = [0, 1, -1, 2**31, 2**40, 2**51, 2**62, 2**63 - 1, -(2**63)]
SCHEMA = {"k": "utf8", "t": "int64", "v": "float64", "s": "utf8"}
N = 60


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    with cnengine.log.open(tmp_path_factory.mktemp("log"), fsync="none") as opened:
        fill(opened, "events", 3)
        fill(opened, "others", 1)
        yield opened


def fill(log, topic, partitions):
    rng = __import__("random").Random(topic)
    log.create_topic(topic, partitions)
    at = [1000 + 7 * i + rng.randrange(5) for i in range(N)]
    table = pa.table({
        "k": [rng.choice(["a", "b", None, "long key number " + str(i)]) for i in range(N)],
        "t": [t + rng.randrange(-60, 10) for t in at],
        "v": [rng.uniform(-1, 1) for _ in at],
        "s": [rng.choice(["x", "text", None]) for _ in at],
        "at": pa.array(at, pa.timestamp("ms", "UTC")),
    })  # fmt: skip
    log.produce(topic, table, key="t", timestamp="at", value=list(SCHEMA))


def outputs(log):
    """One of each operator, with states that own memory, revisions, filters and late records."""
    make = {"schema": SCHEMA, "event_time": "t"}
    events = stream.from_topic(log, "events", watermark=15, idle_timeout=40, **make)
    others = stream.from_topic(log, "others", watermark=5, **make)
    aggregates = [cf.mean("v"), cf.stddev("v").alias("sd"), cf.count(), cf.last("s").alias("ls"),
                  cf.min("s").alias("lo"), cf.sum("t").alias("sum")]  # fmt: skip
    by_key = events.group_by("k")
    return [
        by_key.window(stream.sliding(70, 20)).allowed_lateness(30).emit("clock").agg(*aggregates),
        by_key.window(stream.sliding(60, 20)).agg(*aggregates),
        others.group_by("k", "s").window(stream.session(12)).allowed_lateness(9).agg(*aggregates),
        others.filter(cf.col("v") > 0).group_by().window(stream.tumbling(30)).agg(*aggregates),
        by_key.agg(*aggregates),
    ]  # fmt: skip


def result(outs):
    return [table for out in outs for table in (out.changes(), out.late())]


def same(a, b):
    return all(x.combine_chunks().equals(y.combine_chunks()) for x, y in zip(a, b, strict=True))


def undisturbed(log):
    outs = [out.to() for out in outputs(log)]
    job = stream.Job(outs)
    job.run(2000)
    job.finish()
    assert job.metrics()["dropped"] > 3
    return result(outs), job.metrics()


def continued(log, directory, until=None, max_batch=None, finish=False):
    outs = [out.to() for out in outputs(log)]
    job = stream.Job(outs, checkpoint=directory)
    job.run(2000 if finish else until, max_batch=max_batch)
    if finish:
        job.finish()
    else:
        job.checkpoint()
    return result(outs), job.metrics()


def test_a_stop_after_every_record(log, tmp_path):
    """One job for each arrival time: each begins with the checkpoint of the one before."""
    expected, metrics = undisturbed(log)
    for at in range(1000, 1000 + 7 * N + 5, 2):
        continued(log, tmp_path, until=at, max_batch=1)
    got, got_metrics = continued(log, tmp_path, finish=True)
    assert same(got, expected)
    for name in ("records", "late", "dropped", "emitted", "clock_ms", "watermark_ms"):
        assert got_metrics[name] == metrics[name], name


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(995, 1440), max_size=4), st.sampled_from([1, 3, 100]))
def test_stops_anywhere(log, tmp_path_factory, stops, max_batch):
    directory = tmp_path_factory.mktemp("checkpoint")
    for at in sorted(stops):
        continued(log, directory, until=at, max_batch=max_batch)
    assert same(continued(log, directory, finish=True)[0], undisturbed(log)[0])


def in_a_process_that_dies(log, directory, action, at):
    """Runs a job in a child whose `at`-th change of a file kills it; whether it got to its end."""
    child = os.fork()
    if child == 0:
        try:
            beside = cnengine.log.open(log.path, read_only=True)
            job = stream.Job([out.to() for out in outputs(beside)], checkpoint=directory,
                             checkpoint_every=11)  # fmt: skip
            _core.log.testing.set_fault_plan(action, at)
            job.run(max_batch=4)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert status == 0 or os.WTERMSIG(status) == signal.SIGKILL
    return status == 0


@pytest.mark.parametrize(("action", "step"), [("kill", 1), ("killtear", 3)])
def test_kill_at_every_change_of_a_file(log, tmp_path, action, step):
    expected = undisturbed(log)[0]
    at, finished = 1, False
    while not finished:
        directory = tmp_path / str(at)
        finished = in_a_process_that_dies(log, directory, action, at)
        # The second run dies as well, somewhere else; the third one ends.
        in_a_process_that_dies(log, directory, action, 5 + at % 7)
        assert same(continued(log, directory, finish=True)[0], expected), at
        at += step
    assert at > 20


def test_a_failed_write_leaves_the_old_checkpoint(log, tmp_path):
    continued(log, tmp_path, until=1100)
    job = stream.Job([out.to() for out in outputs(log)], checkpoint=tmp_path)
    job.run(1200)
    for at in range(1, 4):
        _core.log.testing.set_fault_plan("tear", at)
        with pytest.raises(errors.IoError, match="checkpoint"):
            job.checkpoint()
        _core.log.testing.set_fault_plan(None)
        with pytest.raises(RuntimeError, match=r"an earlier call failed.*from the checkpoint"):
            job.run()
        del job
        job = stream.Job([out.to() for out in outputs(log)], checkpoint=tmp_path)
        assert job.metrics()["clock_ms"] == 1100
        job.run(1200)
    del job
    assert same(continued(log, tmp_path, finish=True)[0], undisturbed(log)[0])


def test_new_directories_are_synced_in_their_parents(log, tmp_path, monkeypatch):
    """The sync of each is an operation that can fail."""
    monkeypatch.chdir(tmp_path)
    for prefix in (f"{tmp_path}/", ""):
        synced = set()
        for at in range(1, 12):
            _core.log.testing.set_fault_plan("fail", at)
            try:
                stream.Job(outputs(log)[0].to(), checkpoint=f"{prefix}{at}/a/b")
            except errors.IoError as error:
                if str(error).startswith("sync: "):
                    synced.add(str(error).split('"')[1].replace(f"{prefix}{at}", "new"))
            finally:
                _core.log.testing.set_fault_plan(None)
            shutil.rmtree(tmp_path / str(at), ignore_errors=True)
        assert synced == {prefix.rstrip("/") or ".", "new", "new/a"}


def test_sinks_see_rows_since_the_checkpoint_again(log, tmp_path):
    def run(until, checkpoint):
        rows = []
        job = stream.Job([outputs(log)[0].to(rows.append)], checkpoint=tmp_path)
        job.run(until)
        if checkpoint:
            job.checkpoint()
        return [row for table in rows for row in table.to_pylist()]

    first = run(1150, True)
    lost = run(1300, False)
    again = run(1300, False)
    assert lost == again
    assert len(lost) > 10
    rows = []
    job = stream.Job([outputs(log)[0].to(rows.append)])
    job.run(1300)
    assert [row for table in rows for row in table.to_pylist()] == first + lost


def test_stores_are_synced_before_a_checkpoint(log, tmp_path):
    store = feature.open(tmp_path / "store", fsync="none")
    store.create_view("n", entities=["k"], schema={"count": "int64"})
    sink = store.sink("n", event_time="window_end", created="emitted_at")
    events = stream.from_topic(log, "events", schema=SCHEMA, event_time="t")
    counts = events.filter(cf.col("k") == "a").group_by("k").window(stream.tumbling(20))
    counts = counts.emit("clock").agg(cf.count())
    job = stream.Job([counts.to(sink)], checkpoint=tmp_path / "job")
    job.run(1100)
    assert job.metrics()["emitted"] > 0
    before = _core.log.testing.fault_operations()
    job.checkpoint()
    with_store = _core.log.testing.fault_operations() - before
    assert with_store > 0
    store.close()
    with pytest.raises(errors.StateError, match="sync"):
        job.checkpoint()
    assert (tmp_path / "job" / "checkpoint").exists()


@pytest.mark.parametrize(("every", "count"), [(11, 10), ("100ms", 4)])
def test_checkpoints_by_records_and_by_time(log, tmp_path, every, count):
    job = stream.Job([outputs(log)[1].to()], checkpoint=tmp_path, checkpoint_every=every)
    job.run(max_batch=1)
    assert job.metrics()["checkpoints"] in (count // 2, count // 2 + 1, count)
    assert job.metrics()["checkpoints"] >= 4 or every == 11


def damaged(data):
    yield b"", "is not a checkpoint"
    yield b"CNESTRM0" + data[8:], "is not a checkpoint"
    yield data[:-1], "expected a payload of"
    yield data + b"x", "expected a payload of"
    for at in range(24, len(data), max(1, len(data) // 40)):
        yield data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :], "the checksum does not match"


def test_a_damaged_checkpoint_is_refused(log, tmp_path):
    continued(log, tmp_path, until=1200)
    path = tmp_path / "checkpoint"
    data = path.read_bytes()
    assert data[:8] == b"CNESTRM1"
    for broken, reason in damaged(data):
        path.write_bytes(broken)
        with pytest.raises(errors.CorruptionError, match=reason) as caught:
            continued(log, tmp_path)
        assert str(path) in str(caught.value)
    path.write_bytes(data[:8] + struct.pack("<I", 9) + data[12:])
    with pytest.raises(NotImplementedError, match="format version 9"):
        continued(log, tmp_path)


def reseal(payload):
    """A checkpoint whose checksum is right: only the content is not."""
    crc = _core.stream.testing.crc32c(payload)
    return b"CNESTRM1" + struct.pack("<IIQ", 1, crc, len(payload)) + payload


def test_damage_behind_a_right_checksum(log, tmp_path):
    """The second net: whatever the payload is, the job refuses it or runs; it never crashes."""
    continued(log, tmp_path, until=1200)
    path = tmp_path / "checkpoint"
    payload = path.read_bytes()[24:]
    random = __import__("random").Random(7)
    refused = 0
    for _ in range(300):
        broken = bytearray(payload)
        for _ in range(random.randrange(1, 4)):
            at = random.randrange(len(broken) - 8)
            if random.random() < 0.5:
                broken[at] = random.randrange(256)
            else:
                broken[at : at + 8] = struct.pack("<q", random.choice(EXTREMES))
        if random.random() < 0.3:
            del broken[random.randrange(len(broken)) :]
        path.write_bytes(reseal(bytes(broken)))
        outs = [out.to() for out in outputs(log)]
        try:
            job = stream.Job(outs, checkpoint=tmp_path)
        except (errors.CorruptionError, errors.StateError):
            refused += 1
            continue
        with contextlib.suppress(errors.ArgumentError):  # a changed sum that does not fit
            job.run()
            job.finish()
        result(outs)
        job.close()
    assert 50 < refused < 290


def test_columns_of_every_type_are_kept(tmp_path):
    table = pa.table({
        "t": [1, 2, 3, 4], "b": [True, None, False, True],
        "l": [[1, None], [], None, [3, 4, 5]], "n": [[["a"], []], None, [["b", None]], []],
        "s": [{"x": 1, "y": "u"}, None, {"x": None, "y": "v"}, {"x": 4, "y": None}],
        "d": pa.array([b"\xff", b"", None, b"z"]), "at": pa.array([1, 2, None, 4], TIME),
    })  # fmt: skip
    source = stream.from_arrow(table, event_time="t")
    with stream.Job(source.to(), checkpoint=tmp_path) as job:
        job.run(1, max_batch=1)
        job.checkpoint()
    for until in (3, 4):
        out = source.to()
        with stream.Job(out, checkpoint=tmp_path) as job:
            job.run(until, max_batch=2)
            job.checkpoint()
    assert out.changes().to_pylist() == table.to_pylist()


@pytest.mark.parametrize("left", [0, 2])
def test_a_log_that_lost_records_that_were_read(tmp_path, left):
    def job(directory):
        with cnengine.log.open(tmp_path / directory, fsync="none") as log:
            job = stream.Job(stream.from_topic(log, "events").to(), checkpoint=tmp_path / "job")
            with job:
                job.run()
                job.checkpoint()

    for directory, count in (("whole", 3), ("lost", left)):
        with cnengine.log.open(tmp_path / directory, fsync="none") as log:
            log.create_topic("events")
            log.produce("events", pa.table({"value": [b"x"] * count}, VALUES))
    job("whole")
    text = rf"goes on at offset 3 of partition 0, .* from 0 to {left} now: some that were read are"
    with pytest.raises(errors.StateError, match=text):
        job("lost")
    job("whole")


def test_the_log_is_synced_before_a_checkpoint(tmp_path):
    """Where it is open for writing, closed, and open for reading only."""

    def operations(job):
        before = _core.log.testing.fault_operations()
        job.checkpoint()
        return _core.log.testing.fault_operations() - before

    log = cnengine.log.open(tmp_path / "log", fsync="none")
    for name in ("events", "others"):
        log.create_topic(name, 2)
        log.produce(name, pa.table({"k": list(range(20))}), key="k")
    job = stream.Job(stream.from_topic(log, "events").to([].append), checkpoint=tmp_path / "job")
    job.run()
    two_syncs, none = operations(job), operations(job)
    assert two_syncs == none + 2
    log.produce("events", pa.table({"k": [3]}), key="k")
    job.run()
    kept = (tmp_path / "job" / "checkpoint").read_bytes()
    _core.log.testing.set_fault_plan("fail", 1)
    with pytest.raises(errors.IoError, match="events"):
        job.checkpoint()
    _core.log.testing.set_fault_plan(None)
    assert (tmp_path / "job" / "checkpoint").read_bytes() == kept
    log.close()
    with cnengine.log.open(tmp_path / "log", read_only=True) as log:
        plan = stream.from_topic(log, "events").to([].append)
        job.close()
        job = stream.Job(plan, checkpoint=tmp_path / "job")
        job.run()
        assert operations(job) == none
    assert operations(job) == none
    assert job.metrics()["records"] == 21


def test_a_log_that_deleted_records_that_were_not_read(tmp_path):
    with cnengine.log.open(tmp_path / "log", fsync="none") as log:
        log.create_topic("events", segment_bytes=1024, retention_bytes=2000)
        stream.Job(stream.from_topic(log, "events").to(), checkpoint=tmp_path / "job").checkpoint()
        for _ in range(9):
            log.produce("events", pa.table({"value": [os.urandom(1000)]}))
        log.enforce_retention()
        with pytest.raises(errors.StateError, match=r"goes on at offset 0 .*some were deleted"):
            stream.Job(stream.from_topic(log, "events").to(), checkpoint=tmp_path / "job")


def test_a_checkpoint_of_another_job(log, tmp_path):
    continued(log, tmp_path, until=1200)
    with pytest.raises(RuntimeError, match=r"is of another job:\n(.|\n)*sliding"):
        stream.Job([outputs(log)[0].to()], checkpoint=tmp_path)


READ = {"schema": SCHEMA, "event_time": "t", "watermark": 15, "idle_timeout": 40}
AGGREGATES = (cf.mean("v"), cf.count().alias("n"))


def plan(log, change=None, value=None):
    """A plan with one of its settings changed."""
    set_to = {"topic": "events", "with": cf.col("v") * 2.0, "where": cf.col("v") > 0.1,
              "keys": ("k", "s"), "window": stream.sliding(70, 20, offset=3), "lateness": 30,
              "emit": "clock", "agg": AGGREGATES, **READ, change: value}  # fmt: skip
    source = stream.from_topic(log, set_to["topic"], on_error=set_to.get("on_error", "fail"), **{
        name: set_to[name] for name in (*READ, "key", "timestamp") if name in set_to})  # fmt: skip
    grouped = source.with_columns(w=set_to["with"]).filter(set_to["where"])
    grouped = grouped.group_by(*set_to["keys"]).allowed_lateness(set_to["lateness"])
    if set_to["window"] is not None:
        grouped = grouped.window(set_to["window"])
    return grouped.emit(set_to["emit"]).agg(*set_to["agg"])


TEXT = "x" * 50
CHANGES = [
    ("topic", "copy"), ("schema", {**SCHEMA, "v": "float32"}), ("schema", {**SCHEMA, "x": "bool"}),
    ("schema", dict(reversed(SCHEMA.items()))), ("event_time", None), ("watermark", 16),
    ("idle_timeout", 41), ("idle_timeout", None), ("on_error", "skip"), ("key", "k"),
    ("key", "t"), ("with", cf.col("v") * 2), ("with", cf.col("v") * 2.0000000001),
    ("with", cf.lit(2.0) * cf.col("v")), ("where", cf.col("v") >= 0.1),
    ("where", cf.col("v").is_in([0.1, 1, 2, 3, 4, 5.5])),
    ("where", cf.col("v").is_in([0.1, 1, 2, 3, 4, 6])), ("where", cf.col("s") == TEXT + "a"),
    ("where", cf.col("s") == TEXT + "b"), ("where", cf.col("v").cast("float32") > 0.1),
    ("keys", ("s", "k")), ("keys", ("k",)), ("keys", ()), ("window", stream.sliding(80, 20, offset=3)),
    ("window", stream.sliding(70, 10, offset=3)), ("window", stream.sliding(70, 20)),
    ("window", stream.tumbling(70)), ("window", stream.session(70)), ("window", stream.session(71)),
    ("window", None), ("lateness", 31), ("emit", "watermark"), ("agg", AGGREGATES[:1]),
    ("agg", AGGREGATES[::-1]), ("agg", (cf.sum("v"), AGGREGATES[1])),
    ("agg", (cf.mean("w").alias("v"), AGGREGATES[1])),
    ("agg", (AGGREGATES[0], cf.count("v").alias("n"))),
    ("agg", (AGGREGATES[0], cf.count().alias("m"))),
]  # fmt: skip


def test_every_setting_is_part_of_the_plan(log, tmp_path):
    """A checkpoint of any plan is refused by any other, as what it is: not as damage."""
    if "copy" not in log.topics():
        fill(log, "copy", 3)
    stamped = {**SCHEMA, "at": "timestamp[ms, UTC]"}
    log_plans = [plan(log), *(plan(log, *change) for change in CHANGES),
                 *(stream.from_topic(log, "events", schema=stamped, timestamp=name)
                   for name in (None, "at")),
                 stream.from_topic(log, "events"),
                 stream.from_topic(log, "events", schema={
                     "key": "binary", "value": "binary", "timestamp": "timestamp[ms, UTC]",
                     "offset": "int64"})]  # fmt: skip
    table = pa.table({"t": [1], "a": [2], "a b": [3], 'a" "b': [4], "b": [5]})
    make = {"event_time": "t", "arrival_time": "a", "watermark": 1}
    table_plans = [stream.from_arrow(table, **{**make, **change}) for change in (
        {}, {"event_time": "a"}, {"arrival_time": None}, {"arrival_time": "b"}, {"watermark": 2},
    )]  # fmt: skip
    table_plans.append(stream.from_arrow(table.select(["t", "a"]), **make))
    table_plans += [table_plans[0].group_by(*keys).agg(cf.count().alias("n"))
                    for keys in (("a", "b"), ("a b",), ('a" "b',))]  # fmt: skip
    plans = log_plans + table_plans
    for i, one in enumerate(plans):
        with stream.Job(one.to(), checkpoint=tmp_path / str(i)) as job:
            job.checkpoint()
        stream.Job(one.to(), checkpoint=tmp_path / str(i)).close()
    for i, one in enumerate(plans):
        for j in range(len(plans)):
            if i != j and min(i, j) in (0, i - 1, j - 1):
                with pytest.raises(errors.StateError, match="is of another job"):
                    stream.Job(one.to(), checkpoint=tmp_path / str(j))


def test_a_plan_made_again_is_the_same(log, tmp_path):
    with stream.Job(plan(log).to(), checkpoint=tmp_path) as job:
        job.checkpoint()
    for _ in range(2):
        stream.Job(plan(log).to(), checkpoint=tmp_path).close()


def test_sharing_of_sources_is_part_of_the_plan(log, tmp_path):
    one, other = (stream.from_topic(log, "events") for _ in range(2))
    with stream.Job([one.to(), one.to()], checkpoint=tmp_path) as job:
        job.checkpoint()
    with pytest.raises(errors.StateError, match="is of another job"):
        stream.Job([one.to(), other.to()], checkpoint=tmp_path)


def test_what_is_kept_is_part_of_the_plan(log, tmp_path):
    """Rows that are kept are in the checkpoint; where rows go that are not kept is not."""
    one = plan(log)
    ways = [one.to, lambda: one.to(print), lambda: stream.Output(one._native, [print], [], True)]
    for i, way in enumerate(ways):
        with stream.Job(way(), checkpoint=tmp_path / str(i)) as job:
            job.run()
            job.checkpoint()
        for j, other in enumerate(ways):
            if i == j:
                stream.Job(other(), checkpoint=tmp_path / str(i)).close()
                continue
            with pytest.raises(errors.StateError, match=r"is of another job:\n(.|\n)*kept:"):
                stream.Job(other(), checkpoint=tmp_path / str(i))
    stream.Job(one.to([].append, print, late=[print]), checkpoint=tmp_path / "1").close()


def test_one_job_a_directory(log, tmp_path):
    job = stream.Job([outputs(log)[0].to()], checkpoint=tmp_path)
    with pytest.raises(errors.LockedError, match="Job"):
        stream.Job([outputs(log)[0].to()], checkpoint=tmp_path)
    del job
    stream.Job([outputs(log)[0].to()], checkpoint=tmp_path)
    with pytest.raises(ValueError, match="expected checkpoint_every to be positive"):
        stream.Job([outputs(log)[0].to()], checkpoint=tmp_path / "b", checkpoint_every=0)
