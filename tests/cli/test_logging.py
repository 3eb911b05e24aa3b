"""What a broker process tells of its requests, as lines of JSON."""

import json
import socket
import struct

import cnengine.kafka
import pytest
from cnengine.errors import ArgumentError
from served import broker_process

confluent = pytest.importorskip("confluent_kafka")


@pytest.fixture
def events(tmp_path):
    """Runs a broker with settings; gives what it told in its life."""

    def events(work, *settings):
        arguments = [text for setting in settings for text in ("--set", setting)]
        with broker_process(tmp_path, *arguments) as broker:
            work(broker)
        lines = broker.stderr.read_bytes().decode("ascii").splitlines()
        return [json.loads(line) for line in lines]

    return events


def connect(broker):
    host, port = broker.bootstrap.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=20)


def send(connection, key, version, correlation_id, client_id, body=b""):
    """One request with a header of version 1; returns the answer without its length."""
    header = struct.pack(">hhih", key, version, correlation_id, len(client_id)) + client_id
    connection.sendall(struct.pack(">i", len(header + body)) + header + body)
    answer = b""
    while len(answer) < 4 or len(answer) < 4 + struct.unpack(">i", answer[:4])[0]:
        chunk = connection.recv(65536)
        if not chunk:
            return None
        answer += chunk
    return answer[4:]


HOSTILE = b'x"\\\n{"event":"fake"}\x1b[2J\xff\xc3\xbc'
LIST_GROUPS = 16


def test_a_request_with_all_that_is_known_of_it(events):
    def work(broker):
        with connect(broker) as connection:
            broker.port = connection.getsockname()[1]
            assert send(connection, LIST_GROUPS, 0, 77, HOSTILE)
        work.port = broker.port

    told = events(work, "logging.level=debug")
    assert [e["event"] for e in told if e["event"].startswith("broker")] == (
        ["broker_started", "broker_stopped"]
    )
    [request] = [e for e in told if e["event"] == "request"]
    latency = request.pop("latency_ms")
    assert 0 <= latency < 20_000
    assert request.pop("time").endswith("Z")
    assert request == {
        "level": "debug", "event": "request", "api": "ListGroups", "api_key": 16, "version": 0,
        "correlation_id": 77, "client_id": 'x"\\\n{"event":"fake"}\x1b[2J\ufffd\u00fc',
        "peer": f"127.0.0.1:{work.port}", "listener": "PLAINTEXT", "principal": "User:ANONYMOUS",
        "bytes_in": 10 + len(HOSTILE), "bytes_out": 14,
    }  # fmt: skip
    peers = [e["peer"] for e in told if e["event"] in ("connection_opened", "connection_closed")]
    assert peers == [request["peer"]] * 2


def test_by_default_only_what_is_wrong(events):
    def work(broker):
        with connect(broker) as connection:
            assert send(connection, LIST_GROUPS, 0, 1, b"good")
        with connect(broker) as connection:
            assert send(connection, 0, 3, 5, b"bad", b"\x7f\xff") is None
        with connect(broker) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert connection.recv(1) == b""

    told = events(work)
    assert [(e["level"], e["event"]) for e in told] == [
        ("warn", "request_failed"),
        ("warn", "connection_refused"),
    ]
    assert (told[0]["api"], told[0]["client_id"], told[0]["correlation_id"]) == (
        "Produce",
        "bad",
        5,
    )
    assert told[0]["error"]
    assert told[1]["error"] == "a frame of impossible length"


def test_changes_and_errors(events):
    def work(broker):
        from cnengine import cli

        server = ["--bootstrap-server", broker.bootstrap]
        assert cli.main(["topic", "create", "t", *server]) == 0
        assert cli.main(["topic", "create", "t", *server]) == 1

    told = events(work, "logging.level=info")
    changes = [e for e in told if e["event"] == "change"]
    assert [(e["api"], e.get("error")) for e in changes] == [
        ("CreateTopics", None),
        ("CreateTopics", "TOPIC_ALREADY_EXISTS"),
    ]
    assert {e["client_id"] for e in changes} == {"cnengine-cli"}


def test_slow_is_what_takes_longer_than_it_may_wait(events):
    def work(broker):
        with connect(broker) as connection:
            assert send(connection, LIST_GROUPS, 0, 1, b"c")
            # Fetch 4 that waits 300 ms for records of a topic that is empty.
            assert send(connection, 3, 1, 2, b"c", struct.pack(">ih", 1, 1) + b"t")
            body = struct.pack(">iiiibih", -1, 300, 1, 1 << 20, 0, 1, 1) + b"t"
            body += struct.pack(">iiqi", 1, 0, 0, 1 << 20)
            assert send(connection, 1, 4, 3, b"c", body)

    told = events(work, "logging.slow.request.ms=0")
    slow = [e for e in told if e["event"] == "slow_request"]
    assert {e["api"] for e in slow} >= {"ListGroups", "Metadata"}
    assert all(e["level"] == "warn" and e["latency_ms"] > 0 for e in slow)
    assert not [e for e in events(work, "logging.slow.request.ms=20000") if "latency_ms" in e]


def test_a_client_cannot_fill_the_disk(events, tmp_path):
    file = tmp_path / "events.json"

    def work(broker):
        with connect(broker) as connection:
            for number in range(300):
                assert send(connection, LIST_GROUPS, 0, number, b"c" * 1000)

    settings = (f"logging.file={file}", "logging.level=debug", "logging.max.lines.per.second=1000")
    assert events(work, *settings, "logging.file.max.bytes=8192") == []
    assert 0 < file.stat().st_size <= 8192
    assert 0 < file.with_suffix(".json.1").stat().st_size <= 8192
    for line in file.read_text().splitlines():
        assert len(json.loads(line).get("client_id", "")) <= 259
    file.unlink()
    events(work, f"logging.file={file}", "logging.level=debug", "logging.max.lines.per.second=1")
    requests = [json.loads(line) for line in file.read_text().splitlines()]
    assert len([e for e in requests if e["event"] == "request"]) < 100


def test_wrong_settings(tmp_path):
    with pytest.raises(ArgumentError, match="error, warn, info or debug, got"):
        cnengine.kafka.Broker(tmp_path / "log", config={"logging.level": "loud"})
