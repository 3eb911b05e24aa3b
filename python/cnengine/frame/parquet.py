"""Parquet files as frames."""

from __future__ import annotations

import os
from collections.abc import Sequence

from cnengine import errors
from cnengine._core import frame as _native
from cnengine.frame.frame import Frame


def read_parquet(path: str | os.PathLike | Sequence[str | os.PathLike]) -> Frame:
    """A frame over Parquet files; only the columns that the query needs are read, at `collect`.

    Parameters
    ----------
    path
        A file, a folder of files, or a list of files with one schema.

    Raises
    ------
    NotFoundError
        When there is no such file; at `collect` when it is gone by then.
    CorruptionError
        When a file is not Parquet; at `collect` when it is damaged, or its columns do not have the
        types of the first file.
    ArgumentError
        For an empty list.

    Examples
    --------
    >>> import cnengine.frame as cf, pyarrow as pa, pyarrow.parquet as pq
    >>> pq.write_table(pa.table({"x": [1, 2, 3]}), "numbers.parquet")
    >>> cf.read_parquet("numbers.parquet").filter(cf.col("x") > 1).collect()["x"].to_pylist()
    [2, 3]
    """
    import pyarrow as pa
    import pyarrow.dataset as dataset

    paths = [path] if isinstance(path, (str, os.PathLike)) else list(path)
    paths = [os.fspath(p) for p in paths]
    if not paths:
        raise errors.ArgumentError("read_parquet: expected at least one file, got none")
    for p in paths:
        if not os.path.exists(p):
            raise errors.NotFoundError(f'read_parquet: no file "{p}"')
    source = paths[0] if len(paths) == 1 else paths
    try:
        data = dataset.dataset(source, format="parquet")
    except (pa.ArrowInvalid, pa.ArrowTypeError, OSError) as error:
        raise errors.CorruptionError(f"read_parquet: {', '.join(paths)}: {error}") from error

    def read(columns: list[str]) -> pa.Table:
        try:
            return data.to_table(columns=columns)
        except FileNotFoundError as error:
            raise errors.NotFoundError(f"read_parquet: {error}") from error
        except (pa.ArrowInvalid, pa.ArrowTypeError, OSError) as error:
            raise errors.CorruptionError(f"read_parquet: {', '.join(paths)}: {error}") from error

    # An empty batch tells the types as they come in: dictionaries as their values, and so on.
    empty = _native.scan(data.schema.empty_table()).empty()
    return Frame(_native.scan_callable(f"parquet {', '.join(paths)}", pa.table(empty).schema, read))
