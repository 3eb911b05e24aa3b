"""Real clients: produce and consume with every codec, keys, headers and times; admin."""

import asyncio
import shutil
import subprocess

import pytest

confluent = pytest.importorskip("confluent_kafka")
from confluent_kafka.admin import AdminClient, NewTopic  # noqa: E402

TIME_MS = 1_700_000_000_123
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
HEADERS = [("a", b"1"), ("a", b"2"), ("empty", b""), ("null", None)]


def messages(count):
    return [(b"k%d" % (i % 7) if i % 5 else None, b"value %d" % i * (i % 50)) for i in range(count)]


def consume_confluent(bootstrap, topic, partitions, count, **config):
    consumer = confluent.Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "none", "enable.auto.commit": False,
         "auto.offset.reset": "earliest", **config}
    )  # fmt: skip
    consumer.assign([confluent.TopicPartition(topic, p, 0) for p in range(partitions)])
    out = []
    while len(out) < count:
        message = consumer.poll(20)
        assert message is not None
        assert message.error() is None
        out.append(message)
    consumer.close()
    return out


@pytest.mark.parametrize("codec", CODECS)
def test_confluent_kafka(broker, store, codec):
    store.create_topic("t", partitions=3)
    sent = messages(500)
    reports = []
    producer = confluent.Producer(
        {"bootstrap.servers": broker.bootstrap, "compression.type": codec, "linger.ms": 20}
    )
    for key, value in sent:
        producer.produce("t", value, key, timestamp=TIME_MS, headers=HEADERS,
                         on_delivery=lambda error, m: reports.append((error, m)))  # fmt: skip
    assert producer.flush(30) == 0
    assert [error for error, _ in reports] == [None] * 500
    got = consume_confluent(broker.bootstrap, "t", 3, 500)
    assert sorted((m.key() or b"", m.value()) for m in got) == sorted(
        (k or b"", v) for k, v in sent
    )
    assert {m.timestamp() for m in got} == {(confluent.TIMESTAMP_CREATE_TIME, TIME_MS)}
    assert all(m.headers() == HEADERS for m in got)
    where = {(m.partition(), m.offset()): m.value() for m in got}
    assert {(m.partition(), m.offset()): m.value() for _, m in reports} == where
    # The log itself reads the same.
    rows = [row for p in range(3) for row in store.read("t", p)["value"].to_pylist()]
    assert sorted(rows) == sorted(value for _, value in sent)


@pytest.mark.parametrize("codec", CODECS)
def test_kafka_python(broker, store, codec):
    kafka = pytest.importorskip("kafka")
    store.create_topic("t", partitions=3)
    sent = messages(300)
    producer = kafka.KafkaProducer(
        bootstrap_servers=broker.bootstrap, compression_type=None if codec == "none" else codec
    )
    futures = [producer.send("t", value=v, key=k, timestamp_ms=TIME_MS, headers=HEADERS[:3])
               for k, v in sent]  # fmt: skip
    producer.flush()
    offsets = [future.get(20) for future in futures]
    producer.close()
    consumer = kafka.KafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest")
    consumer.assign([kafka.TopicPartition("t", p) for p in range(3)])
    got = []
    while len(got) < len(sent):
        for records in consumer.poll(20_000).values():
            got += records
    consumer.close()
    assert sorted((m.key or b"", m.value) for m in got) == sorted((k or b"", v) for k, v in sent)
    assert {m.timestamp for m in got} == {TIME_MS}
    assert {(m.partition, m.offset): m.value for m in got} == {
        (meta.partition, meta.offset): v for meta, (_, v) in zip(offsets, sent, strict=True)
    }


def test_aiokafka(broker, store):
    aiokafka = pytest.importorskip("aiokafka")
    store.create_topic("t", partitions=3)
    sent = messages(300)

    async def run():
        async with aiokafka.AIOKafkaProducer(bootstrap_servers=broker.bootstrap) as producer:
            for key, value in sent:
                await producer.send("t", value=value, key=key, timestamp_ms=TIME_MS)
        consumer = aiokafka.AIOKafkaConsumer(
            bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest"
        )
        consumer.assign([aiokafka.TopicPartition("t", p) for p in range(3)])
        async with consumer:
            return [await asyncio.wait_for(consumer.getone(), 20) for _ in sent]

    got = asyncio.run(run())
    assert sorted((m.key or b"", m.value) for m in got) == sorted((k or b"", v) for k, v in sent)


@pytest.mark.skipif(shutil.which("kcat") is None, reason="no kcat on this machine")
@pytest.mark.parametrize("codec", CODECS)
def test_kcat(broker, codec):
    lines = "\n".join(f"{i % 3}:line {i}" for i in range(200))
    subprocess.run(["kcat", "-b", broker.bootstrap, "-P", "-t", "t", "-K:", "-z", codec],
                   input=lines, text=True, check=True, timeout=60)  # fmt: skip
    out = subprocess.run(["kcat", "-b", broker.bootstrap, "-C", "-t", "t", "-e", "-q", "-K:"],
                         capture_output=True, text=True, check=True, timeout=60)  # fmt: skip
    assert sorted(out.stdout.split("\n")[:-1]) == sorted(lines.split("\n"))
    out = subprocess.run(["kcat", "-b", broker.bootstrap, "-L"], capture_output=True, text=True,
                         check=True, timeout=60)  # fmt: skip
    assert 'topic "t" with 4 partitions' in out.stdout


def test_the_admin_of_confluent_kafka(broker, store):
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    created = admin.create_topics([NewTopic("t", 3, 1, config={"cleanup.policy": "compact"})])
    created["t"].result(20)
    with pytest.raises(confluent.KafkaException) as raised:
        admin.create_topics([NewTopic("t", 3, 1)])["t"].result(20)
    assert raised.value.args[0].code() == confluent.KafkaError.TOPIC_ALREADY_EXISTS
    cluster = admin.list_topics(timeout=20)
    assert len(cluster.topics["t"].partitions) == 3
    assert cluster.cluster_id == broker.cluster_id
    admin.delete_topics(["t"])["t"].result(20)
    assert store.topics() == []


def test_a_broker_over_the_log_of_one_process(tmp_path):
    """What was acknowledged through the socket is there for the log, and the other way around."""
    import cnengine.kafka
    import cnengine.log
    import pyarrow as pa

    with cnengine.kafka.Broker(tmp_path / "log", listen="127.0.0.1:0") as broker:
        broker.log.create_topic("t")
        broker.log.produce("t", pa.table({"key": [b"k"], "value": [b"by the log"]}), key="key")
        producer = confluent.Producer({"bootstrap.servers": broker.bootstrap})
        producer.produce("t", b"by the socket")
        assert producer.flush(20) == 0
        got = consume_confluent(broker.bootstrap, "t", 1, 2)
        assert [m.value() for m in got] == [b"by the log", b"by the socket"]
    with cnengine.log.open(tmp_path / "log", read_only=True) as log:
        assert log.read("t")["value"].to_pylist() == [b"by the log", b"by the socket"]
