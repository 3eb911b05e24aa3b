"""Files of arrays beside the package `safetensors`: each reads what the other wrote, of every type
that it has; the bytes of both are the same; what one refuses the other refuses."""

import json

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine.errors import CorruptionError
from cnengine.tensor import safetensors_file

package = pytest.importorskip("safetensors", reason="safetensors is not installed")
torch = pytest.importorskip("torch", reason="torch is not installed")
from safetensors.torch import load_file, save_file  # noqa: E402

TYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16",
         "bfloat16", "float32", "float64", "complex64"]  # fmt: skip
METADATA = {"format": "pt", "ä": "\n\"'\U0001f600"}


def values():
    """Arrays of every type and some shapes, as bits both libraries have."""
    rng = np.random.default_rng(0)
    out = {}
    for at, name in enumerate(TYPES):
        for shape in ((), (0,), (3,), (2, 0, 3), (2, 3, 5)):
            numbers = (rng.normal(size=shape) * 30).round()
            made = torch.from_numpy(np.asarray(abs(numbers))).to(getattr(torch, name))
            out[f"{name}.{at}.{len(shape)}.{made.numel()}"] = made
    return out


def of_torch(x):
    wide = x.float().numpy() if x.dtype == torch.bfloat16 else x.numpy()
    return ct.astype(ct.asarray(wide), getattr(ct, str(x.dtype).removeprefix("torch.")))


def same(ours, theirs):
    assert ours.keys() == theirs.keys()
    for name, value in theirs.items():
        want = of_torch(value)
        assert ours[name].dtype == want.dtype, name
        assert ours[name].shape == want.shape, name
        np.testing.assert_array_equal(np.asarray(ours[name]), np.asarray(want))


def test_the_package_reads_what_is_written(tmp_path):
    theirs = values()
    arrays = {name: of_torch(value) for name, value in theirs.items()}
    safetensors_file.write(arrays, tmp_path / "ours", METADATA, "save")
    got = load_file(tmp_path / "ours")
    assert all(torch.equal(got[name], value) for name, value in theirs.items())
    with package.safe_open(tmp_path / "ours", "pt") as file:
        assert file.metadata() == METADATA
    save_file(theirs, tmp_path / "theirs", {"format": "pt"})
    safetensors_file.write(arrays, tmp_path / "again", {"format": "pt"}, "save")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "theirs").read_bytes()


def test_what_the_package_wrote_is_read(tmp_path):
    theirs = values()
    save_file(theirs, tmp_path / "theirs", METADATA)
    arrays, metadata = safetensors_file.read(tmp_path / "theirs", "load")
    same(arrays, theirs)
    assert metadata == METADATA
    save_file({}, tmp_path / "empty")
    assert safetensors_file.read(tmp_path / "empty", "load") == ({}, {})


@pytest.mark.parametrize(
    "cut", ["length", "header", "data", "more", "gap", "overlap", "type", "twice"]
)
def test_both_refuse_the_same(tmp_path, cut):
    part = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    parts = {"a": part, "b": {**part, "data_offsets": [8, 16]}}
    if cut == "gap":
        parts["b"] = {**part, "data_offsets": [9, 17]}
    elif cut == "overlap":
        parts["b"] = {**part, "data_offsets": [4, 12]}
    elif cut == "type":
        parts["b"] = {**parts["b"], "dtype": "F33"}
    text = json.dumps(parts)
    if cut == "twice":
        text = text.replace('"b"', '"a"')
    header = text.encode()
    whole = len(header).to_bytes(8, "little") + header + bytes(16)
    whole = {"length": b"\xff" * 8 + whole[8:], "header": whole[:30], "data": whole[:-1],
             "more": whole + b"x"}.get(cut, whole)  # fmt: skip
    path = tmp_path / "file"
    path.write_bytes(whole)
    with pytest.raises(CorruptionError, match="load: "):
        safetensors_file.read(path, "load")
    with pytest.raises(package.SafetensorError):
        load_file(path)
