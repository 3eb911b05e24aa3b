"""The import of cnengine.tensor beyond that of NumPy, which it needs: processor seconds of a new
interpreter; torch and JAX beside it.

All need their bytecode, which an installation brings: of sources alone, where it may not be written
(PYTHONDONTWRITEBYTECODE), each import compiles 40 modules, which takes longer than the rest."""

import importlib.util
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator

ROUNDS = 9


def importing(modules: str) -> Callable[[], object]:
    """A call whose `seconds` are those that `import numpy` does not take."""

    def spent(command: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", command], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def run() -> None:
        run.seconds = max(spent(f"import numpy, {modules}") - spent("import numpy"), 1e-6)

    return run


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "cnengine", importing("cnengine.tensor")
    for name in ("torch", "jax"):
        if scale == 1.0 and importlib.util.find_spec(name):
            yield name, importing(name)


def check(results: dict[str, object]) -> None:
    """Nothing is computed."""
