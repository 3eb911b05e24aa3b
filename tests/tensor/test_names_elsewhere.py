"""What the main namespaces of NumPy and jax.numpy have by name: it is here by the same name, told
of by an error that names what is here in its place, or left out for a reason that is told here."""

import inspect

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine.tensor.peer_names import TENSOR_NAMES

LEFT_OUT = {
    "arrays have one order of bytes, and nobody writes into them": """
        copyto isfortran may_share_memory shares_memory require""",
    "dates, strings and objects are no elements": """
        busday_count busday_offset datetime_as_string datetime_data frompyfunc is_busday isnat""",
    "files and text; cnengine.nn.save_arrays and load_arrays": """
        array2string array_repr array_str base_repr binary_repr format_float_positional
        format_float_scientific frombuffer fromfile fromiter fromregex fromstring genfromtxt
        get_printoptions load loadtxt printoptions save savetxt savez savez_compressed
        set_printoptions""",
    "settings and facts of NumPy": """
        get_include getbufsize geterr geterrcall info nested_iters setbufsize seterr seterrcall
        show_config show_runtime test""",
    "matrices of NumPy's own class": "asmatrix bmat",
    "types: result_type, isdtype, finfo and iinfo tell of them": """
        common_type isscalar iterable min_scalar_type mintypecode typename""",
    "the extent depends on the elements, and JAX has no use for it": "real_if_close trim_zeros",
    "a check, or a method: isfinite, x.clip": "asarray_chkfinite",
    "an alias of linalg's with other axes: linalg.diagonal, put_along_axis": """
        diag_indices_from mask_indices tril_indices_from triu_indices_from""",
    "apply_along_axis again and again": "apply_over_axes",
    "bits of floats, and bits of one in bytes": "frexp packbits unpackbits",
    "Bessel functions are not here": "i0 kaiser",
    "einsum finds its own order": "einsum_path",
    "the number of coefficients depends on those of the divisor": "polydiv",
    "divmod of Python, and the operators // and %": "divmod",
    "tile and slices": "resize",
    "complex numbers are sorted by sort of their parts": "sort_complex",
}
LEFT_OUT = {name: reason for reason, names in LEFT_OUT.items() for name in names.split()}


def functions(module):
    return {name for name in dir(module) if not name.startswith("_")
            and callable(getattr(module, name)) and not inspect.isclass(getattr(module, name))}  # fmt: skip


def check(names):
    here = {name for name in names if hasattr(ct, name)}
    assert names - here - set(TENSOR_NAMES) - set(LEFT_OUT) == set()
    assert here & set(LEFT_OUT) == set()


def test_numpy():
    check(functions(np))


def test_jax():
    check(functions(pytest.importorskip("jax.numpy", reason="jax is not installed")))


def test_reasons_are_needed():
    names = functions(np)
    assert set(LEFT_OUT) - names == set()
    assert set(LEFT_OUT) & set(TENSOR_NAMES) == set()


def test_public_names_are_no_modules():
    modules = {name for name in dir(ct) if inspect.ismodule(getattr(ct, name))}
    assert modules == {"fft", "linalg", "parallel", "random"}
    assert set(ct.__all__) <= set(dir(ct))
