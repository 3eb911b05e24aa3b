"""Producers: one suite for a log of this process and for one behind a broker."""

import contextlib
import datetime
import threading

import cnengine.errors
import cnengine.log
import pyarrow as pa
import pytest

TIME_MS = 1_700_000_000_123
HEADERS = (("a", b"1"), ("a", b"2"), ("empty", b""), ("null", None))


def stored(log, topic, partition=0):
    """Rows of a partition as the log itself reads them."""
    table = log.read(topic, partition, log.start_offset(topic, partition), 1 << 24)
    return table.to_pylist()


def murmur2(data: bytes) -> int:
    """Kafka's hash of keys, after its specification: 32 bits, seed 0x9747b28c."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    if rest := data[whole:]:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def test_a_record_arrives_as_it_was_sent(either, served):
    either.create_topic("t")
    with either.producer() as producer:
        first = producer.send("t", b"v", b"k", TIME_MS, HEADERS)
        at = datetime.datetime(2023, 11, 14, 22, 13, 20, 123_000)
        producer.send("t", "text", "schlüssel", at, {"name": "wert"})
        producer.send("t", None, bytearray(b"k"), TIME_MS)
        last = producer.send("t", memoryview(b""), None, TIME_MS)
        assert first.result(20) == (0, 0)
        assert last.result(20) == cnengine.log.Placed(partition=0, offset=3)
        assert first.exception() is None
        assert first.done()
    rows = stored(served[0], "t")
    assert [round(row["timestamp"].timestamp() * 1000) for row in rows] == [TIME_MS] * 4
    got = [
        (row["key"], row["value"], [(h["key"], h["value"]) for h in row["headers"]]) for row in rows
    ]
    assert got == [
        (b"k", b"v", list(HEADERS)),
        ("schlüssel".encode(), b"text", [("name", b"wert")]),
        (b"k", None, []),
        (None, b"", []),
    ]


def test_keys_go_where_kafka_puts_them(either, served):
    either.create_topic("t", partitions=7)
    keys = [b"", b"a", "ü".encode(), b"abcd", b"abcde", bytes(range(256)), *(b"%d" % i for i in range(50))]  # fmt: skip
    with either.producer() as producer:
        placed = [producer.send("t", key, key) for key in keys]
        partitions = [each.result(20).partition for each in placed]
    # An empty key counts as one, as it does in Kafka's own producer.
    assert partitions == [(murmur2(key) & 0x7FFFFFFF) % 7 for key in keys]


def test_murmur2_of_the_test_agrees_with_anothers():
    other = pytest.importorskip("kafka.partitioner.default").murmur2
    for key in (b"", b"a", b"ab", b"abc", b"abcd", bytes(range(256))):
        assert murmur2(key) == other(key) & 0xFFFFFFFF


def test_a_given_partition_and_no_key(either, served):
    either.create_topic("t", partitions=3)
    with either.producer() as producer:
        placed = [producer.send("t", b"v", b"same", partition=i % 3) for i in range(30)]
        assert [each.result(20).partition for each in placed] == [i % 3 for i in range(30)]
        for i in range(1000):
            producer.send("t", b"%d" % i)
        assert producer.flush(20) == 0
        assert producer.sent == 1030
        assert producer.failed == 0
    assert sum(served[0].end_offset("t", p) for p in range(3)) == 1030


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_compression(either, served, codec):
    either.create_topic("t")
    values = [b"value %d " % i * 20 for i in range(500)]
    with either.producer(compression=codec, linger_ms=50) as producer:
        for value in values:
            producer.send("t", value)
    assert [row["value"] for row in stored(served[0], "t")] == values
    log = served[0]
    log.flush()
    size = sum(p.stat().st_size for p in (cnengine_path(log) / "t").rglob("*.log"))
    assert 0 < size < sum(map(len, values)) / 2


def cnengine_path(log):
    from pathlib import Path

    found = [p for p in Path(log.path).rglob("*") if p.is_dir() and p.name.split("-")[0] == "t"]
    return min(found, key=lambda p: len(p.parts)).parent if found else Path(log.path)


def test_callbacks_come_once_each_and_their_errors_harm_nobody(either, caplog):
    either.create_topic("t")
    seen, threads = [], set()

    def note(delivery):
        threads.add(threading.get_ident())
        seen.append(delivery.result(0).offset)
        raise RuntimeError("of the callback")

    with either.producer() as producer:
        for i in range(100):
            producer.send("t", b"%d" % i, callback=note)
        late = producer.send("t", b"late")
        late.result(20)
        late.add_done_callback(lambda delivery: seen.append(delivery.result(0).offset))
    assert sorted(seen) == list(range(101))
    assert "of the callback" in caplog.text


def test_tables(either, served):
    either.create_topic("t", partitions=2)
    table = pa.table({"k": ["a", "b", None] * 50, "n": list(range(150))})
    with either.producer(compression="zstd") as producer:
        producer.send("t", b"before", partition=0)
        ranges = producer.send_table("t", table, key="k", value=["n"])
    rows = [row for p in range(2) for row in stored(served[0], "t", p)]
    assert rows[0]["value"] == b"before"
    values = sorted(row["value"] for row in rows if row["value"] != b"before")
    assert values == sorted(b'{"n":%d}' % n for n in range(150))
    assert sum(len(each) for each in ranges.values()) == 150
    for row in rows:
        if row["key"] is not None:
            where = {p for p in range(2) if row in stored(served[0], "t", p)}
            assert where == {(murmur2(row["key"]) & 0x7FFFFFFF) % 2}


def test_refusals(either):
    either.create_topic("small", config={"max.message.bytes": 1000})
    with either.producer() as producer:
        with pytest.raises(cnengine.errors.Error):
            # A remote log says it by the delivery.
            producer.send("none", b"v", partition=0).result(60)
        large = producer.send("small", b"x" * 5000)
        assert isinstance(large.exception(20), cnengine.errors.ArgumentError)
        with pytest.raises(cnengine.errors.ArgumentError):
            large.result()
        assert producer.failed >= 1
        for bad in ({"value": 1}, {"value": b"", "key": 1.5}):
            with pytest.raises(cnengine.errors.TypeError):
                producer.send("small", **bad)
        with pytest.raises((cnengine.errors.TypeError, TypeError)):
            producer.send("small", b"", headers=[("name", 7)])
        with pytest.raises(cnengine.errors.Error):
            producer.send("small", b"", partition=-1)
        assert producer.send("small", b"fits").result(20).offset == 0
    assert producer.closed
    with pytest.raises(cnengine.errors.StateError, match="closed"):
        producer.send("small", b"late")
    producer.close()


@pytest.mark.parametrize(
    "options", [{"compression": "rle"}, {"linger_ms": -1}, {"batch_bytes": 0}], ids=str
)
def test_bad_options(either, options):
    with pytest.raises(cnengine.errors.ArgumentError):
        either.producer(**options)


def test_threads_share_a_producer(either, served):
    either.create_topic("t")
    with either.producer(buffer_bytes=1 << 20) as producer:

        def work(name):
            for i in range(500):
                producer.send("t", f"{name} {i}", name, partition=0)

        threads = [threading.Thread(target=work, args=(f"thread {n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    rows = stored(served[0], "t")
    assert len(rows) == 2000
    for n in range(4):
        mine = [row["value"].decode() for row in rows if row["key"] == f"thread {n}".encode()]
        assert mine == [f"thread {n} {i}" for i in range(500)]


def test_a_full_buffer_waits(either, served):
    either.create_topic("t")
    with either.producer(buffer_bytes=64 << 10, batch_bytes=16 << 10) as producer:
        for _ in range(400):
            producer.send("t", b"x" * 1000)
    assert served[0].end_offset("t") == 400


def test_closing_the_log_writes_what_was_sent(served):
    log, broker = served
    log.create_topic("t")
    pytest.importorskip("confluent_kafka")
    remote = cnengine.log.connect(f"kafka://{broker.bootstrap}")
    producer = remote.producer(linger_ms=1000)
    delivery = producer.send("t", b"v")
    remote.close()
    assert delivery.result(0) == (0, 0)
    assert producer.closed
    assert remote.closed
    with pytest.raises(cnengine.errors.StateError, match="closed"):
        remote.producer()


def test_what_is_not_there_is_named(either):
    either.create_topic("t")
    with either.producer() as producer:
        for topic, partition, says in (
            ("t", 7, 'send: topic "t" has no partition 7'),
            ("nope", None, 'send: no topic "nope"'),
        ):
            with pytest.raises(cnengine.errors.NotFoundError, match=says):
                producer.send(topic, "v", partition=partition).result(20)
    with pytest.raises(cnengine.errors.NotFoundError, match='no topic "nope"'):
        either.consumer("nope")


def test_a_topic_that_comes_and_goes_under_a_producer(tmp_path):
    """Each record is taken or refused, whatever the moment at which its topic is there."""
    with cnengine.log.open(tmp_path / "log", fsync="none") as log, log.producer() as producer:
        ends = threading.Event()

        def send():
            while not ends.is_set():
                with contextlib.suppress(cnengine.errors.NotFoundError):
                    producer.send("t", b"v", key=b"k")

        threads = [threading.Thread(target=send) for _ in range(2)]
        for thread in threads:
            thread.start()
        for i in range(300):
            log.create_topic("t", partitions=1 + i % 5)
            log.delete_topic("t")
        ends.set()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
