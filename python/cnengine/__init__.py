"""cnengine: from live events to predictions in one native engine."""

from cnengine._core.core import set_num_threads
from cnengine.errors import Error

__all__ = ["Error", "set_num_threads"]
__version__ = "0.1.0"
