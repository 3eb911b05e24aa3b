"""What a client hears when the broker itself fails in a request: an error, where there is a place
for it."""

from pathlib import Path

from named_client import ask, at
from record_batches import batch

UNKNOWN_SERVER_ERROR = -1


def offsets(client, timestamp):
    """{partition: error} of a look-up by time in the first two partitions."""
    response = ask(client, "ListOffsets", 7, {"replica_id": -1, "isolation_level": 0, "topics": [
        {"name": "t", "partitions": [
            {"partition_index": index, "current_leader_epoch": -1, "timestamp": timestamp}
            for index in range(2)]}]})  # fmt: skip
    return {part.partition_index: part.error_code for part in at(response, "topics.0.partitions")}


def test_a_damaged_file_fails_one_partition(client, store):
    store.create_topic("t", partitions=2)
    produced = ask(client, "Produce", 8, {"transactional_id": None, "acks": -1, "timeout_ms": 1000,
        "topic_data": [{"name": "t", "partition_data": [
            {"index": index, "records": batch([b"x" * 50] * 9, timestamps=range(1000, 1009))}
            for index in range(2)]}]})  # fmt: skip
    codes = [part.error_code for part in at(produced, "responses.0.partition_responses")]
    assert codes == [0, 0]
    assert offsets(client, 1003) == {0: 0, 1: 0}
    (file,) = Path(store.path, "topics", "t", "0").glob("*.log")
    with open(file, "r+b") as damaged:
        damaged.seek(61)  # behind the header of the batch
        damaged.write(b"\x7f" * 40)
    assert offsets(client, 1003) == {0: UNKNOWN_SERVER_ERROR, 1: 0}
    assert offsets(client, -1) == {0: 0, 1: 0}
