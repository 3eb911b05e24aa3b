"""A program that ends while daemon threads are inside of calls: daemon_threads.py TIMES FOLDER KIND...

Each time is a child of its own, which begins its threads, waits until all have come back from a call once, and returns
from its main program a few milliseconds later. Of those that do not end well, a line is printed.
"""

import contextlib
import os
import random
import sys
import threading
import time
import traceback

import cnengine as cn
import cnengine.feature
import cnengine.gbdt.training
import cnengine.kafka
import cnengine.nn
import cnengine.tensor as ct
import numpy as np
import pandas  # noqa: F401  pyarrow asks for it, which takes each child long
import pyarrow as pa

held = []  # what the interpreter itself has to end


def ones(*shape):
    return ct.asarray(np.ones(shape, np.float32))


def matmul(folder):
    a = ones(700, 700)
    return lambda: a @ a


def elementwise(folder):
    a = ones(200, 200)
    return lambda: ct.tanh(a)


def program(folder):
    f = cn.jit(lambda x: ct.sum(ct.tanh(x * 2 + 1)))
    a = ones(200, 200)
    return lambda: f(a)


def opened(folder):
    log = cn.log.open(folder, fsync="none")
    log.create_topic("t")
    held.append(log)
    return log


def rows():
    return pa.table({"value": [b"x" * 100] * 500})


def produce(folder):
    log, table = opened(folder), rows()
    return lambda: log.produce("t", table)


def poll(folder):
    """Consumers that wait for records which never come."""
    log, own = opened(folder), threading.local()

    def wait():
        if not hasattr(own, "consumer"):
            own.consumer = log.consumer("t")
            own.consumer.poll(0.001)
        else:
            with contextlib.suppress(cn.errors.StateError):  # closed at the end
                own.consumer.poll(60)

    return wait


def broker(folder):
    log = opened(folder)
    held.append(cn.kafka.Broker(log, listen="127.0.0.1:0"))
    table = rows()
    return lambda: log.produce("t", table)


def collect(folder):
    table = pa.table({"k": np.arange(50_000) % 100, "v": np.ones(50_000)})
    frame = cn.from_arrow(table).group_by("k").agg(cn.sum("v"))
    return lambda: frame.collect()


def callable_source(folder):
    """Python code inside of the native call."""

    class Source:
        def __arrow_c_stream__(self, schema=None):
            sum(range(3000))
            return table.__arrow_c_stream__(schema)

    table = pa.table({"k": np.arange(10)})
    return lambda: cn.from_arrow(Source())


def some_rows():
    x = np.random.default_rng(0).normal(size=(1000, 5))
    return x, (x[:, 0] > 0).astype(float)


OPTIONS = {"objective": "binary", "num_iterations": 40, "verbosity": -1}


def fit(folder):
    x, y = some_rows()
    return lambda: cn.gbdt.train(OPTIONS, cn.gbdt.Dataset(x, y))


def fit_with_callbacks(folder):
    x, y = some_rows()

    def metric(predictions, data):
        return "m", float(sum(range(5000))), True

    def train():
        data = cn.gbdt.Dataset(x, y)
        cn.gbdt.train(OPTIONS, data, valid_sets=[cn.gbdt.Dataset(x, y)], feval=metric)

    return train


def prefetch(folder):
    def make():
        a = ones(300, 300)
        while True:
            yield a @ a

    batches = iter(cn.nn.Dataset.from_items(make).prefetch(2))
    held.append(batches)
    turn = threading.Lock()

    def take():
        with turn:
            next(batches)

    return take


def write_features(folder):
    store = cn.feature.open(folder)
    store.create_view("v", entities=["k"], schema={"k": "int64", "a": "float64"})
    table = pa.table({"k": np.arange(2000), "a": np.ones(2000),
                      "at": pa.array(np.arange(2000), pa.timestamp("ms", "UTC"))})  # fmt: skip
    held.append(store)
    return lambda: store.write("v", table, event_time="at")


def run(kind, folder, seed):
    call = globals()[kind](folder)
    been = threading.Semaphore(0)

    def loop():
        call()
        been.release()
        while True:
            call()

    for _ in range(2):
        threading.Thread(target=loop, daemon=True).start()
        assert been.acquire(timeout=60)
    time.sleep(random.Random(seed).uniform(0, 0.01))


def child(kind, folder, seed):
    try:
        run(kind, folder, seed)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def main():
    times, folder, kinds = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    for kind in kinds:
        for number in range(times):
            process = os.fork()
            if process == 0:
                child(kind, f"{folder}/{kind}{number}", number)
                return
            status = os.waitpid(process, 0)[1]
            if status != 0:
                print(f"{kind} {number}: {os.waitstatus_to_exitcode(status)}", file=sys.stderr)


if __name__ == "__main__":
    main()
