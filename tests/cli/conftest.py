"""A broker process, and commands that speak to it."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from cnengine import cli
from served import broker_process


@pytest.fixture
def broker(tmp_path):
    with broker_process(tmp_path) as running:
        yield running


@pytest.fixture
def run(broker, capsys):
    """Runs a command; gives what it printed, or the error's text when it failed."""

    def run(*arguments, fails=False):
        status = cli.main([*arguments, "--bootstrap-server", broker.bootstrap])
        shown = capsys.readouterr()
        assert status == int(fails), shown.err
        return shown.err if fails else shown.out

    return run


@pytest.fixture
def run_json(run):
    return lambda *arguments: json.loads(run(*arguments, "--json"))
