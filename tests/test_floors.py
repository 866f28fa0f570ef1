"""What the import contracts in `pyproject.toml` cannot say."""

from __future__ import annotations

import ast
from pathlib import Path

import gittrack

PACKAGE = Path(gittrack.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
DOORS = ("cli", "__main__.py")


def imports_face(tree: ast.AST) -> bool:
    """Whether a module imports `gittrack` itself, which stands above every room."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(alias.name == "gittrack" for alias in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and node.module == "gittrack":
            rooms = [(PACKAGE / alias.name).is_dir() or alias.name == "checks" for alias in node.names]
            if not all(rooms):
                return True
    return False


def test_no_room_imports_the_face() -> None:
    """The face looks down on the rooms, never the other way round."""
    names = [
        str(path.relative_to(PACKAGE))
        for path in MODULES
        if path.relative_to(PACKAGE).parts[0] not in DOORS
        and imports_face(ast.parse(path.read_text("utf-8")))
    ]
    assert names == []


def test_every_module_says_what_it_promises() -> None:
    """Each file of the package begins with a docstring."""
    silent = [path.name for path in MODULES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []


def test_names_say_what_things_are() -> None:
    """No module is a drawer for everything."""
    drawers = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py"}
    assert [path.name for path in MODULES if path.name in drawers] == []


def prints(path: Path) -> bool:
    """Whether a module calls `print`."""
    calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    return any(isinstance(called, ast.Name) and called.id == "print" for called in calls)


def test_nothing_below_the_doors_prints() -> None:
    """The library is silent: only the doors write to the terminal."""
    silent = [path for path in MODULES if path.relative_to(PACKAGE).parts[0] not in {*DOORS, "terminal"}]
    assert [str(path) for path in silent if prints(path)] == []


def test_every_public_name_exists() -> None:
    """What `gittrack.__all__` names can be had."""
    assert [name for name in gittrack.__all__ if getattr(gittrack, name, None) is None] == []
