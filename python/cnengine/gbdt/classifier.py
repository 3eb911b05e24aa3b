"""Boosted trees for classes."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from cnengine import errors
from cnengine.gbdt import inputs
from cnengine.gbdt import labels as _labels
from cnengine.gbdt.base import ClassifierMixin
from cnengine.gbdt.estimator_base import GBDTBase, eval_sets, fit_parts, of_set
from cnengine.gbdt.estimator_docs import FIT, PARAMETERS
from cnengine.gbdt.learner import MULTICLASS, PROBABILITIES


class GBDTClassifier(ClassifierMixin, GBDTBase):
    __doc__ = (
        "Gradient boosted trees for two or more classes.\n"
        + PARAMETERS.format(
            default='"binary" for two classes, "multiclass" for more',
            objectives='Others: "focal", "cross_entropy", "multiclassova".',
        )
        + """    classes_ : ndarray, the classes in order
    n_classes_ : int

    Examples
    --------
    >>> import numpy as np
    >>> from cnengine.gbdt import GBDTClassifier
    >>> X = np.arange(300.0).reshape(150, 2)
    >>> y = np.repeat(["low", "middle", "high"], 50)
    >>> model = GBDTClassifier(n_estimators=20, class_weight="balanced").fit(X, y)
    >>> model.predict([[10.0, 0.0], [150.0, 0.0], [290.0, 0.0]]).tolist()
    ['low', 'middle', 'high']
    >>> model.predict_proba(X).shape
    (150, 3)
    """
    )

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        base_margin: Any = None,
        eval_set: Any = None,
        eval_names: Sequence[str] | None = None,
        eval_sample_weight: Any = None,
        eval_base_margin: Any = None,
        init_model: Any = None,
        callbacks: Sequence[Callable] | None = None,
    ) -> "GBDTClassifier":
        """See `FIT`."""
        given, X = X, inputs.to_native(self, X, reset=True)
        classes, codes = _labels.encode_classes(_labels.to_labels(y, numeric=False))
        options, custom = self._options()
        self._choose(options, custom, len(classes))
        weights = _labels.class_weights(codes, classes, options.pop("class_weight", None))

        def parts(labels: Any, number: int) -> dict[str, Any]:
            labels = _labels.to_labels(labels, numeric=False)
            return fit_parts(
                options,
                _labels.codes_of(labels, classes),
                weight=of_set(eval_sample_weight, number, "eval_sample_weight"),
                base_margin=of_set(eval_base_margin, number, "eval_base_margin"),
            )

        sets = eval_sets(self, eval_set, eval_names, parts, given)
        kept = [c.item() if isinstance(c, np.generic) else c for c in classes]
        kept = [c if isinstance(c, bool | int | float) else str(c) for c in kept]
        self._fit(
            X,
            options,
            fit_parts(options, codes, weight=sample_weight, base_margin=base_margin),
            weights=weights,
            sets=sets,
            custom=custom,
            attributes={"classes": kept},
            init_model=init_model,
            callbacks=callbacks,
        )
        self._set_classes(classes)
        return self

    fit.__doc__ = FIT.format(labels="array of (rows,)\n            The class of each row.")

    def _choose(self, options: dict[str, Any], custom: Callable | None, classes: int) -> None:
        """The objective, and how many scores a row has, from the number of classes."""
        if custom is not None:
            options["outputs"] = classes if classes > 2 else 1
            return
        if self.objective is None and classes > 2 and options["objective"] == "binary":
            options["objective"] = "multiclass"
        chosen = options["objective"]
        if chosen not in (*MULTICLASS, *PROBABILITIES):
            known = ", ".join((*PROBABILITIES, *MULTICLASS))
            raise errors.ArgumentError(
                f"fit: expected an objective for classes ({known}), got {chosen!r}"
            )
        if chosen in PROBABILITIES and classes > 2:
            raise errors.ArgumentError(
                f"fit: expected 2 classes in y with objective {chosen!r}, got {classes}"
            )
        given = options.get("num_class", classes)
        if chosen in MULTICLASS:
            if given != classes:
                raise errors.ArgumentError(
                    f"fit: expected num_class {classes}, the classes of y, got {given}"
                )
            options["num_class"] = classes

    _default_objective = "binary"

    def _set_classes(self, classes: np.ndarray) -> None:
        self.classes_ = classes
        self.n_classes_ = len(classes)

    def predict_proba(self, X: Any, *, num_iteration: int | None = None) -> np.ndarray:
        """The probability of each class, float64 (rows, classes).

        After an objective of your own: the logistic function or softmax of the scores.
        """
        return self._to_columns(self._scores(X, "predict_proba", False, num_iteration))

    def decision_function(self, X: Any, *, num_iteration: int | None = None) -> np.ndarray:
        """The log odds of `classes_[1]`, float64 (rows,); of several classes a score each."""
        return self._scores(X, "decision_function", True, num_iteration)

    def predict(
        self, X: Any, *, raw_score: bool = False, num_iteration: int | None = None
    ) -> np.ndarray:
        """The likeliest class of each row; with `raw_score` as `decision_function`.

        `num_iteration` uses the first so many rounds; None all.
        """
        scores = self._scores(X, "predict", True, num_iteration)
        if raw_score:
            return scores
        return self._of_scores(scores)

    def _of_scores(self, scores: np.ndarray) -> np.ndarray:
        numbers = (scores > 0).astype(np.intp) if scores.ndim == 1 else scores.argmax(axis=1)
        return self.classes_[numbers]

    def _to_columns(self, p: np.ndarray) -> np.ndarray:
        if self.objective_ == "custom":
            p = _probabilities(p)
        return np.column_stack([1.0 - p, p]) if p.ndim == 1 else p

    def staged_predict(self, X: Any) -> Iterator[np.ndarray]:
        """The likeliest class of each row after each round, as `predict` with `num_iteration`."""
        return (self._of_scores(scores) for scores in self._stages(X, True))

    def staged_predict_proba(self, X: Any) -> Iterator[np.ndarray]:
        """The probabilities after each round, as `predict_proba` with `num_iteration`."""
        return (self._to_columns(p) for p in self._stages(X, False))

    def staged_decision_function(self, X: Any) -> Iterator[np.ndarray]:
        """The scores after each round, as `decision_function` with `num_iteration`."""
        return self._stages(X, True)


def _probabilities(scores: np.ndarray) -> np.ndarray:
    if scores.ndim == 1:
        return 1.0 / (1.0 + np.exp(-scores))
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
