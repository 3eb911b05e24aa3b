"""The HTTP side: paths, status codes, error bodies, limits and counters."""

import importlib
import json
import logging
import sys

import numpy as np
import pytest
from cnengine.errors import IoError, ShapeError
from cnengine.serve import TensorSpec
from cnengine.serve.app import INLINE_BYTES, create_app
from starlette.testclient import TestClient


class Double:
    """Gives back twice its input; fails when asked to."""

    name, version, platform = "double", "3", "cnengine"
    inputs = (TensorSpec("x", "FP64", (-1,), True, "any number"), TensorSpec("mode", "BYTES"))
    outputs = (TensorSpec("y", "FP64"),)

    def __init__(self):
        self.is_ready = True

    def ready(self):
        return self.is_ready

    def infer(self, inputs):
        mode = inputs.get("mode", np.array([""], object))[0]
        if mode == "shape":
            raise ShapeError("infer: lengths differ")
        if mode == "disk":
            raise IoError("secret: no space left")
        if mode == "bug":
            raise RuntimeError("secret")
        return {"y": 2 * inputs["x"]}


@pytest.fixture
def model():
    return Double()


@pytest.fixture
def client(model, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<h1>report</h1>")
    app = create_app([model], report=page, max_body_bytes=100_000)
    return TestClient(app, raise_server_exceptions=False)


def ask(client, data, mode=None, path="/v2/models/double/infer", **more):
    inputs = [{"name": "x", "datatype": "FP64", "shape": [len(data)], "data": data}]
    if mode:
        inputs.append({"name": "mode", "datatype": "BYTES", "shape": [1], "data": [mode]})
    return client.post(path, json={"inputs": inputs, **more})


@pytest.mark.parametrize("path", ["/v2/models/double", "/v2/models/double/versions/3"])
def test_infer_answers_small_and_large_bodies(client, path):
    for count in (1, 0, INLINE_BYTES // 2):
        answer = ask(client, [0.5] * count, path=path + "/infer", id="q")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == {
            "model_name": "double",
            "model_version": "3",
            "id": "q",
            "outputs": [{"name": "y", "datatype": "FP64", "shape": [count], "data": [1.0] * count}],
        }


def test_metadata_and_health(client, model):
    server = client.get("/v2").json()
    assert server["name"] == "cnengine"
    assert server["extensions"] == []
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    assert client.get("/v2/models/double/ready").json() == {"name": "double", "ready": True}
    assert client.get("/v2/models/double").json() == {
        "name": "double",
        "versions": ["3"],
        "platform": "cnengine",
        "inputs": [
            {
                "name": "x",
                "datatype": "FP64",
                "shape": [-1],
                "parameters": {"optional": True, "description": "any number"},
            },
            {"name": "mode", "datatype": "BYTES", "shape": [-1]},
        ],
        "outputs": [{"name": "y", "datatype": "FP64", "shape": [-1]}],
    }
    model.is_ready = False
    assert client.get("/v2/health/ready").status_code == 503
    assert client.get("/v2/models/double/ready").status_code == 503
    assert client.get("/v2/health/live").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("POST", "/v2/models/triple/infer", 404, 'no model "triple"; there is double'),
        ("GET", "/v2/models/triple", 404, "no model"),
        ("GET", "/v2/models/triple/ready", 404, "no model"),
        ("GET", "/v2/models/double/versions/4", 404, 'no version "4", but 3'),
        ("POST", "/v2/models/double/infer", 400, "not JSON"),
        ("GET", "/v2/models/double/infer", 405, "takes no GET"),
        ("POST", "/v2", 405, "takes no POST"),
        ("GET", "/v3", 404, "/v3 does not exist"),
    ],
)
def test_errors_say_what_and_where(client, method, path, status, words):
    answer = client.request(method, path)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert words in answer.json()["error"]


def test_errors_of_the_model(client, caplog):
    answer = ask(client, [1.0], "shape")
    assert answer.status_code == 400
    assert answer.json() == {"error": "infer: lengths differ"}
    for mode in ("bug", "disk"):
        caplog.clear()
        with caplog.at_level(logging.ERROR, "cnengine.serve"):
            answer = ask(client, [1.0], mode)
        assert answer.status_code == 500
        assert "secret" not in answer.text  # the reason goes to the log, not to the client
        assert "secret" in caplog.text


def test_a_body_over_the_limit_is_refused_before_it_is_read(client):
    url = "/v2/models/double/infer"
    answer = client.post(url, content=b"x" * 100_001)
    assert answer.status_code == 413
    assert answer.json() == {"error": "the body is larger than 100000 bytes"}
    endless = client.post(url, content=b"{}", headers={"content-length": "9" * 5000})
    assert endless.status_code == 413
    chunked = client.post(url, content=iter([b"x" * 60_000] * 2))
    assert chunked.status_code == 413


def test_encodings_that_we_do_not_read_are_refused(client):
    for header in ("content-encoding", "inference-header-content-length"):
        answer = client.post("/v2/models/double/infer", content=b"{}", headers={header: "1"})
        assert answer.status_code == 415
        assert header in answer.json()["error"]


def test_report_page(client, tmp_path):
    answer = client.get("/")
    assert answer.text == "<h1>report</h1>"
    assert answer.headers["content-type"].startswith("text/html")
    (tmp_path / "page.html").unlink()
    assert client.get("/").status_code == 404


def test_metrics_count_requests(client):
    ask(client, [1.0])
    ask(client, [1.0] * 4000)
    client.post("/v2/models/double/infer", content=b"{")
    client.get("/nowhere/at/all")
    answer = client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    infer = "/v2/models/{model}/infer"
    assert f'cnengine_http_requests_total{{path="{infer}",status="200"}} 2' in lines
    assert f'cnengine_http_requests_total{{path="{infer}",status="400"}} 1' in lines
    assert 'cnengine_http_requests_total{path="other",status="404"} 1' in lines
    assert 'cnengine_infer_seconds_count{model="double"} 2' in lines


def test_bodies_stay_json(client):
    answer = client.post("/v2/models/double/infer", content=b"\xff\xfe")
    assert answer.status_code == 400
    assert json.loads(answer.content)["error"]


@pytest.mark.parametrize("package", ["anyio", "starlette"])
def test_a_missing_extra_is_named(monkeypatch, package):
    for name in [n for n in sys.modules if n == package or n.startswith(package + ".")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, "cnengine.serve.app")
    with pytest.raises(ModuleNotFoundError) as failed:
        importlib.import_module("cnengine.serve.app")
    assert "run: pip install 'cnengine[serve]'" in str(failed.value)
    assert str(failed.value).startswith(f"serve: not installed: {package}")
