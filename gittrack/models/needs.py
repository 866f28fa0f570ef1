"""What a model needs to be loaded: the files `requirements.txt`, `python_env.yaml` and `conda.yaml`.

The distributions come from the modules that its files name and its code imports, each pinned to what is
installed now. What only another of them needs is left to it.
"""

from __future__ import annotations

import ast
import platform
import sys
from functools import lru_cache
from importlib import metadata
from typing import TYPE_CHECKING

from gittrack.core.yaml_reader import write_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

REQUIREMENTS = "requirements.txt"
PYTHON_ENV = "python_env.yaml"
CONDA = "conda.yaml"


def requirements_of(modules: Iterable[str], distributions: Iterable[str] = ()) -> list[str]:
    """The requirements of a model, sorted.

    Args:
        modules: of Python, with or without what is below the top.
        distributions: that are needed in any case.

    Returns:
        `name==version`; the name alone where it is not installed.
    """
    known = _distributions()
    tops = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names - {"gittrack"}
    found = {name for top in tops for name in known.get(top, ())} | set(distributions)
    return sorted(_pinned(name) for name in found)


def modules_of_code(folder: Path) -> frozenset[str]:
    """The modules that the Python files in a folder import, those of the folder itself apart."""
    found: set[str] = set()
    for file in folder.rglob("*.py"):
        try:
            tree = ast.parse(file.read_bytes())
        except (SyntaxError, ValueError):
            continue  # for another Python, or a template
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found.update(one.name for one in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                found.add(node.module)
    own = {path.stem for path in folder.rglob("*")} if folder.is_dir() else set()
    return frozenset(one for one in found if one.partition(".")[0] not in own)


def files_of(requirements: Sequence[str]) -> dict[str, bytes]:
    """Name to content of the files that describe an environment with these requirements."""
    python = platform.python_version()
    python_env = {"python": python, "build_dependencies": ["pip"], "dependencies": [f"-r {REQUIREMENTS}"]}
    conda = {
        "name": "model",
        "channels": ["conda-forge"],
        "dependencies": [f"python={python}", "pip", {"pip": list(requirements)}],
    }
    return {
        REQUIREMENTS: "".join(f"{one}\n" for one in requirements).encode(),
        PYTHON_ENV: write_yaml(python_env),
        CONDA: write_yaml(conda),
    }


def _pinned(name: str) -> str:
    try:
        version = metadata.version(name).partition("+")[0]  # `+cpu` is a build that no index may have
    except metadata.PackageNotFoundError:
        return name
    return f"{name}=={version}"


@lru_cache(maxsize=1)
def _distributions() -> Mapping[str, Sequence[str]]:
    """Top module to the distributions that bring it."""
    return metadata.packages_distributions()
