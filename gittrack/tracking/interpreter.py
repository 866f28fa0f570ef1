"""A Python interpreter and where its packages are, found without starting it."""

from __future__ import annotations

import contextlib
import platform
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gittrack.core.value import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["venv", "conda", "system"]


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One interpreter.

    Attributes:
        version: `3.11.7`, or as much as its files tell; None when they tell nothing.
        implementation: `CPython`, …; None when unknown.
        kind: whose installation it is.
        paths: folders where packages may be, in the order of import.
    """

    version: str | None
    implementation: str | None
    kind: Kind
    paths: tuple[Path, ...]


def own() -> Interpreter:
    """The interpreter that runs this."""
    return Interpreter(
        platform.python_version(),
        platform.python_implementation(),
        "venv" if sys.prefix != sys.base_prefix else _kind(Path(sys.prefix)),
        tuple(dict.fromkeys(Path(path or ".") for path in sys.path)),
    )


def other(python: Path) -> Interpreter:
    """The interpreter at a path, from the files around it.

    Args:
        python: the executable (`…/bin/python`), which need not exist.
    """
    python = python.absolute()
    settings = _settings(python.parent.parent / "pyvenv.cfg")
    if settings is not None:
        return _venv(python.parent.parent, settings)
    python = _resolved(python)
    prefix, version = python.parent.parent, _version_in(python.name)
    paths = tuple(_packages(prefix, version))
    return Interpreter(version or _only(paths), None, _kind(prefix), paths)


def is_own(python: Path) -> bool:
    """Whether it is the interpreter that runs this, by the environment it belongs to."""
    here = Path(sys.executable)
    if python.absolute() == here.absolute():
        return True
    venv = (python.absolute().parent.parent / "pyvenv.cfg").exists()
    if venv or sys.prefix != sys.base_prefix:
        return venv and python.absolute().parent == here.absolute().parent
    return _resolved(python) == _resolved(here)


def _venv(prefix: Path, settings: dict[str, str]) -> Interpreter:
    version = _version_in(settings.get("version_info") or settings.get("version") or "")
    paths = tuple(_packages(prefix, None))
    if settings.get("include-system-site-packages", "").lower() == "true" and settings.get("home"):
        paths += tuple(_packages(Path(settings["home"]).parent, version))
    return Interpreter(version or _only(paths), settings.get("implementation"), "venv", paths)


def _settings(path: Path) -> dict[str, str] | None:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _packages(prefix: Path, version: str | None) -> Iterator[Path]:
    """The package folders of an installation: of one minor version, or of all there are."""
    minor = "python" + ".".join(version.split(".")[:2]) if version and "." in version else "python3*"
    bases = [prefix / "local", prefix] if prefix == Path("/usr") else [prefix]
    for base in bases:
        for library in ("lib", "lib64"):
            for kind in ("site-packages", "dist-packages"):
                yield from sorted(base.glob(f"{library}/{minor}/{kind}"))
    if prefix == Path("/usr"):
        yield from prefix.glob("lib/python3/dist-packages")  # Debian keeps those of all versions here
    yield from prefix.glob("Lib/site-packages")


def _kind(prefix: Path) -> Kind:
    return "conda" if (prefix / "conda-meta").is_dir() else "system"


def _version_in(text: str) -> str | None:
    match = re.search(r"\d+(?:\.\d+){1,2}", text, re.ASCII)
    return match.group() if match else None


def _only(paths: tuple[Path, ...]) -> str | None:
    """The version in the names of the package folders, when they agree."""
    found = {_version_in(path.parent.name) for path in paths} - {None}
    return found.pop() if len(found) == 1 else None


def _resolved(path: Path) -> Path:
    with contextlib.suppress(OSError, RuntimeError):
        return path.resolve()
    return path
