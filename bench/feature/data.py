"""A million entities with 20 features in a store and in LMDB."""

import functools
import struct
import tempfile
from dataclasses import dataclass
from types import ModuleType
from typing import Any

FEATURES = 20


@dataclass
class Data:
    entities: int
    store: Any
    environment: Any
    directory: Any
    pack = staticmethod(struct.Struct("<q").pack)


@functools.lru_cache(maxsize=1)
def build(entities: int, *, lmdb: ModuleType | None) -> Data:
    """The same random values under keys 0, 1, ... in both; LMDB on tmpfs where there is one."""
    import numpy as np
    import pyarrow as pa
    from cnengine import feature

    values = np.random.default_rng(0).normal(size=(entities, FEATURES))
    store = feature.open()
    names = [f"f{i}" for i in range(FEATURES)]
    store.create_view("v", entities=["k"], schema=dict.fromkeys(names, "float64"), history=False)
    columns = {name: np.ascontiguousarray(values[:, i]) for i, name in enumerate(names)}
    times = pa.array(np.zeros(entities, np.int64), pa.timestamp("ms", "UTC"))
    table = pa.table({"k": np.arange(entities), "t": times, **columns})
    store.write("v", table, event_time="t")
    directory = environment = None
    if lmdb is not None:
        directory = tempfile.TemporaryDirectory(prefix="cnengine-bench-")
        environment = lmdb.open(directory.name, map_size=4 << 30, sync=False, readahead=False)
        pack = Data.pack
        # Big batches in key order of the bytes are LMDB's fastest way to load.
        rows = sorted((pack(key), values[key].tobytes()) for key in range(entities))
        with environment.begin(write=True) as transaction:
            transaction.cursor().putmulti(rows, append=True)
    return Data(entities, store, environment, directory)


def random_keys(entities: int, count: int, *, seed: int) -> Any:
    import numpy as np

    return np.random.default_rng(seed).integers(0, entities, count)
