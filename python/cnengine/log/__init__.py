"""The partitioned log: append tables or records, read them back by offset.

A log is a directory of topics, a topic has partitions, a partition is an endless sequence of
records with offsets 0, 1, 2, .... Records are kept as Kafka record batches of format version 2.
See `open` for what survives a crash.

`connect` gives the same interface to a log in this process and to a Kafka cluster elsewhere;
`Producer` and `Consumer` send and read single records of either, `AsyncProducer` and
`AsyncConsumer` do so within asyncio.
"""

import importlib
from typing import Any

from cnengine.log.address import connect
from cnengine.log.consumer import Consumer, Record
from cnengine.log.producer import Delivery, Placed, Producer
from cnengine.log.store import Log, open  # noqa: A004

__all__ = [
    "AsyncConsumer",
    "AsyncProducer",
    "Consumer",
    "Delivery",
    "Log",
    "Placed",
    "Producer",
    "Record",
    "connect",
    "open",
]

# Loaded when asked for, as asyncio takes longer to load than all of this.
_ASYNC = {"AsyncConsumer": "async_consumer", "AsyncProducer": "async_producer"}


def __getattr__(name: str) -> Any:
    if name in _ASYNC:
        return getattr(importlib.import_module(f"cnengine.log.{_ASYNC[name]}"), name)
    raise AttributeError(f"module 'cnengine.log' has no attribute {name!r}")
