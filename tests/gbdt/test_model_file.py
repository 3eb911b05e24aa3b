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


def crc_of_byte(crc):
    for _ in range(8):
        crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc


CRC = [crc_of_byte(byte) for byte in range(256)]


def crc32c(data):
    """RFC 3720 B.4."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ CRC[(crc ^ byte) & 0xFF]
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


SECTIONS = {
    "head": 1, "trees": 24, "nodes": 64, "leaf values": 8, "leaf weights": 8, "leaf rows": 8,
    "set words": 4, "sets": 8, "linear constants": 8, "linear begins": 4, "linear features": 4,
    "linear coefficients": 8,
}  # fmt: skip


def split(file):
    """The sections of a file, by the words of cpp/gbdt/README.md."""
    count, zero = struct.unpack_from("<II", file, 24)
    assert (count, zero) == (len(SECTIONS), 0)
    out = {}
    for i, (name, element) in enumerate(SECTIONS.items()):
        number, size, offset, count = struct.unpack_from("<IIQQ", file, 32 + 24 * i)
        assert (number, size, offset % 64) == (i, element, 0)
        out[name] = file[offset : offset + size * count]
    return out


def payload_of(sections):
    table, body = struct.pack("<II", len(SECTIONS), 0), b""
    start = 32 + 24 * len(SECTIONS)
    for i, (name, element) in enumerate(SECTIONS.items()):
        body += b"\0" * (-(start + len(body)) % 64)
        count = len(sections[name]) // element
        table += struct.pack("<IIQQ", i, element, start + len(body), count)
        body += sections[name]
    return table + body


def join(sections):
    return sealed(payload_of(sections))


def changed(file, section, old, new):
    """The file with other bytes in one section."""
    sections = split(file)
    assert old in sections[section]
    sections[section] = sections[section].replace(old, new)
    return join(sections)


def test_sections_are_as_documented():
    assert join(split(BYTES)) == BYTES
    sections = split(BYTES)
    at = 0
    for t, (nodes, values) in enumerate(MODEL.booster_.trees()):
        entry = struct.unpack_from("<iiIIII", sections["trees"], 24 * t)
        assert entry[:3] == (0, 1, len(nodes))
        for node in nodes:
            fields = struct.unpack_from("<diiiibb6xdddq", sections["nodes"], 64 * at)
            names = ("threshold", "feature", "left", "right", "categories_left", "missing_left",
                     "unknown_left", "gain", "value", "weight", "rows")  # fmt: skip
            for name, value in zip(names, fields, strict=True):
                if name == "categories_left":
                    assert (value < 0) == (node[name] is None)
                else:
                    assert node[name] == value
            at += 1
        assert len(values) == len(nodes) + 1


@pytest.fixture(scope="module")
def linear_file(native_train):
    """Has something in each section."""
    rng = np.random.default_rng(1)
    X = np.column_stack([rng.standard_normal((300, 2)), rng.integers(0, 9, 300)])
    y = X[:, 0] * X[:, 1] + (X[:, 2] % 3 == 0)
    booster, _, _ = native_train(
        X, y, categorical=(2,), n_estimators=2, num_leaves=6, linear_tree=True
    )
    return booster.to_bytes()


@pytest.mark.parametrize("name", SECTIONS)
@pytest.mark.parametrize("length", [-1, 1])
def test_sections_of_other_lengths_are_refused(linear_file, name, length):
    sections = split(linear_file)
    size = SECTIONS[name]
    sections[name] = sections[name][:-size] if length < 0 else sections[name] + bytes(size)
    with pytest.raises(cn.errors.CorruptionError, match="from_bytes: "):
        native.from_bytes(join(sections))


def test_every_section_survives_other_bytes(linear_file):
    assert all(split(linear_file).values())
    for name in SECTIONS:
        good = split(linear_file)[name]
        for at in range(0, len(good), max(1, len(good) // 40)):
            for value in (0x00, 0x01, 0x7F, 0xFF):
                sections = split(linear_file)
                sections[name] = good[:at] + bytes([value]) + good[at + 1 :]
                survives(payload_of(sections))


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
    if booster.width in (2, 3):
        rows = ROWS if booster.width == 2 else np.column_stack([ROWS, ROWS[:, 0]])
        booster.predict(rows)
        booster.predict_row(np.ascontiguousarray(rows[0]))


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
    with pytest.raises(cn.errors.UnsupportedError, match="version 2, got version 3"):
        native.from_bytes(BYTES[:8] + struct.pack("<I", 3) + BYTES[12:])
    with pytest.raises(cn.errors.UnsupportedError, match="got version 1"):
        native.from_bytes(BYTES[:8] + struct.pack("<I", 1) + BYTES[12:])


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
    attributes = MODEL.booster_.native.attributes.encode()
    assert attributes in BYTES
    path.write_bytes(changed(BYTES, "head", attributes, b"[" + b" " * (len(attributes) - 1)))
    with pytest.raises(cn.errors.CorruptionError, match="no classes"):
        load_model(path)


@pytest.mark.parametrize(
    "hostile",
    [b'{"classes":"ab"}', b'{"classes":[[0],[1]]}', b'{"classes":{"0":1}}', b"[" * 100_000, b"7"],
)
def test_classes_of_another_shape_are_refused(tmp_path, hostile):
    attributes = MODEL.booster_.native.attributes.encode()
    sized = [struct.pack("<I", len(a)) + a for a in (attributes, hostile)]
    path = tmp_path / "model.cne"
    path.write_bytes(changed(BYTES, "head", *sized))
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
