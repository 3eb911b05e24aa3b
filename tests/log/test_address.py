"""Where `connect` looks, and what it says where there is nothing."""

import subprocess
import sys

import cnengine.errors
import cnengine.kafka
import cnengine.log
import pyarrow as pa
import pytest
from cnengine.log.address import parse_address


@pytest.mark.parametrize(
    ("address", "servers", "settings"),
    [
        ("kafka://host", "host:9092", {}),
        ("kafka://host:1/", "host:1", {}),
        ("kafka://a:1,b", "a:1,b:9092", {}),
        ("kafka://[::1]:5", "[::1]:5", {}),
        ("kafka://[::1]", "[::1]:9092", {}),
        ("kafka://h?sasl.password=a%26b&acks=1", "h:9092", {"sasl.password": "a&b", "acks": "1"}),
        ("kafka://h?client.id=", "h:9092", {"client.id": ""}),
    ],
)
def test_addresses(address, servers, settings):
    assert parse_address(address) == (servers, settings)


@pytest.mark.parametrize(
    "address",
    ["kafka://", "kafka://a,,b", "kafka://user@host", "kafka://a/b", "kafka://a?b", "kafka://a?&"],
)
def test_what_is_no_address(address):
    with pytest.raises(cnengine.errors.ArgumentError):
        parse_address(address)


def test_what_is_no_log(tmp_path):
    with pytest.raises(cnengine.errors.ArgumentError, match="expected a path"):
        cnengine.log.connect(7)
    with cnengine.log.connect(tmp_path / "log", fsync="none") as log:
        assert cnengine.log.connect(log) is log
        with pytest.raises(cnengine.errors.ArgumentError, match="no options"):
            cnengine.log.connect(log, fsync="none")


def test_a_setting_that_librdkafka_does_not_have():
    pytest.importorskip("confluent_kafka")
    with cnengine.log.connect("kafka://127.0.0.1:1?no.such.setting=1") as remote:
        for make in (remote.producer, remote.consumer, remote.topics):
            with pytest.raises(cnengine.errors.ArgumentError, match=r"no\.such\.setting"):
                make()


def test_nobody_answers():
    pytest.importorskip("confluent_kafka")
    with cnengine.log.connect("kafka://127.0.0.1:1") as remote:
        remote.timeout = 0.3
        with pytest.raises(cnengine.errors.IoError) as raised:
            remote.topics()
    assert str(raised.value).startswith("topics: no answer from 127.0.0.1:1 within 0.3 s: ")
    assert "refused" in str(raised.value)


def test_nobody_takes_a_record():
    pytest.importorskip("confluent_kafka")
    with (
        cnengine.log.connect("kafka://127.0.0.1:1", message_timeout_ms=300) as remote,
        pytest.raises(cnengine.errors.IoError) as raised,
        remote.producer() as producer,
    ):
        producer.send("t", "v").result(60)
    assert 'send: topic "t" did not acknowledge the record in time: ' in str(raised.value)
    assert "refused" in str(raised.value)


def test_reading_needs_no_rule_of_a_group(tmp_path):
    pytest.importorskip("confluent_kafka")
    authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
    with (
        cnengine.log.open(tmp_path / "log", fsync="none") as log,
        cnengine.kafka.Broker(
            log, listen="127.0.0.1:0", config={"authorizer.class.name": authorizer}
        ) as broker,
        cnengine.log.connect(f"kafka://{broker.bootstrap}") as remote,
    ):
        log.create_topic("t")
        log.produce("t", pa.table({"a": [1, 2]}))
        broker.acls.add("User:ANONYMOUS", "READ", "TOPIC", "t")
        assert remote.read("t").num_rows == 2
        with remote.consumer("t") as consumer:
            assert len(consumer.poll(20)) == 2


def test_a_lost_connection_is_told_once_and_by_the_log(capfd, caplog):
    pytest.importorskip("confluent_kafka")
    with cnengine.log.connect("kafka://127.0.0.1:1") as remote:
        remote.timeout = 1.0  # some twenty attempts
        for _ in range(2):
            with pytest.raises(cnengine.errors.IoError):
                remote.topics()
    [said] = [each for each in caplog.records if each.name == "cnengine.kafka"]
    assert said.levelname == "WARNING"
    assert said.getMessage().endswith("127.0.0.1:1 failed: Connection refused")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "text", ["127.0.0.1:9092", "a.example:9092,b:1", "kafka:127.0.0.1:9092", "kafka:/h:9092"]
)
def test_an_address_without_its_scheme(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(cnengine.errors.ArgumentError, match=r'did you mean "kafka://[^/]*"'):
        cnengine.log.connect(text)
    assert not list(tmp_path.iterdir())
    with cnengine.log.connect(f"./{text}", fsync="none"):
        pass
    with cnengine.log.connect(text, fsync="none") as log:  # as it is there
        assert log.topics() == []


def test_confluent_kafka_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with pytest.raises(cnengine.errors.UnsupportedError, match=r"pip install 'cnengine\[kafka\]'"):
        cnengine.log.connect("kafka://127.0.0.1:9092")


def test_nothing_is_loaded_before_it_is_needed(tmp_path):
    code = (
        "import sys, cnengine.log\n"
        f"log = cnengine.log.connect({str(tmp_path / 'log')!r})\n"
        "log.producer().close()\n"
        "print({'confluent_kafka', 'asyncio', 'cnengine.kafka'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "set()"
