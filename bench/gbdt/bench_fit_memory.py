"""Memory of a fit, MiB above the data, higgs-like 11 M x 28, beside LightGBM, XGBoost, CatBoost.

The fit of bench_fit.py in 20 trees, each in a process of its own. `quality` is the rise of the
resident memory from before the fit, when data and libraries are loaded, to its peak (VmHWM, Linux).
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import bench_fit
import data

from bench import harness

ROUNDS = 1
WARM_UP = False
TREES = 20


def cases(scale):
    for name in ("cnengine", "lightgbm", "xgboost", "catboost"):
        if name == "cnengine" or harness.peer(name):
            yield name, lambda name=name: rise_of(name, scale)


def rise_of(name: str, scale: float) -> float:
    command = [sys.executable, __file__, name, str(scale)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def check(results):
    assert all(value > 0 for value in results.values()), results


def resident(field: str) -> float:
    """MiB of VmRSS or VmHWM."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"no {field}")


def main(name: str, scale: float) -> None:
    harness.limit_threads()
    bench_fit.TREES = TREES
    fit = {"cnengine": bench_fit.ours}.get(name)
    if fit is None:
        module = harness.peer(name)
        fit = lambda d: getattr(bench_fit, f"with_{name}")(module, d)  # noqa: E731
    fit(data.load("higgs11", 0.0005))  # libraries and threads are there
    d = data.load("higgs11", scale)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = resident("VmRSS")
    fit(d)
    print(resident("VmHWM") - before)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
