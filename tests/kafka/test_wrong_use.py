"""What is said about arguments that cannot be: what was expected, and what came."""

import cnengine.kafka
import cnengine.log
import pytest
from cnengine.errors import ArgumentError, IoError


@pytest.mark.parametrize("listen", ["nonsense", "9092", "h:", "h:99999", "h:abc", "h:²", 9092])
def test_an_address_that_is_none(store, listen):
    with pytest.raises(ArgumentError, match="address to listen on as host:port") as raised:
        cnengine.kafka.Broker(store, listen=listen)
    assert repr(listen) in str(raised.value)


def test_metrics_at_an_address_that_is_none(store):
    with pytest.raises(ArgumentError, match="metrics: expected an address as host:port, got 9308"):
        cnengine.kafka.Broker(store, listen="127.0.0.1:0", metrics_listen=9308)


def test_a_file_of_settings_that_cannot_be_read(store, tmp_path):
    with pytest.raises(IoError, match=r"cannot read settings of .*missing: No such file"):
        cnengine.kafka.Broker(store, listen="127.0.0.1:0", config_file=tmp_path / "missing")
    (tmp_path / "binary").write_bytes(b"num.partitions=\xff")
    with pytest.raises(ArgumentError, match="in UTF-8, got byte 15 of value 255"):
        cnengine.kafka.Broker(store, listen="127.0.0.1:0", config_file=tmp_path / "binary")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9092", "PLAINTEXT://h:9092", "kafkas://h"])
def test_an_address_of_another_scheme(address, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArgumentError, match=r'expected a path or "kafka://host:port", got'):
        cnengine.log.connect(address)
    assert not list(tmp_path.iterdir())
