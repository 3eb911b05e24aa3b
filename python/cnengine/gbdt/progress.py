"""A bar that shows how far a training is."""

import sys
import time
from collections.abc import Callable
from typing import Any

from cnengine.gbdt.callback_env import CallbackEnv, metric_text

_SECONDS_BETWEEN = 0.1


class _ProgressBar:
    """One line that is written anew at most ten times a second, and when the training ends."""

    order = 25  # before early stopping, which ends the round
    width = 30

    def __init__(self, file: Any, shown: bool | None) -> None:
        self._file, self._shown = file, shown
        self._begin = self._next = 0.0
        self._latest: CallbackEnv | None = None  # that is not yet on the screen
        self._open = False  # a line has no end yet

    def __call__(self, env: CallbackEnv) -> None:
        file = self._file or sys.stderr
        if not (file.isatty() if self._shown is None else self._shown):
            return
        now = time.monotonic()
        if env.iteration == env.begin_iteration:
            self._begin, self._next = now, 0.0
        self._latest = env
        if now >= self._next:
            self._next = now + _SECONDS_BETWEEN
            self._write(file)

    def finish(self) -> None:
        """Writes the last round and ends the line."""
        file = self._file or sys.stderr
        if self._latest is not None:
            self._write(file)
        if self._open:
            self._open = False
            file.write("\n")
            file.flush()

    def _write(self, file: Any) -> None:
        env, self._latest = self._latest, None
        done = env.iteration - env.begin_iteration + 1
        total = env.end_iteration - env.begin_iteration
        filled = self.width * done // total
        bar = "#" * filled + "." * (self.width - filled)
        seconds = time.monotonic() - self._begin  # since the end of the first round
        rate = f"{(done - 1) / seconds:.1f}" if done > 1 and seconds > 0 else "?"
        results = "  ".join(metric_text(result) for result in env.evaluation_result_list[:2])
        file.write(f"\r[{bar}] {done}/{total} rounds, {rate} a second  {results}\x1b[K")
        file.flush()
        self._open = True


def progress_bar(file: Any = None, shown: bool | None = None) -> Callable[[CallbackEnv], None]:
    """A bar with the rounds, their rate and the first two metrics.

    Parameters
    ----------
    file : text file or None
        Where it is drawn; None for `sys.stderr`.
    shown : bool or None
        None draws it on terminals only.

    Examples
    --------
    >>> import io
    >>> import numpy as np
    >>> from cnengine import gbdt
    >>> data = gbdt.Dataset(np.arange(100.0).reshape(50, 2), np.arange(50.0))
    >>> screen = io.StringIO()
    >>> _ = gbdt.train({}, data, 7, callbacks=[gbdt.callbacks.progress_bar(screen, shown=True)])
    >>> "7/7 rounds" in screen.getvalue()
    True
    """
    return _ProgressBar(file, shown)
