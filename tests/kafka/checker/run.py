"""One run: clients, faults, peace, the final log, the findings."""

import threading

import cnengine.log
from checker.checks import findings
from checker.final_log import Refused, committed_offset, read_all
from checker.history import Final, FinalLog, History
from checker.nemesis import KINDS, Nemesis, schedule
from checker.proxy import Proxy
from checker.readers import confluent_member, confluent_reader, kafka_python_member, wire_reader
from checker.transactional import (
    aiokafka_transactions,
    confluent_copy,
    confluent_transactions,
    wire_copy,
    wire_transactions,
)
from checker.world import DEADLINE, World
from checker.writers import aiokafka_writer, confluent_writer, kafka_python_writer, wire_writer
from wire_client import Client

PARTITIONS = 2
PLAIN, SOURCE, COPY, COPY_2, LEDGERS = "plain", "source", "copy", "copy-2", ["red", "black"]
TOPICS = [PLAIN, SOURCE, COPY, COPY_2, *LEDGERS]
COPIES = [{"group": "copy", "source": SOURCE, "target": COPY},
          {"group": "copy-2", "source": SOURCE, "target": COPY_2}]  # fmt: skip
GROUPS = {"g-classic": PLAIN, "g-new": SOURCE, "g-python": LEDGERS[0]}
CONFIG = {
    "group.initial.rebalance.delay.ms": 0, "transaction.state.log.num.partitions": 2,
    "offsets.topic.num.partitions": 2, "transaction.abort.timed.out.transaction.cleanup.interval.ms": 500,
}  # fmt: skip


def start_clients(world):
    confluent_writer(world, "plain-c", PLAIN, False)
    kafka_python_writer(world, "plain-k", PLAIN, False)
    aiokafka_writer(world, "plain-a", PLAIN, False)
    confluent_writer(world, "idem-c", SOURCE, True)
    kafka_python_writer(world, "idem-k", SOURCE, True)
    wire_writer(world, "idem-w", SOURCE, True)
    confluent_transactions(world, "txn-c", LEDGERS)
    aiokafka_transactions(world, "txn-a", LEDGERS)
    wire_transactions(world, "txn-w", LEDGERS, True)
    wire_transactions(world, "txn-o", LEDGERS, False)
    wire_copy(world, "copy-w", "copy", SOURCE, COPY, True)
    for i in range(2):
        confluent_copy(world, f"copy-c{i}", "copy-2", SOURCE, COPY_2)
        confluent_member(world, f"classic-{i}", "g-classic", PLAIN, "classic")
        kafka_python_member(world, f"python-{i}", "g-python", LEDGERS[0])
    confluent_member(world, "new-0", "g-new", SOURCE, "consumer")
    for committed in (True, False):
        wire_reader(world, f"reader-w{committed:d}", TOPICS, committed)
        confluent_reader(world, f"reader-c{committed:d}", LEDGERS[1], committed)


def read_logs(address):
    out = {}
    for topic in TOPICS:
        for partition in range(PARTITIONS):
            everything, high, _ = read_all(address, topic, partition, committed=False)
            visible, _, stable = read_all(address, topic, partition, committed=True)
            out[topic, partition] = FinalLog(everything, visible, high, stable)
    return out


def read_offsets(history, address):
    out, deadline = {}, history.now() + DEADLINE
    wanted = [*GROUPS.items(), *((copy["group"], copy["source"]) for copy in COPIES)]
    with Client(address) as client:
        for group, topic in wanted:
            for partition in range(PARTITIONS):
                while (group, topic, partition) not in out:
                    try:
                        out[group, topic, partition] = committed_offset(
                            client, group, topic, partition)  # fmt: skip
                    except Refused:
                        assert history.now() < deadline
    return out


def settled(history, nemesis, seconds=DEADLINE):
    """Waits until no transaction is open, and reads."""
    deadline = history.now() + seconds
    while True:
        logs = read_logs(nemesis.proxy.target)
        if all(log.high == log.stable for log in logs.values()) or history.now() > deadline:
            return logs


def run(path, brokers, *, seed, seconds, fsync, kinds=KINDS, nemesis=Nemesis):
    """(history, final, findings)."""
    with cnengine.log.open(path, fsync=fsync) as log:
        for topic in TOPICS:
            log.create_topic(topic, partitions=PARTITIONS, config={"segment.bytes": 200_000})
    history, proxy = History(), Proxy(seed)
    nemesis = nemesis(brokers, proxy, path, history, fsync=fsync, config=CONFIG)
    nemesis.start()
    world = World(history, proxy.port, seed, PARTITIONS)
    try:
        start_clients(world)
        nemesis.run(schedule(seed, seconds, kinds), threading.Event())
        nemesis.off_ms = 0
        brokers.kill()
        nemesis.start()
        world.stop.set()
        world.join()
        logs = settled(history, nemesis)
        offsets = read_offsets(history, proxy.target)
        brokers.kill()
        nemesis.start()
        final = Final(logs, offsets, read_logs(proxy.target))
    finally:
        world.stop.set()
        proxy.close()
        brokers.kill()
    return history, final, findings(history, final, COPIES)
