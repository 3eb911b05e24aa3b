"""README.md and the examples of every public docstring, run as doctests."""

import doctest
import importlib
import inspect
import pkgutil
from pathlib import Path

import cnengine
import pytest

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
# The demo and the servers are programs; their examples are the commands that tests/e2e runs.
PROGRAMS = {"cnengine.demo", "cnengine.cli"}


def modules() -> list[str]:
    found = pkgutil.walk_packages(cnengine.__path__, "cnengine.")
    return [m.name for m in found if not m.name.endswith("._core") and
            ".".join(m.name.split(".")[:2]) not in PROGRAMS]  # fmt: skip


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_readme():
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False, optionflags=OPTIONS)
    assert result.attempted > 20
    assert result.failed == 0


def is_from_elsewhere(module, attribute: str) -> bool:
    """Whether it wraps a function of another module, whose examples are run there."""
    value = getattr(module, attribute, None)
    return hasattr(value, "__wrapped__") and inspect.unwrap(value).__module__ != module.__name__


@pytest.mark.parametrize("name", modules())
def test_docstrings(name):
    module, runner = importlib.import_module(name), doctest.DocTestRunner(optionflags=OPTIONS)
    for each in doctest.DocTestFinder().find(module, name):
        if not is_from_elsewhere(module, each.name.removeprefix(f"{name}.").split(".")[0]):
            runner.run(each)
    assert runner.summarize().failed == 0


PUBLIC = ["cnengine.log", "cnengine.frame", "cnengine.stream", "cnengine.feature", "cnengine.gbdt",
          "cnengine.nn"]  # fmt: skip


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_function_has_an_example(name):
    module = importlib.import_module(name)
    public = getattr(module, "__all__", [n for n in vars(module) if not n.startswith("_")])
    missing = []
    for attribute in public:
        value = getattr(module, attribute)
        if callable(value) and getattr(value, "__module__", "").startswith("cnengine"):
            text = value.__doc__ or ""
            parts = [text, *(m.__doc__ or "" for m in vars(value).values() if callable(m))] if (
                isinstance(value, type)) else [text]  # fmt: skip
            if not any(">>>" in part for part in parts):
                missing.append(attribute)
    assert not missing
