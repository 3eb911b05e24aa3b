"""Trainings in the layout of MLflow, by its package or as files that it reads."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnengine.errors import ArgumentError
from cnengine.nn.callbacks import Callback, Logs

__all__ = ["MLflowLogger"]


class MLflowLogger(Callback):
    """Writes parameters and metrics of a training as a run of MLflow.

    With the package mlflow through it, to wherever it is told to log; without it, or with `folder`,
    as the files of its file store (``mlruns/EXPERIMENT/RUN/metrics/loss``), which
    ``mlflow ui --backend-store-uri file:mlruns`` shows.

    Parameters
    ----------
    folder
        Where files go; None: the package, or ``"mlruns"`` without it.
    experiment, run_name
        Their names.
    params
        What to write as parameters beside what `fit` was told.

    Examples
    --------
    >>> from cnengine import nn
    >>> logger = nn.MLflowLogger("mlruns", experiment="rides", params={"depth": 3})
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] | None = None,
        *,
        experiment: str = "Default",
        run_name: str | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        self.folder, self.experiment, self.run_name = folder, experiment, run_name
        self.extra = dict(params or {})
        self._run: Any = None

    def on_train_begin(self) -> None:
        """Begins a run."""
        package = None
        if self.folder is None:
            try:
                import mlflow as package
            except ImportError:
                package = None
        if package is None:
            self._run = _FileRun(Path(self.folder or "mlruns"), self.experiment, self.run_name)
        else:
            self._run = _PackageRun(package, self.experiment, self.run_name)
        facts = {**self.params, **self.model.facts(), **self.extra}
        self._run.log_params({name: str(value) for name, value in facts.items()})

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """Writes the metrics of an epoch, and its learning rate."""
        self._run.log_metrics({**logs, "learning_rate": self.model.learning_rate}, epoch)

    def on_train_end(self, logs: Logs) -> None:
        """Ends the run."""
        self._run.end()
        self._run = None


class _PackageRun:
    def __init__(self, package: Any, experiment: str, name: str | None) -> None:
        self.package = package
        package.set_experiment(experiment)
        package.start_run(run_name=name)

    def log_params(self, params: Mapping[str, str]) -> None:
        self.package.log_params(params)

    def log_metrics(self, metrics: Mapping[str, float], step: int) -> None:
        self.package.log_metrics(dict(metrics), step=step)

    def end(self) -> None:
        self.package.end_run()


class _FileRun:
    """A run as files: one for each parameter and metric, and meta.yaml of run and experiment."""

    def __init__(self, folder: Path, experiment: str, name: str | None) -> None:
        base = self._experiment(folder, experiment)
        self.id = uuid.uuid4().hex
        self.folder = base / self.id
        for each in ("params", "metrics", "tags", "artifacts"):
            (self.folder / each).mkdir(parents=True)
        self.name = name or f"run-{self.id[:8]}"
        self.experiment_id = base.name
        self.start = _now()
        (self.folder / "tags" / "mlflow.runName").write_text(self.name)
        self._write_meta(None)

    def _experiment(self, folder: Path, experiment: str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        found = {}
        for meta in folder.glob("*/meta.yaml"):
            lines = dict(
                line.split(": ", 1) for line in meta.read_text().splitlines() if ": " in line
            )
            found[lines.get("name", "").strip("'\"")] = meta.parent
        if experiment in found:
            return found[experiment]
        number = (
            0
            if experiment == "Default"
            else 1 + max((int(p.name) for p in folder.iterdir() if p.name.isdecimal()), default=0)
        )
        out = folder / str(number)
        out.mkdir()
        _write_yaml(out / "meta.yaml", {
            "artifact_location": out.resolve().as_uri(), "creation_time": _now(),
            "experiment_id": f"'{number}'", "last_update_time": _now(),
            "lifecycle_stage": "active", "name": _quoted(experiment),
        })  # fmt: skip
        return out

    def _write_meta(self, end: int | None) -> None:
        _write_yaml(self.folder / "meta.yaml", {
            "artifact_uri": (self.folder / "artifacts").resolve().as_uri(),
            "end_time": "null" if end is None else end, "entry_point_name": "''",
            "experiment_id": f"'{self.experiment_id}'", "lifecycle_stage": "active",
            "run_id": self.id, "run_name": _quoted(self.name), "run_uuid": self.id,
            "source_name": "''", "source_type": 4, "source_version": "''",
            "start_time": self.start, "status": 1 if end is None else 3, "tags": "[]",
            "user_id": _quoted(os.environ.get("USER", "unknown")),
        })  # fmt: skip

    def log_params(self, params: Mapping[str, str]) -> None:
        for name, value in params.items():
            (self.folder / "params" / _file_name(name)).write_text(value)

    def log_metrics(self, metrics: Mapping[str, float], step: int) -> None:
        at = _now()
        for name, value in metrics.items():
            with (self.folder / "metrics" / _file_name(name)).open("a") as file:
                file.write(f"{at} {float(value)} {step}\n")

    def end(self) -> None:
        self._write_meta(_now())


def _now() -> int:
    return int(time.time() * 1000)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''").replace("\n", " ") + "'"


def _file_name(name: str) -> str:
    if not name or name.startswith((".", "/")) or ".." in name or "\\" in name:
        raise ArgumentError(f"MLflowLogger: expected a name that a file may have, got {name!r}")
    return name.replace("/", "_")


def _write_yaml(path: Path, facts: Mapping[str, Any]) -> None:
    path.write_text("".join(f"{name}: {value}\n" for name, value in facts.items()))
