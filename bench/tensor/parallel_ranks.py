"""What the ranks of bench_parallel run: sums of arrays over two processes, timed by themselves."""

import os
import time

import numpy as np

RANKS = 2


def data_of(rank: int, count: int) -> np.ndarray:
    """Whole numbers, so that sums are exact."""
    return (np.arange(count, dtype=np.float32) % 1000) + rank


def timed(reduce, repeats: int) -> tuple[float, object]:
    """Seconds of one call, the mean of several, and its result."""
    result = reduce()
    start = time.perf_counter()
    for _ in range(repeats):
        result = reduce()
    return (time.perf_counter() - start) / repeats, result


def of_cnengine(count: int, repeats: int) -> tuple[float, np.ndarray]:
    import cnengine.tensor as ct
    from cnengine.tensor import parallel

    x = ct.asarray(data_of(parallel.rank(), count))
    parallel.barrier()
    seconds, result = timed(lambda: parallel.allreduce(x), repeats)
    return seconds, np.asarray(result)[:: max(count // 1000, 1)].copy()


def of_torch(pipe, rank: int, path: str, count: int, repeats: int) -> None:
    """By gloo, which adds in place: the copy that ours makes is made, too."""
    import torch
    import torch.distributed as dist

    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{path}", rank=rank, world_size=RANKS)
    x = torch.tensor(data_of(rank, count))

    def reduce() -> torch.Tensor:
        y = x.clone()
        dist.all_reduce(y)
        return y

    dist.barrier()
    seconds, result = timed(reduce, repeats)
    pipe.send((seconds, result.numpy()[:: max(count // 1000, 1)].copy()))
    dist.destroy_process_group()
