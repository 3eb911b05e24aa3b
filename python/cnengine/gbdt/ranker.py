"""Boosted trees for the order of documents."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from cnengine import errors
from cnengine._core import gbdt as _native
from cnengine.gbdt import inputs
from cnengine.gbdt.estimator_base import GBDTBase, eval_sets, fit_parts, of_set
from cnengine.gbdt.estimator_docs import FIT, PARAMETERS
from cnengine.gbdt.learner import RANKINGS


class GBDTRanker(GBDTBase):
    __doc__ = (
        "Gradient boosted trees that order the rows of a query.\n"
        + PARAMETERS.format(
            default='"lambdarank", NDCG',
            objectives='Others: "lambdarank_map", "pairwise", "rank_xendcg".',
        )
        + """
    Examples
    --------
    >>> import numpy as np
    >>> from cnengine.gbdt import GBDTRanker
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(600, 3))
    >>> grade = np.clip(np.round(X[:, 0] + 1), 0, 4)
    >>> model = GBDTRanker(n_estimators=20).fit(X, grade, qid=np.repeat(np.arange(60), 10))
    >>> model.score(X, grade, qid=np.repeat(np.arange(60), 10)) > 0.95
    True
    """
    )

    _default_objective = "lambdarank"

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.estimator_type = "ranker"
        tags.target_tags.required = True
        return tags

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        group: Any = None,
        qid: Any = None,
        base_margin: Any = None,
        eval_set: Any = None,
        eval_names: Sequence[str] | None = None,
        eval_group: Any = None,
        eval_qid: Any = None,
        eval_sample_weight: Any = None,
        eval_base_margin: Any = None,
        init_model: Any = None,
        callbacks: Sequence[Callable] | None = None,
    ) -> "GBDTRanker":
        """See `FIT`."""
        given, X = X, inputs.to_native(self, X, reset=True)
        options, custom = self._options()
        chosen = options["objective"]
        if custom is None and chosen not in RANKINGS:
            raise errors.ArgumentError(
                f"fit: expected an objective for rankings ({', '.join(RANKINGS)}), got {chosen!r}"
            )
        if options.pop("class_weight", None) is not None:
            raise errors.ArgumentError("fit: expected class_weight only with GBDTClassifier")

        def parts(held: Any, number: int) -> dict[str, Any]:
            queries = {
                "group": of_set(eval_group, number, "eval_group"),
                "qid": of_set(eval_qid, number, "eval_qid"),
            }
            if all(value is None for value in queries.values()):
                queries = _own_queries(eval_set, number, given, group, qid)
            return _query_parts(
                options,
                held,
                weight=of_set(eval_sample_weight, number, "eval_sample_weight"),
                base_margin=of_set(eval_base_margin, number, "eval_base_margin"),
                **queries,
            )

        self._fit(
            X,
            options,
            _query_parts(
                options, y, weight=sample_weight, base_margin=base_margin, group=group, qid=qid
            ),
            sets=eval_sets(self, eval_set, eval_names, parts, given),
            custom=custom,
            init_model=init_model,
            callbacks=callbacks,
        )
        return self

    fit.__doc__ = FIT.format(
        labels=(
            "array of (rows,)\n            Relevance, whole numbers from 0 to 62.\n"
            "        group : list of int, or None\n"
            "            Rows of each query, in order; without it and `qid` all are one.\n"
            "        qid : array of (rows,), or None\n"
            "            The query of each row; those of a query are beside each other."
        )
    ).replace(
        "eval_sample_weight,",
        "eval_group, eval_qid : list of one for each set, or None\n        eval_sample_weight,",
    )

    def predict(
        self, X: Any, *, raw_score: bool = False, num_iteration: int | None = None
    ) -> np.ndarray:
        """The score of each row, float64 (rows,): the larger, the higher in its query."""
        return self._scores(X, "predict", raw_score, num_iteration)

    def staged_predict(self, X: Any, *, raw_score: bool = False) -> Iterator[np.ndarray]:
        """The predictions after each round, as `predict` with that `num_iteration`."""
        return self._stages(X, raw_score)

    def score(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        group: Any = None,
        qid: Any = None,
        metric: str = "ndcg",
    ) -> float:
        """The mean of a ranking metric ("ndcg", "ndcg@10", "map", "mrr") over the queries."""
        scores = np.ascontiguousarray(self.predict(X, raw_score=True))
        labels = fit_parts(
            {"objective": "lambdarank"}, y, weight=sample_weight, group=group, qid=qid
        )
        return float(
            _native.evaluate(metric, {"objective": "lambdarank"}, labels, scores.reshape(1, -1))
        )


def _own_queries(eval_set: Any, number: int, trained: Any, group: Any, qid: Any) -> dict[str, Any]:
    """The queries of an evaluation set that was given none: those of the rows trained on where it
    has these; ArgumentError where it would count as one query, while they are many."""
    X = eval_set[0] if isinstance(eval_set, tuple) else list(eval_set)[number][0]
    if X is trained or (group is None and qid is None):
        return {"group": group, "qid": qid}
    raise errors.ArgumentError(
        f"fit: expected eval_group or eval_qid for set {number} of eval_set, as the rows trained "
        "on have queries; a group of all its rows makes one query of them"
    )


def _query_parts(options: dict[str, Any], y: Any, **more: Any) -> dict[str, Any]:
    """Labels with their queries, also for an objective of the user, whose metrics need them."""
    if options["objective"] != "custom":
        return fit_parts(options, y, **more)
    return fit_parts({"objective": "lambdarank"}, y, **more)
