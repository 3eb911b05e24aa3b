"""Files of arrays: what is written is what is read, by torch too; what does not fit is listed."""

import contextlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, CorruptionError, NotFoundError, ShapeError

TYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16",
         "bfloat16", "float32", "float64"]  # fmt: skip


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3)])
def test_types_and_shapes(tmp_path, name, shape):
    dtype = getattr(ct, name)
    value = ct.astype(ct.asarray((np.arange(int(np.prod(shape))) * 1.5).reshape(shape)), dtype)
    nn.save_arrays({"x": value}, tmp_path / "a.safetensors", {"deep": [1, {"b": None}]})
    arrays, metadata = nn.load_arrays(tmp_path / "a.safetensors")
    assert metadata == {"deep": [1, {"b": None}]}
    assert arrays["x"].dtype == dtype
    assert arrays["x"].shape == shape
    np.testing.assert_array_equal(np.asarray(arrays["x"]), np.asarray(value))


def test_strided_arrays(tmp_path):
    x = ct.permute_dims(ct.asarray(np.arange(6.0).reshape(2, 3)), (1, 0))
    nn.save_arrays({"x": x}, tmp_path / "a")
    np.testing.assert_array_equal(np.asarray(nn.load_arrays(tmp_path / "a")[0]["x"]), np.asarray(x))


def network():
    return nn.Sequential(
        nn.Conv1d(2, 3, 3),
        nn.BatchNorm1d(3),
        nn.relu,
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(12, 2),
    )


def test_torch_reads_and_writes_the_same(torch, tmp_path):
    peer_file = pytest.importorskip("safetensors.torch", reason="safetensors is not installed")
    load_file, save_file = peer_file.load_file, peer_file.save_file

    peer = torch.nn.Sequential(
        torch.nn.Conv1d(2, 3, 3),
        torch.nn.BatchNorm1d(3),
        torch.nn.ReLU(),
        torch.nn.Dropout(0.5),
        torch.nn.Flatten(),
        torch.nn.Linear(12, 2),
    ).eval()
    ours = network()
    nn.save_weights(ours, tmp_path / "ours.safetensors")
    peer.load_state_dict(load_file(tmp_path / "ours.safetensors"))
    x = np.random.default_rng(0).normal(size=(4, 2, 6)).astype(np.float32)
    got = np.asarray(ours.eval()(ct.asarray(x)))
    np.testing.assert_allclose(got, peer(torch.tensor(x)).detach().numpy(), rtol=1e-5, atol=1e-6)
    save_file(
        {
            k: v.to(torch.bfloat16) if v.is_floating_point() else v
            for k, v in peer.state_dict().items()
        },
        tmp_path / "theirs.safetensors",
    )
    other = nn.load_weights(network(), tmp_path / "theirs.safetensors").eval()
    np.testing.assert_allclose(np.asarray(other(ct.asarray(x))), got, rtol=0.05, atol=0.05)
    assert other[0].weight.dtype == ct.float32


def test_what_is_missing_is_listed(tmp_path):
    model = network()
    values = dict(model.state_dict())
    del values["5.bias"]
    values["extra"] = ct.zeros(())
    nn.save_arrays(values, tmp_path / "a")
    with pytest.raises(
        NotFoundError, match=r"load_weights: .*missing \['5.bias'\], unknown \['extra'\]"
    ):
        nn.load_weights(model, tmp_path / "a")
    nn.load_weights(model, tmp_path / "a", strict=False)
    nn.save_arrays({**model.state_dict(), "5.bias": ct.zeros((3,))}, tmp_path / "a")
    with pytest.raises(ShapeError, match=r"5.bias: expected \(2,\), got \(3,\)"):
        nn.load_weights(model, tmp_path / "a")


def test_weights_of_a_saved_training(tmp_path):
    model = nn.Model(nn.Linear(3, 2)).compile("adam", "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    model.save(tmp_path / "best")
    loaded = nn.load_weights(nn.Linear(3, 2), tmp_path / "best")
    np.testing.assert_array_equal(np.asarray(loaded.weight), np.asarray(model.module.weight))


def test_damaged_files(tmp_path):
    with pytest.raises(NotFoundError, match="load_arrays: no file"):
        nn.load_arrays(tmp_path / "nothing")
    nn.save_arrays({"x": ct.ones((100,))}, tmp_path / "a")
    whole = (tmp_path / "a").read_bytes()
    for length in (0, 4, 20, len(whole) - 1):
        (tmp_path / "b").write_bytes(whole[:length])
        with pytest.raises(CorruptionError, match="load_arrays"):
            nn.load_arrays(tmp_path / "b")
    (tmp_path / "b").write_bytes(whole + b"x")
    with pytest.raises(CorruptionError, match="bytes expected"):
        nn.load_arrays(tmp_path / "b")


@pytest.mark.parametrize(
    "header",
    [
        b"[]",
        b"{",
        b'{"x": 1}',
        b'{"x": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}}',
        b'{"x": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}',
        b'{"x": {"dtype": "F32", "shape": [1e9], "data_offsets": [0, 4]}}',
        b'{"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}',
        b'{"x": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}',
        b'{"x": {"dtype": "F32", "shape": [1], "data_offsets": [0]}}',
        b'{"x": {"dtype": "F32", "shape": [4611686018427387904], "data_offsets": [0, 4]}}',
        b'{"x": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, "x": {}}',
        b'{"x": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, "y": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}}',
        b"[" * 100_000,
    ],
    ids=lambda each: each[:60].decode(),
)
def test_headers_that_lie(tmp_path, header):
    (tmp_path / "a").write_bytes(len(header).to_bytes(8, "little") + header + b"\0" * 4)
    with pytest.raises(CorruptionError, match="load_arrays"):
        nn.load_arrays(tmp_path / "a")


def test_any_byte_may_be_damaged(tmp_path):
    nn.save_arrays({"x": ct.ones((3,)), "y": ct.ones((), dtype=ct.bool)}, tmp_path / "a", {"k": 1})
    whole = (tmp_path / "a").read_bytes()
    for at in range(len(whole)):
        for bits in (0x01, 0x55, 0x80):
            damaged = bytearray(whole)
            damaged[at] ^= bits
            (tmp_path / "b").write_bytes(bytes(damaged))
            with contextlib.suppress(CorruptionError):
                nn.load_arrays(tmp_path / "b")


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    nn.save_arrays({"x": ct.ones((2,))}, tmp_path / "a")
    import os

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        nn.save_arrays({"x": ct.zeros((2,))}, tmp_path / "a")
    monkeypatch.undo()
    assert float(nn.load_arrays(tmp_path / "a")[0]["x"][0]) == 1.0
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("name", ["complex64", "complex128"])
def test_complex_numbers(tmp_path, name):
    value = np.array([1 + 2j, -3j], name)
    nn.save_arrays({"x": value}, tmp_path / "a")
    got = nn.load_arrays(tmp_path / "a")[0]["x"]
    assert got.dtype.name == name
    np.testing.assert_array_equal(np.asarray(got), value)


def header_file(path, text, data=b""):
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


@pytest.mark.parametrize(
    "text",
    [
        b'{"a": {"dtype": [], "shape": [], "data_offsets": [0, 0]}}',
        b'{"a": {"dtype": {}, "shape": [], "data_offsets": [0, 0]}}',
        b'{"__metadata__": {"cnengine": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"__metadata__": {"cnengine": "' + b"[" * 100_000 + b"]" * 100_000 + b'"}}',
        b'{"__metadata__": {"cnengine": 1}}',
        b'{"__metadata__": []}',
        '{"a": {"dtype": "U8", "shape": [], "data_offsets": [0, 0]}}'.encode("utf-16"),
        b"\xff{}",
    ],
    ids=range(8),
)
def test_headers_that_are_none(tmp_path, text):
    with pytest.raises(CorruptionError, match="load_arrays: "):
        nn.load_arrays(header_file(tmp_path / "a", text))


def test_names_and_metadata_that_files_cannot_hold(tmp_path):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    round_about = {}
    round_about["self"] = round_about
    for arrays, metadata in (
        ({"__metadata__": ct.ones(2)}, None),
        ({1: ct.ones(2)}, None),
        ({}, object()),
        ({}, {"a": {1, 2}}),
        ({}, deep),
        ({}, round_about),
    ):
        with pytest.raises(ArgumentError, match="save_arrays: "):
            nn.save_arrays(arrays, tmp_path / "a", metadata)
    assert list(tmp_path.iterdir()) == []


def test_threads_that_write_one_file(tmp_path):
    def write(number):
        for _ in range(20):
            nn.save_arrays({"x": ct.full((1000,), number)}, tmp_path / "a")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, (1.0, 2.0, 3.0)))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert float(nn.load_arrays(tmp_path / "a")[0]["x"][0]) in (1.0, 2.0, 3.0)


SAVER = """
import sys, cnengine.tensor as ct
from pathlib import Path
from cnengine.nn.training_files import reading_training, remove_training, write_training
from cnengine.errors import NotFoundError
from cnengine.nn import load_arrays
folder, number = Path(sys.argv[1]), float(sys.argv[2])
for turn in range(40):
    arrays = {name: {"x": ct.full((2000,), number)} for name in ("model", "optimizer")}
    write_training(folder, arrays, {"epoch": int(number)})
    try:
        with reading_training(folder) as (files, facts):
            values = {float(load_arrays(each)[0]["x"][7]) for each in files.values()}
        assert values == {facts["epoch"]}, (values, facts)
    except NotFoundError:
        assert sys.argv[3] == "remove"
    if sys.argv[3] == "remove" and turn % 5 == number:
        remove_training(folder)
"""


@pytest.mark.parametrize("way", ["keep", "remove"])
def test_processes_that_save_into_one_folder(tmp_path, way):
    folder = tmp_path / "training"
    savers = [subprocess.Popen([sys.executable, "-c", SAVER, str(folder), str(number), way],
                               stderr=subprocess.PIPE, text=True)
              for number in range(3)]  # fmt: skip
    for saver in savers:
        _, told = saver.communicate(timeout=120)
        assert saver.returncode == 0, told
    if way == "keep":
        names = ["model.safetensors", "optimizer.safetensors", "training.json"]
        assert sorted(path.name for path in folder.iterdir()) == names


def test_an_interrupt_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        nn.save_arrays({"x": ct.ones(3)}, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
