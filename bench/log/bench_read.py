"""Read of 1 M keyed records with 100-byte values into Arrow, from tmpfs, 4 MB a read.

The peer is SQLite: the same rows by `fetchmany` and into Arrow.
"""

import atexit
import shutil
import sqlite3

import cnengine.log
import pyarrow as pa

from bench.log.bench_append import OPS, make_table, scratch

__all__ = ["OPS", "cases", "check"]


def read(log, end: int) -> tuple[int, int]:
    offset, size = 0, 0
    while offset < end:
        part = log.read("t", offset=offset, max_bytes=4 << 20)
        offset += part.num_rows
        size += part["value"].chunk(0).buffers()[2].size
    return offset, size


def select(db) -> tuple[int, int]:
    cursor = db.execute("select k, v from t")
    count, size = 0, 0
    while rows := cursor.fetchmany(40_000):
        keys, values = zip(*rows, strict=True)
        part = pa.table({"k": pa.array(keys, pa.binary()), "v": pa.array(values, pa.binary())})
        count += part.num_rows
        size += part["v"].chunk(0).buffers()[2].size
    return count, size


def cases(scale):
    table = make_table(OPS(scale))
    path = scratch()
    atexit.register(shutil.rmtree, path)
    log = cnengine.log.open(path + "/log", fsync="none")
    log.create_topic("t")
    log.produce("t", table, key="k")
    end = log.end_offset("t")
    yield "cnengine", lambda: read(log, end)
    db = sqlite3.connect(path + "/db", isolation_level=None)
    db.execute("create table t (k blob, v blob)")
    db.execute("begin")
    rows = zip(table["k"].to_pylist(), table["value"].to_pylist(), strict=True)
    db.executemany("insert into t values (?, ?)", rows)
    db.execute("commit")
    yield "sqlite3", lambda: select(db)


def check(results):
    assert len(set(results.values())) == 1, results
