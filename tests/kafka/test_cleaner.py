"""Compaction between two applications of retention: log.cleaner.backoff.ms."""

import time

import cnengine.kafka
import pyarrow as pa

COMPACT = {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": 0.01}


def test_compaction_does_not_wait_for_retention(store):
    settings = {"log.cleaner.backoff.ms": 20}
    with cnengine.kafka.Broker(store, listen="127.0.0.1:0", config=settings) as broker:
        assert broker.settings()["log.retention.check.interval.ms"] == "300000"
        store.create_topic("t", segment_bytes=1024, config=COMPACT)
        for i in range(8):
            row = pa.table({"key": [b"k"], "value": [b"%d" % i * 600]})
            store.produce("t", row, key="key")
        until = time.monotonic() + 60
        left = [7]
        while len(left) != 2:  # the last of the closed segments, and the open one
            assert time.monotonic() < until, left
            left = store.read("t", max_bytes=1 << 20)["offset"].to_pylist()
        assert left == [6, 7]


def test_how_often_it_is_looked_for(store):
    with cnengine.kafka.Broker(store, listen="127.0.0.1:0") as broker:
        assert broker.settings()["log.cleaner.backoff.ms"] == "15000"
