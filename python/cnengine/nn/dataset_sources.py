"""Where rows of datasets come from: blocks of Parquet files and of topics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, NotFoundError, TypeError  # noqa: A004
from cnengine.nn.dataset_rows import Block, BlockRows, arrays_of_table

Columns = Sequence[str] | None


def table_of(frame: Any) -> Any:
    """An Arrow table of what `Dataset.from_frame` takes; raises TypeError of all else."""
    import pyarrow as pa

    if hasattr(frame, "collect"):  # of this package, or lazy
        frame = frame.collect()
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    if hasattr(frame, "iloc") and hasattr(frame, "columns"):  # pandas: its index is no column
        return pa.Table.from_pandas(frame, preserve_index=False)
    if hasattr(frame, "__arrow_c_stream__"):
        return pa.table(frame)
    raise TypeError(f"from_frame: expected a table of columns, got {type(frame).__name__}")


def parquet_rows(
    path: Any, features: Columns, target: str | None, dtype: ct.DType | None, block_rows: int
) -> BlockRows:
    """Rows of Parquet files, `block_rows` at a time. Raises ArgumentError for missing columns."""
    import pyarrow as pa
    import pyarrow.dataset as dataset

    try:
        source = dataset.dataset(path, format="parquet")
    except FileNotFoundError as error:
        raise NotFoundError(f"from_parquet: no file {path!r}") from error
    wanted = None if features is None else [*features, *([target] if target else [])]
    missing = [name for name in wanted or () if name not in source.schema.names]
    if missing:
        raise ArgumentError(f"from_parquet: no columns {missing} in {source.schema.names}")

    def of_file(file: Any) -> Iterator[Block]:
        rows = 0
        try:
            for batch in file.to_batches(source.schema, columns=wanted, batch_size=block_rows):
                if batch.num_rows:
                    table = pa.Table.from_batches([batch])
                    yield arrays_of_table(table, features, target, dtype), None
                    rows += batch.num_rows
        except Exception as error:
            error.add_note(f"from_parquet: after {rows} rows of {file.path}")
            raise

    def blocks(epoch: int) -> Iterator[Block]:
        # One file after the other: a scan of all would tell of one that it reads ahead too early.
        for file in source.get_fragments():
            yield from of_file(file)

    return BlockRows(blocks, source.count_rows())


def log_rows(
    log: Any,
    topic: str,
    schema: Any,
    features: Columns,
    target: str | None,
    partitions: Sequence[int] | None,
    dtype: ct.DType | None,
    block_rows: int,
) -> BlockRows:
    """Records of a topic up to what it has at the start of a pass."""

    def blocks(epoch: int) -> Iterator[Block]:
        chosen = range(log.partitions(topic)) if partitions is None else partitions
        ends = {p: log.end_offset(topic, p) for p in chosen}
        with log.consumer() as consumer:
            for p, end in ends.items():
                consumer.assign([(topic, p, "earliest")])
                while consumer.position(topic, p) < end:
                    table = consumer.poll_arrow(block_rows, 0, schema, columns=["offset"])
                    if table.num_rows == 0:
                        break
                    offsets = table.column("offset").to_numpy()
                    table = table.slice(0, int((offsets < end).sum())).drop_columns(["offset"])
                    if table.num_rows:
                        yield arrays_of_table(table, features, target, dtype), None

    return BlockRows(blocks, None)
