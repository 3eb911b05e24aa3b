"""Produce 1 M rows of an Arrow table and fetch them as tables, embedded and through the socket.

Both sides use the same calls of `cnengine.log`: `log.produce` and `Consumer.poll_arrow`, once on a
log of this process, once by `kafka://` and confluent-kafka on a broker of a process of its own that
serves such a log. Values are JSON objects of 100 bytes, which are read by a schema. What the socket
path takes is mostly the work of its Python client on single records.
"""

import atexit
import shutil
import subprocess
import sys
import uuid

import cnengine.log
import numpy as np
import pyarrow as pa

from bench.log.bench_append import scratch

ROUNDS = 3
SCHEMA = {"id": "int64", "price": "float64", "note": "utf8"}


def rows(scale):
    return int(1_000_000 * scale)


OPS = rows


def make_table(count):
    numbers = np.random.default_rng(1)
    ids = np.arange(count)
    notes = pa.array([f"{i % 1000:064d}" for i in range(count)])
    return pa.table({"id": ids, "price": numbers.integers(0, 10_000, count) / 4, "note": notes})


def run(log, table):
    """Sums of what came back, which say whether all rows did."""
    topic = f"t{uuid.uuid4().hex}"
    log.create_topic(topic)
    log.produce(topic, table, value=["id", "price", "note"])
    count, ids, prices, size, offsets = 0, 0, 0.0, 0, 0
    with log.consumer(topic) as consumer:
        while count < table.num_rows:
            part = consumer.poll_arrow(200_000, 60, SCHEMA, columns=["offset"])
            assert part.num_rows
            count += part.num_rows
            ids += pa.compute.sum(part["id"]).as_py()
            offsets += pa.compute.sum(part["offset"]).as_py()
            prices += pa.compute.sum(part["price"]).as_py()
            size += pa.compute.sum(pa.compute.binary_length(part["note"])).as_py()
    log.delete_topic(topic)
    return count, ids, prices, size, offsets


def serve(path):
    """The address of a broker in a process of its own."""
    code = (
        "import sys, cnengine.log, cnengine.kafka\n"
        f"log = cnengine.log.open({path!r}, fsync='none')\n"
        "broker = cnengine.kafka.Broker(log, listen='127.0.0.1:0')\n"
        "print(broker.bootstrap, flush=True)\n"
        "sys.stdin.read()\n"
        "broker.stop()\n"
        "log.close()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(process.wait, 60)
    atexit.register(process.stdin.close)
    return process.stdout.readline().strip()


def cases(scale):
    import pyarrow.compute  # noqa: F401

    table = make_table(rows(scale))
    path = scratch()
    atexit.register(shutil.rmtree, path, True)
    log = cnengine.log.open(path + "/embedded", fsync="none")
    yield "cnengine", lambda: run(log, table)
    remote = cnengine.log.connect(f"kafka://{serve(path + '/served')}")
    atexit.register(remote.close)
    yield "socket", lambda: run(remote, table)


def check(results):
    assert results["cnengine"] == results["socket"], results
