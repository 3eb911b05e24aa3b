"""Parquet files as frames, against the table that was written."""

import cnengine.frame as cf
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from cnengine import errors


def test_parquet(tmp_path):
    rng = np.random.default_rng(1)
    table = pa.table(
        {"i": pa.array(rng.integers(-5, 6, 500), mask=rng.random(500) < 0.2),
         "s": pa.array(rng.integers(0, 9, 500)).cast(pa.string()), "f": rng.normal(size=500)}
    )  # fmt: skip
    path = tmp_path / "x.parquet"
    pq.write_table(table, path, row_group_size=64)
    frame = cf.read_parquet(path)
    assert frame.collect().equals(table)
    query = frame.filter(cf.col("i") > 0).select("s")
    assert query.explain().endswith(": i, s")
    assert query.collect().equals(table.filter(pc.field("i") > 0).select(["s"]))
    with pytest.raises(errors.NotFoundError, match="read_parquet: no file"):
        cf.read_parquet(tmp_path / "none.parquet")
    (tmp_path / "bad.parquet").write_bytes(b"not parquet")
    with pytest.raises(errors.CorruptionError, match=r"read_parquet: .*bad\.parquet"):
        cf.read_parquet(tmp_path / "bad.parquet")
    with pytest.raises(errors.ArgumentError, match="read_parquet: expected at least one file"):
        cf.read_parquet([])


def test_parquet_that_is_damaged_or_gone_when_it_is_read(tmp_path):
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"x": [1, 2]}), path)
    frame = cf.read_parquet(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + b"\xff" * 20 + whole[24:])  # the header of the first page
    with pytest.raises(errors.CorruptionError, match=r"read_parquet: .*x\.parquet"):
        frame.collect()
    path.unlink()
    with pytest.raises(errors.NotFoundError, match="read_parquet: "):
        frame.collect()
    pq.write_table(pa.table({"x": pa.array([1], pa.int8())}), path)
    pq.write_table(pa.table({"x": [1000]}), tmp_path / "y.parquet")
    with pytest.raises(errors.CorruptionError, match="1000 not in range"):
        cf.read_parquet([path, tmp_path / "y.parquet"]).collect()
