"""The metrics page of a broker process, read as Prometheus reads it."""

import http.client
import socket
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import cnengine.kafka
import pytest
from cnengine.errors import ArgumentError, IoError
from cnengine.kafka.metrics_server import parse_address
from served import broker_process

confluent = pytest.importorskip("confluent_kafka")
parser = pytest.importorskip("prometheus_client.parser")


@pytest.fixture
def broker(tmp_path):
    with broker_process(tmp_path, "--metrics", "127.0.0.1:0") as running:
        yield running


def parse(text):
    """{(name, labels): value} of a page; each series once, each family in one piece."""
    out, families = {}, []
    for family in parser.text_string_to_metric_families(text):
        families.append(family.name)
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in out
            out[key] = sample.value
    assert len(families) == len(set(families))
    return out


def scrape(broker):
    with urllib.request.urlopen(broker.metrics, timeout=20) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return parse(answer.read().decode())


def of(samples, name, **labels):
    return samples[name, frozenset(labels.items())]


def test_what_went_in_and_out_and_who_is_behind(broker, run):
    run("topic", "create", "t", "--partitions", "2")
    producer = confluent.Producer({"bootstrap.servers": broker.bootstrap})
    for number in range(30):
        producer.produce("t", b"x" * 100, partition=int(number >= 20))
    assert producer.flush(30) == 0
    consumer = confluent.Consumer(
        {"bootstrap.servers": broker.bootstrap, "group.id": "g", "enable.auto.commit": False}
    )
    consumer.assign([confluent.TopicPartition("t", 0, 0)])
    assert len(consumer.consume(20, 20)) == 20
    consumer.commit(offsets=[confluent.TopicPartition("t", 0, 15)], asynchronous=False)
    samples = scrape(broker)
    assert of(samples, "cnengine_topic_records_in_total", topic="t") == 30
    assert of(samples, "cnengine_topic_records_out_total", topic="t") == 20
    size = sum(of(samples, "cnengine_partition_size_bytes", topic="t", partition=p) for p in "01")
    assert of(samples, "cnengine_topic_bytes_in_total", topic="t") == size > 3000
    assert 2000 < of(samples, "cnengine_topic_bytes_out_total", topic="t") < size
    for partition, end in (("0", 20), ("1", 10)):
        place = {"topic": "t", "partition": partition}
        assert of(samples, "cnengine_partition_end_offset", **place) == end
        assert of(samples, "cnengine_partition_start_offset", **place) == 0
        assert of(samples, "cnengine_partition_segments", **place) == 1
    place = {"group": "g", "topic": "t", "partition": "0"}
    assert of(samples, "cnengine_group_offset", **place) == 15
    assert of(samples, "cnengine_group_lag", **place) == 5
    assert of(samples, "cnengine_groups", state="Empty") == 1
    assert of(samples, "cnengine_broker_connections") >= 2
    name = "cnengine_broker_request_seconds"
    count = of(samples, name + "_count", api="Produce")
    assert 1 <= count == of(samples, name + "_bucket", api="Produce", le="+Inf")
    assert of(samples, name + "_sum", api="Produce") > 0
    assert of(samples, "cnengine_metrics_left_off", of="partitions") == 0
    consumer.close()


def test_errors_of_answers_and_syncs_are_counted(broker, run):
    run("topic", "create", "t", "--config", "fsync=always")
    run("topic", "create", "t", fails=True)
    producer = confluent.Producer({"bootstrap.servers": broker.bootstrap})
    producer.produce("t", b"x")
    assert producer.flush(30) == 0
    samples = scrape(broker)
    labels = {"api": "CreateTopics", "error": "TOPIC_ALREADY_EXISTS"}
    assert of(samples, "cnengine_broker_errors_total", **labels) == 1
    assert of(samples, "cnengine_log_flush_seconds_count") >= 1


def test_hostile_names_of_groups_leave_the_page_readable(broker, run):
    run("topic", "create", "t")
    groups = ['a"b\n{c}\\', "x\r\x7fy", "ü"]
    for group in groups:
        consumer = confluent.Consumer({"bootstrap.servers": broker.bootstrap, "group.id": group})
        consumer.commit(offsets=[confluent.TopicPartition("t", 0, 0)], asynchronous=False)
        consumer.close()
    shown = {dict(key[1]).get("group") for key in scrape(broker) if key[0] == "cnengine_group_lag"}
    assert shown == {'a"b\\x0a{c}\\', "x\\x0d\\x7fy", "ü"}


def test_series_are_limited(tmp_path):
    config = {"metrics.max.partitions": 3}
    with cnengine.kafka.Broker(tmp_path / "log", listen="127.0.0.1:0", config=config) as broker:
        broker.log.create_topic("a", partitions=2)
        broker.log.create_topic("b", partitions=4)
        samples = parse(broker.metrics())
        sizes = [key for key in samples if key[0] == "cnengine_partition_size_bytes"]
        assert len(sizes) == 3
        assert of(samples, "cnengine_metrics_left_off", of="partitions") == 3
        assert broker.metrics_url is None


def test_the_server_of_the_page(broker):
    url = urlsplit(broker.metrics)
    base = f"http://{url.netloc}"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(base + "/", timeout=20)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
    connection.request("HEAD", "/metrics?x=1")
    answer = connection.getresponse()
    assert answer.status == 200
    assert int(answer.headers["Content-Length"]) > 0
    assert answer.read() == b""
    connection.request("POST", "/metrics")
    assert connection.getresponse().status == 501
    # Clients that say nothing keep nobody else from the page, up to a limit.
    idle = [socket.create_connection((url.hostname, url.port)) for _ in range(8)]
    scrape(broker)
    for each in idle:
        each.close()


def test_addresses(tmp_path):
    assert parse_address("0.0.0.0:1") == ("0.0.0.0", 1)
    for wrong in ("", ":1", "host:", "host:x", "host:65536"):
        with pytest.raises(ArgumentError, match="host:port"):
            parse_address(wrong)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(IoError, match=f"cannot listen on {address}"):
            cnengine.kafka.Broker(tmp_path / "log", listen="127.0.0.1:0", metrics_listen=address)
