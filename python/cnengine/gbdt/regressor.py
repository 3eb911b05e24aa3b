"""Boosted trees for numbers."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from cnengine import errors
from cnengine.gbdt import inputs
from cnengine.gbdt.base import RegressorMixin
from cnengine.gbdt.estimator_base import GBDTBase, eval_sets, fit_parts, of_set
from cnengine.gbdt.estimator_docs import FIT, PARAMETERS
from cnengine.gbdt.learner import MULTICLASS, RANKINGS


class GBDTRegressor(RegressorMixin, GBDTBase):
    __doc__ = (
        "Gradient boosted trees for numbers, counts, quantiles and times.\n"
        + PARAMETERS.format(
            default='"regression", the squared error',
            objectives=(
                'Others: "absolute", "huber",\n'
                '        "quantile" and "expectile" (`params={"quantiles": [0.1, 0.9]}` gives two '
                'outputs), "fair",\n'
                '        "mape", "poisson", "gamma", "tweedie", "cross_entropy", and for times '
                '"cox" (labels below 0\n'
                '        are censored at -y) and "aft" (y of two columns: the bounds of the time).'
            ),
        )
        + """
    Examples
    --------
    >>> import numpy as np
    >>> from cnengine.gbdt import GBDTRegressor
    >>> X = np.arange(200.0).reshape(100, 2)
    >>> model = GBDTRegressor(n_estimators=200).fit(X, X[:, 0] * 2)
    >>> bool(abs(model.predict([[100.0, 101.0]])[0] - 200) < 10)
    True
    >>> both = GBDTRegressor(multi_strategy="multi_output_tree").fit(X, X[:, :2])
    >>> both.predict(X).shape
    (100, 2)
    """
    )

    _default_objective = "regression"

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

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
    ) -> "GBDTRegressor":
        """See `FIT`."""
        given, X = X, inputs.to_native(self, X, reset=True)
        options, custom = self._options()
        chosen = options["objective"]
        if chosen in (*MULTICLASS, *RANKINGS, "binary", "focal"):
            raise errors.ArgumentError(
                f"fit: expected an objective for numbers, got {chosen!r}; there are "
                "GBDTClassifier and GBDTRanker"
            )
        if options.pop("class_weight", None) is not None:
            raise errors.ArgumentError("fit: expected class_weight only with GBDTClassifier")
        labels = fit_parts(options, y, weight=sample_weight, base_margin=base_margin)
        if labels["y"].ndim == 2:
            options["outputs"] = len(labels["y"])

        def parts(held: Any, number: int) -> dict[str, Any]:
            return fit_parts(
                options,
                held,
                weight=of_set(eval_sample_weight, number, "eval_sample_weight"),
                base_margin=of_set(eval_base_margin, number, "eval_base_margin"),
            )

        self._fit(
            X,
            options,
            labels,
            sets=eval_sets(self, eval_set, eval_names, parts, given),
            custom=custom,
            init_model=init_model,
            callbacks=callbacks,
        )
        return self

    fit.__doc__ = FIT.format(
        labels="array of (rows,) or (rows, outputs)\n            The number of each row."
    )

    def predict(
        self, X: Any, *, raw_score: bool = False, num_iteration: int | None = None
    ) -> np.ndarray:
        """The prediction of each row, float64 (rows,) or (rows, outputs).

        `raw_score` gives the sums of the trees, for counts the log of the mean; `num_iteration`
        uses the first so many rounds, None all.
        """
        return self._scores(X, "predict", raw_score, num_iteration)

    def staged_predict(self, X: Any, *, raw_score: bool = False) -> Iterator[np.ndarray]:
        """The predictions after each round, as `predict` with that `num_iteration`."""
        return self._stages(X, raw_score)
