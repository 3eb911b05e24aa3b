"""Topics are deleted, grown and altered; at every failure the old or the new state is there."""

import re

import cnengine.errors as errors
import cnengine.log as cnlog
import pyarrow as pa
import pytest
from cnengine._core import log as native

testing = native.testing


@pytest.fixture(autouse=True)
def no_faults():
    yield
    testing.set_fault_plan(None)


@pytest.fixture
def log(tmp_path):
    with cnlog.open(tmp_path / "log", fsync="none") as opened:
        yield opened


def produce(log, topic: str = "t", *values: str) -> None:
    log.produce(topic, pa.table({"value": list(values) or ["x"]}))


def test_settings_by_kafka_s_names(log, tmp_path):
    config = {
        "cleanup.policy": "compact, delete", "retention.ms": 5000, "fsync": "always",
        "message.timestamp.type": "LogAppendTime", "compression.type": "zstd",
        "min.cleanable.dirty.ratio": 0.25, "preallocate": True,
    }  # fmt: skip
    log.create_topic("t", config=config)
    want = {
        "cleanup.policy": "compact,delete", "retention.ms": "5000", "fsync": "always",
        "message.timestamp.type": "LogAppendTime", "compression.type": "zstd",
        "min.cleanable.dirty.ratio": "0.25", "preallocate": "true",
    }  # fmt: skip

    def check(opened, topic="t"):
        got = opened.topic_config(topic)
        assert {name: got[name] for name in want} == want
        assert got["max.message.bytes"] == "1048588"
        own = {name for name, _, is_set in opened._store.topic_settings(topic) if is_set}
        assert own == {*want, "segment.bytes", "retention.bytes"}

    check(log)
    log.close()
    with cnlog.open(tmp_path / "log", read_only=True) as again:
        check(again)


@pytest.mark.parametrize("text", ["compact,delete", "delete,compact", "compact", "delete"])
def test_a_cleanup_policy_reads_as_it_was_written(log, tmp_path, text):
    log.create_topic("t", config={"cleanup.policy": text})
    assert log.topic_config("t")["cleanup.policy"] == text
    log.close()
    with cnlog.open(tmp_path / "log", read_only=True) as again:
        assert again.topic_config("t")["cleanup.policy"] == text


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"retention.msec": 1}, 'no setting "retention.msec"; did you mean "retention.ms"?'),
        ({"cleanup.policy": "remove"}, "cleanup.policy to be delete, compact or both"),
        ({"retention.ms": "soon"}, 'retention.ms to be a number of at least -1, got "soon"'),
        ({"retention.ms": "12x"}, 'got "12x"'),
        ({"max.message.bytes": 2**31}, "max.message.bytes to be a number"),
        ({"min.cleanable.dirty.ratio": 1.5}, "a number from 0 to 1"),
        ({"min.cleanable.dirty.ratio": "nan"}, "a number from 0 to 1"),
        ({"preallocate": "yes"}, "true or false"),
        ({"fsync": "often"}, "always, interval or none"),
        ({"compression.type": "brotli"}, "producer, uncompressed, gzip"),
    ],
)
def test_bad_settings(log, config, text):
    with pytest.raises(errors.ArgumentError, match="create_topic: .*" + re.escape(text)):
        log.create_topic("t", config=config)
    assert log.topics() == []
    log.create_topic("t")
    before = log.topic_config("t")
    with pytest.raises(errors.ArgumentError, match="alter_topic: .*" + re.escape(text)):
        log.alter_topic("t", {"retention.bytes": 77} | config)
    assert log.topic_config("t") == before


def test_settings_follow_the_default_again(log, tmp_path):
    log.create_topic("t", config={"max.message.bytes": 9})
    log.alter_topic("t", {"max.message.bytes": None, "retention.ms": 7})
    assert log.topic_config("t")["max.message.bytes"] == "1048588"
    log.close()
    with cnlog.open(tmp_path / "log") as again:
        assert again.topic_config("t")["max.message.bytes"] == "1048588"
        assert again.topic_config("t")["retention.ms"] == "7"


def test_a_setting_acts_at_once(log):
    log.create_topic("t")
    produce(log)
    log.alter_topic("t", {"segment.bytes": 1024})
    for _ in range(20):
        produce(log, "t", "x" * 500)
    assert log.enforce_retention() == 0
    log.alter_topic("t", {"retention.bytes": 1000})
    assert log.enforce_retention() > 5


def test_descriptions_of_the_first_format_open(tmp_path):
    with cnlog.open(tmp_path) as log:
        log.create_topic("t", partitions=2)
        produce(log)
    text = (
        "cnengine topic 1\npartitions=2\nsegment_bytes=5000\nretention_ms=-1\nretention_bytes=9\n"
    )
    text += f"crc32c={native_crc(text.encode()):08x}\n"
    file = tmp_path / "topics" / "t" / "topic.config"
    file.write_text(text)
    with cnlog.open(tmp_path, read_only=True) as log:
        assert log._store.topic_id("t") == "0" * 32
    assert file.read_text() == text
    with cnlog.open(tmp_path) as log:
        assert log.partitions("t") == 2
        assert sum(log.end_offset("t", p) for p in range(2)) == 1
        got = log.topic_config("t")
        assert (got["segment.bytes"], got["retention.ms"], got["retention.bytes"]) == (
            "5000", "-1", "9")  # fmt: skip
        number = log._store.topic_id("t")
        assert re.fullmatch("[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}", number)
    with cnlog.open(tmp_path) as log:
        assert log._store.topic_id("t") == number


def native_crc(data: bytes) -> int:
    from cnengine._core import stream

    return stream.testing.crc32c(data)


def test_ids_tell_a_topic_from_its_successor(log):
    log.create_topic("t")
    produce(log)
    first = log._store.topic_id("t")
    log.delete_topic("t")
    with pytest.raises(errors.NotFoundError, match='no topic "t"'):
        log.read("t")
    with pytest.raises(errors.NotFoundError):
        log.delete_topic("t")
    log.create_topic("t")
    assert log._store.topic_id("t") != first
    assert log.end_offset("t") == 0


def test_partitions_are_added(log, tmp_path):
    log.create_topic("t", partitions=2, config={"retention.ms": 5})
    produce(log)
    number = log._store.topic_id("t")
    for count in (1, 2):
        with pytest.raises(errors.ArgumentError, match="has 2 partitions, expected more"):
            log.add_partitions("t", count)
    with pytest.raises(errors.ArgumentError, match="from 1 to 10000"):
        log.add_partitions("t", 10_001)
    log.add_partitions("t", 5)
    log.produce("t", pa.table({"k": list(range(100)), "value": ["v"] * 100}), key="k")
    sizes = [log.end_offset("t", p) for p in range(5)]
    assert min(sizes) > 0
    log.close()
    with cnlog.open(tmp_path / "log") as again:
        assert [again.end_offset("t", p) for p in range(5)] == sizes
        assert again._store.topic_id("t") == number
        assert again.topic_config("t")["retention.ms"] == "5"


ACTIONS = {
    "delete": lambda log: log.delete_topic("t"),
    "add": lambda log: log.add_partitions("t", 4),
    "alter": lambda log: log.alter_topic("t", {"retention.ms": 9}),
    "create": lambda log: log.create_topic("new", partitions=3),
}


def state(log) -> dict:
    return {t: (log.partitions(t), log.topic_config(t)["retention.ms"]) for t in log.topics()}


@pytest.mark.parametrize("action", ["fail", "tear"])
@pytest.mark.parametrize("what", sorted(ACTIONS))
def test_a_failure_at_every_operation(tmp_path, what, action):
    at = 0
    failed = True
    while failed:
        at += 1
        path = tmp_path / f"{at}"
        with cnlog.open(path, fsync="none") as log:
            log.create_topic("t", partitions=2)
            produce(log)
            before = state(log)
            testing.set_fault_plan(action, at)
            failed = False
            try:
                ACTIONS[what](log)
            except errors.IoError:
                failed = True
            testing.set_fault_plan(None)
            during = state(log)
            for topic in log.topics():
                produce(log, topic)
        with cnlog.open(path) as log:
            after = state(log)
            ends = {t: sum(log.end_offset(t, p) for p in range(log.partitions(t))) for t in after}
            assert ends.get("t", 2) == 2
            assert not list(path.rglob("*~*"))
        if not failed:
            assert during == after != before
        else:
            assert during in (before, after)
    assert at > 2


def test_records_are_deleted_for_good(tmp_path):
    with cnlog.open(tmp_path) as log:
        log.create_topic("t", segment_bytes=1024)
        for i in range(30):
            produce(log, "t", f"{i}" * 100)
        assert log.delete_records("t", 17) == 17
        assert log.delete_records("t", 5) == 17
        for bad in (-1, 31):
            with pytest.raises(errors.ArgumentError, match="out of range, expected 0 to 30"):
                log.delete_records("t", bad)
        log.enforce_retention()
        assert log.start_offset("t") == 17
        with pytest.raises(errors.ArgumentError, match="expected 17 to 30"):
            log.read("t", offset=16)
        assert testing.view(log._store, "t", 0, 16)["fault"] == "out_of_range"
        assert log.read("t", offset=17)["offset"].to_pylist()[0] == 17
        first = min(int(f.stem) for f in tmp_path.rglob("*.log"))
        assert 0 < first <= 17
    with cnlog.open(tmp_path, read_only=True) as log:
        assert log.start_offset("t") == 17
    with cnlog.open(tmp_path) as log:
        assert log.start_offset("t") == 17
        assert log.delete_records("t", 30) == 30
        log.enforce_retention()
        assert (log.start_offset("t"), log.end_offset("t")) == (30, 30)
        assert sum(f.stat().st_size for f in tmp_path.rglob("*.log")) == 0
        produce(log)
        assert log.read("t", offset=30).num_rows == 1
    with cnlog.open(tmp_path) as log:
        assert (log.start_offset("t"), log.end_offset("t")) == (30, 31)


@pytest.mark.parametrize("action", ["fail", "tear"])
def test_a_failure_at_every_operation_of_a_deletion_of_records(tmp_path, action):
    for at in range(1, 12):
        path = tmp_path / f"{at}"
        with cnlog.open(path, fsync="none") as log:
            log.create_topic("t", segment_bytes=1024)
            for i in range(10):
                produce(log, "t", f"{i}" * 300)
            testing.set_fault_plan(action, at)
            try:
                log.delete_records("t", 7)
                log.enforce_retention()
            except errors.IoError:
                pass
            testing.set_fault_plan(None)
            start = log.start_offset("t")
            assert start in (0, 7)
        with cnlog.open(path) as log:
            assert log.start_offset("t") == start or log.start_offset("t") == 7
            got = log.read("t", offset=log.start_offset("t"))
            assert got["offset"].to_pylist() == list(range(log.start_offset("t"), 10))


def test_damage_of_a_partition_s_state_is_named(tmp_path):
    with cnlog.open(tmp_path) as log:
        log.create_topic("t")
        produce(log, "t", "a", "b")
        log.delete_records("t", 1)
    (file,) = tmp_path.rglob("partition.state")
    text = file.read_bytes()
    for at in range(len(text)):
        file.write_bytes(text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :])
        with pytest.raises(errors.CorruptionError, match=re.escape(f'"{file}"')):
            cnlog.open(tmp_path)
    with cnlog.open(tmp_path, repair=True) as log:
        assert [note["file"] for note in log.recovery] == [str(file)]
        assert log.start_offset("t") == 0
