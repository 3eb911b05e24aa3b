"""The log after any interruption of the ingest is the log of an undisturbed one."""

import numpy as np
import pyarrow as pa
import pytest
from cnengine import log as logs
from cnengine.demo.data import load
from cnengine.demo.events import TOPICS, Delays, all_events
from cnengine.demo.ingest import ingest
from cnengine.demo.socket_sender import SocketSender, differences
from cnengine.errors import IoError, StateError


@pytest.fixture(scope="module")
def events():
    return all_events(load(days=4))


def content(log):
    return {
        (topic, p): log.read(topic, p, 0, 1 << 30).to_pylist()
        for topic, partitions, _ in TOPICS
        for p in range(partitions)
    }


@pytest.fixture(scope="module")
def whole(events, tmp_path_factory):
    with logs.open(tmp_path_factory.mktemp("whole"), fsync="none") as log:
        ingest(log, events)
        return content(log)


def test_records_hold_the_events(events, whole):
    for topic, partitions, key in TOPICS:
        rows = [row for p in range(partitions) for row in whole[topic, p]]
        assert len(rows) == events[topic].num_rows
        times = sorted(row["timestamp"] for row in rows)
        assert times == events[topic]["arrived_at"].to_pylist()
        keys = sorted(row["key"].decode() for row in rows)
        assert keys == sorted(events[topic][key].to_pylist())
    partitions = {row["key"]: p for (_, p), rows in whole.items() for row in rows}
    for (_, p), rows in whole.items():
        assert all(partitions[row["key"]] == p or len(row["key"]) == 3 for row in rows)


def test_progress_ends_at_all(events, tmp_path):
    calls = []
    with logs.open(tmp_path, fsync="none") as log:
        total = ingest(log, events, lambda done, total: calls.append((done, total)))
        assert total == sum(table.num_rows for table in events.values())
        assert calls[-1] == (total, total)
        assert [c[0] for c in calls] == sorted(c[0] for c in calls)
        assert ingest(log, events) == 0


def test_the_rest_is_appended_wherever_it_was_cut_off(events, whole, tmp_path):
    random = np.random.default_rng(3)
    for turn in range(12):
        with logs.open(tmp_path / str(turn), fsync="none") as log:
            # A cut between the partitions of a batch: some keys are further on than others.
            for topic, partitions, key in TOPICS[turn % 3 :]:
                log.create_topic(topic, partitions)
                table = events[topic]
                home = {
                    row["key"].decode(): p for p in range(partitions) for row in whole[topic, p]
                }
                place = np.array([home[k] for k in table[key].to_pylist()])
                limit = random.integers(0, table.num_rows, partitions)
                cut = table.filter(pa.array(np.arange(table.num_rows) < limit[place]))
                values = [n for n in cut.column_names if n != "arrived_at"]
                if cut.num_rows:
                    log.produce(topic, cut, key=key, timestamp="arrived_at", value=values)
            ingest(log, events)
            assert content(log) == whole


def test_a_log_of_other_events_is_refused(events, tmp_path):
    with logs.open(tmp_path, fsync="none") as log:
        ingest(log, events)
        for other in (Delays(seed=1), Delays(usual_mean=11_000)):
            with pytest.raises(
                StateError, match=r"partition 0 of topic departures in .* holds other"
            ):
                ingest(log, all_events(load(days=4), other))
        with pytest.raises(StateError, match="holds other events"):
            ingest(log, all_events(load(days=2)))


def test_by_a_kafka_client(events, whole, tmp_path):
    """The same log through a socket, in two runs, the first of which was cut off."""
    pytest.importorskip("confluent_kafka")
    cut = {topic: table.slice(0, table.num_rows // 3) for topic, table in events.items()}
    with logs.open(tmp_path / "a", fsync="none") as log, logs.open(tmp_path / "b") as other:
        for part in (cut, events):
            with SocketSender(log) as sender:
                ingest(log, part, send=sender)
                sender.flush()
        assert content(log) == whole
        topics = [topic for topic, _, _ in TOPICS]
        ingest(other, events)
        assert differences(log, other, topics) == 0
        log.produce("weather", pa.table({"k": ["JFK"]}), key="k")
        other.produce("weather", pa.table({"k": ["LGA"]}), key="k")
        other.produce("weather", pa.table({"k": ["LGA"]}), key="k")
        assert differences(log, other, topics) == 2


def test_what_the_broker_refuses_is_told(events, tmp_path):
    pytest.importorskip("confluent_kafka")
    with logs.open(tmp_path, fsync="none") as log, SocketSender(log) as sender:
        log.create_topic("weather", 1, config={"max.message.bytes": 100})
        sender("weather", events["weather"].slice(0, 1), "origin")
        with pytest.raises(IoError, match="the broker did not take an event"):
            sender.flush()
