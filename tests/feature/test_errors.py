"""Wrong use says what was expected, what came, and where."""

import datetime as dt
import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from cnengine import errors, feature

MS = pa.timestamp("ms", "UTC")
T0 = pa.array([0], MS)


@pytest.fixture
def store():
    out = feature.open()
    out.create_view("v", entities=["k"], schema={"x": "float64", "n": "int8", "s": "utf8"})
    out.create_view("w", entities=["k"], schema={"x": "float64", "y": "int64"}, history=False)
    out.create_view("by_text", entities=["name"], schema={"x": "float64"})
    rows = {"k": [1], "x": [1.0], "n": [1], "s": ["a"], "y": [5], "name": ["a"], "t": T0}
    for view in ("v", "w", "by_text"):
        out.write(view, rows, event_time="t")
    return out


def raises(kind, text):
    return pytest.raises(kind, match=re.escape(text))


@pytest.mark.parametrize(("arguments", "kind", "text"), [
    ({"name": ""}, ValueError, "create_view: expected a view name of 1 to 255 bytes"),
    ({"name": "a:b"}, ValueError, 'without ":", got "a:b"'),
    ({"entities": []}, ValueError, "expected at least one entity column"),
    ({"entities": "k"}, TypeError, "expected a list of entity columns, got 'k'"),
    ({"entities": ["k", "k"]}, ValueError, 'entity "k" is named twice'),
    ({"schema": {}}, ValueError, "expected at least one feature"),
    ({"schema": {"x": "complex"}}, TypeError, 'got "complex"'),
    ({"schema": {"x": "duration[s]"}}, TypeError, 'for feature "x", got duration[s]'),
    ({"schema": {"k": "float64", "x": "bool"}}, TypeError, 'for entity "k", got float64'),
    ({"schema": {"k": "int64", "x": "bool"}, "entities": ["k", "j"]}, ValueError,
     "expected the types of all 2 entities in the schema, or of none, got 1"),
    ({"schema": pa.schema([("x", pa.int8()), ("x", pa.int8())])}, ValueError, "named twice"),
    ({"ttl": "soon"}, ValueError, "expected ttl as a duration such as"),
    ({"ttl": 5}, ValueError, "got 5"),
    ({"ttl": "0s"}, ValueError, "expected a ttl above zero"),
    ({"ttl": dt.timedelta(days=-1)}, ValueError, "expected a ttl above zero"),
    ({"ttl": "99999999d"}, ValueError, "below 292 years"),
    ({"name": "v"}, ValueError, 'view "v" exists already'),
    ({"name": "v", "exist_ok": True}, ValueError, "with other entities, schema, ttl or history"),
])  # fmt: skip
def test_create_view(store, arguments, kind, text):
    good = {"name": "new", "entities": ["k"], "schema": {"x": "float64"}}
    with raises(kind, text):
        store.create_view(**(good | arguments))
    assert set(store.views()) == {"v", "w", "by_text"}


def test_exist_ok_takes_the_same_view_with_or_without_key_types(store):
    schema = {"x": "float64", "n": "int8", "s": "utf8"}
    store.create_view("v", entities=["k"], schema=schema, exist_ok=True)
    store.create_view("v", entities=["k"], schema=schema | {"k": "int64"}, exist_ok=True)
    with raises(ValueError, "exists already, with other"):
        store.create_view("v", entities=["k"], schema=schema | {"k": "utf8"}, exist_ok=True)
    assert store.counts("v") == (1, 1)


GOOD = {"k": [1, 2], "x": [1.0, 2.0], "n": [1, 2], "s": ["a", "b"], "t": pa.array([0, 1], MS)}


@pytest.mark.parametrize(("change", "kind", "text"), [
    ({"k": None}, KeyError, 'write: no column "k"'),
    ({"n": None}, KeyError, 'write: no column "n"'),
    ({"t": None}, KeyError, 'write: no column "t"'),
    ({"k": ["1", "2"]}, TypeError, 'write: expected int64 for entity "k" of view "v", got utf8'),
    ({"k": [1, None]}, ValueError, 'entity "k" of view "v", got null in row 1'),
    ({"x": ["a", "b"]}, TypeError, 'expected float64 for feature "x" of view "v", got utf8'),
    ({"s": [1, 2]}, TypeError, 'expected utf8 for feature "s" of view "v", got int64'),
    ({"n": [1, 200]}, ValueError, 'values of int8 for feature "n" of view "v", got 200 in row 1'),
    ({"n": [1.0, 2.0]}, TypeError, 'expected int8 for feature "n" of view "v", got float64'),
    ({"t": [1.0, float("nan")]}, TypeError,
     'expected a timestamp or date for event_time column "t" for view "v", got float64'),
    ({"t": pa.array([0, None], MS)}, ValueError, 'column "t" for view "v", got null in row 1'),
    ({"t": pa.array([0, 2**60], MS)}, ValueError, "expected times from 1677-09-21 to 2262-04-11"),
])  # fmt: skip
def test_write(store, change, kind, text):
    table = {k: v for k, v in (GOOD | change).items() if v is not None}
    with raises(kind, text):
        store.write("v", table, event_time="t")
    assert store.counts("v") == (1, 1)
    assert store.write("v", GOOD, event_time="t") == 2


def test_write_to_the_wrong_place(store):
    with raises(KeyError, 'write: no view "vv"; did you mean "v"?'):
        store.write("vv", GOOD, event_time="t")
    with raises(KeyError, 'no column "c"'):
        store.write("v", GOOD, event_time="t", created="c")
    with raises(ValueError, 'created column "c" for view "v", got null in row 0'):
        store.write("v", GOOD | {"c": pa.nulls(2, MS)}, event_time="t", created="c")
    with raises(TypeError, "write: expected a table"):
        store.write("v", 5, event_time="t")
    with raises(KeyError, 'sink: no view "u"'):
        store.sink("u", event_time="t")
    store.create_view("float key", entities=["k"], schema={"x": "float64"})
    with raises(TypeError, 'for entity "k" of view "float key", got float64'):
        store.write("float key", GOOD | {"k": [1.0, 2.0]}, event_time="t")


@pytest.mark.parametrize(("refs", "kind", "text"), [
    ([], ValueError, 'expected at least one "view:feature", got none'),
    ("v:x", TypeError, "expected a list of \"view:feature\" names, got 'v:x'"),
    ([5], TypeError, 'expected a list of "view:feature" names, got [5]'),
    (["x"], ValueError, 'expected "view:feature", got "x"'),
    (["v:"], ValueError, 'got "v:"'),
    (["u:x"], KeyError, 'no view "u"'),
    (["v:z"], KeyError, 'view "v" has no feature "z"; did you mean "x"?'),
    (["v:x", "v:*"], ValueError, 'feature "v:x" is named twice'),
])  # fmt: skip
def test_refs(store, refs, kind, text):
    for name, call in [
        ("lookup", lambda: store.lookup(refs, {"k": [1]})),
        ("lookup_matrix", lambda: store.lookup_matrix(refs, {"k": [1]})),
        ("prepare", lambda: store.prepare(refs)),
        ("history", lambda: store.history(refs, {"k": [1], "t": T0}, event_time="t")),
    ]:
        with raises(kind, text) as caught:
            call()
        assert str(caught.value).startswith(name + ":")


@pytest.mark.parametrize(("entities", "kind", "text"), [
    ({}, KeyError, 'no entity column "k"'),
    ({"kk": [1]}, KeyError, 'no entity column "k"'),
    ({"k": ["1"]}, TypeError, 'entity "k" of view "v" is int64, got utf8'),
    ({"k": "1"}, TypeError, 'entity "k" of view "v" is int64, got utf8'),
    ({"k": [1.5]}, TypeError, "is int64, got float64"),
    ({"k": [True]}, TypeError, "is int64, got bool"),
    ({"k": [1, "a"]}, TypeError, 'expected a list, array or scalar for entity "k"'),
    ({"k": [object()]}, TypeError, 'expected a list, array or scalar for entity "k"'),
    (5, TypeError, "expected a table"),
    (pa.table({"j": [1]}), KeyError, "k"),
])  # fmt: skip
def test_entities(store, entities, kind, text):
    for name, call in [
        ("lookup", lambda: store.lookup(["v:x"], entities)),
        ("lookup_matrix", lambda: store.lookup_matrix(["v:x"], entities)),
    ]:
        with raises(kind, text) as caught:
            call()
        assert str(caught.value).startswith(name + ":")


def test_more_about_entities(store):
    with raises(ValueError, 'expected entity columns of one length, got 2 and 1 ("name")'):
        store.lookup(["v:x", "by_text:x"], {"k": [1, 2], "name": ["a"]})
    with raises(TypeError, 'entity "name" of view "by_text" is utf8, got int64'):
        store.lookup_matrix(["by_text:x"], {"name": [1]})
    with raises(TypeError, 'entity "name" of view "by_text" is utf8, got int64'):
        store.history(["by_text:x"], {"name": [1], "t": T0}, event_time="t")
    with raises(TypeError, 'feature "v:s" is utf8'):
        store.lookup_matrix(["v:x", "v:s"], {"k": [1]})
    with raises(TypeError, 'feature "v:s" is utf8'):
        store.lookup_matrix(["v:x", "v:s"], {"k": np.array([1])})


def test_at(store):
    for at in ("now", 1.5, True, [1]):
        with raises(TypeError, "expected at as a datetime or as milliseconds"):
            store.lookup_matrix(["v:x"], {"k": [1]}, at)
    with raises(ValueError, "at is outside 1677-09-21 to 2262-04-11"):
        store.lookup(["v:x"], {"k": [1]}, at=dt.datetime(2500, 1, 1))
    moment = dt.datetime(1970, 1, 1, 0, 0, 0, 1000)
    for at in (1, np.int64(1), moment, moment.replace(tzinfo=dt.UTC), np.datetime64(1, "ms"),
               pd.Timestamp(1, unit="ms", tz="Europe/Berlin")):  # fmt: skip
        assert store.lookup_matrix(["v:x"], {"k": [1]}, at)[0, 0] == 1
        assert store.lookup(["v:x"], {"k": [1]}, at=at)["x"].to_pylist() == [1]


def test_history(store):
    with raises(ValueError, 'view "w" keeps no history; create it with history=True'):
        store.history(["w:y"], {"k": [1], "t": T0}, event_time="t")
    with raises(KeyError, 'history: no column "when"'):
        store.history(["v:x"], {"k": [1], "t": T0}, event_time="when")
    with raises(ValueError, 'event_time column "t", got null in row 0'):
        store.history(["v:x"], {"k": [1], "t": pa.nulls(1, MS)}, event_time="t")
    with raises(TypeError, 'expected a timestamp or date for event_time column "t", got int64'):
        store.history(["v:x"], {"k": [1], "t": [1]}, event_time="t")
    with raises(ValueError, 'the result would have two columns "v__x"'):
        store.history(["v:x"], {"k": [1], "t": T0, "x": [1], "v__x": [1]}, event_time="t")


def test_out(store):
    prepared = store.prepare(["v:x", "v:n"])
    good = np.empty((1, 2))
    assert prepared.lookup_matrix({"k": [1]}, out=good) is good
    assert good.tolist() == [[1.0, 1.0]]
    for wrong in (np.empty((2, 2)), np.empty((1, 2), np.float32), np.empty(2)):
        with raises(ValueError, "expected out as float64 of shape (1, 2)"):
            prepared.lookup_matrix({"k": [1]}, out=wrong)
    frozen = np.empty((1, 2))
    frozen.flags.writeable = False
    for wrong in (frozen, np.empty((2, 1)).T[:, ::-1][:, :2].T, [1.0], np.empty((4, 4))[::2, ::2]):
        with raises(TypeError, "expected a writable C-contiguous float64 array as out"):
            prepared.lookup_matrix({"k": [1]}, out=wrong)


def test_dropped_and_closed(store):
    prepared = store.prepare(["v:x"])
    store.lookup_matrix(["v:x"], {"k": [1]})
    store.drop_view("v")
    for entities in ({"k": [1]}, {"k": np.array([1])}):
        with raises(errors.StateError, 'lookup_matrix: view "v" was dropped'):
            prepared.lookup_matrix(entities)
        with raises(KeyError, 'lookup_matrix: no view "v"'):
            store.lookup_matrix(["v:x"], entities)
    with raises(KeyError, "drop_view: no view"):
        store.drop_view("v")
    store.create_view("v", entities=["k"], schema={"x": "int64"})
    assert np.isnan(store.lookup_matrix(["v:x"], {"k": [1]}))
    store.close()
    store.close()
    assert repr(store) == "<cnengine.feature.Store: closed>"
    for name, call in [
        ("write", lambda: store.write("w", GOOD, event_time="t")),
        ("lookup", lambda: store.lookup(["w:x"], {"k": [1]})),
        ("lookup_matrix", lambda: store.lookup_matrix(["w:x"], {"k": [1]})),
        ("create_view", lambda: store.create_view("z", entities=["k"], schema={"x": "bool"})),
        ("compact", store.compact),
        ("sync", store.sync),
    ]:
        with raises(errors.StateError, f"{name}: the store is closed"):
            call()


def test_every_form_of_entities(store):
    keys = [1, 7, 1]
    want = [1.0, None, 1.0]
    big = np.zeros(6, np.int32)
    big[::2] = keys
    for given in (
        keys, tuple(keys), np.array(keys), np.array(keys, np.uint8), big[::2], pa.array(keys),
        np.array(keys, object), pa.chunked_array([keys[:1], keys[1:]]), pd.Series(keys),
        pl.Series(keys), range(1, 2), [1, None, 1], [1, 2**70, 1], 1,
    ):  # fmt: skip
        if isinstance(given, list) and given[1] == 2**70:
            matrix = store.lookup_matrix(["v:x"], {"k": given})
            assert [None if np.isnan(v) else v for v in matrix[:, 0]] == want
            continue
        expected = [1.0] if isinstance(given, int | range) else want
        matrix = store.lookup_matrix(["v:x"], {"k": given})
        assert [None if np.isnan(v) else v for v in matrix[:, 0]] == expected, type(given)
        assert store.lookup(["v:x"], {"k": given})["x"].to_pylist() == expected, type(given)
    names = ["a", "zz", "a"]
    for given in (
        names, np.array(names), np.array(names, object), pa.array(names), pd.Series(names),
        pl.Series(names), pa.array(names).dictionary_encode(),
    ):  # fmt: skip
        matrix = store.lookup_matrix(["by_text:x"], {"name": given})
        assert [None if np.isnan(v) else v for v in matrix[:, 0]] == want, type(given)
    for table in (
        pa.table({"k": keys, "z": keys}),
        pd.DataFrame({"k": keys}),
        pl.DataFrame({"k": keys}),
    ):
        assert store.lookup_matrix(["v:x"], table).shape == (3, 1)
    assert store.lookup_matrix(["v:x"], {"k": []}).shape == (0, 1)
    assert store.lookup(["v:*"], {"k": []}).num_rows == 0


def test_names_of_the_result(store):
    entities = {"k": 1, "name": ["a", "b"]}
    got = store.lookup(["v:x", "w:x", "w:y", "by_text:x"], entities)
    assert got.column_names == ["k", "name", "v__x", "w__x", "y", "by_text__x"]
    assert got.to_pylist()[1] == {"k": 1, "name": "b", "v__x": 1.0, "w__x": 1.0, "y": 5,
                                  "by_text__x": None}  # fmt: skip
    past = store.history(["v:x", "v:n"], {"x": [3], "k": [1], "t": T0}, event_time="t")
    assert past.to_pylist()[0] | {"t": None} == {"x": 3, "k": 1, "t": None, "v__x": 1.0, "n": 1}


def test_a_lookup_before_the_first_write():
    store = feature.open()
    store.create_view("v", entities=["k"], schema={"x": "float64", "s": "utf8"})
    prepared = store.prepare(["v:x"])
    assert store.lookup(["v:*"], {"k": ["any"]}).to_pylist() == [{"k": "any", "x": None, "s": None}]
    assert np.isnan(prepared.lookup_matrix({"k": ["any", "other"]})).all()
    past = store.history(["v:x"], {"k": [1], "t": T0}, event_time="t")
    assert past["x"].to_pylist() == [None]
    store.write("v", {"k": ["any"], "x": [2], "s": ["t"], "t": T0}, event_time="t")
    assert prepared.lookup_matrix({"k": ["any", "other"]})[0, 0] == 2
    assert store.views()["v"]["entity_types"] == ["utf8"]


def test_a_column_that_the_view_does_not_take_may_be_of_any_type(store):
    price = pa.array([1], pa.decimal128(3))
    rows = {"k": [1], "x": [2.0], "n": [1], "s": ["b"], "t": pa.array([1], MS)}
    store.write("v", pa.table({**rows, "price": price}), event_time="t")
    assert store.lookup(["v:x"], {"k": [1]})["x"].to_pylist() == [2.0]
    with raises(errors.TypeError, 'write: column "x" has the Arrow type decimal(3,0)'):
        store.write("v", pa.table({**rows, "x": price}), event_time="t")
