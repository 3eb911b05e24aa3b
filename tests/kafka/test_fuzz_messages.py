"""A run of the libFuzzer target, where it was built: CNE_FUZZ=ON, with clang.

Its seeds are valid messages of kafka-python's encoder. A finding is left in the folder of the test.
"""

import random
import subprocess
from pathlib import Path

import pytest
from cnengine import _core
from random_message import CLASSES, random_message

ROOT = Path(__file__).resolve().parents[2]


def write_seeds(folder):
    """Each is three bytes that choose API, version and direction, and a body."""
    rng = random.Random(4)
    folder.mkdir()
    for index, (_, name, first, last, _) in enumerate(_core.kafka.message_apis()):
        for request in (0, 1):
            cls = CLASSES.get(name + ("Request" if request else "Response"))
            for version in range(first, last + 1) if cls else ():
                body = bytes(random_message(rng, cls, version).encode(version=version))
                seed = bytes([index, version - first, request]) + body
                (folder / f"{name}-{version}-{request}").write_bytes(seed)


@pytest.mark.parametrize("runs", [200_000, pytest.param(10_000_000, marks=[
    pytest.mark.slow, pytest.mark.timeout(3600)])])  # fmt: skip
def test_no_findings(runs, tmp_path):
    built = sorted(ROOT.glob("build/*/tests/kafka/fuzz_messages"))
    if not built:
        pytest.skip("no fuzzer was built (cmake -DCNE_TESTS=ON -DCNE_FUZZ=ON, needs clang)")
    write_seeds(tmp_path / "seeds")
    done = subprocess.run(
        [built[-1], f"-runs={runs}", "-seed=1", "-max_len=4096", "-malloc_limit_mb=4",
         "-timeout=5", tmp_path / "seeds"],
        cwd=tmp_path, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
