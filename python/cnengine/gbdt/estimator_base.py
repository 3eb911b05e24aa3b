"""What the estimators share: parameters, the way from X and y to the native code, explanations."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from cnengine import errors
from cnengine.gbdt import inputs
from cnengine.gbdt import params as _params
from cnengine.gbdt.base import BaseEstimator, NotFittedError
from cnengine.gbdt.booster import Booster
from cnengine.gbdt.learner import EvalSet, Task, boost, label_parts
from cnengine.gbdt.training import add_weights
from cnengine.gbdt.user_functions import derivatives_of, of_labels, split_metrics

# Arguments that are no options of the native code, or read apart from them.
_OWN = ("objective", "categorical_features", "eval_metric", "params", "random_state",
        "class_weight", "handle_unknown")  # fmt: skip


class GBDTBase(BaseEstimator):
    """The base of the estimators."""

    def __init__(
        self,
        n_estimators: int = 100,
        num_leaves: int | None = 31,
        learning_rate: float = 0.1,
        *,
        objective: str | Callable | None = None,
        max_depth: int | None = None,
        grow_policy: str = "leafwise",
        boosting: str = "gbdt",
        data_sample_strategy: str = "bagging",
        min_child_samples: int = 20,
        min_sum_hessian: float = 1e-3,
        lambda_l1: float = 0.0,
        lambda_l2: float = 0.0,
        min_gain: float = 0.0,
        max_delta_step: float = 0.0,
        path_smooth: float = 0.0,
        extra_trees: bool = False,
        linear_tree: bool = False,
        max_bins: int = 255,
        subsample: float = 1.0,
        colsample: float = 1.0,
        colsample_bylevel: float = 1.0,
        colsample_bynode: float = 1.0,
        monotone_constraints: Any = None,
        interaction_constraints: Any = None,
        multi_strategy: str = "one_output_per_tree",
        cat_method: str = "subsets",
        categorical_features: Any = "auto",
        gradient_bits: int = 32,
        class_weight: Any = None,
        eval_metric: Any = None,
        early_stopping_rounds: int | None = None,
        random_state: Any = None,
        n_jobs: int | None = None,
        device: str = "cpu",
        handle_unknown: str = "missing",
        params: dict[str, Any] | None = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.num_leaves = num_leaves
        self.learning_rate = learning_rate
        self.objective = objective
        self.max_depth = max_depth
        self.grow_policy = grow_policy
        self.boosting = boosting
        self.data_sample_strategy = data_sample_strategy
        self.min_child_samples = min_child_samples
        self.min_sum_hessian = min_sum_hessian
        self.lambda_l1 = lambda_l1
        self.lambda_l2 = lambda_l2
        self.min_gain = min_gain
        self.max_delta_step = max_delta_step
        self.path_smooth = path_smooth
        self.extra_trees = extra_trees
        self.linear_tree = linear_tree
        self.max_bins = max_bins
        self.subsample = subsample
        self.colsample = colsample
        self.colsample_bylevel = colsample_bylevel
        self.colsample_bynode = colsample_bynode
        self.monotone_constraints = monotone_constraints
        self.interaction_constraints = interaction_constraints
        self.multi_strategy = multi_strategy
        self.cat_method = cat_method
        self.categorical_features = categorical_features
        self.gradient_bits = gradient_bits
        self.class_weight = class_weight
        self.eval_metric = eval_metric
        self.early_stopping_rounds = early_stopping_rounds
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.device = device
        self.handle_unknown = handle_unknown
        self.params = params

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "booster_")

    # Each estimator says what it minimises without an objective, and what labels mean.
    _default_objective = "regression"

    def _options(self) -> tuple[dict[str, Any], Callable | None]:
        """The options by canonical names, and the objective of the user, if there is one."""
        given = {
            name: value
            for name, value in self.get_params(deep=False).items()
            if name not in _OWN and value is not None
        }
        for name in ("max_depth", "early_stopping_rounds"):
            limit = given.get(name)
            if isinstance(limit, int) and limit < 1:
                raise errors.ArgumentError(f"fit: expected {name} >= 1 or None, got {limit}")
        options = _params.resolve(given, "fit")
        if self.num_leaves is None:
            options["num_leaves"] = 0
        state = 0 if self.random_state is None else self.random_state
        options.update(_params.resolve({"random_state": state}, "fit"))
        if self.class_weight is not None:
            options["class_weight"] = self.class_weight
        inputs.check_handling(self.handle_unknown, "fit")
        objective = {} if self.objective is None else {"objective": self.objective}
        own = _params.resolve(objective, "fit")
        more = _params.resolve(objective | (self.params or {}), "fit")
        self._check_conflicts({k: v for k, v in more.items() if k not in own or own[k] != v})
        options.update(more)
        custom = options.setdefault("objective", self._default_objective)
        if not callable(custom):
            return options, None
        options["objective"] = "custom"
        return options, custom

    def _check_conflicts(self, more: dict[str, Any]) -> None:
        """ArgumentError for what `params` and an argument both set, differently."""
        defaults = {name: type(self)().get_params(deep=False)[name] for name in self.get_params()}
        renamed = {"seed": "random_state", "num_threads": "n_jobs", "metrics": "eval_metric"}
        for key, value in more.items():
            name = renamed.get(key, key)
            if name not in defaults:
                continue
            mine = getattr(self, name)
            if repr(mine) != repr(defaults[name]) and repr(mine) != repr(value):
                raise errors.ArgumentError(
                    f"fit: expected {name} as an argument or in params, got both: "
                    f"{mine!r} and {value!r}"
                )

    def _fit(
        self,
        X: Any,
        options: dict[str, Any],
        labels: dict[str, Any],
        *,
        weights: np.ndarray | None = None,
        sets: Sequence[EvalSet] = (),
        custom: Callable | None = None,
        attributes: dict[str, Any] | None = None,
        init_model: Any = None,
        callbacks: Sequence[Callable] | None = None,
    ) -> None:
        """Trains on checked rows; `labels` as the native code takes them."""
        chosen = options.pop("categorical_features", self.categorical_features)
        names, metrics = split_metrics(self.eval_metric)
        if names:
            options["metrics"] = _params.resolve({"metric": names}, "fit")["metrics"]
        elif metrics and "metrics" not in options:
            options["metrics"] = ["none"]
        options = _params.place_features(options, inputs.column_names(X), inputs.width(X), "fit")
        add_weights(labels, weights)
        self.objective_ = options["objective"]
        rows = inputs.to_rows(X, "fit")
        task = Task(
            rows=rows,
            labels=labels,
            options=options,
            categorical=inputs.categorical_positions(X, chosen),
            sets=list(sets),
            attributes=(attributes or {}) | inputs.column_attributes(X),
            init_model=init_model,
            callbacks=callbacks or (),
            metrics=[of_labels(f, [s.labels for s in sets]) for f in metrics],
            objective=None if custom is None else derivatives_of(custom, labels),
        )
        with _params.own_words(self.params or {}):
            self.booster_ = boost(task)
        self.n_features_in_ = self.booster_.num_features
        self._note(self.booster_)

    def _note(self, booster: Booster) -> None:
        self.best_iteration_ = booster.best_iteration
        self.evals_result_ = booster.evals_result
        curves = [c for by_metric in booster.evals_result.values() for c in by_metric.values()]
        kept = min(booster.best_iteration, len(curves[0])) if curves else 0
        self.best_score_ = curves[0][kept - 1] if kept else float("nan")

    def _adopt(self, booster: Booster) -> None:
        """Becomes the fitted estimator of a model that was read from a file."""
        self.booster_ = booster
        self.objective_ = booster.objective
        self.n_features_in_ = booster.num_features
        self._note(booster)
        if booster.feature_names and all(booster.feature_names):
            self.feature_names_in_ = np.asarray(booster.feature_names, dtype=object)

    def _fitted(self, function: str) -> Booster:
        booster = getattr(self, "booster_", None)
        if booster is None:
            raise NotFittedError(
                f"{function}: this {type(self).__name__} instance is not fitted yet; "
                "call fit with X and y first"
            )
        return booster

    def _scores(
        self, X: Any, function: str, raw_score: bool, num_iteration: int | None
    ) -> np.ndarray:
        booster = self._fitted(function)
        rows = inputs.to_native(self, X, reset=False, function=function)
        inputs.check_unknown(X, booster, self.handle_unknown, function)
        return booster.predict_values(rows, raw_score=raw_score, num_iteration=num_iteration)

    def _stages(self, X: Any, raw_score: bool) -> Iterator[np.ndarray]:
        """The scores or predictions after each round."""
        booster = self._fitted("staged_predict")
        rows = inputs.to_native(self, X, reset=False, function="staged_predict")
        inputs.check_unknown(X, booster, self.handle_unknown, "staged_predict")
        return booster.staged_values(rows, raw_score=raw_score)

    @property
    def predict_row(self) -> Callable[..., Any]:
        """A function of one row and `raw_score`: what `booster_.predict_row` gives, a number, or
        an array of several outputs; of a classifier the probability of `classes_[1]`, or of each
        class. Fastest for a vector of float64; lists, other numbers, matrices and tables of one row
        do as well.

        Examples
        --------
        >>> import numpy as np
        >>> from cnengine.gbdt import GBDTRegressor
        >>> X = np.arange(100.0).reshape(50, 2)
        >>> model = GBDTRegressor(n_estimators=5).fit(X, X[:, 0])
        >>> bool(model.predict_row([10, 11]) == model.predict(X[5:6])[0])
        True
        """
        booster = self._fitted("predict_row")
        if self.handle_unknown == "missing":
            return booster.predict_row

        def predict_row(row: Any, raw_score: bool = False) -> Any:
            rows = inputs.to_row(row, "predict_row")
            inputs.check_unknown(rows, booster, self.handle_unknown, "predict_row")
            return booster.predict_row(rows, raw_score)

        return predict_row

    def predict_leaves(self, X: Any) -> np.ndarray:
        """The leaf number of every row and tree, int32 (rows, trees)."""
        booster = self._fitted("predict_leaves")
        inputs.check_unknown(X, booster, self.handle_unknown, "predict_leaves")
        return booster.predict_leaves(inputs.to_native(self, X, reset=False))

    apply = predict_leaves

    def predict_contributions(self, X: Any, *, num_iteration: int | None = None) -> np.ndarray:
        """Exact SHAP values; see `Booster.predict_contributions`."""
        booster = self._fitted("predict_contributions")
        inputs.check_unknown(X, booster, self.handle_unknown, "predict_contributions")
        rows = inputs.to_native(self, X, reset=False)
        return booster.predict_contributions(rows, num_iteration=num_iteration)

    def predict_interactions(self, X: Any, *, num_iteration: int | None = None) -> np.ndarray:
        """SHAP interaction values; see `Booster.predict_interactions`."""
        booster = self._fitted("predict_interactions")
        inputs.check_unknown(X, booster, self.handle_unknown, "predict_interactions")
        rows = inputs.to_native(self, X, reset=False)
        return booster.predict_interactions(rows, num_iteration=num_iteration)

    def feature_importance(self, kind: str = "gain") -> np.ndarray:
        """What each feature is worth; see `Booster.feature_importance`."""
        return self._fitted("feature_importance").feature_importance(kind)

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
        booster = self._fitted("save_model")
        given = booster.attributes
        kept = {name: value for name, value in given.items() if name != "handle_unknown"}
        if self.handle_unknown != "missing":
            kept["handle_unknown"] = self.handle_unknown
        if kept != given:
            booster = Booster(booster.native.with_attributes(json.dumps(kept)))
        booster.save_model(path, format)


def eval_sets(
    estimator: GBDTBase,
    given: Any,
    names: Sequence[str] | None,
    parts: Callable[[Any, int], dict[str, Any]],
    trained: Any,
) -> list[EvalSet]:
    """The evaluation sets of `fit`, those of the very rows that are trained on last: early stopping
    looks at the first one. `parts(y, number)` makes what the native code takes of y."""
    if given is None:
        return []
    given = [given] if isinstance(given, tuple) else list(given)
    if not all(isinstance(item, tuple | list) and len(item) == 2 for item in given):
        raise errors.ArgumentError("fit: expected eval_set as (X, y) or a list of them")
    names = list(names) if names is not None else [f"valid_{k}" for k in range(len(given))]
    if len(names) != len(given) or len(set(names)) != len(names):
        raise errors.ArgumentError(f"fit: expected {len(given)} different eval_names, got {names}")
    sets = [
        EvalSet(
            str(name),
            inputs.to_native(estimator, X, reset=False, function="fit"),
            parts(y, number),
            X is trained,
        )
        for number, (name, (X, y)) in enumerate(zip(names, given, strict=True))
    ]
    return sorted(sets, key=lambda one: one.is_training)


def of_set(values: Any, number: int, name: str) -> Any:
    """What belongs to evaluation set `number`: of a list its entry, else the value itself."""
    if values is None or not isinstance(values, list | tuple):
        return values
    if all(np.isscalar(v) for v in values):  # of one set, or a mistake
        if number == 0:
            return values
        raise errors.ShapeError(f"fit: expected {name} as a list of one array for each of eval_set")
    if number >= len(values):
        raise errors.ShapeError(
            f"fit: expected {name} for each of eval_set, got {len(values)} of them"
        )
    return values[number]


def fit_parts(options: dict[str, Any], y: Any, **more: Any) -> dict[str, Any]:
    """`label_parts` for an estimator."""
    return label_parts(options["objective"], y, function="fit", **more)
