"""`cnengine topic` against a broker process."""

import json
import socket
import subprocess
import sys

import pytest
from cnengine import cli

confluent = pytest.importorskip("confluent_kafka")


def produce(broker, topic, counts):
    producer, errors = confluent.Producer({"bootstrap.servers": broker.bootstrap}), []
    for partition, count in enumerate(counts):
        for number in range(count):
            producer.produce(topic, b"value", b"%d" % number, partition,
                             on_delivery=lambda error, _: errors.append(error))  # fmt: skip
    assert producer.flush(30) == 0
    assert not any(errors)


def test_the_life_of_a_topic(broker, run, run_json):
    assert run("topic", "list") == ""
    assert run("topic", "create", "b", "--partitions", "3", "--replication-factor", "1",
               "--config", "cleanup.policy=compact", "--config", "retention.ms=86400000") == (
        "created topic b\n"
    )  # fmt: skip
    assert run("topic", "create", "--topic", "a") == "created topic a\n"
    assert run("topic", "list") == "a\nb\n"
    assert run_json("topic", "list") == [
        {"topic": "a", "partitions": 1},
        {"topic": "b", "partitions": 3},
    ]
    produce(broker, "b", [2, 0, 5])
    described = run_json("topic", "describe", "b")
    assert described == [
        {
            "topic": "b",
            "configs": {"cleanup.policy": "compact", "retention.ms": "86400000"},
            "partitions": [
                {
                    "partition": i,
                    "leader": 1,
                    "replicas": [1],
                    "isr": [1],
                    "earliest": 0,
                    "latest": n,
                }
                for i, n in enumerate([2, 0, 5])
            ],
        }
    ]
    assert run("topic", "describe", "b").splitlines() == [
        "topic b, 3 partitions, settings: cleanup.policy=compact,retention.ms=86400000",
        "PARTITION  LEADER  REPLICAS  ISR  EARLIEST  LATEST",
        "0          1       1         1    0         2",
        "1          1       1         1    0         0",
        "2          1       1         1    0         5",
    ]
    run("topic", "alter", "b", "--partitions", "4", "--config", "cleanup.policy=delete",
        "--delete-config", "retention.ms")  # fmt: skip
    [described] = run_json("topic", "describe", "b")
    assert described["configs"] == {"cleanup.policy": "delete"}
    assert len(described["partitions"]) == 4
    assert [t["topic"] for t in run_json("topic", "describe")] == ["a", "b"]
    assert run_json("topic", "delete", "a", "b") == [
        {"topic": "a", "deleted": True},
        {"topic": "b", "deleted": True},
    ]
    assert run("topic", "list") == ""


def test_records_are_deleted_up_to_an_offset(broker, run, run_json):
    run("topic", "create", "t", "--partitions", "3")
    produce(broker, "t", [10, 10, 10])
    assert run_json("topic", "records-delete", "t", "--before", "0:4", "--before", "2:latest") == [
        {"topic": "t", "partition": 0, "earliest": 4},
        {"topic": "t", "partition": 2, "earliest": 10},
    ]
    rows = run_json("topic", "describe", "t")[0]["partitions"]
    assert [(row["earliest"], row["latest"]) for row in rows] == [(4, 10), (0, 10), (10, 10)]
    assert "OFFSET_OUT_OF_RANGE" in run(
        "topic", "records-delete", "t", "--before", "0:11", fails=True
    )
    run("topic", "records-delete", "t", "--all")
    rows = run_json("topic", "describe", "t")[0]["partitions"]
    assert [row["earliest"] for row in rows] == [10, 10, 10]


def test_what_is_there_and_what_is_not(run):
    run("topic", "create", "t")
    assert "TOPIC_ALREADY_EXISTS" in run("topic", "create", "t", fails=True)
    assert run("topic", "create", "t", "u", "--if-not-exists") == (
        "topic t is there already\ncreated topic u\n"
    )
    for command in ("describe", "alter", "delete", "records-delete"):
        more = {"alter": ["--partitions", "2"], "records-delete": ["--all"]}.get(command, [])
        error = run("topic", command, "none", *more, fails=True)
        assert error.startswith(f"cnengine: topic {command}: ")
        assert "no topic" in error or "UNKNOWN_TOPIC_OR_PART" in error
    assert run("topic", "delete", "none", "--if-exists") == "no topic none\n"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["create"], "topic create: expected the name of a topic"),
        (["create", "t", "--config", "x"], "topic create: expected --config name=value, got 'x'"),
        (["create", "t", "--config", "no.such=1"], "INVALID_CONFIG"),
        (["create", "a b"], "topic create: "),
        (["create", "t", "--replication-factor", "3"], "INVALID_REPLICATION_FACTOR"),
        (["alter", "t"], "expected --partitions, --config or --delete-config"),
        (["records-delete", "t"], "expected either --before or --all"),
    ],
)
def test_wrong_use(run, arguments, error):
    assert error in run("topic", *arguments, fails=True)


def test_nobody_answers(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert cli.main(["topic", "list", "--bootstrap-server", f"127.0.0.1:{port}"]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"cnengine: topic list: no answer from 127.0.0.1:{port}: ")
    assert error.endswith(
        "Connection refused; no broker runs there, or --bootstrap-server names another place\n"
    )
    assert len(error.splitlines()) == 1


def test_without_the_client_the_extra_is_named(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    assert cli.main(["topic", "list"]) == 1
    assert capsys.readouterr().err == (
        "cnengine: topic list needs confluent-kafka: pip install 'cnengine[kafka]'\n"
    )


def test_as_a_program(broker):
    command = [sys.executable, "-m", "cnengine", "topic", "create", "t", "--json",
               "--bootstrap-server", broker.bootstrap]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == [{"topic": "t", "created": True}]
    assert done.stderr == ""
