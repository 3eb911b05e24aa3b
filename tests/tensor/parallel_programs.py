"""Programs that worker processes of tests run; see test_parallel*.py."""

import os
import signal
import threading
from pathlib import Path

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
from cnengine.tensor import parallel


def data_of(rank, size, dtype):
    """Whole numbers, so that sums of floats are exact, too."""
    values = np.random.default_rng(rank).integers(0, 8, size)
    return values.astype(np.float32 if dtype == "bfloat16" else dtype)


def as_type(values, dtype):
    return ct.astype(ct.asarray(values), ct.bool if dtype == "bool" else getattr(ct, dtype))


def collectives(sizes, dtypes):
    """Every collective over sizes and types, by what was asked for."""
    rank, ranks = parallel.rank(), parallel.size()
    out = {"transport": parallel.group.current().native.transport}
    for dtype in dtypes:
        is_number = dtype != "bool"
        for n in sizes:
            x = as_type(data_of(rank, n, dtype), dtype)
            key = f"{dtype} {n}"
            out[f"gather {key}"] = parallel.allgather(x)
            out[f"broadcast {key}"] = parallel.broadcast(x, ranks - 1)
            if not is_number:
                continue
            out[f"sum {key}"] = parallel.allreduce(x)
            blocks = as_type(data_of(rank, n * ranks, dtype), dtype)
            out[f"scatter {key}"] = parallel.reduce_scatter(blocks)
            if "complex" not in dtype:
                out[f"max {key}"] = parallel.allreduce(x, "max")
                out[f"min {key}"] = parallel.allreduce(x, "min")
            if "int" not in dtype:
                out[f"mean {key}"] = parallel.allreduce(x, "mean")
    parallel.barrier()
    return out


def floats_of(rank, n, dtype):
    values = np.random.default_rng(rank).normal(size=n)
    return as_type(values.astype(np.float32 if dtype == "bfloat16" else dtype), dtype)


def sums_of_floats(n, dtypes):
    """Sums that are rounded: of each element the order shows."""
    out = []
    for dtype in dtypes:
        x = floats_of(parallel.rank(), n, dtype)
        out.append((parallel.allreduce(x), parallel.allreduce([x[: n // 3], x[n // 3 :]])))
    return out


def tree_and_views():
    """Views of other strides, an empty array, scalars."""
    rank = parallel.rank()
    base = np.arange(12.0, dtype=np.float32).reshape(3, 4) + rank
    x = ct.asarray(base)
    tree = {"t": ct.permute_dims(x, (1, 0)), "r": x[::-1, ::2], "e": x[:0], "s": 1.0,
            "b": ct.broadcast_to(ct.asarray(np.float32(rank)), (2, 3))}  # fmt: skip
    return parallel.allreduce(tree), parallel.shard({"x": np.arange(7.0)})


def raise_at_rank(at):
    if parallel.rank() == at:
        raise ValueError("this is the reason")
    parallel.barrier()


def differ():
    if parallel.rank() == 0:
        return parallel.allreduce(1.0)
    return parallel.allgather(1.0)


def kill_in_a_sum(at):
    """A rank ends by SIGKILL while the others wait for it."""
    x = np.ones(3_000_000, np.float32)
    parallel.allreduce(x)
    if parallel.rank() == at:
        os.kill(os.getpid(), signal.SIGKILL)
    parallel.allreduce(x)


def what_others_see(how, at):
    """Each rank but `at` says what it was told; for groups that know no launcher."""
    parallel.barrier()
    if parallel.rank() == at:
        if how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        if how == "leave":
            parallel.close()
            return None
    try:
        parallel.allreduce(np.ones(2_000_000))
    except cn.Error as error:
        again = ""
        try:
            parallel.barrier()
        except cn.Error as second:
            again = str(second)
        return type(error).__name__, str(error), again
    return None


def stall(at):
    parallel.barrier()
    if parallel.rank() == at:
        threading.Event().wait()
    parallel.barrier()


def loss_of(parameters, x, y, count):
    hidden = x
    for weight in parameters["layers"]:
        hidden = ct.tanh(hidden @ weight)
    error = ct.sum(hidden * parameters["scale"], axis=1) - y
    return ct.sum(error * error) / count


def start_of(width, dtype):
    rng = np.random.default_rng(7)
    layers = [rng.normal(size=(width, width)) * 0.3 for _ in range(3)]
    return {"layers": [ct.asarray(each.astype(dtype)) for each in layers],
            "scale": ct.asarray(np.ones(width, dtype)), "unused": ct.asarray(np.ones(2, dtype))}  # fmt: skip


def batch_of(step, rows, width, dtype):
    rng = np.random.default_rng(step)
    return rng.normal(size=(rows, width)).astype(dtype), rng.normal(size=rows).astype(dtype)


def train(steps, rows, width, dtype, op, bucket_bytes, jit=False, alone=False):
    """Parameters and losses after steps of descent."""
    loss = cn.jit(loss_of) if jit else loss_of
    step_of = parallel.value_and_grad(loss, op=op, bucket_bytes=bucket_bytes)
    parameters, losses = start_of(width, dtype), []
    for step in range(steps):
        batch = batch_of(step, rows, width, dtype)
        x, y = batch if alone else parallel.shard(batch)
        count = np.dtype(dtype).type(rows if op == "sum" or alone else x.shape[0])
        value, slopes = step_of(parameters, ct.asarray(x), ct.asarray(y), ct.asarray(count))
        losses.append(float(value))
        parameters = ct.tree_map(lambda p, g: p - 0.05 * g, parameters, slopes)
    return parameters, losses


def train_twice(*args):
    return train(*args), train(*args)


def submitted_before_the_end():
    """Buckets that were on their way when the last derivative was computed, in each step."""
    queue, counts = parallel.group.current().queue, []

    @cn.custom_vjp
    def mark(x):
        return x * 1.0

    spy = Spy(queue)
    mark.defvjp(lambda x: (x * 1.0, None), lambda kept, g: (spy.note(counts, g),))
    parallel.group.current().queue = spy

    def f(weights, x):
        x = mark(x * weights[0])
        for weight in weights[1:]:
            x = ct.sin(x * weight)
        return ct.sum(x)

    slope = parallel.value_and_grad(f, bucket_bytes=1)
    weights = [ct.asarray(np.float32(i + 1)) for i in range(4)]
    for _ in range(2):
        slope(weights, ct.asarray(np.ones(3, np.float32)))
    return counts


class Spy:
    """Counts what is submitted to a queue."""

    def __init__(self, queue):
        self.queue, self.count = queue, 0

    def submit(self, arrays, op):
        self.count += 1
        self.queue.submit(arrays, op)

    def note(self, counts, passed):
        counts.append(self.count)
        return passed

    def finish(self):
        return self.queue.finish()

    def close(self):
        self.queue.close()


def elastic(folder, steps, deaths, how):
    """Counts steps up, saves each; ranks end at steps, once each, as files in `folder` remember."""
    session = parallel.session()
    step, state = session.restore({"x": np.zeros(3), "n": 0})
    while step < steps:
        mark = Path(folder) / f"{step}"
        if parallel.rank() == deaths.get(step) and not mark.exists():
            mark.touch()
            if how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            threading.Event().wait()
        total = parallel.allreduce(ct.asarray(np.full(3, 1.0)), "mean")
        state = {"x": ct.asarray(state["x"]) + total, "n": state["n"] + 1}
        step += 1
        session.save(step, state)
    return step, state, parallel.size()
