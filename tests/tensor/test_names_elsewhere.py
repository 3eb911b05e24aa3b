"""What the main namespaces of NumPy and jax.numpy have by name: it is here by the same name, told
of by an error that names what is here in its place, or left out for a reason that is told here."""

import inspect

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine.tensor.peer_names import LINALG_NAMES, RANDOM_NAMES, TENSOR_NAMES

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
OF_LINALG = {
    "test": "NumPy's own",
    **dict.fromkeys(["householder_product", "ldl_factor", "ldl_factor_ex", "ldl_solve"],
                    "what LAPACK does within others"),
    "lu_factor_ex": "lu, of which singular matrices have zeros on the diagonal",
}  # fmt: skip
OF_RANDOM = {
    "bit_generator": "numbers come from keys",
    "bytes": "bits, as uint8",
    **dict.fromkeys(["clone", "key_data", "key_dtype", "key_impl", "wrap_key_data"],
                    "keys are arrays as all others"),
    **dict.fromkeys(["hypergeometric", "logseries", "multivariate_hypergeometric", "vonmises", "zipf",
                     "noncentral_chisquare", "noncentral_f"], "rare, and JAX has none either"),
    "negative_binomial": "poisson of gamma numbers times (1 - p) / p",
    "power": "uniform numbers to the power of 1 / a",
}  # fmt: skip
LEFT_OUT = {name: reason for reason, names in LEFT_OUT.items() for name in names.split()}


def functions(module):
    return {name for name in dir(module) if not name.startswith("_")
            and callable(getattr(module, name)) and not inspect.isclass(getattr(module, name))}  # fmt: skip


def check(names, space=ct, told=TENSOR_NAMES, left_out=LEFT_OUT):
    here = {name for name in names if hasattr(space, name)}
    assert names - here - set(told) - set(left_out) == set()
    assert here & set(left_out) == set()


def test_numpy():
    check(functions(np))


def test_jax():
    check(functions(pytest.importorskip("jax.numpy", reason="jax is not installed")))


def test_linear_algebra():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    check(functions(np.linalg) | functions(torch.linalg), ct.linalg, LINALG_NAMES, OF_LINALG)


def test_random():
    methods = {name for name in dir(np.random.Generator) if not name.startswith("_")}
    check(methods, ct.random, RANDOM_NAMES, OF_RANDOM)
    jax = pytest.importorskip("jax", reason="jax is not installed")
    check(functions(jax.random), ct.random, RANDOM_NAMES, OF_RANDOM)


def test_fourier_transforms():
    check(functions(np.fft), ct.fft, {}, {"test": "NumPy's own"})


def test_reasons_are_needed():
    names = functions(np)
    assert set(LEFT_OUT) - names == set()
    assert set(LEFT_OUT) & set(TENSOR_NAMES) == set()


def test_public_names_are_no_modules():
    modules = {name for name in dir(ct) if inspect.ismodule(getattr(ct, name))}
    assert modules == {"fft", "linalg", "parallel", "random"}
    assert set(ct.__all__) <= set(dir(ct))
