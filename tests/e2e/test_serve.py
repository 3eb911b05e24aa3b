"""The flights model over HTTP: what the demo leaves, asked by name, by time and by vector."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import numpy as np
import pytest
from cnengine.demo import main as demo_main
from cnengine.demo.features import FEATURES
from cnengine.demo.requests import STATIC
from starlette.testclient import TestClient

INFER = "/v2/models/flights/infer"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("serve")
    options = demo_main.Options(folder / "data", 12, report=folder / "report.html")
    return demo_main.run(options)


@pytest.fixture(scope="module")
def client(demo):
    return TestClient(demo_main.serving_app(demo))


def tensor(name, datatype, data, shape=None):
    shape = shape or [len(data)]
    return {"name": name, "datatype": datatype, "shape": shape, "data": data}


def plan(requests, extra=()):
    """Inputs for some rows of the request table."""
    rows = requests.to_pylist()
    to_ms = [int(row["sched_dep"].timestamp() * 1000) for row in rows]
    arrival = [ms + int(r["planned_minutes"] * 60_000) for ms, r in zip(to_ms, rows, strict=True)]
    return [
        *(tensor(n, "BYTES", [r[n] for r in rows]) for n in ("carrier", "origin", "dest")),
        tensor("tailnum", "BYTES", [row["tailnum"] for row in rows]),
        tensor("scheduled_departure", "INT64", to_ms),
        tensor("scheduled_arrival", "INT64", arrival),
        *extra,
    ]


def outputs(answer):
    assert answer.status_code == 200, answer.text
    return {out["name"]: out for out in answer.json()["outputs"]}


def test_as_of_a_moment_it_answers_as_history(demo, client):
    """The predictions of the replayed requests, many at once and one by one."""
    rows = demo.split.replay[::40]
    requests = demo.requests.take(rows)
    at = requests["time"].cast("int64").to_pylist()
    want = demo.model.predict_proba(np.ascontiguousarray(demo.matrix[rows]))[:, 1]
    body = {"inputs": plan(requests, [tensor("at", "INT64", at)])}
    out = outputs(client.post(INFER, json=body))
    assert out["probability"]["data"] == want.tolist()
    assert out["late"]["data"] == (want > 0.5).tolist()
    assert out["features"]["shape"] == [len(rows), len(FEATURES)]
    got = np.array(out["features"]["data"], float).reshape(len(rows), -1)
    np.testing.assert_array_equal(got, demo.matrix[rows])
    one = {"inputs": plan(requests.slice(0, 1), [tensor("at", "INT64", at[:1])])}
    assert outputs(client.post(INFER, json=one))["probability"]["data"] == [want[0]]


def test_without_a_moment_it_answers_as_of_the_latest(demo, client):
    requests = demo.requests.slice(demo.requests.num_rows - 20)
    out = outputs(client.post(INFER, json={"inputs": plan(requests), "outputs": []}))
    now = [demo.bounds[1]] * 20
    again = plan(requests, [tensor("at", "INT64", now)])
    assert out == outputs(client.post(INFER, json={"inputs": again}))
    features = np.array(out["features"]["data"], float).reshape(20, -1)
    assert (~np.isnan(features[:, len(STATIC) :])).any()


def test_ready_made_vectors(demo, client):
    rows = demo.matrix[:3]
    data = [None if np.isnan(v) else v for v in rows.ravel().tolist()]
    body = {"inputs": [tensor("features", "FP64", data, [3, len(FEATURES)])]}
    out = outputs(client.post(INFER, json=body))
    assert out["probability"]["data"] == demo.model.predict_proba(rows)[:, 1].tolist()
    empty = {"inputs": [tensor("features", "FP64", [], [0, len(FEATURES)])]}
    assert outputs(client.post(INFER, json=empty))["probability"]["data"] == []


def test_less_may_be_known(demo, client):
    inputs = [i for i in plan(demo.requests.slice(0, 2)) if "arrival" not in i["name"]]
    inputs = [i for i in inputs if i["name"] != "tailnum"]
    inputs[0]["data"] = ["??", "UA"]  # an unknown carrier is a missing value
    inputs[2]["data"] = ["???", inputs[2]["data"][1]]
    out = outputs(client.post(INFER, json={"inputs": inputs}))
    features = np.array(out["features"]["data"], float).reshape(2, -1)
    assert np.isnan(features[0, [0, 2, 5, 6]]).all()
    assert not np.isnan(features[1, : len(STATIC)]).any()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda i: i[1:], 'input "carrier" is missing'),
        (lambda i: i[:4], 'input "scheduled_departure" is missing'),
        (lambda i: [*i[:5], tensor("at", "INT64", [1])], 'carrier has 2 rows, "at" has 1'),
        (lambda i: [*i, tensor("features", "FP64", [0.0] * 24, [1, 24])], "comes alone"),
        (lambda i: [*i[:4], tensor("scheduled_departure", "INT64", [0, 0])], "from 2010 to 2019"),
        (lambda i: [tensor("carrier", "INT64", [1])], "expected datatype BYTES, got 'INT64'"),
        (lambda i: [tensor("plane", "BYTES", ["N1"])], "the model takes carrier, origin"),
        (lambda i: [*i, tensor("at", "INT64", [2**62, 2**62])], ""),
    ],
)
def test_bad_questions(demo, client, change, words):
    answer = client.post(INFER, json={"inputs": change(plan(demo.requests.slice(0, 2)))})
    assert answer.status_code == 400, answer.text
    assert words in answer.json()["error"]


def test_metadata_names_all_features(client):
    about = client.get("/v2/models/flights").json()
    assert [i["name"] for i in about["inputs"]][-1] == "features"
    assert ", ".join(FEATURES) in about["inputs"][-1]["parameters"]["description"]
    assert client.get("/v2/health/ready").json() == {"ready": True}


def test_page_and_metrics(demo, client):
    assert client.get("/").text.startswith("<!doctype html>")
    text = client.get("/metrics").text
    assert re.search(rf"^cnengine_demo_events {demo.figures['events']}$", text, re.MULTILINE)
    assert re.search(r"^cnengine_demo_mismatches 0$", text, re.MULTILINE)
    assert re.search(r'^cnengine_infer_seconds_count\{model="flights"\} \d+$', text, re.MULTILINE)


def test_the_command_serves_until_it_is_stopped(tmp_path):
    command = [sys.executable, "-u", "-m", "cnengine.cli", "demo", "--days", "4", "--serve"]
    command += ["--port", "0"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"COLUMNS": "200"},
    ) as process:
        seen = []
        try:
            for line in process.stdout:
                seen.append(line)
                if found := re.search(r"serving (http://127\.0\.0\.1:\d+)/", line):
                    break
            else:
                pytest.fail("".join(seen))
            url = found[1]
            with urllib.request.urlopen(url + "/v2/health/ready") as answer:
                assert answer.read() == b'{"ready":true}'
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(url + INFER, data=b"{")
            assert refused.value.code == 400
        finally:
            process.send_signal(signal.SIGINT)
        process.stdout.read()
    assert process.returncode in (0, 130, -signal.SIGINT)
