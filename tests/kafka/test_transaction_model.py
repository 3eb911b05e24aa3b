"""Many transactional producers against a model of what readers see."""

import random
import threading

import cnengine.log
import pytest
import transaction_wire as txn
from cnengine.kafka import Broker
from wire_client import Client

PARTITIONS = 3


class Producer:
    """One transactional id, its state as the model has it, and what it wrote in its transaction."""

    def __init__(self, client, name, implicit):
        self.client = client
        self.name = name
        self.implicit = implicit
        self.identity = None
        self.sequences = {}
        self.written = []  # (partition, offset, value)

    def init(self):
        while True:
            error, *identity = txn.init(self.client, 5, self.name)
            if error != txn.CONCURRENT:
                break
        assert error == txn.NONE
        self.identity = tuple(identity)
        self.sequences = {}

    def produce(self, partition, values):
        """The offset of the first one."""
        version = 12 if self.implicit else 11
        if not self.implicit and all(p != partition for p, _, _ in self.written):
            assert txn.add(self.client, 3, self.name, self.identity, [("a", partition)]) == {
                ("a", partition): txn.NONE
            }
        sequence = self.sequences.get(partition, 0)
        error, offset = txn.produce(
            self.client, version, "a", values, self.identity, sequence, partition=partition,
            transactional_id=self.name)  # fmt: skip
        assert error == txn.NONE
        self.sequences[partition] = sequence + len(values)
        self.written += [(partition, offset + i, value) for i, value in enumerate(values)]
        return offset

    def end(self, commit):
        if self.implicit:
            error, *identity = txn.end(self.client, 5, self.name, self.identity, commit)
            self.identity = tuple(identity)
            self.sequences = {}
        else:
            error = txn.end(self.client, 4, self.name, self.identity, commit)
        assert error == txn.NONE
        written, self.written = self.written, []
        return written if commit else []


@pytest.mark.parametrize("seed", range(6))
def test_one_step_after_the_other(broker, store, seed):
    """Every step is known to the model, and so is what a reader sees after it: the last stable
    offset, and which records count."""
    rng = random.Random(seed)
    store.create_topic("a", partitions=PARTITIONS)
    committed = [[] for _ in range(PARTITIONS)]
    with Client(broker.address) as client:
        producers = [Producer(client, f"p{i}", i % 2 == 0) for i in range(6)]
        for producer in producers:
            producer.init()
        number = 0
        for step in range(250):
            producer = rng.choice(producers)
            action = rng.random()
            if action < 0.6:
                values = [b"%d" % (number + i) for i in range(rng.randint(1, 3))]
                number += len(values)
                producer.produce(rng.randrange(PARTITIONS), values)
            elif action < 0.95 and (producer.written or producer.implicit):
                commit = bool(producer.written) and rng.random() < 0.6
                for partition, offset, value in producer.end(commit):
                    committed[partition].append((offset, value))
            elif action >= 0.95:
                zombie = producer.identity
                producer.written = []
                producer.init()
                # Whatever the one before says now is not heard.
                assert txn.end(client, 5, producer.name, zombie, True)[0] == txn.FENCED
                assert txn.add(client, 3, producer.name, zombie, [("a", 0)]) == {
                    ("a", 0): txn.FENCED
                }
                error, _ = txn.produce(client, 12, "a", [b"zombie"], zombie, 1000,
                                       transactional_id=producer.name)  # fmt: skip
                assert error in (txn.INVALID_EPOCH, txn.OUT_OF_ORDER)
            if step % 10 == 9:
                check(client, producers, committed)
        for producer in producers:
            if producer.written or producer.implicit:
                producer.end(False)
        check(client, producers, committed)


def check(client, producers, committed):
    for partition in range(PARTITIONS):
        open_at = [o for p in producers for where, o, _ in p.written if where == partition]
        _, high, stable, _, _ = txn.fetch(
            client, "a", 0, committed=True, partition=partition)  # fmt: skip
        assert stable == min(open_at, default=high)
        wanted = [v for o, v in sorted(committed[partition]) if o < stable]
        assert txn.read_committed(client, "a", partition) == wanted


@pytest.mark.parametrize("fsync", ["none", "always"])
def test_at_the_same_time(tmp_path, fsync):
    """Threads, each with a connection and a transactional id of its own; a second owner takes two
    of the ids over in between."""
    with cnengine.log.open(tmp_path / "log", fsync=fsync) as log, Broker(
        log, listen="127.0.0.1:0") as broker:  # fmt: skip
        log.create_topic("a", partitions=PARTITIONS)
        results, failures = [], []

        def run(index):
            try:
                rng = random.Random(index)
                with Client(broker.address) as client:
                    producer = Producer(client, f"p{index}", index % 2 == 0)
                    producer.init()
                    for round_ in range(25):
                        for batch in range(rng.randint(1, 4)):
                            producer.produce(rng.randrange(PARTITIONS),
                                             [b"%d/%d/%d" % (index, round_, batch)])  # fmt: skip
                        if rng.random() < 0.1:
                            producer.written = []
                            producer.init()
                        else:
                            results.extend(producer.end(rng.random() < 0.7))
            except BaseException as failure:
                failures.append(failure)

        threads = [threading.Thread(target=run, args=[i]) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failures == []
        with Client(broker.address) as client:
            for index in range(8):  # what a last InitProducerId left open
                while txn.init(client, 5, f"p{index}")[0] == txn.CONCURRENT:
                    pass
            for partition in range(PARTITIONS):
                wanted = [v for _, v in sorted((o, v) for p, o, v in results if p == partition)]
                assert wanted
                assert txn.read_committed(client, "a", partition) == wanted
