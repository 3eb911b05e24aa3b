"""Casts between text, bytes and numbers, against Python."""

import cnengine.frame as cf
import pyarrow as pa
import pytest
from cnengine import errors


def cast(array, kind, *, strict=True):
    frame = cf.from_arrow(pa.table({"x": array}))
    out = frame.select(x=cf.col("x").cast(kind, strict=strict)).collect()["x"]
    out.validate(full=True)
    return out


BYTES = [b"a", b"\xff", "é".encode(), None, b"", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xc0\x80"]


@pytest.mark.parametrize("from_", [pa.binary(), pa.large_binary()], ids=str)
@pytest.mark.parametrize("to", ["utf8", "large_utf8"])
def test_bytes_become_text_where_they_are_utf8(from_, to):
    """Text that is not UTF-8 is undefined in whatever reads it."""

    def python(value):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return None

    array = pa.array([b"cut", *BYTES], from_).slice(1)
    got = cast(array, to, strict=False)
    assert got.to_pylist() == [v if v is None else python(v) for v in BYTES]
    with pytest.raises(errors.ArgumentError, match=r'cast: "\?", which is not UTF-8, does not fit'):
        cast(array, to)
    good = pa.array([b"a", None, b"\xff"], from_).slice(0, 2)
    assert cast(good, to).to_pylist() == ["a", None]
    assert cast(pa.array(["a", None]), "binary").to_pylist() == [b"a", None]


def test_long_texts_are_cut_between_characters_in_messages():
    long = "a" + "é" * 100
    with pytest.raises(errors.ArgumentError, match=r'cast: "aé+" does not fit into int64'):
        cast(pa.array([long]), "int64")
    assert repr(cf.col("x") == long) == f'Expr(col("x") == "a{"é" * 19}")'
    assert repr(cf.lit(b"\xffb\n") == cf.col("x")) == 'Expr("?b?" == col("x"))'


@pytest.mark.parametrize("kind", ["int64", "uint8", "float64"])
def test_a_number_has_one_sign(kind):
    texts = ["+5", "5", "+-5", "-+5", "++5", "--5", "+", "-", "", " 5", "5 ", "5x"]
    got = cast(pa.array(texts), kind, strict=False).to_pylist()
    assert got == [5, 5] + [None] * 10
