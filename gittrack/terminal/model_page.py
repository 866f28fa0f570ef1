"""A model for eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.terminal.escape import line
from gittrack.terminal.figures import size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_WIDTH = 13


def lines(model: Mapping[str, Any]) -> Iterator[str]:
    """What `gittrack model show` prints."""
    yield _row("model", model["path"])
    yield _row("flavors", ", ".join(model["flavors"]))
    if model["run_id"]:
        yield _row("run", f"{model['run_id']} ({model['artifact_path']})")
    yield _row("written", f"{model['created']} UTC by {model['written_by']}")
    if model["size"] is not None:
        yield _row("size", size(model["size"]))
    yield _row("digest", model["digest"])
    yield _row("trusted", "yes" if model["trusted"] else "no")
    for name in ("inputs", "outputs"):
        yield from _rows(name, (_spec(one) for one in model[name] or ()))
    yield from _rows(
        "params", (f"{one['name']}  {one['type']} = {one['default']}" for one in model["params"])
    )
    yield from _rows("requirements", model["requirements"])
    yield from _rows("metadata", (f"{key}  {value}" for key, value in model["metadata"].items()))


def _spec(spec: Mapping[str, Any]) -> str:
    optional = "" if spec.get("required", True) else " (optional)"
    return f"{spec['name']}  {spec['text']}{optional}" if "name" in spec else f"{spec['text']}{optional}"


def _rows(label: str, texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield _row(label, text)
        label = ""


def _row(label: str, text: object) -> str:
    return f"{label:{_WIDTH}} {line(str(text))}"
