"""Requests that name one partition many times, answered as Kafka answers them."""

import pytest
from named_client import ask, at
from record_batches import batch

INVALID_REQUEST = 42


@pytest.fixture(autouse=True)
def topic(store, client):
    """Three records in the first of two partitions."""
    store.create_topic("t", partitions=2)
    produced = ask(client, "Produce", 8, {"transactional_id": None, "acks": -1, "timeout_ms": 1000,
        "topic_data": [{"name": "t", "partition_data": [
            {"index": 0, "records": batch([b"a", b"b", b"c"])}]}]})  # fmt: skip
    assert at(produced, "responses.0.partition_responses.0.error_code") == 0


def fetch(client, session_epoch, *offsets):
    return ask(client, "Fetch", 11, {
        "replica_id": -1, "max_wait_ms": 0, "min_bytes": 0, "max_bytes": 1 << 20,
        "isolation_level": 0, "session_id": 0, "session_epoch": session_epoch, "rack_id": "",
        "forgotten_topics_data": [], "topics": [{"topic": "t", "partitions": [
            {"partition": index, "current_leader_epoch": -1, "fetch_offset": offset,
             "log_start_offset": -1, "partition_max_bytes": 1 << 20}]}
            for index, offset in offsets]})  # fmt: skip


@pytest.mark.parametrize("session_epoch", [-1, 0])
def test_a_fetch_reads_it_once_from_where_it_is_named_last(client, session_epoch):
    response = fetch(client, session_epoch, (0, 99), (1, 0), (0, 7), (0, 3))
    assert len(response.responses) == 1
    found = {part.partition_index: part for part in at(response, "responses.0.partitions")}
    assert sorted(found) == [0, 1]
    assert len(at(response, "responses.0.partitions")) == 2
    assert (found[0].error_code, found[0].high_watermark, found[0].records) == (0, 3, b"")


def test_producers_are_described_once(client):
    response = ask(client, "DescribeProducers", 0, {"topics": [
        {"name": "t", "partition_indexes": [0, 0, 1, 0]},
        {"name": "t", "partition_indexes": [1, 7]}]})  # fmt: skip
    indexes = [[(part.partition_index, part.error_code) for part in topic.partitions]
               for topic in response.topics]  # fmt: skip
    assert indexes == [[(0, 0), (1, 0)], [(7, 3)]]


def test_offsets_of_what_is_named_twice_are_not_told(client):
    asked = [{"partition_index": index, "current_leader_epoch": -1, "timestamp": timestamp}
             for index, timestamp in ((0, -1), (1, -1), (0, -2))]  # fmt: skip
    response = ask(client, "ListOffsets", 7, {"replica_id": -1, "isolation_level": 0, "topics": [
        {"name": "t", "partitions": asked}]})  # fmt: skip
    answers = [(part.partition_index, part.error_code, part.offset)
               for part in at(response, "topics.0.partitions")]  # fmt: skip
    assert answers == [(0, INVALID_REQUEST, -1), (1, 0, 0), (0, INVALID_REQUEST, -1)]
