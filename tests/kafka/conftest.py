import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import cnengine.kafka
import cnengine.log
from wire_client import Client


@pytest.fixture
def store(tmp_path):
    with cnengine.log.open(tmp_path / "log", fsync="none") as log:
        yield log


@pytest.fixture
def broker(store):
    """A broker with settings that make tests quick; four partitions a topic."""
    config = {"num.partitions": 4, "group.initial.rebalance.delay.ms": 0}
    with cnengine.kafka.Broker(store, listen="127.0.0.1:0", config=config) as broker:
        yield broker


@pytest.fixture
def client(broker):
    with Client(broker.address) as client:
        yield client


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """An authority, a broker's identity, and clients'."""
    pytest.importorskip("cryptography")
    from tls_world import World

    return World(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def start_tls(store, world):
    """Starts brokers that speak TLS; a name's "_" stands for "." where it has no "."."""
    from tls_world import start_broker

    started = []

    def make(listen="SSL://127.0.0.1:0", **config):
        config = {n if "." in n else n.replace("_", "."): v for n, v in config.items()}
        started.append(start_broker(store, world, listen, config))
        return started[-1]

    yield make
    for broker in started:
        broker.stop()
