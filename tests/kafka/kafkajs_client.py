"""Runs tests/kafka/kafkajs/client.js, where node and its packages are."""

import json
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = HERE.parents[1] / "build" / "kafkajs" / "node_modules"


def missing():
    """Why it cannot run, or nothing."""
    if shutil.which("node") is None:
        return "there is no node here"
    if not (MODULES / "kafkajs" / "package.json").exists():
        return "kafkajs is not installed (make kafkajs)"
    return None


def run_script(scenario, bootstrap, *arguments, timeout=60):
    """What the scenario printed."""
    done = subprocess.run(
        ["node", HERE / "kafkajs" / "client.js", scenario, bootstrap, *arguments],
        env={**os.environ, "NODE_PATH": str(MODULES)}, capture_output=True, text=True,
        timeout=timeout, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)
