"""A broker in a process of its own."""

import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from types import SimpleNamespace


@contextmanager
def broker_process(folder, *arguments):
    """`cnengine broker` on a free port; `bootstrap` and what else its lines tell."""
    command = [sys.executable, "-u", "-m", "cnengine", "broker", "--data", str(folder / "log"),
               "--listen", "127.0.0.1:0", "--fsync", "none",
               "--set", "group.initial.rebalance.delay.ms=0", *arguments]  # fmt: skip
    errors = (folder / "stderr").open("wb")
    with (
        errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            line = process.stdout.readline()
            bootstrap = re.match(r"broker (\S+) on ", line)
            assert bootstrap, (line, (folder / "stderr").read_text())
            metrics = re.search(r", metrics (\S+),", line)
            yield SimpleNamespace(bootstrap=bootstrap[1], metrics=metrics and metrics[1],
                                  process=process, stderr=folder / "stderr")  # fmt: skip
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
