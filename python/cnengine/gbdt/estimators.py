"""The estimators, after scikit-learn's conventions."""

import json
import os
from typing import Any

import numpy as np

from cnengine import errors
from cnengine._core import gbdt as _native
from cnengine.gbdt import inputs, model_files
from cnengine.gbdt.base import BaseEstimator, ClassifierMixin, NotFittedError, RegressorMixin

_PARAMETERS = """
    Parameters
    ----------
    n_estimators : int
        Trees at most.
    num_leaves : int
        Leaves of a tree at most, 2 to 131072. Trees grow leaf by leaf, the best split first.
    learning_rate : float
        What each tree's values are multiplied by, above 0.
    max_depth : int or None
        Splits from the root to a leaf at most; None for no limit.
    min_child_samples : int
        Rows in each child of a split at least.
    min_sum_hessian : float
        Sum of second derivatives in each child at least.
    lambda_l1, lambda_l2 : float
        Regularisation of leaf values.
    min_gain : float
        Loss reduction that a split must exceed.
    max_bins : int
        Bins of a numeric feature, 2 to 255, besides the one for missing values.
    subsample, colsample : float
        Share of the rows and of the features that each tree sees, in (0, 1].
    categorical_features : "auto", None, or list of int or str
        Features that hold categories, by position or name. "auto" takes pandas and polars
        categoricals, Arrow dictionaries and text; text is categorical in any case. A category
        that training did not see counts as missing.
    early_stopping_rounds : int or None
        Stop when the loss of `eval_set` has not fallen for so many rounds, and keep the best.
    random_state : int, numpy.random.RandomState or None
        Seed of sampling; None is 0. The same seed gives the same model.
    device : "cpu" or "gpu"
        Where histograms are built; the model is the same bit for bit.

    Attributes
    ----------
    booster_ : the native model: `predict_row(row)`, `trees()`, `categories()`, `to_bytes()`
    n_features_in_, feature_names_in_ : as in scikit-learn
    feature_importances_ : ndarray of float64, gains that add up to 1
    best_iteration_ : int, trees kept
    evals_result_ : list of float, loss of `eval_set` after each round
"""

_FIT = """Trains on X and y.

        Parameters
        ----------
        X : array of float32 or float64 (rows, features), or a pyarrow, polars or pandas table
            NaN and null are missing values.
        y : one label a row
        sample_weight : array of float, or None
            Weights >= 0; a row of weight 0 is as if it were not there.
        eval_set : (X, y) or [(X, y)] or None
            Rows held out for `early_stopping_rounds` and `evals_result_`.
        eval_sample_weight : array of float, or None

        Raises
        ------
        cnengine.errors.ArgumentError
            Labels or weights that are NaN or infinite, options out of range.
        cnengine.errors.ShapeError
            Lengths that differ.
        """


class _GBDT(BaseEstimator):
    def __init__(
        self,
        n_estimators: int = 100,
        num_leaves: int = 31,
        learning_rate: float = 0.1,
        *,
        max_depth: int | None = None,
        min_child_samples: int = 20,
        min_sum_hessian: float = 1e-3,
        lambda_l1: float = 0.0,
        lambda_l2: float = 0.0,
        min_gain: float = 0.0,
        max_bins: int = 255,
        subsample: float = 1.0,
        colsample: float = 1.0,
        categorical_features: Any = "auto",
        early_stopping_rounds: int | None = None,
        random_state: Any = None,
        device: str = "cpu",
    ) -> None:
        self.n_estimators = n_estimators
        self.num_leaves = num_leaves
        self.learning_rate = learning_rate
        self.max_depth = max_depth
        self.min_child_samples = min_child_samples
        self.min_sum_hessian = min_sum_hessian
        self.lambda_l1 = lambda_l1
        self.lambda_l2 = lambda_l2
        self.min_gain = min_gain
        self.max_bins = max_bins
        self.subsample = subsample
        self.colsample = colsample
        self.categorical_features = categorical_features
        self.early_stopping_rounds = early_stopping_rounds
        self.random_state = random_state
        self.device = device

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _options(self, objective: str) -> dict[str, Any]:
        options = self.get_params()
        del options["categorical_features"], options["random_state"]
        if self.max_depth is None:
            del options["max_depth"]
        elif isinstance(self.max_depth, int) and self.max_depth < 1:
            raise errors.ArgumentError(
                f"fit: expected max_depth >= 1 or None, got {self.max_depth}"
            )
        rounds = self.early_stopping_rounds
        if rounds is None:
            del options["early_stopping_rounds"]
        elif isinstance(rounds, int) and rounds < 1:
            raise errors.ArgumentError(
                f"fit: expected early_stopping_rounds >= 1 or None, got {rounds}"
            )
        return {**options, "objective": objective, "seed": self._seed()}

    def _seed(self) -> int:
        state = self.random_state
        if state is None:
            return 0
        if hasattr(state, "randint"):
            return int(state.randint(2**31 - 1))
        if hasattr(state, "integers"):
            return int(state.integers(2**63 - 1))
        if not isinstance(state, int | np.integer) or state < 0:
            raise errors.ArgumentError(
                f"fit: expected random_state as an integer >= 0, got {state!r}"
            )
        return int(state)

    def _categorical(self, X: Any) -> list[int]:
        chosen = self.categorical_features
        if chosen is None:
            return []
        if isinstance(chosen, str):
            if chosen != "auto":
                raise errors.ArgumentError(
                    f'fit: expected categorical_features "auto", None or a list, got {chosen!r}'
                )
            return inputs.categorical_columns(X)
        names = inputs.column_names(X) or []
        out = []
        for item in chosen:
            if isinstance(item, str):
                if item not in names:
                    raise errors.ArgumentError(
                        f"fit: no column {item!r} for categorical_features; there are: {names}"
                    )
                out.append(names.index(item))
            elif isinstance(item, int | np.integer) and not isinstance(item, bool):
                out.append(int(item))
            else:
                raise errors.TypeError(
                    f"fit: expected names or positions in categorical_features, got {item!r}"
                )
        return out

    def _fit(
        self,
        X: Any,
        y: np.ndarray,
        sample_weight: Any,
        eval_set: tuple[Any, np.ndarray] | None,
        eval_sample_weight: Any,
        objective: str,
        attributes: dict[str, Any],
    ) -> None:
        valid_x = valid_y = None
        if eval_set is not None:
            valid_x, valid_y = eval_set
            valid_x = inputs.to_native(self, valid_x, reset=False)
        sets = []
        if valid_y is not None:
            weight = inputs.to_weights(eval_sample_weight, len(valid_y))
            sets.append(("valid", valid_x, {"y": valid_y, "weight": weight}))
        booster, _, values, best, _ = _native.train(
            X,
            {"y": y, "weight": inputs.to_weights(sample_weight, len(y))},
            self._categorical(X),
            sets,
            self._options(objective),
            json.dumps(attributes),
        )
        losses = values[0][0] if sets else []
        self.booster_ = booster
        self.n_features_in_ = booster.width
        self.evals_result_ = losses
        self.best_iteration_ = best

    def _fitted(self, function: str) -> Any:
        booster = getattr(self, "booster_", None)
        if booster is None:
            raise NotFittedError(
                f"{function}: this {type(self).__name__} instance is not fitted yet; "
                "call fit with X and y first"
            )
        return booster

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "booster_")

    def _scores(self, X: Any, function: str, raw_score: bool) -> np.ndarray:
        booster = self._fitted(function)
        return booster.predict(inputs.to_native(self, X, reset=False), raw_score)

    def predict_leaves(self, X: Any) -> np.ndarray:
        """The leaf number of every row and tree, int32 (rows, trees)."""
        booster = self._fitted("predict_leaves")
        return booster.predict_leaves(inputs.to_native(self, X, reset=False))

    def feature_importance(self, kind: str = "gain") -> np.ndarray:
        """By feature: the summed loss reduction of its splits ("gain"), or how many ("split")."""
        booster = self._fitted("feature_importance")
        if kind == "gain":
            return booster.gain_importance()
        if kind == "split":
            return booster.split_importance()
        raise errors.ArgumentError(
            f'feature_importance: expected kind "gain" or "split", got {kind!r}'
        )

    @property
    def feature_importances_(self) -> np.ndarray:
        """Gain importances that add up to 1 (all 0 for a model without splits)."""
        gains = self.feature_importance("gain")
        total = gains.sum()
        return gains / total if total > 0 else gains

    def save_model(self, path: str | os.PathLike, format: str = "cnengine") -> None:  # noqa: A002
        """Writes the model to a file, whole or not at all; read it with `load_model`.

        `format` is "cnengine", "xgboost-json", "xgboost-ubj", "lightgbm", "catboost-json" or
        "onnx"; what it cannot hold raises UnsupportedError that names it.
        """
        model_files.write_model(self._fitted("save_model"), path, format)

    # The native model travels as its own checked bytes: unpickling a model runs none of its code.
    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        if "booster_" in state:
            state["booster_"] = state["booster_"].to_bytes()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        if "booster_" in state:
            state["booster_"] = _native.from_bytes(state["booster_"])
        self.__dict__.update(state)

    def _adopt(self, booster: Any) -> None:
        """Becomes the fitted estimator of a model that was read from a file."""
        self.booster_ = booster
        self.n_features_in_ = booster.width
        self.best_iteration_ = booster.num_trees
        self.evals_result_ = []
        if all(booster.feature_names):
            self.feature_names_in_ = np.asarray(booster.feature_names, dtype=object)


def _one_set(eval_set: Any) -> tuple[Any, Any] | None:
    if eval_set is None:
        return None
    if isinstance(eval_set, list) and len(eval_set) == 1:
        eval_set = eval_set[0]
    if not isinstance(eval_set, tuple) or len(eval_set) != 2:
        raise errors.ArgumentError("fit: expected eval_set as (X, y) or [(X, y)]")
    return eval_set


class GBDTClassifier(ClassifierMixin, _GBDT):
    __doc__ = f"""Gradient boosted trees for two classes, minimising the log loss.
{_PARAMETERS}    classes_ : ndarray, the two classes in order

    Examples
    --------
    >>> import numpy as np
    >>> from cnengine.gbdt import GBDTClassifier
    >>> X = np.arange(200.0).reshape(100, 2)
    >>> model = GBDTClassifier(n_estimators=20).fit(X, X[:, 0] > 100)
    >>> model.predict([[10.0, 0.0], [190.0, 0.0]]).tolist()
    [False, True]
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        eval_set: Any = None,
        eval_sample_weight: Any = None,
    ) -> "GBDTClassifier":
        """See `_FIT`."""
        X = inputs.to_native(self, X, reset=True)
        classes, codes = inputs.encode_classes(inputs.to_labels(y, numeric=False))
        held = _one_set(eval_set)
        if held is not None:
            held = held[0], inputs.codes_of(inputs.to_labels(held[1], numeric=False), classes)
        kept = [c.item() if isinstance(c, np.generic) else c for c in classes]
        attributes = {"classes": [c if isinstance(c, bool | int | float) else str(c) for c in kept]}
        self._fit(X, codes, sample_weight, held, eval_sample_weight, "binary", attributes)
        self.classes_ = classes
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class, float64 (rows, classes)."""
        p = self._scores(X, "predict_proba", False)
        return np.column_stack([1.0 - p, p]) if p.ndim == 1 else p

    def decision_function(self, X: Any) -> np.ndarray:
        """The log odds of `classes_[1]`, float64 (rows,); of several classes a score each."""
        return self._scores(X, "decision_function", True)

    def predict(self, X: Any, *, raw_score: bool = False) -> np.ndarray:
        """The likelier class of each row; with `raw_score` the log odds of `classes_[1]`."""
        scores = self._scores(X, "predict", True)
        if raw_score:
            return scores
        numbers = (scores > 0).astype(np.intp) if scores.ndim == 1 else scores.argmax(axis=1)
        return self.classes_[numbers]


class GBDTRegressor(RegressorMixin, _GBDT):
    __doc__ = f"""Gradient boosted trees for a number, minimising the squared error.
{_PARAMETERS}
    Examples
    --------
    >>> import numpy as np
    >>> from cnengine.gbdt import GBDTRegressor
    >>> X = np.arange(200.0).reshape(100, 2)
    >>> model = GBDTRegressor(n_estimators=200).fit(X, X[:, 0] * 2)
    >>> bool(abs(model.predict([[100.0, 101.0]])[0] - 200) < 10)
    True
    """

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        eval_set: Any = None,
        eval_sample_weight: Any = None,
    ) -> "GBDTRegressor":
        """See `_FIT`."""
        X = inputs.to_native(self, X, reset=True)
        labels = inputs.to_labels(y, numeric=True)
        held = _one_set(eval_set)
        if held is not None:
            held = held[0], inputs.to_labels(held[1], numeric=True)
        self._fit(X, labels, sample_weight, held, eval_sample_weight, "regression", {})
        return self

    def predict(self, X: Any, *, raw_score: bool = False) -> np.ndarray:
        """The mean of each row, float64 (rows,); here `raw_score` is the same."""
        return self._scores(X, "predict", raw_score)


GBDTClassifier.fit.__doc__ = _FIT
GBDTRegressor.fit.__doc__ = _FIT


def load_model(path: str | os.PathLike) -> GBDTClassifier | GBDTRegressor:
    """Reads a model of `save_model`, XGBoost, LightGBM or CatBoost as a fitted estimator.

    The bytes tell the format: XGBoost's JSON and UBJSON, LightGBM's text, CatBoost's JSON.

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
    booster = model_files.read_model(path)
    if booster.objective not in ("binary", "multiclass", "multiclassova"):
        regressor = GBDTRegressor(n_estimators=max(1, booster.num_trees))
        regressor._adopt(booster)
        return regressor
    classifier = GBDTClassifier(n_estimators=max(1, booster.num_trees))
    try:
        classes = json.loads(booster.attributes)["classes"]
        if not isinstance(classes, list) or not all(
            isinstance(c, bool | int | float | str) for c in classes
        ):
            raise TypeError("classes are a list of numbers or texts")
        classifier.classes_ = np.asarray(classes)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise errors.CorruptionError(
            f"load_model: {os.fspath(path)}: no classes in the model"
        ) from error
    expected = max(2, booster.outputs)
    if classifier.classes_.shape != (expected,):
        raise errors.CorruptionError(f"load_model: {os.fspath(path)}: expected {expected} classes")
    classifier._adopt(booster)
    return classifier
