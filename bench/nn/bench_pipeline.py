"""A shuffled pass in batches of 256: 200,000 rows of 32 float32 and a label, 12,000 of 3,072.

Every case goes through the same arrays, in an order drawn anew in each pass, and adds up the
labels, which is checked. Ours is `shuffle().batch(256).prefetch(2)`, in which a thread of C++
gathers ahead; "cnengine-eager" is the same without `prefetch`, "cnengine-map" with a function of
Python in front of it. torch is `DataLoader(TensorDataset(x, y), 256, shuffle=True)` with 0 and with
2 workers (which take a row at a time), "torch-batched" its loader with the numbers of a batch as a
sample (`batch_size=None`). tf.data shuffles in a buffer of all rows.

Workers of torch are started anew in each pass, which is a tenth of a second. Nothing else is done
with a batch, so reading ahead has nothing to run beside: on two threads of one core `prefetch` is
at 0.8 of the same without it for narrow rows, and 1.6 times as fast for wide ones.
"""

from collections.abc import Callable, Iterator

import numpy as np

from bench.harness import THREADS, peer

SETS = ("narrow", "wide")
SET = "narrow"
BATCH = 256


def ROUNDS(name: str) -> int:
    return 7


def _rows(scale: float) -> tuple[int, int]:
    rows, width = (200_000, 32) if SET == "narrow" else (12_000, 3_072)
    return max(int(rows * scale), 1_000), width


def OPS(scale: float) -> int:
    """Rows a call."""
    return _rows(scale)[0]


def _ours(x: np.ndarray, y: np.ndarray) -> Iterator[tuple[str, Callable[[], object]]]:
    from cnengine import nn

    def going(data: nn.Dataset) -> Callable[[], object]:
        return lambda: sum(int(np.asarray(labels).sum()) for _, labels in data)

    batches = nn.Dataset.from_arrays(x, y).shuffle(seed=0).batch(BATCH)
    yield "cnengine", going(batches.prefetch(2))
    yield "cnengine-eager", going(batches)
    yield "cnengine-map", going(batches.map(lambda rows, labels: (rows, labels)).prefetch(2))


def _torch(torch, x: np.ndarray, y: np.ndarray) -> Iterator[tuple[str, Callable[[], object]]]:
    from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

    torch.set_num_threads(THREADS)
    rows = TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
    batches = BatchSampler(RandomSampler(rows), BATCH, False)
    loaders = {
        "torch": DataLoader(rows, BATCH, shuffle=True),
        "torch-workers-2": DataLoader(rows, BATCH, shuffle=True, num_workers=2),
        "torch-batched": DataLoader(rows, sampler=batches, batch_size=None),
    }
    for name, loader in loaders.items():
        yield name, lambda loader=loader: sum(int(labels.sum()) for _, labels in loader)


def _tensorflow(tf, x: np.ndarray, y: np.ndarray) -> Callable[[], object]:
    tf.config.threading.set_intra_op_parallelism_threads(THREADS)
    tf.config.threading.set_inter_op_parallelism_threads(THREADS)
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(y)).batch(BATCH).prefetch(2)
    return lambda: sum(int(labels.numpy().sum()) for _, labels in data)


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    rows, width = _rows(scale)
    rng = np.random.default_rng(0)
    x, y = rng.random((rows, width), np.float32), rng.integers(0, 10, rows)
    yield from _ours(x, y)
    if torch := peer("torch"):
        yield from _torch(torch, x, y)
    if tf := peer("tensorflow"):
        yield "tf.data", _tensorflow(tf, x, y)


def check(results: dict[str, object]) -> None:
    """Sums of all labels, which no order changes."""
    assert len(set(results.values())) == 1, results
