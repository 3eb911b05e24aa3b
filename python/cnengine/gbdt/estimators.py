"""The estimators, and the one that a model file holds."""

import json
import os

import numpy as np

from cnengine import errors
from cnengine.gbdt.booster import Booster, load_booster
from cnengine.gbdt.classifier import GBDTClassifier
from cnengine.gbdt.learner import MULTICLASS, RANKINGS
from cnengine.gbdt.ranker import GBDTRanker
from cnengine.gbdt.regressor import GBDTRegressor

__all__ = ["GBDTClassifier", "GBDTRanker", "GBDTRegressor", "load_model"]


def load_model(path: str | os.PathLike) -> GBDTClassifier | GBDTRanker | GBDTRegressor:
    """Reads a model of `save_model`, XGBoost, LightGBM or CatBoost as a fitted estimator.

    The bytes tell the format: XGBoost's JSON and UBJSON, LightGBM's text, CatBoost's JSON and cbm.
    Of a model of XGBoost that stopped early the rounds up to the best are kept: those that its
    estimators predict with. `load_booster` reads the model by itself, with all rounds, as
    XGBoost's Booster has them. Our own format also keeps `handle_unknown`.

    Raises
    ------
    cnengine.errors.CorruptionError
        The file was cut or changed, or is no model.
    cnengine.errors.UnsupportedError
        The model has something that cnengine has not; the message names it.
    cnengine.errors.IoError
        The file cannot be read.

    Examples
    --------
    >>> import numpy as np, tempfile
    >>> from cnengine.gbdt import GBDTRegressor, load_model
    >>> X = np.arange(100.0).reshape(50, 2)
    >>> model = GBDTRegressor(n_estimators=5).fit(X, X[:, 0])
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     model.save_model(directory + "/m.cne")
    ...     again = load_model(directory + "/m.cne")
    >>> bool((again.predict(X) == model.predict(X)).all())
    True
    """
    booster = _best_rounds(load_booster(path))
    told = {"n_estimators": max(1, booster.num_rounds)}
    if booster.attributes.get("handle_unknown") == "error":
        told["handle_unknown"] = "error"
    kind = booster.objective
    if kind in ("binary", "focal", *MULTICLASS) or (
        kind == "custom" and "classes" in booster.attributes
    ):
        classifier = GBDTClassifier(**told, objective=_told(kind, "binary"))
        classifier._set_classes(_classes(booster, os.fspath(path)))
        classifier._adopt(booster)
        return classifier
    if kind in RANKINGS:
        ranker = GBDTRanker(**told, objective=_told(kind, "lambdarank"))
        ranker._adopt(booster)
        return ranker
    regressor = GBDTRegressor(**told, objective=_told(kind, "regression"))
    regressor._adopt(booster)
    return regressor


def _best_rounds(booster: Booster) -> Booster:
    best = booster.attributes.get("best_iteration")
    if type(best) is not int or not 0 <= best < booster.num_rounds - 1:
        return booster
    return Booster(booster.native.take_rounds(list(range(best + 1))))


def _told(kind: str, default: str) -> str | None:
    """The objective as an argument; a file does not hold the function of a custom one."""
    return None if kind in (default, "custom") else kind


def _classes(booster: Booster, path: str) -> np.ndarray:
    expected = max(2, booster.num_outputs)
    try:
        classes = json.loads(booster.native.attributes)["classes"]
        if not isinstance(classes, list) or not all(
            isinstance(c, bool | int | float | str) for c in classes
        ):
            raise TypeError("classes are a list of numbers or texts")
        out = np.asarray(classes)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise errors.CorruptionError(f"load_model: {path}: no classes in the model") from error
    if out.shape != (expected,):
        raise errors.CorruptionError(f"load_model: {path}: expected {expected} classes")
    return out
