"""Model files of all formats: ours and those of XGBoost, LightGBM, CatBoost and ONNX."""

import os
from typing import Any

from cnengine import errors
from cnengine._core import gbdt as _native

FORMATS = ("cnengine", "xgboost-json", "xgboost-ubj", "lightgbm", "catboost-json", "onnx")
TEXTS = ("lightgbm", "xgboost-json", "catboost-json")


def read_model(path: str | os.PathLike) -> Any:
    """Reads a model of any format but ONNX, which is told by its bytes.

    Returns
    -------
    the native model; its `attributes` are JSON with the `classes` of a classifier and, from
    XGBoost, the `best_iteration` where training noted one

    Raises
    ------
    cnengine.errors.CorruptionError
        The file was cut or changed, or is no model.
    cnengine.errors.UnsupportedError
        The model has something that cnengine has not; the message names it.
    cnengine.errors.IoError
        The file cannot be read.
    """
    return _native.read_model(os.fspath(path))


def to_text(booster: Any, format: str) -> str:  # noqa: A002
    """A native model as the text of a file: "lightgbm", "xgboost-json" or "catboost-json"."""
    if format not in TEXTS:
        raise errors.ArgumentError(
            f"model_to_string: expected format as one of {', '.join(TEXTS)}, got {format!r}"
        )
    return _native.write_model_bytes(booster, format).decode()


def from_text(text: str) -> Any:
    """The native model of a text of `to_text`; errors as of `read_model`."""
    if not isinstance(text, str):
        raise errors.TypeError(
            f"model_from_string: expected the text of a model, got {type(text).__name__}"
        )
    return _native.read_model_bytes(text.encode(), "model_from_string")


def write_model(booster: Any, path: str | os.PathLike, format: str = "cnengine") -> None:  # noqa: A002
    """Writes a native model to a file, whole or not at all.

    Parameters
    ----------
    booster : the native model
    path : str or path
    format : "cnengine", "xgboost-json", "xgboost-ubj", "lightgbm", "catboost-json" or "onnx"

    Raises
    ------
    cnengine.errors.UnsupportedError
        The format cannot hold something of the model; the message names it.
    cnengine.errors.ArgumentError
        There is no such format.
    cnengine.errors.IoError
        The file cannot be written.
    """
    if format not in FORMATS:
        raise errors.ArgumentError(
            f"save_model: expected format as one of {', '.join(FORMATS)}, got {format!r}"
        )
    if format == "onnx":
        from cnengine.gbdt.onnx_file import to_onnx

        _native.write_bytes(os.fspath(path), to_onnx(booster).SerializeToString())
        return
    _native.write_model(booster, os.fspath(path), format)
