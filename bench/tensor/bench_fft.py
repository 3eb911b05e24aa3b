"""Fourier transforms of float32 or float64 numbers, beside NumPy, SciPy and torch (MKL).

Sets: what is transformed; the last word is the type of the real parts.
"""

from collections.abc import Callable, Iterator

import numpy as np

from bench.harness import THREADS, peer

SHAPES = {
    "rows-256": (4096, 256),
    "rows-1000": (1024, 1000),
    "line-65536": (1, 65_536),
    "line-1048576": (1, 1_048_576),
    "prime-10007": (64, 10_007),
    "image-1024": (1024, 1024),
}
SETS = tuple(
    f"{kind}-{shape}-{dtype}"
    for kind in ("fft", "rfft")
    for shape in SHAPES
    for dtype in ("float32", "float64")
)
SET = "fft-rows-256-float32"  # `--set` changes it
ROUNDS = 9


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import cnengine.tensor as ct

    kind, *words, dtype = SET.split("-")
    rows, length = SHAPES["-".join(words)]
    is_image = words[0] == "image"
    x = np.random.default_rng(0).normal(size=(max(int(rows * scale), 1), length)).astype(dtype)
    if kind == "fft":
        x = x.astype("complex64" if dtype == "float32" else "complex128")
    name = kind + ("2" if is_image else "")

    ours = ct.asarray(x)
    yield "cnengine", lambda: getattr(ct.fft, name)(ours)
    yield "numpy", lambda: getattr(np.fft, name)(x)
    if scipy_fft := peer("scipy.fft"):
        yield "scipy", lambda: getattr(scipy_fft, name)(x, workers=THREADS)
    if torch := peer("torch"):
        torch.set_num_threads(THREADS)
        theirs = torch.from_numpy(x)
        yield "torch", lambda: getattr(torch.fft, name)(theirs)


def check(results: dict[str, object]) -> None:
    want = np.asarray(results["cnengine"])
    for name, got in results.items():
        limit = 1e-5 * np.abs(want).max()
        np.testing.assert_allclose(np.asarray(got), want, rtol=0, atol=limit, err_msg=name)
