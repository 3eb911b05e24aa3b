"""The model file: whole models come back, anything else is refused."""

import struct

import cnengine as cn
import numpy as np
import pyarrow as pa
import pytest
from cnengine._core import gbdt as native
from cnengine.gbdt import GBDTClassifier, load_model
from hypothesis import given, settings
from hypothesis import strategies as st


def crc32c(data):
    """RFC 3720 B.4, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def small_model():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.standard_normal(200), rng.integers(0, 9, 200)])
    y = (X[:, 0] > 0) ^ (X[:, 1] % 3 == 0)
    model = GBDTClassifier(n_estimators=2, num_leaves=5, categorical_features=[1])
    return model.fit(X, y), X


MODEL, ROWS = small_model()
BYTES = MODEL.booster_.to_bytes()


def sealed(payload):
    return BYTES[:12] + struct.pack("<IQ", crc32c(payload), len(payload)) + payload


def test_header_is_as_documented():
    assert BYTES[:8] == b"CNEGBDT\n"
    assert struct.unpack("<I", BYTES[8:12]) == (2,)
    assert sealed(BYTES[24:]) == BYTES
    assert native.from_bytes(BYTES).to_bytes() == BYTES


def test_every_cut_is_refused():
    for length in range(len(BYTES)):
        with pytest.raises(
            cn.errors.CorruptionError, match="from_bytes: not a whole cnengine model"
        ):
            native.from_bytes(BYTES[:length])
    with pytest.raises(cn.errors.CorruptionError, match="length"):
        native.from_bytes(BYTES + b"x")


def test_every_changed_byte_is_refused():
    for at in range(len(BYTES)):
        changed = bytearray(BYTES)
        changed[at] ^= 0x41
        with pytest.raises((cn.errors.CorruptionError, cn.errors.UnsupportedError)):
            native.from_bytes(bytes(changed))


def survives(payload):
    """A hostile payload with a good checksum is refused, or is a model that predicts."""
    try:
        booster = native.from_bytes(sealed(payload))
    except cn.errors.CorruptionError:
        return
    assert len(booster.categories()) == len(booster.feature_names) == booster.width
    assert isinstance(booster.attributes, str)
    if booster.width == 2:
        booster.predict(ROWS)
        booster.predict_row(ROWS[0])


def test_hostile_bytes_under_a_good_checksum():
    payload = BYTES[24:]
    for at in range(len(payload)):
        for value in (0x00, 0x7F, 0xFF):
            survives(payload[:at] + bytes([value]) + payload[at + 1 :])
        survives(payload[:at])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_random_edits_under_a_good_checksum(data):
    payload = bytearray(BYTES[24:])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(payload) - 1))
        new = data.draw(st.binary(min_size=0, max_size=8))
        payload[at : at + data.draw(st.integers(0, 8))] = new
        if not payload:
            break
    survives(bytes(payload))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes(data):
    with pytest.raises(cn.errors.CorruptionError):
        native.from_bytes(data)
    survives(data)


def test_newer_versions_are_told_apart():
    with pytest.raises(cn.errors.UnsupportedError, match="version 2 or older, got version 3"):
        native.from_bytes(BYTES[:8] + struct.pack("<I", 3) + BYTES[12:])


def test_files(tmp_path):
    path = tmp_path / "model.cne"
    MODEL.save_model(path)
    assert path.read_bytes() == BYTES
    np.testing.assert_array_equal(load_model(path).predict(ROWS), MODEL.predict(ROWS))
    path.write_bytes(BYTES[:-3])
    with pytest.raises(cn.errors.CorruptionError, match=r"model\.cne"):
        load_model(path)
    with pytest.raises(cn.errors.IoError, match="absent"):
        load_model(tmp_path / "absent")
    with pytest.raises(cn.errors.IoError, match="no-such-directory"):
        MODEL.save_model(tmp_path / "no-such-directory" / "model.cne")


def test_a_classifier_without_classes(tmp_path):
    path = tmp_path / "model.cne"
    attributes = MODEL.booster_.attributes.encode()
    assert attributes in BYTES
    path.write_bytes(sealed(BYTES[24:].replace(attributes, b"[" + b" " * (len(attributes) - 1))))
    with pytest.raises(cn.errors.CorruptionError, match="no classes"):
        load_model(path)


@pytest.mark.parametrize(
    "hostile",
    [b'{"classes":"ab"}', b'{"classes":[[0],[1]]}', b'{"classes":{"0":1}}', b"[" * 100_000, b"7"],
)
def test_classes_of_another_shape_are_refused(tmp_path, hostile):
    attributes = MODEL.booster_.attributes.encode()
    sized = [struct.pack("<I", len(a)) + a for a in (attributes, hostile)]
    assert sized[0] in BYTES
    path = tmp_path / "model.cne"
    path.write_bytes(sealed(BYTES[24:].replace(*sized)))
    with pytest.raises(cn.errors.CorruptionError, match="no classes"):
        load_model(path)


def text_model():
    table = pa.table({"s": ["left", "right"] * 50})
    y = np.arange(100) % 2
    return GBDTClassifier(n_estimators=1, min_child_samples=1).fit(table, y).booster_.to_bytes()


def test_texts_that_are_not_utf8_are_refused():
    good = text_model()
    for word in (b"left", b'"classes"'):
        payload = good[24:].replace(word, b"\xff" * len(word))
        with pytest.raises(cn.errors.CorruptionError, match="not UTF-8"):
            native.from_bytes(sealed(payload))


@pytest.mark.parametrize("number", [1e300, -1.0, 0.5, np.inf, 2.0])
def test_a_category_without_its_text_is_refused(number):
    good = text_model()
    two = struct.pack("<Idd", 2, 0.0, 1.0)
    assert two in good
    changed = struct.pack("<Idd", 2, *sorted([0.0, number]))
    with pytest.raises(cn.errors.CorruptionError, match="a category of the model has no text"):
        native.from_bytes(sealed(good[24:].replace(two, changed)))
