"""Append of 1 M keyed records with 100-byte values from an Arrow table, fsync off, on tmpfs.

The peer is SQLite: `executemany` into a table of key and value in one transaction, journal and
syncs off, also on tmpfs. Both begin with an empty directory each time.
"""

import os
import random
import shutil
import sqlite3
import tempfile

import cnengine.log
import pyarrow as pa

ROWS = 1_000_000


def OPS(scale):
    return int(ROWS * scale)


def scratch() -> str:
    return tempfile.mkdtemp(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)


def make_table(rows: int) -> pa.Table:
    numbers = random.Random(1)
    block = numbers.randbytes(100 * 1000)
    values = [block[100 * (i % 1000) : 100 * (i % 1000) + 100] for i in range(rows)]
    return pa.table({"k": [b"key-%07d" % (i % 50_000) for i in range(rows)], "value": values})


def append(table: pa.Table) -> int:
    path = scratch()
    try:
        with cnengine.log.open(path, fsync="none") as log:
            log.create_topic("t")
            return len(log.produce("t", table, key="k")[0])
    finally:
        shutil.rmtree(path)


def insert(rows: list) -> int:
    path = scratch()
    try:
        db = sqlite3.connect(path + "/db", isolation_level=None)
        db.execute("pragma journal_mode = off")
        db.execute("pragma synchronous = off")
        db.execute("create table t (k blob, v blob)")
        db.execute("begin")
        db.executemany("insert into t values (?, ?)", rows)
        db.execute("commit")
        count = db.execute("select count(*) from t").fetchone()[0]
        db.close()
        return count
    finally:
        shutil.rmtree(path)


def cases(scale):
    table = make_table(OPS(scale))
    rows = list(zip(table["k"].to_pylist(), table["value"].to_pylist(), strict=True))
    yield "cnengine", lambda: append(table)
    yield "sqlite3", lambda: insert(rows)


def check(results):
    assert len(set(results.values())) == 1, results
