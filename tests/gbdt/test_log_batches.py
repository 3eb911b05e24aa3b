"""Training from a topic of the log: batches that a function reads give the model of the rows."""

import json

import cnengine as cn
import numpy as np
import pyarrow as pa
import pyarrow.json
import pytest
from cnengine.gbdt import Dataset, train

RNG = np.random.default_rng(4)
N = 3000
CITY = np.array(["oslo", "rome", "bern", "lima"], dtype=object)[RNG.integers(0, 4, N)]
CITY[RNG.random(N) < 0.05] = None
PRICE = RNG.normal(size=N)
SCHEMA = pa.schema({"row": pa.int64(), "city": pa.string(), "price": pa.float64(),
                    "count": pa.int64(), "paid": pa.float64(), "w": pa.float64()})  # fmt: skip
TABLE = pa.table(
    {
        "row": np.arange(N),
        "city": pa.array(CITY),
        "price": pa.array(PRICE, mask=RNG.random(N) < 0.1),
        "count": RNG.integers(0, 50, N),
        "paid": ((PRICE > 0.3) ^ (CITY == "rome")).astype(float),
        "w": RNG.integers(1, 3, N).astype(float),
    },
    schema=SCHEMA,
)
PARAMS = {"objective": "binary", "num_leaves": 15, "metric": "auc"}
PARTITIONS = 2


def records(log):
    """The values of the records of all partitions, some at a time."""
    for partition in range(PARTITIONS):
        offset = log.start_offset("rides", partition)
        while (
            found := log.read("rides", partition=partition, offset=offset, max_bytes=20_000)
        ).num_rows:
            offset = found["offset"][-1].as_py() + 1
            yield found["value"].to_pylist()


def from_json(values):
    lines = pa.py_buffer(b"\n".join(values))
    options = pa.json.ParseOptions(explicit_schema=SCHEMA)
    return pa.json.read_json(pa.BufferReader(lines), parse_options=options).select(SCHEMA.names)


def from_arrow(values):
    return pa.concat_tables([pa.ipc.open_stream(value).read_all() for value in values])


def produce_json(log):
    for begin in range(0, N, 250):  # several batches of records
        log.produce("rides", TABLE.slice(begin, 250), key="row", value=SCHEMA.names)


def produce_arrow(log):
    """A record is an Arrow stream of 40 rows."""
    values = []
    for begin in range(0, N, 40):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, SCHEMA) as writer:
            writer.write_table(TABLE.slice(begin, 40))
        values.append(sink.getvalue().to_pybytes())
    for begin in range(0, len(values), 10):
        part = pa.array(values[begin : begin + 10], pa.binary())
        log.produce("rides", pa.table({"value": part, "key": range(begin, begin + len(part))}),
                    key="key", value="value")  # fmt: skip


@pytest.mark.parametrize(
    ("produce", "decode"), [(produce_json, from_json), (produce_arrow, from_arrow)],
    ids=["json", "arrow"],
)  # fmt: skip
def test_a_topic_trains_as_its_rows_in_memory(produce, decode, tmp_path):
    log = cn.log.open(str(tmp_path))
    log.create_topic("rides", partitions=PARTITIONS)
    produce(log)
    calls = []

    def batches():
        calls.append(0)
        for values in records(log):
            calls[-1] += 1
            yield decode(values).drop_columns("row")

    order = np.concatenate([decode(values)["row"].to_numpy() for values in records(log)])
    assert sorted(order) == list(range(N))
    rows = TABLE.take(order).drop_columns("row")  # as the partitions hold them
    in_memory = Dataset(rows, label="paid", weight="w")
    streamed = Dataset.from_batches(batches, label="paid", weight="w")
    assert streamed.num_rows == N
    whole = train(PARAMS, in_memory, 20, valid_sets=[in_memory])
    model = train(PARAMS, streamed, 20, valid_sets=[in_memory])
    assert model.to_bytes() == whole.to_bytes()
    assert model.evals_result == whole.evals_result
    assert model.evals_result["valid_0"]["auc"][-1] > 0.95
    assert model.categories()[0] == ["bern", "lima", "oslo", "rome"]
    assert len(calls) <= 4
    assert len(set(calls)) == 1
    assert calls[0] > 2  # it came in pieces
    again = train(PARAMS, streamed, 20)
    assert again.to_bytes() == whole.to_bytes()
    assert len(calls) <= 4  # the bins are kept


def test_records_that_come_meanwhile_are_found_out(tmp_path):
    """A topic that grows is not the same rows each time: read up to an end that was noted."""
    log = cn.log.open(str(tmp_path))
    log.create_topic("rides", partitions=PARTITIONS)
    produce_json(log)

    def growing():
        for values in records(log):
            yield from_json(values).drop_columns(["row", "w"])
        log.produce("rides", TABLE.slice(0, 3), key="row", value=SCHEMA.names)

    data = Dataset.from_batches(growing, label="paid")
    with pytest.raises(cn.errors.ArgumentError, match=r"the same rows each time|the same batches"):
        train(PARAMS, data, 1)


def test_plain_python_decodes_as_well(tmp_path):
    log = cn.log.open(str(tmp_path))
    log.create_topic("rides", partitions=PARTITIONS)
    produce_json(log)

    def batches():
        for values in records(log):
            rows = [json.loads(value) for value in values]
            x = np.array([[r["price"], r["count"]] for r in rows], dtype=np.float64)
            yield x, np.array([r["paid"] for r in rows]), np.array([r["w"] for r in rows])

    parts = list(batches())
    X, y, w = (np.concatenate([part[k] for part in parts]) for k in range(3))
    whole = train(PARAMS, Dataset(X, y, weight=w), 10)
    assert train(PARAMS, Dataset.from_batches(batches), 10).to_bytes() == whole.to_bytes()
