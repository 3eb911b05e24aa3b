"""One entity of a million with 20 float64 features, from Python, against LMDB with decoding.

Both answer with a float64 array: cnengine by a prepared lookup and by names, LMDB by a get in a
read transaction that stays open and `numpy.frombuffer`. Keys are random, so memory is cold.
"""

from collections.abc import Callable, Iterator

from bench.feature.data import FEATURES, build, random_keys
from bench.harness import peer

CALLS = 20_000
OPS = lambda scale: CALLS  # noqa: E731
ROUNDS = 15


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import numpy as np

    data = build(max(1000, int(1_000_000 * scale)), lmdb=peer("lmdb"))
    keys = random_keys(data.entities, CALLS, seed=1).tolist()
    refs = [f"v:f{i}" for i in range(FEATURES)]
    prepared = data.store.prepare(refs).lookup_matrix
    by_name = data.store.lookup_matrix

    def last(answers: Callable[[int], object]) -> Callable[[], object]:
        def call() -> object:
            for key in keys:
                answer = answers(key)
            return np.asarray(answer).reshape(-1)

        return call

    yield "cnengine", last(lambda key: prepared({"k": [key]}))
    yield "cnengine by names", last(lambda key: by_name(refs, {"k": [key]}))
    if data.environment is not None:
        get = data.environment.begin(buffers=True).get
        pack, frombuffer = data.pack, np.frombuffer
        yield "lmdb", last(lambda key: frombuffer(get(pack(key)), np.float64))


def check(results: dict[str, object]) -> None:
    import numpy as np

    for name, answer in results.items():
        np.testing.assert_array_equal(answer, results["cnengine"], err_msg=name)
