"""The demo from the command line on a sample of days, its replay, and its server."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from cnengine import cli
from cnengine import log as logs
from cnengine.demo import main as demo_main
from cnengine.demo.features import FEATURES
from cnengine.demo.ingest import ingest
from cnengine.demo.replay import REQUESTS_FILE, replay_in_new_process
from cnengine.errors import Error, NotFoundError

DAYS = 15


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A demo that has run, its folder and its figures."""
    folder = tmp_path_factory.mktemp("demo")
    options = demo_main.Options(
        folder / "data", DAYS, json=folder / "figures.json", report=folder / "report.html"
    )
    demo = demo_main.run(options)
    return demo, folder, json.loads((folder / "figures.json").read_text())


def test_figures_have_the_promised_keys(finished):
    _, _, figures = finished
    for name in ("events", "late_events", "rows_train", "rows_test", "rows_unlabelled", "auc",
                 "auc_lightgbm", "auc_network", "log_loss", "log_loss_network", "mismatches",
                 "events_per_s"):  # fmt: skip
        assert name in figures
    assert set(figures["latency_us"]) == {"p50", "p99", "p999"}
    stages = ["read", "ingest", "embedded", "compare", "stream", "join", "train", "lightgbm", "network",
              "replay", "report"]  # fmt: skip
    assert list(figures["seconds"]) == stages
    assert figures["events"] > 20_000
    assert figures["late_events"] > 0
    total = figures["rows_train"] + figures["rows_test"] + figures["rows_unlabelled"]
    assert total == figures["flights"]
    assert figures["auc"] > 0.6
    assert figures["auc"] == pytest.approx(figures["auc_lightgbm"], abs=0.03)
    assert figures["auc_network"] > 0.6
    points = figures["latency_us"]
    assert 0 < points["p50"] <= points["p99"] <= points["p999"]


def test_a_kafka_client_and_the_embedded_path_write_the_same_log(finished):
    _, _, figures = finished
    assert figures["events_appended"] == figures["events_embedded"] == figures["events"]
    assert figures["event_mismatches"] == 0


def test_live_and_history_agree_in_every_bit(finished):
    _, _, figures = finished
    assert figures["mismatches"] == 0
    assert figures["static_mismatches"] == 0
    assert figures["prediction_mismatches"] == 0
    assert figures["values_compared"] == figures["requests_replayed"] * 17
    assert figures["requests_replayed"] > 2000


def test_the_page_is_there(finished):
    _, folder, _ = finished
    page = (folder / "report.html").read_text()
    assert page.startswith("<!doctype html>")
    assert page.endswith("</html>")
    assert not re.search(r"<script[^>]+src=", page)


def test_one_altered_event_is_noticed(finished, tmp_path):
    demo, folder, _ = finished
    table = demo.events["departures"]
    row = table.num_rows - 1500
    delay = table["dep_delay"].combine_chunks()
    one = pa.array(np.arange(len(delay)) == row)
    assert table["cancelled"][row].as_py() == 0
    changed = table.set_column(
        table.schema.get_field_index("dep_delay"),
        "dep_delay",
        pc.if_else(one, pc.add(delay, 1.0), delay),
    )
    with logs.open(tmp_path / "log", fsync="none") as log:
        ingest(log, demo.events | {"departures": changed})
    found = replay_in_new_process(folder / "data", tmp_path / "log")
    assert found["mismatches"] > 0
    assert set(found["mismatches_by_feature"]) <= {
        "origin_delay_1h", "origin_delay_6h", "carrier_delay_24h"
    }  # fmt: skip


def test_a_failing_replay_says_why(finished, tmp_path):
    _, folder, _ = finished
    with pytest.raises(Error, match=r"replay ended with status 1:[\s\S]*is not a log"):
        replay_in_new_process(folder / "data", tmp_path)
    with pytest.raises(Error, match=REQUESTS_FILE):
        replay_in_new_process(tmp_path, folder / "data" / "log")


def test_a_second_run_finds_everything_there(finished, tmp_path):
    demo, folder, figures = finished
    demo.log.close()
    demo.store.close()
    command = [sys.executable, "-m", "cnengine.cli", "demo", "--data", str(folder / "data")]
    command += ["--days", str(DAYS), "--json", "again.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "feature values that differ" in done.stdout
    assert (tmp_path / "demo-report.html").exists()
    again = json.loads((tmp_path / "again.json").read_text())
    assert again["events_appended"] == 0
    for name in ("events", "late_events", "auc", "log_loss", "auc_network", "log_loss_network",
                 "mismatches", "rows_train"):  # fmt: skip
        assert again[name] == figures[name], name
    command[command.index("--days") + 1] = "3"
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "holds other events than this run would write" in done.stderr
    assert "Traceback" not in done.stderr


def test_missing_extra_is_one_clear_line(monkeypatch, capsys):
    find = demo_main.find_spec
    monkeypatch.setattr(demo_main, "find_spec", lambda n: None if n == "plotly" else find(n))
    assert cli.main(["demo"]) == 1
    assert capsys.readouterr().err == (
        "cnengine: demo: not installed: plotly; run: pip install 'cnengine[demo]'\n"
    )
    monkeypatch.setattr(demo_main, "find_spec", lambda n: None if n == "uvicorn" else find(n))
    demo_main.check_extra(serve=False)
    with pytest.raises(NotFoundError, match="uvicorn"):
        demo_main.check_extra(serve=True)


def test_command_line(capsys):
    for arguments, words in (
        (["--version"], "cnengine "),
        (["demo", "--help"], "--serve"),
    ):
        with pytest.raises(SystemExit) as stopped:
            cli.main(arguments)
        assert stopped.value.code == 0
        assert words in capsys.readouterr().out
    for arguments in ([], ["fly"], ["demo", "--days", "0"]):
        with pytest.raises(SystemExit) as stopped:
            cli.main(arguments)
        assert stopped.value.code == 2
        assert "usage: cnengine" in capsys.readouterr().err
    assert len(FEATURES) == 24
    assert os.sep in cli.__file__
