"""The namespace against the text of the standard: the stubs of `types-array-api` hold each function's
signature and special cases, which are read here as a table."""

import ast
import importlib.util
import inspect
import math
import operator
import re
from pathlib import Path

import cnengine.tensor as ct
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import array_api

pytest.importorskip("array_api", reason="types-array-api is not installed")
TEXT = Path(importlib.util.find_spec("array_api").origin).with_name("_2024_12.py").read_text()
# Type parameters of classes are syntax of Python 3.12.
TREE = ast.parse(re.sub(r"(?m)^class (\w+)\[.*\]\((.*)\):$", r"class \1:",
                        re.sub(r"(?m)^type .*$", "", TEXT)))  # fmt: skip
CLASSES = {node.name: node for node in TREE.body if isinstance(node, ast.ClassDef)}


def names_of(space):
    return [node.target.id for node in CLASSES[space].body if isinstance(node, ast.AnnAssign)]


def method(node, name):
    return next(n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == name)


SPACES = {"ArrayNamespace": ct, "FftNamespace": ct.fft}
if hasattr(ct, "linalg"):
    SPACES["LinalgNamespace"] = ct.linalg
FUNCTIONS = [(space, name) for space in SPACES for name in names_of(space)]
DTYPES = {"bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32",
          "float64", "complex64", "complex128"}  # fmt: skip


def test_every_name_and_type():
    missing = [name for space, name in FUNCTIONS if name != "Device"  # a type of the stubs
               and not hasattr(SPACES[space], name)]  # fmt: skip
    assert missing == []
    for name in [*DTYPES, "e", "inf", "nan", "newaxis", "pi"]:
        assert hasattr(ct, name), name
    assert len(FUNCTIONS) > 160
    info = ct.__array_namespace_info__()
    assert set(info.dtypes()) == DTYPES
    assert ct.asarray(1).__array_namespace__(api_version="2024.12") is ct


def is_called(name):
    """Constants and types have no such method."""
    stub = CLASSES.get(name)
    return stub is not None and any(getattr(n, "name", "") == "__call__" for n in stub.body)


CALLED = [each for each in FUNCTIONS if is_called(each[1])]


@pytest.mark.parametrize(("space", "name"), CALLED)
def test_signature(space, name):
    call = method(CLASSES[name], "__call__").args
    got = inspect.signature(getattr(SPACES[space], name)).parameters
    places = [p for p in got.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    # In front of "/" there is self; what takes arrays by place may call them as it likes.
    only = [a.arg for a in call.posonlyargs][1:]
    free = [a.arg for a in call.args if a.arg != "self"]
    assert len(places) >= len(only) + len(free) or call.vararg is not None
    for wanted, parameter in zip(free, places[len(only) :], strict=False):
        assert parameter.name == wanted
        assert parameter.kind == parameter.POSITIONAL_OR_KEYWORD
    for wanted in call.kwonlyargs:
        assert wanted.arg in got, wanted.arg
        assert got[wanted.arg].kind in (
            inspect.Parameter.KEYWORD_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
        )
    defaults = dict(zip(reversed([a.arg for a in [*call.posonlyargs, *call.args]]),
                        reversed(call.defaults), strict=False))  # fmt: skip
    defaults |= {a.arg: d for a, d in zip(call.kwonlyargs, call.kw_defaults, strict=True) if d}
    for key, default in defaults.items():
        if key in got and isinstance(default, ast.Constant) and default.value is not None:
            assert got[key].default == default.value, key
    more = [p for p in list(got.values())[len(only) + len(free) :]
            if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]  # fmt: skip
    assert [p.name for p in more if p.name not in {a.arg for a in call.kwonlyargs}] == []


@pytest.mark.parametrize("name", [n.name for n in CLASSES["Array"].body
                                  if isinstance(n, ast.FunctionDef)])  # fmt: skip
def test_method(name):
    assert hasattr(ct.Array, name)


# Special cases.

REALS = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 2.5,
         -2.5, 1e10, -1e10, 1e-30, -1e-30]  # fmt: skip
VALUES = {"NaN": math.nan, "infinity": math.inf, "+infinity": math.inf, "-infinity": -math.inf,
          "True": True, "False": False}  # fmt: skip


def same(a, b):
    """With the sign of zeros."""
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b and math.copysign(1, a) == math.copysign(1, b)


def number(text):
    """ "+3π/4" or "2": a float, and whether its sign counts."""
    if text in VALUES:
        return VALUES[text]
    times, over = re.fullmatch(r"([+-]?\d*\.?\d*)(?:π)?(?:/(\d))?", text).groups()
    value = {"": 1.0, "+": 1.0, "-": -1.0}.get(times) if times in ("", "+", "-") else float(times)
    return value * (math.pi if "π" in text else 1.0) / float(over or 1)


def condition(text):
    """What says whether values of names fulfil a clause; None for what is not told in numbers."""
    text = re.sub(r" \(i\.e\.,[^)]*\)", "", text)
    both = re.fullmatch(r"(?:either )?``(\w+)`` (?:or|is ``NaN`` or) ``(\w+)`` is ``NaN``", text)
    if both:
        return lambda at: any(math.isnan(at[name]) for name in both.groups())
    either = re.fullmatch(r"either ``(\w+)`` or ``(\w+)`` is ``NaN``", text)
    if either:
        return lambda at: any(math.isnan(at[name]) for name in either.groups())
    sign = re.fullmatch(r"the sign bit of ``(\w+)`` is ``(\d)``", text)
    if sign:
        return lambda at: (math.copysign(1, at[sign[1]]) < 0) == (sign[2] == "1")
    relation = re.fullmatch(r"``(\w+)`` (equals|does not equal) ``(\w+)``", text)
    if relation:
        return lambda at: (at[relation[1]] == at[relation[3]]) == (relation[2] == "equals")
    match = re.fullmatch(r"``(abs\()?(\w+)\)?`` (?:is )?(.*)", text)
    predicate = match and condition_of_one(match[3])
    if not predicate:
        return None
    take = abs if match[1] else float
    return lambda at: match[2] in at and predicate(take(at[match[2]]))


def condition_of_one(text):
    finite = math.isfinite
    fixed = {
        "a finite number": finite, "already integer-valued": lambda x: finite(x) and x == int(x),
        "a nonzero finite number": lambda x: finite(x) and x != 0,
        "a nonzero number": lambda x: x != 0,
        "a positive finite number": lambda x: finite(x) and x > 0,
        "a positive (greater than ``0``) finite number": lambda x: finite(x) and x > 0,
        "a negative finite number": lambda x: finite(x) and x < 0,
        "an odd integer value": lambda x: finite(x) and x % 2 == 1,
        "not an odd integer value": lambda x: not finite(x) or x % 2 != 1,
        "not an integer value": lambda x: not finite(x) or x != int(x),
        "any value": lambda x: True, "any value (including ``NaN``)": lambda x: True,
        "any value, including ``NaN``": lambda x: True,
        "a finite number or ``NaN``": lambda x: finite(x) or math.isnan(x),
        "either a finite number or ``NaN``": lambda x: finite(x) or math.isnan(x),
    }  # fmt: skip
    if text in fixed:
        return fixed[text]
    match = re.fullmatch(r"(not equal to|not|greater than|less than|either|) ?``([^`]+)``"
                         r"(?: or ``([^`]+)``)?", text)  # fmt: skip
    if not match or "x" in match[2].replace("max", ""):
        return None
    word, first = match[1], number(match[2])
    if word == "greater than":
        return lambda x: x > first
    if word == "less than":
        return lambda x: x < first
    if word == "not equal to":
        return lambda x: x != first
    if word == "not":
        return lambda x: not same(x, first)
    options = [first] + ([number(match[3])] if match[3] else [])
    # A bare 0 is either zero.
    is_bare = match[2] == "0"
    return lambda x: any(same(x, each) or (is_bare and x == 0) for each in options)


def complex_of(text, at):
    """The parts of "+infinity + 3πj/4" or "+0 * cis(b) - 1.0"."""
    circle = re.fullmatch(r"(\S+) \* cis\(b\)( - 1\.0)?", text)
    if circle:
        scale = number(circle[1])
        real, imag = (part * scale for part in (math.cos(at["b"]), math.sin(at["b"])))
        return (real - 1.0 if circle[2] else real), imag
    real, sign, imag = re.fullmatch(r"(\S+) ([+±-]) (\S+?) ?j?(?:/\d)?", text).groups()
    imag = re.fullmatch(r"\S+ [+±-] (.*)", text)[1].replace(" j", "").replace("j", "")
    return number(real.replace("±", "")), number(imag) * (-1 if sign == "-" else 1)


def expectation(text, function):
    """(check of a result and what was given, in words), or None where it is no number."""
    free = "unspecified" in text
    free_real = (free and "imaginary" not in text) or "signs of real and" in text
    free_imag = (free and "real component" not in text) or "signs of real and" in text
    if text in ("``0 + 0j``", "``1 + 0j``"):  # zeros without a sign
        free_real = free_imag = True
    text = re.sub(
        r" \(sign.*\)", "", text.removeprefix("an implementation-dependent approximation to ")
    )
    text = text.removesuffix(", even if ``x1_i`` is ``NaN``")
    text = re.sub(r"^(equal|equivalent) to ", "", text)

    def close(got, wanted, is_free):
        if is_free:
            got, wanted = abs(got), abs(wanted)
        if same(got, wanted):
            return True
        return math.isfinite(wanted) and wanted != 0 and math.isclose(got, wanted, rel_tol=1e-5)

    if text == "the even integer closest to ``x_i``":
        return lambda got, at: got == round(at["x_i"])
    signed = re.fullmatch(r"``NaN`` with a sign bit of ``(\d)``", text)
    if signed:
        return lambda got, at: math.isnan(got) and (math.copysign(1, got) < 0) == (signed[1] == "1")
    inner = re.fullmatch(r"``([^`]+)``", text)
    if not inner:
        return None
    inner = inner[1]
    named = re.fullmatch(r"(-?)(\||abs\(|)(\w+)(?:\||\))?", inner)
    if named and named[3] in ("x_i", "x1_i", "x2_i", "a", "b"):
        sign = -1.0 if named[1] else 1.0
        take = abs if named[2] else float
        return lambda got, at: close(got, sign * take(at[named[3]]), False)
    if "j" in inner or "cis" in inner:

        def check(got, at):
            real, imag = complex_of(inner, at)
            return close(got.real, real, free_real) and close(got.imag, imag, free_imag)

        return check  # fmt: skip
    # Sums and the like of zeros aside, a bare 0 has no sign.
    bare = inner == "0"
    wanted = number(inner)

    def check_real(got, at):
        if isinstance(got, complex):
            return close(got.real, wanted, bare) and (got.imag == 0 or math.isnan(wanted))
        return close(got, wanted, bare)

    return check_real


# These lines contradict C99, which the standard follows, or each other.
WRONG = ("sqrt: ``a`` ``-infinity`` and ``b`` is a positive",
         "sqrt: ``a`` is ``+infinity`` and ``b`` is a positive",
         "sqrt: ``a`` is ``NaN`` and ``b`` is any value")  # fmt: skip


def special_cases():
    """(function, condition, result, its words) of each line that is told in numbers."""
    for name, node in CLASSES.items():
        doc = ast.get_docstring(node, clean=True) or ""
        for line in re.findall(r"(?m)^ *- If (.*?)\.?$", doc):
            found = re.fullmatch(r"(.*), the result is (.*)", line)
            if not found or name in ("clip", "sum", "prod", "mean", "std", "var", "max", "min"):
                continue
            plain = re.sub(r"i\.e\., [^)]*", "i.e.", found[1])
            plain = plain.replace(" (i.e.)", "")
            parts = re.split(r", and (?=``)|, (?=``)| and (?=``)", plain)
            conditions = [condition(part) for part in parts]
            check = expectation(found[2], name)
            if check is None or None in conditions or f"{name}: {line}".startswith(WRONG):
                continue
            is_complex = "``a``" in found[1] or "``b``" in found[1]
            yield pytest.param(name, conditions, check, is_complex, id=f"{name}: {line}")


CASES = list(special_cases())


def test_most_special_cases_are_read():
    lines = re.findall(r"(?m)^ *- If .* the result is ", TEXT[: TEXT.index("class ArrayNamespace")])
    assert len(CASES) > 0.85 * len(lines), (len(CASES), len(lines))


@pytest.mark.parametrize(("name", "conditions", "check", "is_complex"), CASES)
def test_special_case(name, conditions, check, is_complex):
    function = getattr(ct, name)
    arity = len(method(CLASSES[name], "__call__").args.posonlyargs) - 1
    tried = 0
    if is_complex:
        givens = [({"a": a, "b": b}, (complex(a, b),)) for a in REALS for b in REALS]
        types = (ct.complex64, ct.complex128)
    elif arity == 2:
        givens = [({"x1_i": a, "x2_i": b}, (a, b)) for a in REALS for b in REALS]
        types = (ct.float32, ct.float64)
    else:
        givens = [({"x_i": a}, (a,)) for a in REALS]
        types = (ct.float32, ct.float64)
    for at, args in givens:
        if not all(c(at) for c in conditions):
            continue
        tried += 1
        for dtype in types:
            # In a row of others, so that vectors are computed as well.
            rows = [ct.asarray([arg] * 19, dtype=dtype) for arg in args]
            out = function(*rows)
            for got in {0: out[0], 1: out[18]}.values():
                value = got.__bool__() if out.dtype == ct.bool else (
                    complex(got) if out.dtype in (ct.complex64, ct.complex128) else float(got))  # fmt: skip
                rounded = {key: float(np.float32(v)) if dtype in (ct.float32, ct.complex64) else v
                           for key, v in at.items()}  # fmt: skip
                assert check(value, rounded), (at, value, dtype)
    assert tried > 0


# Random arrays.

xps = array_api.make_strategies_namespace(ct, api_version="2024.12")
FLOATS = {"float32": np.float32, "float64": np.float64}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_operators_of_random_arrays(data):
    """Types and shapes as NumPy promotes and broadcasts them, and the same elements."""
    one, two = data.draw(xps.mutually_broadcastable_shapes(2, max_dims=3, max_side=4)).input_shapes
    dtype = data.draw(st.sampled_from(["int8", "uint8", "int32", "int64", "float32", "float64"]))
    a = data.draw(xps.arrays(getattr(ct, dtype), one))
    b = data.draw(xps.arrays(getattr(ct, dtype), two))
    op = data.draw(st.sampled_from([operator.add, operator.sub, operator.mul, operator.lt,
                                    operator.eq, operator.ge, operator.ne]))  # fmt: skip
    with np.errstate(all="ignore"):
        wanted = op(np.asarray(a), np.asarray(b))
    got = op(a, b)
    assert got.shape == wanted.shape
    assert str(np.asarray(got).dtype) == str(wanted.dtype)
    np.testing.assert_array_equal(np.asarray(got), wanted)
