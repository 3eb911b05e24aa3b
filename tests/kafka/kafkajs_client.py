"""Runs the scripts of tests/kafka/kafkajs, where node and its packages are."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = HERE.parents[1] / "build" / "kafkajs" / "node_modules"


def missing(package="kafkajs", node=(0,)):
    """Why it cannot run, or nothing; `node` is the oldest version that the package runs in."""
    if shutil.which("node") is None:
        return "there is no node here"
    if not (MODULES / package / "package.json").exists():
        return f"{package} is not installed (make kafkajs)"
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    if tuple(int(part) for part in re.findall(r"\d+", told)) < node:
        return f"{package} needs a newer node than {told.strip()}"
    return None


def run_script(scenario, bootstrap, *arguments, script="client.js", timeout=60):
    """What the scenario printed."""
    done = subprocess.run(
        ["node", HERE / "kafkajs" / script, scenario, bootstrap, *arguments],
        env={**os.environ, "NODE_PATH": str(MODULES)}, capture_output=True, text=True,
        timeout=timeout, check=False)  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return json.loads(done.stdout)
