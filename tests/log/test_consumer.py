"""Consumers: one suite for a log of this process and for one behind a broker."""

import datetime
import os
import threading

import cnengine.errors
import cnengine.log
import pytest
from cnengine.log import Record

TIME_MS = 1_700_000_000_123


def fill(log, count, topic="t", partitions=1, **options):
    """Record i has value i, goes to partition i % partitions, at TIME_MS + 10 * i."""
    log.create_topic(topic, partitions=partitions, exist_ok=True)
    with log.producer(**options) as producer:
        for i in range(count):
            producer.send(topic, b"%d" % i, b"k", TIME_MS + 10 * i, partition=i % partitions)


def take(consumer, count):
    out = []
    while len(out) < count:
        records = consumer.poll(20, max_records=count - len(out))
        assert records, f"{len(out)} of {count} records came"
        out += records
    return out


def values(records):
    return [int(record.value) for record in records]


def test_records(either, served):
    either.create_topic("t")
    headers = (("a", b"1"), ("a", None))
    with served[0].producer() as producer:
        producer.send("t", b"v", b"k", TIME_MS, headers)
        producer.send("t", None, None, TIME_MS + 1)
    with either.consumer("t") as consumer:
        assert take(consumer, 2) == [
            Record("t", 0, 0, TIME_MS, b"k", b"v", headers),
            Record("t", 0, 1, TIME_MS + 1, None, None, ()),
        ]
        assert consumer.poll(0) == []
        assert consumer.poll(0.05) == []
        assert consumer.position("t", 0) == 2


def test_partitions_keep_their_order(either, served):
    fill(served[0], 3000, partitions=3, batch_bytes=4096)
    with either.consumer("t") as consumer:
        assert sorted(consumer.assignment()) == [("t", 0), ("t", 1), ("t", 2)]
        records = take(consumer, 3000)
    for p in range(3):
        mine = [record for record in records if record.partition == p]
        assert [record.offset for record in mine] == list(range(1000))
        assert values(mine) == list(range(p, 3000, 3))


def test_where_it_begins(either, served):
    fill(served[0], 10, partitions=2)
    log = served[0]
    with either.consumer() as consumer:
        assert consumer.poll(0.05) == []
        consumer.assign([("t", 1, 3)])
        assert values(take(consumer, 2)) == [7, 9]
        consumer.assign([("t", 0, "latest"), ("t", 1, "earliest")])
        assert (consumer.position("t", 0), consumer.position("t", 1)) == (5, 0)
        assert values(take(consumer, 5)) == [1, 3, 5, 7, 9]
    with either.consumer("t", start="latest") as consumer:
        assert {consumer.position("t", p) for p in range(2)} == {5}
        log.producer().send("t", b"10", partition=1).result(20)
        assert values(take(consumer, 1)) == [10]
    with pytest.raises(cnengine.errors.StateError):
        either.consumer("t", start="none")
    with pytest.raises(cnengine.errors.ArgumentError):
        either.consumer("t", start="middle")
    with either.consumer() as consumer:
        for bad in ("none", ("none", 0), ("t", 2), ("t", 2, 0)):
            with pytest.raises(cnengine.errors.NotFoundError):
                consumer.assign([bad])
        for bad in ([("t", 0), ("t", 0)], [("t", 0, -5)], [("t", 0, "middle")]):
            with pytest.raises(cnengine.errors.ArgumentError):
                consumer.assign(bad)


def test_an_offset_that_is_gone(either, served):
    log = served[0]
    fill(log, 20)
    log.delete_records("t", 10)
    with either.consumer() as consumer:
        consumer.assign([("t", 0, 3)])
        assert take(consumer, 1)[0].offset == 10
    with either.consumer(start="none") as consumer:
        consumer.assign([("t", 0, 3)])
        with pytest.raises(cnengine.errors.Error):
            consumer.poll(20)


def test_seek(either, served):
    fill(served[0], 100)
    with either.consumer("t") as consumer:
        take(consumer, 30)
        consumer.seek("t", 0, 90)
        assert consumer.position("t", 0) == 90
        assert values(take(consumer, 10)) == list(range(90, 100))
        consumer.seek("t", 0, "earliest")
        assert values(take(consumer, 3)) == [0, 1, 2]
        assert consumer.position("t", 0) == 3
        consumer.seek("t", 0, "latest")
        assert consumer.position("t", 0) == 100
        assert consumer.poll(0.05) == []
        with pytest.raises(cnengine.errors.NotFoundError):
            consumer.seek("t", 1, 0)
        with pytest.raises(cnengine.errors.ArgumentError):
            consumer.seek("t", 0, -1)


def test_pause(either, served):
    fill(served[0], 100, partitions=2)
    with either.consumer("t") as consumer:
        iterator = iter(consumer)
        first = next(iterator)
        other = 1 - first.partition
        consumer.pause(("t", other))
        assert consumer.paused() == [("t", other)]
        rest = take(consumer, 49)
        assert {record.partition for record in rest} == {first.partition}
        assert consumer.poll(0.05) == []
        assert consumer.position("t", other) == 0
        consumer.resume(("t", other))
        assert consumer.paused() == []
        assert values(take(consumer, 50)) == list(range(other, 100, 2))
        with pytest.raises(cnengine.errors.NotFoundError):
            consumer.pause(("t", 9))


def test_times(either, served):
    fill(served[0], 10)
    at = datetime.datetime.fromtimestamp((TIME_MS + 45) / 1000, datetime.UTC)
    with either.consumer("t") as consumer:
        find = consumer.offsets_for_timestamps
        assert find({("t", 0): TIME_MS + 40}) == {("t", 0): 4}
        assert find({("t", 0): TIME_MS + 41}) == {("t", 0): 5}
        assert find({("t", 0): at}) == {("t", 0): 5}
        assert find({("t", 0): TIME_MS + 1000}) == {("t", 0): 10}


def test_iteration_gives_back_what_it_took_ahead(either, served):
    fill(served[0], 100)
    with either.consumer("t") as consumer:
        assert [int(next(consumer).value) for _ in range(5)] == [0, 1, 2, 3, 4]
        assert consumer.position("t", 0) == 5
        assert values(consumer.poll(20, max_records=5)) == [5, 6, 7, 8, 9]
        table = consumer.poll_arrow(10, 20)
        assert table["offset"].to_pylist() == list(range(10, 10 + table.num_rows))


def test_closing_ends_what_waits(either, served):
    fill(served[0], 3)
    consumer = either.consumer("t")
    got, errors = [], []
    three = threading.Event()

    def read():
        try:
            for record in consumer:
                got.append(int(record.value))
                if len(got) == 3:
                    three.set()
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    assert three.wait(20)
    consumer.close()
    thread.join(20)
    assert not thread.is_alive()
    assert (got, errors) == ([0, 1, 2], [])
    assert consumer.closed
    consumer.close()
    with pytest.raises(cnengine.errors.StateError, match="closed"):
        consumer.poll(0)
    assert list(consumer) == []


def test_a_deleted_topic(served):
    log, _ = served  # librdkafka waits for the topic to come back
    fill(log, 1)
    with log.consumer("t") as consumer:
        take(consumer, 1)
        log.delete_topic("t")
        with pytest.raises(cnengine.errors.NotFoundError):
            consumer.poll(20)


def test_threads_share_a_consumer(either, served):
    fill(served[0], 4000, partitions=2, batch_bytes=2048)
    got = []
    with either.consumer("t") as consumer:

        def work():
            while len(got) < 4000 and (records := consumer.poll(1, max_records=37)):
                got.extend(records)

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(values(got)) == list(range(4000))


def test_transactions(either, served):
    confluent = pytest.importorskip("confluent_kafka")
    log, broker = served
    log.create_topic("t")
    config = {"bootstrap.servers": broker.bootstrap, "transactional.id": "x"}
    producer = confluent.Producer(config)
    producer.init_transactions()
    for value, end in ((b"0", producer.commit_transaction), (b"1", producer.abort_transaction)):
        producer.begin_transaction()
        producer.produce("t", value)
        producer.flush()
        end()
    producer.begin_transaction()
    producer.produce("t", b"2")
    assert producer.flush(20) == 0
    with either.consumer("t") as committed, either.consumer("t", read_committed=False) as all_:
        assert values(take(committed, 1)) == [0]
        assert committed.poll(0.2) == []
        assert values(take(all_, 3)) == [0, 1, 2]
        producer.commit_transaction()
        assert values(take(committed, 1)) == [2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_forked_child_stays_apart(either, served):
    fill(served[0], 10)
    consumer, producer = either.consumer("t"), either.producer()
    take(consumer, 5)
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            refused = 0
            for call in (lambda: consumer.poll(0), lambda: producer.send("t", b"x")):
                try:
                    call()
                except cnengine.errors.StateError:
                    refused += 1
            consumer.close()
            producer.close()
            code = 0 if refused == 2 else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert values(take(consumer, 5)) == [5, 6, 7, 8, 9]
    assert producer.send("t", b"10").result(20).offset == 10
