"""Batches of 1,000 entities of a million, 20 float64 features, against LMDB with decoding.

Every call answers one (1000, 20) float64 matrix; the keys come as an int64 array. LMDB: a get a key
(`getmulti` of a cursor as well) in a read transaction that stays open, decoded into the matrix.
"""

from collections.abc import Callable, Iterator

from bench.feature.data import FEATURES, build, random_keys
from bench.harness import peer

BATCH, CALLS = 1000, 20
OPS = lambda scale: BATCH * CALLS  # noqa: E731
ROUNDS = 15


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import numpy as np

    data = build(max(1000, int(1_000_000 * scale)), lmdb=peer("lmdb"))
    # New keys in every call and round, so that memory is cold.
    batches = random_keys(data.entities, BATCH * CALLS * 50, seed=2).reshape(-1, BATCH)
    prepared = data.store.prepare([f"v:f{i}" for i in range(FEATURES)]).lookup_matrix
    fixed = batches[0]

    def turns(answer: Callable[[np.ndarray], np.ndarray]) -> Callable[[], object]:
        round_ = 0

        def call() -> object:
            nonlocal round_
            round_ = (round_ + 1) % 50
            for keys in batches[round_ * CALLS : (round_ + 1) * CALLS]:
                answer(keys)
            return answer(fixed)

        return call

    yield "cnengine", turns(lambda keys: prepared({"k": keys}))
    if data.environment is not None:
        transaction = data.environment.begin(buffers=True)
        get, pack, frombuffer = transaction.get, data.pack, np.frombuffer
        cursor = transaction.cursor()

        def by_get(keys: np.ndarray) -> np.ndarray:
            values = b"".join([get(pack(key)) for key in keys.tolist()])
            return frombuffer(values, np.float64).reshape(len(keys), FEATURES)

        def by_getmulti(keys: np.ndarray) -> np.ndarray:
            pairs = cursor.getmulti([pack(key) for key in keys.tolist()])
            values = b"".join([value for _, value in pairs])
            return frombuffer(values, np.float64).reshape(len(keys), FEATURES)

        yield "lmdb", turns(by_get)
        yield "lmdb getmulti", turns(by_getmulti)


def check(results: dict[str, object]) -> None:
    import numpy as np

    for name, answer in results.items():
        np.testing.assert_array_equal(answer, results["cnengine"], err_msg=name)
