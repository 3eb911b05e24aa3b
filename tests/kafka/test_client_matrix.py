"""What any client writes every client reads: each codec, with keys, headers and times."""

import pytest
from client_adapters import CONSUMERS, PRODUCERS

TIME_MS = 1_700_000_000_123
PARTITIONS = 3
HEADERS = [("a", b"1"), ("a", b"2"), ("empty", b""), ("name", "größe".encode())]


def messages():
    """Every shape: no key, an empty value, a large one, headers, times that go back."""
    for i in range(120):
        key = None if i % 5 == 0 else b"k%d" % (i % 7)
        yield (i % PARTITIONS, key, b"value %d " % i * (i % 40), HEADERS if i % 3 else [],
               TIME_MS + i * 1000 - i % 4 * 5000)  # fmt: skip


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
@pytest.mark.parametrize("producer", PRODUCERS)
def test_each_reads_what_each_wrote(broker, store, producer, codec):
    store.create_topic("t", partitions=PARTITIONS)
    sent = list(messages())
    PRODUCERS[producer]().produce(broker.bootstrap, "t", sent, codec)
    expected = []
    for p in range(PARTITIONS):
        own = [m for m in sent if m[0] == p]
        expected += [(p, offset, key, value, tuple(headers), timestamp)
                     for offset, (_, key, value, headers, timestamp) in enumerate(own)]  # fmt: skip
    for name, consumer in CONSUMERS.items():
        got = consumer().consume(broker.bootstrap, "t", PARTITIONS, len(sent))
        assert [(m.partition, m.offset, m.key, m.value, m.headers, m.timestamp) for m in got] == (
            expected
        ), name
