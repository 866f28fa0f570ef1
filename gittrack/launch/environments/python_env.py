"""`python_env.yaml`: the Python environment of an MLflow project.

Format as MLflow 3 reads it (`mlflow.utils.environment._PythonEnv`)::

    python: "3.11.7"
    build_dependencies: [pip, setuptools, wheel==0.40.0]
    dependencies:
      - -r requirements.txt
      - scikit-learn==1.5.0
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.errors import MalformedFile
from gittrack.core.text import load
from gittrack.launch.environments.versions import normal

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEYS = ("python", "build_dependencies", "dependencies")


class PythonEnv(NamedTuple):
    """What the file asks for.

    Attributes:
        python: which Python, as :func:`versions.normal` gives it; None for any.
        build_dependencies: requirement lines, installed first.
        dependencies: requirement lines.
        notes: what was not understood.
    """

    python: str | None
    build_dependencies: tuple[str, ...]
    dependencies: tuple[str, ...]
    notes: tuple[str, ...] = ()


def parse(data: bytes, *, where: str) -> PythonEnv:
    """The content of such a file.

    Raises:
        MalformedFile: it is no YAML, or its lists are no lists of text.
        InvalidValue: `python` is no version.
    """
    document = load(data, where=where)
    return PythonEnv(
        normal(document.get("python"), where=where),
        texts(document.get("build_dependencies"), "build_dependencies", where),
        texts(document.get("dependencies"), "dependencies", where),
        unknown_keys(document, _KEYS, where),
    )


def texts(value: Any, key: str, where: str) -> tuple[str, ...]:  # noqa: ANN401  from a file
    """A list of text in a document.

    Raises:
        MalformedFile: it is something else.
    """
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise MalformedFile(
            where, f"{key} is not a list of text", hint=f"write {key} as lines that begin with `- `"
        )
    return tuple(item.strip() for item in value if item.strip())


def unknown_keys(document: Iterable[str], known: tuple[str, ...], where: str) -> tuple[str, ...]:
    """A sentence for each key that means nothing, with the nearest that does."""
    notes = []
    for key in sorted(set(document) - set(known)):
        near = difflib.get_close_matches(key, known, n=1)
        notes.append(f"{where}: unknown key {key[:60]!r}" + (f", meant {near[0]!r}?" if near else ""))
    return tuple(notes)
