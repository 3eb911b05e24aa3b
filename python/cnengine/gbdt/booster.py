"""A trained model by itself: what `train` returns and what the estimators hold."""

import json
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from cnengine import errors
from cnengine._core import gbdt as _native
from cnengine.gbdt import inputs, model_files

IMPORTANCES = ("gain", "split", "cover", "mean_gain", "mean_cover")
_NATIVE_IMPORTANCES = {
    "gain": "total_gain",
    "split": "split",
    "cover": "total_cover",
    "mean_gain": "gain",
    "mean_cover": "cover",
}


class Booster:
    """A trained model. Immutable; made by `train`, `load_booster` and the estimators.

    Attributes
    ----------
    native
        The model in native code.
    best_iteration : int
        Rounds kept: those up to the best value of the first metric where training stopped early.
    evals_result : dict
        By evaluation set and metric, the value after each round.
    interrupted : bool
        Whether Ctrl-C ended the training.

    Examples
    --------
    >>> import numpy as np
    >>> from cnengine import gbdt
    >>> X = np.arange(100.0).reshape(50, 2)
    >>> gbdt.train({"num_leaves": 4}, gbdt.Dataset(X, X[:, 0]), 5)
    Booster(objective='regression', num_rounds=5, num_features=2)
    """

    def __init__(
        self,
        native: Any,
        *,
        best_iteration: int | None = None,
        evals_result: dict[str, dict[str, list[float]]] | None = None,
        interrupted: bool = False,
    ) -> None:
        self.native = native
        self.best_iteration = self.num_rounds if best_iteration is None else best_iteration
        self.evals_result = evals_result or {}
        self.interrupted = interrupted
        self._predicts_class = self.attributes.get("predicts") == "class"
        # A row from a float64 vector costs no call of Python.
        self.predict_row = self._class_of_row if self._predicts_class else native.predict_row

    @property
    def objective(self) -> str:
        """The name of the objective, as `train` takes it."""
        return self.native.objective

    @property
    def num_features(self) -> int:
        """Features of a row."""
        return self.native.width

    @property
    def num_outputs(self) -> int:
        """Scores of a row."""
        return self.native.outputs

    @property
    def num_trees(self) -> int:
        """Trees of all rounds."""
        return self.native.num_trees

    @property
    def trees_per_round(self) -> int:
        """Trees that one round adds: one for each output, or one for all."""
        return self.native.trees_per_round

    @property
    def num_rounds(self) -> int:
        """Rounds of boosting in the model."""
        return self.num_trees // self.trees_per_round

    @property
    def feature_names(self) -> list[str]:
        """Names of the features; empty texts when training had none."""
        return self.native.feature_names

    @property
    def base_scores(self) -> list[float]:
        """What the score of each output begins with."""
        return self.native.base_scores

    @property
    def attributes(self) -> dict[str, Any]:
        """What was kept with the model, such as the `classes` of a classifier."""
        try:
            found = json.loads(self.native.attributes or "{}")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def predict(
        self,
        X: Any,
        *,
        raw_score: bool = False,
        num_iteration: int | None = None,
        handle_unknown: str = "missing",
        device: str = "cpu",
    ) -> np.ndarray:
        """The predictions of all rows.

        Parameters
        ----------
        X : array, sparse matrix or table of (rows, features)
        raw_score : bool
            The sums of the trees, before they become probabilities, means or times.
        num_iteration : int or None
            Use the first so many rounds; None for all. Not for random forests; rounds of DART
            have the weights that later ones gave them.
        handle_unknown : "missing" or "error"
            A category that training did not see counts as missing, or raises.
        device : "cpu" or "gpu"
            Where trees are walked; "gpu" is the first CUDA device. The bits are the same.

        Returns
        -------
        ndarray of float64, (rows,), or (rows, outputs) when there are several
            After the objective "multi:softmax" the number of each row's class, (rows,).

        Raises
        ------
        cnengine.errors.ShapeError
            X has another number of features than the model.
        cnengine.errors.ArgumentError
            The columns of a table are not those of training; an unknown category with "error".
        cnengine.errors.DeviceError
            There is no GPU.
        cnengine.errors.UnsupportedError
            Linear leaves on a GPU.
        """
        inputs.check_unknown(X, self, handle_unknown, "predict")
        values = self.predict_values(
            X, raw_score=raw_score, num_iteration=num_iteration, device=device
        )
        return self._finish(values, raw_score)

    def predict_values(
        self,
        X: Any,
        *,
        raw_score: bool = False,
        num_iteration: int | None = None,
        device: str = "cpu",
    ) -> np.ndarray:
        """As `predict`, but probabilities after "multi:softmax", too."""
        rows = self._rows(X, "predict")
        return self.native.predict(rows, raw_score, self._trees(num_iteration), device)

    def staged_predict(self, X: Any, *, raw_score: bool = False) -> Iterator[np.ndarray]:
        """The predictions of all rows after each round, those of `predict` with that
        `num_iteration`; together they cost little more than one prediction.

        Not for random forests, whose leaves are shares of all trees.

        Examples
        --------
        >>> import numpy as np
        >>> from cnengine import gbdt
        >>> X = np.arange(100.0).reshape(50, 2)
        >>> model = gbdt.train({}, gbdt.Dataset(X, X[:, 0]), 3)
        >>> stages = list(model.staged_predict(X))
        >>> [bool((p == model.predict(X, num_iteration=n)).all()) for n, p in enumerate(stages, 1)]
        [True, True, True]
        """
        self._refuse_forest("staged_predict")
        stages = self.staged_values(X, raw_score=raw_score)
        return (self._finish(values, raw_score) for values in stages)

    def staged_values(self, X: Any, *, raw_score: bool = False) -> Iterator[np.ndarray]:
        """As `staged_predict`, but probabilities after "multi:softmax", too."""
        self._refuse_forest("staged_predict")
        return self.native.staged(self._rows(X, "staged_predict"), raw_score)

    def __getitem__(self, rounds: slice | int) -> "Booster":
        """The model of some rounds, as XGBoost slices: `booster[:n]` predicts as with
        `num_iteration=n`. The base scores stay; not for random forests.

        Examples
        --------
        >>> import numpy as np
        >>> from cnengine import gbdt
        >>> X = np.arange(100.0).reshape(50, 2)
        >>> model = gbdt.train({}, gbdt.Dataset(X, X[:, 0]), 5)
        >>> model[:2].num_rounds, len(list(model))
        (2, 5)
        """
        self._refuse_forest("slicing")
        if isinstance(rounds, slice):
            try:
                chosen = list(range(self.num_rounds))[rounds]
            except (TypeError, ValueError) as error:
                raise errors.TypeError(f"Booster[...]: {error}") from error
        elif isinstance(rounds, int | np.integer) and not isinstance(rounds, bool):
            if not -self.num_rounds <= rounds < self.num_rounds:
                raise IndexError(
                    f"Booster[...]: expected a round below {self.num_rounds}, got {rounds}"
                )
            chosen = [int(rounds) % self.num_rounds]
        else:
            raise errors.TypeError(
                f"Booster[...]: expected a round or a slice of rounds, got {rounds!r}"
            )
        native = self.native.take_rounds(chosen)
        kept = {name: value for name, value in self.attributes.items() if name != "best_iteration"}
        if kept != self.attributes:  # of rounds that are others now
            native = native.with_attributes(json.dumps(kept))
        return Booster(native)

    def __iter__(self) -> Iterator["Booster"]:
        """The model of each round."""
        return (self[number] for number in range(self.num_rounds))

    def predict_leaves(self, X: Any) -> np.ndarray:
        """The leaf number of every row and tree, int32 (rows, trees)."""
        return self.native.predict_leaves(self._rows(X, "predict_leaves"))

    def predict_contributions(
        self, X: Any, *, num_iteration: int | None = None, device: str = "cpu"
    ) -> np.ndarray:
        """What each feature adds to the raw score of each row: exact SHAP values of the trees.

        `device` as in `predict`.

        Returns
        -------
        ndarray of float64, (rows, features + 1) or (rows, outputs, features + 1)
            The last column is the expected score; a row adds up to its raw score.

        References
        ----------
        Lundberg et al. 2020, "From local explanations to global understanding with explainable AI
        for trees", Nature Machine Intelligence 2.
        """
        rows = self._rows(X, "predict_contributions")
        return self.native.predict_contributions(rows, self._trees(num_iteration), device)

    def predict_interactions(self, X: Any, *, num_iteration: int | None = None) -> np.ndarray:
        """SHAP interaction values: (rows, features + 1, features + 1), with an axis of outputs
        after the first when there are several. A row of it adds up to the contribution."""
        rows = self._rows(X, "predict_interactions")
        return self.native.predict_interactions(rows, self._trees(num_iteration))

    def feature_importance(self, kind: str = "gain") -> np.ndarray:
        """What each feature is worth, float64 (features,).

        Parameters
        ----------
        kind : str
            "gain", the summed loss reduction of its splits; "split", how many there are; "cover",
            the summed hessians of the rows that they cut; "mean_gain", "mean_cover", by split.
        """
        if kind not in IMPORTANCES:
            known = ", ".join(f'"{name}"' for name in IMPORTANCES)
            raise errors.ArgumentError(
                f"feature_importance: expected kind as one of {known}, got {kind!r}"
            )
        return self.native.importance(_NATIVE_IMPORTANCES[kind])

    def trees(self) -> list[tuple[list[dict[str, Any]], list[float]]]:
        """The nodes and the leaf values of each tree."""
        return self.native.trees()

    def categories(self) -> list[list | None]:
        """By feature, the categories that training saw; None for numbers."""
        return self.native.categories()

    def dump(self, tree: int | None = None) -> str:
        """The model as JSON for people, of its trees all or one; `save_model` writes what can be
        read back."""
        return self.native.dump(tree)

    def scorer(
        self,
        columns: list[str] | None = None,
        *,
        name: str = "prediction",
        raw_score: bool = False,
    ) -> Any:
        """The model as a function of tables, which adds a column of predictions.

        Parameters
        ----------
        columns : list of str, or None
            The columns that hold the features, in the order of training; None for its names.
        name : str
            The column that is added; with several outputs `name_0`, `name_1`, ...
        raw_score : bool
            As in `predict`.
        """
        return self.native.scorer(columns or [], name, raw_score)

    def save_model(self, path: str | os.PathLike, format: str = "cnengine") -> None:  # noqa: A002
        """Writes the model to a file, whole or not at all; read it with `load_model`.

        `format` is "cnengine", "xgboost-json", "xgboost-ubj", "lightgbm", "catboost-json" or
        "onnx"; what it cannot hold raises UnsupportedError that names it.
        """
        model_files.write_model(self.native, path, format)

    def model_to_string(
        self,
        num_iteration: int | None = None,
        *,
        format: str = "lightgbm",  # noqa: A002
    ) -> str:
        """The text of a model file, of the first so many rounds or all; by default LightGBM's,
        as `lightgbm.Booster(model_str=...)` reads it. `format` may be "xgboost-json" or
        "catboost-json", too; all models go through `to_bytes`.

        Examples
        --------
        >>> import numpy as np
        >>> from cnengine import gbdt
        >>> X = np.arange(100.0).reshape(50, 2)
        >>> model = gbdt.train({}, gbdt.Dataset(X, X[:, 0]), 5)
        >>> again = gbdt.Booster.model_from_string(model.model_to_string(3))
        >>> bool(abs(again.predict(X) - model.predict(X, num_iteration=3)).max() < 1e-12)
        True
        """
        model = self if num_iteration is None else self[: self._checked(num_iteration)]
        return model_files.to_text(model.native, format)

    @staticmethod
    def model_from_string(text: str) -> "Booster":
        """The model of a text that `model_to_string`, LightGBM, XGBoost or CatBoost gave. It
        returns a new Booster; LightGBM's method of that name changes its own."""
        return Booster(model_files.from_text(text))

    def to_bytes(self) -> bytes:
        """The model in our own format; `from_bytes` reads it."""
        return self.native.to_bytes()

    @staticmethod
    def from_bytes(data: bytes) -> "Booster":
        """The model that `to_bytes` gave; CorruptionError when the bytes were changed."""
        return Booster(_native.from_bytes(data))

    # The native model travels as its own checked bytes: unpickling a model runs none of its code.
    def __getstate__(self) -> dict[str, Any]:
        state = {key: self.__dict__[key] for key in ("best_iteration", "evals_result")}
        return {**state, "interrupted": self.interrupted, "model": self.to_bytes()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(
            _native.from_bytes(state["model"]),
            best_iteration=state["best_iteration"],
            evals_result=state["evals_result"],
            interrupted=state["interrupted"],
        )

    def __repr__(self) -> str:
        return (
            f"Booster(objective={self.objective!r}, num_rounds={self.num_rounds}, "
            f"num_features={self.num_features})"
        )

    def _trees(self, num_iteration: int | None) -> int:
        if num_iteration is None:
            return -1
        self._refuse_forest("num_iteration")
        return min(self._checked(num_iteration) * self.trees_per_round, self.num_trees)

    def _refuse_forest(self, what: str) -> None:
        if self.attributes.get("boosting") == "rf":
            raise errors.UnsupportedError(
                f"predict: {what} is not for random forests, whose leaves are shares of all trees"
            )

    @staticmethod
    def _checked(num_iteration: Any) -> int:
        if isinstance(num_iteration, bool) or not isinstance(num_iteration, int | np.integer):
            raise errors.TypeError(
                f"predict: expected num_iteration as an integer or None, got {num_iteration!r}"
            )
        if num_iteration < 0:
            raise errors.ArgumentError(
                f"predict: expected num_iteration >= 0 or None, got {num_iteration}"
            )
        return int(num_iteration)

    def _finish(self, values: np.ndarray, raw_score: bool) -> np.ndarray:
        """The predictions of `values`: numbers of classes where the model predicts these."""
        if raw_score or not self._predicts_class:
            return values
        return values.argmax(axis=1).astype(np.float64)

    def _class_of_row(self, row: Any, raw_score: bool = False) -> Any:
        values = self.native.predict_row(row, raw_score)
        return values if raw_score else float(values.argmax())

    def _rows(self, X: Any, function: str) -> Any:
        names = inputs.column_names(X)
        known = self.feature_names
        if names is not None and all(known):
            inputs.check_names(known, names, function)
        return inputs.to_rows(X, function)


def load_booster(path: str | os.PathLike) -> Booster:
    """Reads a model of `save_model`, XGBoost, LightGBM or CatBoost; see `load_model`.

    Examples
    --------
    >>> import numpy as np, tempfile
    >>> from cnengine import gbdt
    >>> X = np.arange(100.0).reshape(50, 2)
    >>> model = gbdt.train({"num_leaves": 4}, gbdt.Dataset(X, X[:, 0]), 5)
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     model.save_model(directory + "/m.txt", format="lightgbm")
    ...     again = gbdt.load_booster(directory + "/m.txt")
    >>> bool(np.allclose(again.predict(X), model.predict(X), rtol=1e-12))
    True
    """
    return Booster(model_files.read_model(path))
