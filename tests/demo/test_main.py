"""What the command refuses before it begins, and what it shows at the end."""

import re
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import cnengine
import pytest
from cnengine import cli
from cnengine.demo import main as demo_main
from cnengine.demo import report
from cnengine.demo.serving import FlightsModel
from cnengine.errors import ArgumentError, IoError
from cnengine.serve.protocol import decode

README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.fixture
def no_run(monkeypatch):
    """Fails the test when the work begins."""

    def run(demo):
        pytest.fail("the run began")

    monkeypatch.setattr(demo_main.Demo, "run", run)


@pytest.mark.parametrize("option", ["--report", "--json"])
def test_files_are_checked_before_the_run(option, no_run, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    for path, reason in (
        (tmp_path / "none" / "x", f"{tmp_path / 'none'} is no folder"),
        (tmp_path / "file" / "x", f"{tmp_path / 'file'} is no folder"),
        (tmp_path, "that is a folder"),
    ):
        assert cli.main(["demo", "--data", str(tmp_path / "data"), option, str(path)]) == 1
        assert capsys.readouterr().err == (
            f"cnengine: demo: {option}: expected a file in a writable folder, "
            f"got {path}: {reason}\n"
        )


def test_unwritable_files_and_folders_are_refused(monkeypatch, tmp_path):
    there = tmp_path / "there.json"
    there.write_text("")
    monkeypatch.setattr(demo_main.os, "access", lambda path, mode: False)
    for path, odd in ((there, there), (tmp_path / "new.json", tmp_path)):
        with pytest.raises(ArgumentError, match=f"{odd} is not writable"):
            demo_main.check_targets(demo_main.Options(tmp_path, json=path, report=None))
    monkeypatch.undo()
    fine = demo_main.Options(tmp_path, json=there, report=tmp_path / "new.html")
    demo_main.check_targets(fine)
    assert not fine.report.exists()


@pytest.mark.parametrize("port", ["99999", "65536", "-1", "http", "8.5"])
def test_a_port_is_checked(port, no_run, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["demo", "--serve", f"--port={port}"])
    assert stopped.value.code == 2
    assert f"expected a port from 0 to 65535, got {port}" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "first"), [("--seed", 0), ("--days", 1)])
def test_numbers_below_the_first_are_refused(option, first, no_run, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["demo", f"{option}={first - 1}"])
    assert stopped.value.code == 2
    assert f"expected a number from {first} on, got {first - 1}" in capsys.readouterr().err


@pytest.mark.parametrize("port", [0, 65535])
def test_the_ends_of_the_ports_are_taken(port):
    options = cli.build_parser().parse_args(["demo", "--port", str(port)])
    assert options.port == port


def test_a_bound_socket_refuses_until_it_listens():
    with demo_main.bind("127.0.0.1", 0) as bound:
        address = bound.getsockname()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=5)
        bound.listen(1)
        socket.create_connection(address, timeout=5).close()
        with pytest.raises(IoError, match=f"cannot listen on 127.0.0.1, port {address[1]}: "):
            demo_main.bind(*address)


def test_the_command_listens_after_the_run(monkeypatch, capsys, tmp_path):
    seen = []

    def bind(host, port, bind=demo_main.bind):
        seen.append(bind(host, port))
        return seen[0]

    def run(options):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(seen[0].getsockname(), timeout=5)
        return "finished"

    def serve(finished, listener):
        assert finished == "finished"
        socket.create_connection(listener.getsockname(), timeout=5).close()
        seen.append("served")

    for function in (bind, run, serve):
        monkeypatch.setattr(demo_main, function.__name__, function)
    assert cli.main(["demo", "--data", str(tmp_path), "--serve", "--port", "0"]) == 0
    assert seen[1:] == ["served"]
    assert "serving http://127.0.0.1:" in capsys.readouterr().out


def test_inputs_that_are_needed_are_not_optional():
    marked = {
        spec.name: spec.metadata()["parameters"].get("optional", False)
        for spec in FlightsModel.inputs
    }
    assert [name for name, optional in marked.items() if not optional] == [
        "carrier", "origin", "dest", "scheduled_departure"
    ]  # fmt: skip
    assert [name for name, optional in marked.items() if optional] == [
        "tailnum", "scheduled_arrival", "at", "features"
    ]  # fmt: skip


def test_the_request_of_the_readme_fits_the_model():
    body = re.search(r"infer -d '([^']*)'", README.read_text())[1]
    request = decode(body.encode(), FlightsModel)
    needed = {spec.name for spec in FlightsModel.inputs if not spec.optional}
    assert set(request.inputs) == needed | {"at"}
    moments = [request.inputs[name][0] / 1000 for name in ("at", "scheduled_departure")]
    shown = [datetime.fromtimestamp(at, UTC).isoformat() for at in moments]
    assert shown == ["2013-12-24T13:30:00+00:00", "2013-12-24T14:00:00+00:00"]


def test_page_and_terminal_show_the_same_seconds():
    numbers = ("events", "event_mismatches", "late_events", "dropped_events", "rows_train", "rows_test",
               "rows_unlabelled", "auc", "auc_lightgbm", "auc_network", "log_loss", "log_loss_lightgbm",
               "log_loss_network", "calibration_error", "calibration_error_network", "requests_replayed", "values_compared", "mismatches",
               "prediction_mismatches", "events_per_s")  # fmt: skip
    points = {"p50": 1.0, "p99": 2.0, "p999": 3.0}
    figures = dict.fromkeys(numbers, 1) | {"latency_us": points, "event_us": points}
    page = report.figure_rows(figures | {"seconds": {"read": 1.25, "train": 2.5}})
    table = report.figure_rows(figures | {"seconds": {"read": 1.25, "train": 2.5, "report": 0.5}})
    assert page == table
    assert page[-1] == ("seconds up to the report", "3.8")


def test_the_package_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "cnengine", "--version"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(cnengine.__file__).parent.parent,
    )
    assert (done.returncode, done.stdout) == (0, f"cnengine {cnengine.__version__}\n")
