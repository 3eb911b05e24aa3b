"""The layout that ARCHITECTURE.md describes, checked: layers, walls, twins, mirrors, sizes, lists.

An exemption is a line in one of the tables below, with its reason.
"""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CPP, CUDA, PYTHON = ROOT / "cpp", ROOT / "cuda", ROOT / "python" / "cnengine"

LAYERS = {"core": 0, "log": 1, "frame": 1, "tensor": 1, "kafka": 2, "stream": 2, "feature": 2,
          "gbdt": 2, "nn": 2, "bind": 3}  # fmt: skip

# What each Python module may import beside `errors`, helpers that start with "_", and itself.
PYTHON_MAY_IMPORT = {
    "errors": set(),
    "log": {"kafka"},  # lazily, for addresses of clusters and for groups: the one exception
    "kafka": {"log"},
    "frame": set(),
    "stream": {"frame", "log"},
    "feature": {"frame"},
    "gbdt": {"frame"},
    "tensor": set(),
    "nn": {"frame", "log", "tensor"},
    "serve": {"feature", "frame", "gbdt", "log", "stream"},
    "demo": {"feature", "frame", "gbdt", "kafka", "log", "nn", "serve", "stream", "tensor"},
    "cli": {"demo", "kafka", "log", "serve"},
    "__main__": {"cli"},
    "__init__": {"feature", "frame", "gbdt", "kafka", "log", "nn", "serve", "stream", "tensor"},
}

HEAVY_IN_HEADERS = {"regex", "iostream", "thread", "filesystem", "ranges"}
SOURCE_WALL, HEADER_WALL = 500, 300
OVER_THE_WALL: dict[str, str] = {}


def files(folder: Path, *suffixes: str) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix in suffixes and p.is_file())


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def includes(path: Path) -> list[tuple[str, bool]]:
    """(target, quoted) of every #include."""
    found = re.findall(r'^\s*#\s*include\s*(["<])([^">]+)[">]', path.read_text(), re.MULTILINE)
    return [(target, quote == '"') for quote, target in found]


NATIVE = files(CPP, ".h", ".cpp") + files(CUDA, ".h", ".cuh", ".cu", ".cpp")


@pytest.mark.parametrize("path", NATIVE, ids=short)
def test_includes_point_down(path):
    base = CPP if path.is_relative_to(CPP) else CUDA
    own = path.relative_to(base).parts[0]
    for target, quoted in includes(path):
        if not quoted:
            assert not target.startswith("nanobind") or own == "bind", "only bind sees nanobind"
            continue
        folder = target.removeprefix("../cuda/").split("/")[0]
        assert folder in LAYERS, f"{target}: include from cpp/, by folder"
        assert folder == own or LAYERS[folder] < LAYERS[own], f"{own} may not include {target}"


def test_cpp_never_sees_cuda():
    for path in files(CPP, ".h", ".cpp"):
        for target, _ in includes(path):
            assert not re.match(r"cuda|cub/|thrust/|\.\./cuda", target), f"{short(path)}: {target}"


def test_the_interpreter_is_let_go_of_in_one_way():
    """nanobind's guards end the process where the interpreter ends first (cpp/bind/interpreter_lock.h)."""
    for path in files(CPP / "bind", ".h", ".cpp"):
        found = re.findall(r"gil_scoped_\w+|PyEval_(?:Save|Restore)Thread|PyGILState_Ensure|Py_BEGIN_ALLOW_THREADS|"
                           "stl/function.h", path.read_text())  # fmt: skip
        assert not found or path.stem == "interpreter_lock", f"{short(path)}: {found}"


def test_headers_are_cheap():
    for path in files(CPP, ".h"):
        if path.parent.name == "bind":
            continue
        heavy = {target for target, quoted in includes(path) if not quoted} & HEAVY_IN_HEADERS
        assert not heavy, f"{short(path)} includes {heavy}"
        assert "#pragma once" in path.read_text(), short(path)


def module_of(path: Path) -> str:
    return path.relative_to(PYTHON).parts[0].removesuffix(".py")


def imported_modules(path: Path) -> set[str]:
    """Names X of every `cnengine.X` that a file imports, also inside functions."""
    out = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            out |= {a.name.split(".")[1] for a in node.names if a.name.startswith("cnengine.")}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module == "cnengine":
                out |= {a.name for a in node.names}
            elif node.module.startswith("cnengine."):
                out.add(node.module.split(".")[1])
    return out


@pytest.mark.parametrize("path", files(PYTHON, ".py"), ids=short)
def test_python_imports_point_down(path):
    own = module_of(path)
    if own.startswith("_") and own not in PYTHON_MAY_IMPORT:
        allowed = set()
    else:
        assert own in PYTHON_MAY_IMPORT, f"add cnengine.{own} to the table of this test"
        allowed = PYTHON_MAY_IMPORT[own]
    for name in imported_modules(path):
        if name.startswith("_") or name in {own, "errors"}:
            continue
        if (PYTHON / name).is_dir() or (PYTHON / f"{name}.py").exists():
            assert name in allowed, f"cnengine.{own} may not import cnengine.{name}"


def test_core_submodules_have_one_user():
    for path in files(PYTHON, ".py"):
        own = module_of(path)
        found = re.findall(r"_core\.(log|frame|stream|feature|gbdt)\b", path.read_text())
        assert set(found) <= {own}, f"{short(path)} uses _core.{set(found) - {own}}"


@pytest.mark.parametrize("path", files(CUDA, ".cu"), ids=short)
def test_twins(path):
    folder, noun = path.parent.name, path.stem
    header = CPP / folder / f"{noun}.h"
    assert header.exists(), "a GPU half needs its header"
    assert (CPP / folder / f"{noun}.cpp").exists(), "and its CPU half"
    declared = header.read_text()
    if "CNE_BODY" not in declared:  # else its kernels are both halves (core/kernel.h)
        assert re.search(r"namespace cpu", declared)
        assert re.search(r"namespace gpu", declared)
    assert list((ROOT / "tests" / folder).glob(f"test_{noun}*")), "and a test"


def test_mirrors():
    rooms = {p.name for p in CPP.iterdir()} | {p.stem for p in PYTHON.iterdir()} | {"e2e", "golden"}
    for top in ("tests", "bench"):
        for folder in (ROOT / top).iterdir():
            if folder.is_dir() and folder.name not in {"results", "__pycache__"}:
                assert folder.name in rooms, f"{short(folder)} mirrors no subsystem"


@pytest.mark.parametrize("folder", sorted(p for p in CPP.iterdir() if p.is_dir()), ids=short)
def test_folders_tell_their_purpose(folder):
    readme = folder / "README.md"
    assert readme.exists(), "each folder of cpp/ has a one-screen README.md"
    assert 5 <= len(readme.read_text().splitlines()) <= 150


@pytest.mark.parametrize("folder", [f for f in sorted(CPP.iterdir()) if f.name != "bind"] + [CUDA],
                         ids=short)  # fmt: skip
def test_source_lists(folder):
    text = (folder / "CMakeLists.txt").read_text()
    block = re.search(r"target_sources\([^)]*PRIVATE([^)]*)\)", text)
    listed = block[1].split()
    assert listed == sorted(listed), "the list is sorted"
    found = {str(p.relative_to(folder)) for p in files(folder, ".cpp", ".cu")}
    assert set(listed) == found, "the list is complete"


def test_sizes():
    too_long = []
    for folder in (CPP, CUDA, PYTHON, ROOT / "tests", ROOT / "bench"):
        for path in files(folder, ".h", ".cuh", ".cpp", ".cu", ".py"):
            lines = len(path.read_text().splitlines())
            wall = HEADER_WALL if path.suffix in {".h", ".cuh"} else SOURCE_WALL
            if lines > wall and short(path) not in OVER_THE_WALL:
                too_long.append((lines, short(path)))
    assert not too_long


def test_snake_case_names():
    for folder in (CPP, CUDA, PYTHON):
        for path in files(folder, ".h", ".cpp", ".cu", ".py"):
            assert re.fullmatch(r"_*[a-z][a-z0-9_]*", path.stem), short(path)


def test_import_is_light():
    """`import cnengine` loads no dependency, optional or not."""
    code = (
        "import sys, cnengine\n"
        "heavy = {'pyarrow', 'numpy', 'pandas', 'polars', 'sklearn', 'lightgbm', 'starlette', "
        "'uvicorn', 'rich', 'plotly'}\n"
        "print(*sorted(heavy & set(sys.modules)))\n"
        "from cnengine import frame, feature, gbdt, log, stream\n"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_versions_agree():
    import cnengine

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert cnengine.__version__ == project["version"]
    assert project["version"] in (ROOT / "CHANGELOG.md").read_text()
