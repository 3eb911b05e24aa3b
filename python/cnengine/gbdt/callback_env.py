"""What a callback is told of a round, by the names of LightGBM."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class EvalResult(NamedTuple):
    """A metric of an evaluation set after a round."""

    dataset_name: str
    metric_name: str
    metric_value: float
    maximize: bool

    @property
    def metric_std_dev(self) -> None:
        """Only in `cv`."""
        return None

    def is_cv_result(self) -> bool:
        """Whether this is a mean over folds."""
        return False


class CvEvalResult(NamedTuple):
    """The mean of a metric over the folds, and its deviation."""

    dataset_name: str
    metric_name: str
    metric_value: float
    maximize: bool
    metric_std_dev: float

    def is_cv_result(self) -> bool:
        """Whether this is a mean over folds."""
        return True


@dataclass(frozen=True)
class CallbackEnv:
    """What a callback is told, by the names of LightGBM.

    Attributes
    ----------
    model : None
        The model is handed out when training ends; see `checkpoint`.
    params : dict
        The options of the training.
    iteration, begin_iteration, end_iteration : int
        The round, the first one (after those of `init_model`) and the one after the last.
    evaluation_result_list : list of EvalResult or CvEvalResult, or None before the round
    training_sets : tuple of str
        The sets that are the rows trained on, which do not stop a training.
    """

    model: Any
    params: dict[str, Any]
    iteration: int
    begin_iteration: int
    end_iteration: int
    evaluation_result_list: list[Any] | None
    training_sets: tuple[str, ...] = ()


class EarlyStopException(Exception):
    """Ends the training; the rounds from 0 to `best_iteration` are kept."""

    def __init__(self, best_iteration: int, best_score: Sequence[Any] = ()) -> None:
        super().__init__(f"best iteration {best_iteration}")
        self.best_iteration = best_iteration
        self.best_score = list(best_score)


def metric_text(result: Any, with_deviation: bool = True) -> str:
    """A metric as people read it: "valid_0's auc: 0.9", in `cv` with its deviation."""
    text = f"{result.dataset_name}'s {result.metric_name}: {result.metric_value:g}"
    deviation = result.metric_std_dev if with_deviation else None
    return text if deviation is None else f"{text} + {deviation:g}"
