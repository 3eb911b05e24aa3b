"""The broker is killed (-9) within transactions, before every change of a file in turn: what was
acknowledged stays, nothing is torn, nothing that was aborted is seen."""

import cnengine.log
import pyarrow as pa
import pytest
import transaction_wire as txn
from broker_process import Brokers
from wire_client import Client

CONFIG = {"transaction.state.log.num.partitions": 2, "num.partitions": 1}
PARTITIONS = 2


@pytest.fixture(scope="module")
def brokers():
    with Brokers() as brokers:
        yield brokers


class Gone(Exception):
    """The connection ended."""


def call(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except (OSError, AssertionError) as failure:
        text = str(failure)
        if isinstance(failure, AssertionError) and "closed the connection" not in text:
            raise
        raise Gone from failure


def begin(client, name="t"):
    """Takes the id over, as a client that starts does."""
    while True:
        error, *producer = call(txn.init, client, 5, name)
        if error != txn.CONCURRENT:
            assert error == txn.NONE
            return tuple(producer)


def work(client, done, first):
    """Three transactions over two partitions: committed, aborted, committed by the protocol before
    KIP-890. `done` gets what was acknowledged; returns when all was."""
    producer = begin(client)
    for number, commit, implicit in ((first, True, True), (first + 1, False, True),
                                     (first + 2, True, False)):  # fmt: skip
        for partition in range(PARTITIONS):
            if not implicit:
                call(txn.add, client, 3, "t", producer, [("a", partition)])
            error, _ = call(txn.produce, client, 12 if implicit else 11, "a", [b"%d" % number],
                            producer, 0, partition=partition)  # fmt: skip
            assert error == txn.NONE
        done["tried" if commit else "aborted"].add(number)
        if implicit:
            error, *identity = call(txn.end, client, 5, "t", producer, commit)
            producer = tuple(identity)
        else:
            error = call(txn.end, client, 4, "t", producer, commit)
        assert error == txn.NONE
        if commit:
            done["committed"].add(number)


def check(client, done):
    """After the id was taken over, so that nothing is open."""
    begin(client)
    seen = []
    for partition in range(PARTITIONS):
        got = [int(v) for v in txn.read_committed(client, "a", partition)]
        assert got == sorted(set(got))
        seen.append(got)
        _, high, stable, _, _ = txn.fetch(client, "a", 0, committed=True, partition=partition)
        assert stable == high
        assert txn.describe_producers(client, "a", partition)[1][0][4] == -1
    assert seen[0] == seen[1]
    assert done["committed"] <= set(seen[0]) <= done["tried"]


@pytest.mark.parametrize("fsync", ["none", "always"])
def test_a_kill_at_every_change_of_a_file(brokers, tmp_path, fsync):
    path = tmp_path / "log"
    with cnengine.log.open(path, fsync=fsync) as log:
        log.create_topic("a", partitions=PARTITIONS)
    done = {"tried": set(), "aborted": set(), "committed": set()}
    with Client(brokers.start(path, fsync=fsync, config=CONFIG)) as client:
        work(client, done, 0)
        check(client, done)
    kill_at, first, survived = 0, 100, False
    while not survived:
        kill_at += 1
        first += 10
        address = brokers.start(path, kill_at=kill_at, fsync=fsync, config=CONFIG)
        if address is not None:
            with Client(address) as client:
                try:
                    work(client, done, first)
                    survived = True
                except Gone:
                    pass
        with Client(brokers.start(path, fsync=fsync, config=CONFIG)) as client:
            check(client, done)
    assert kill_at > 15


@pytest.mark.parametrize("commit", [True, False])
@pytest.mark.parametrize("marked", [0, 1, 2])
def test_a_restart_goes_on_with_what_was_decided(brokers, store, commit, marked):
    """The record of the decision is there, and the markers of `marked` partitions."""
    store.create_topic("a", partitions=PARTITIONS)
    path, config = store.path, {**CONFIG, "transaction.state.log.num.partitions": 1}
    store.close()
    with Client(brokers.start(path, config=config)) as client:
        number, epoch = producer = begin(client)
        after = (number, epoch + 1)
        for partition in range(PARTITIONS):
            assert txn.produce(client, 12, "a", [b"x"], producer, 0, partition=partition)[0] == 0
        for partition in range(marked):
            txn.write_markers(client, 1, after, commit, [("a", partition)])
    brokers.kill()
    # By hand: TransactionLogValue version 1 of PrepareCommit or PrepareAbort, with the new epoch.
    value = b"\0\1" + number.to_bytes(8, "big") + (epoch + 1).to_bytes(2, "big")
    value += (60_000).to_bytes(4, "big") + bytes([2 if commit else 3])
    value += b"\2\2a\3" + bytes(4) + (1).to_bytes(4, "big") + b"\0"
    value += (10**12).to_bytes(8, "big") * 2
    value += b"\1\2\2\0\2"  # the client's version
    with cnengine.log.open(path) as log:
        record = pa.table({"key": [b"\0\0\0\1t"], "value": [value]})
        log.produce("__transaction_state", record, key="key")
    with Client(brokers.start(path, config=config)) as client:
        for partition in range(PARTITIONS):
            end = 3 if partition < marked else 2
            _, high, stable, _, records = txn.fetch(
                client, "a", 0, committed=True, partition=partition)  # fmt: skip
            assert (high, stable) == (end, end)
            assert records == [(0, b"x")] + [(i, commit) for i in range(1, end)]
            assert txn.read_committed(client, "a", partition) == ([b"x"] if commit else [])
        state = "CompleteCommit" if commit else "CompleteAbort"
        assert txn.describe(client, ["t"])[0][2] == state
        # The client whose answer was lost.
        assert txn.end(client, 5, "t", producer, commit) == (txn.NONE, *after)
        assert txn.produce(client, 12, "a", [b"y"], after, 0)[0] == txn.NONE


def test_a_restart_within_a_transaction(brokers, store):
    """At each step of it; the client goes on as if nothing had been."""
    store.create_topic("a", partitions=PARTITIONS)
    path = store.path
    store.close()
    client = None

    def restart():
        nonlocal client
        if client is not None:
            client.close()
        client = Client(brokers.start(path, config=CONFIG))

    restart()
    producer = begin(client)
    restart()
    assert txn.add(client, 3, "t", producer, [("a", 0)]) == {("a", 0): txn.NONE}
    restart()
    assert txn.produce(client, 11, "a", [b"0"], producer, 0) == (txn.NONE, 0)
    restart()
    assert txn.produce(client, 11, "a", [b"0"], producer, 0) == (txn.NONE, 0)  # again
    assert txn.produce(client, 11, "a", [b"1"], producer, 1) == (txn.NONE, 1)
    assert txn.fetch(client, "a", 0, committed=True)[1:4] == (2, 0, [])
    restart()
    assert txn.fetch(client, "a", 0, committed=True)[1:4] == (2, 0, [])
    assert txn.end(client, 4, "t", producer, True) == txn.NONE
    restart()
    assert txn.end(client, 4, "t", producer, True) == txn.NONE
    assert txn.read_committed(client, "a") == [b"0", b"1"]
    assert txn.produce(client, 12, "a", [b"2"], producer, 2) == (txn.NONE, 3)
    restart()
    assert txn.end(client, 5, "t", producer, False) == (txn.NONE, producer[0], 1)
    restart()
    assert txn.fetch(client, "a", 0, committed=True)[3] == [(producer[0], 3)]
    assert txn.read_committed(client, "a") == [b"0", b"1"]
    client.close()
