"""`sweep.yaml`: the space of a sweep and how it is searched, in a file.

::

    params:
      lr: loguniform(1e-5, 1e-1)      text in the grammar of the command line,
      optimizer: [adam, sgd]          a list of values,
      depth: {int: [1, 8]}            or a mapping of one kind
      epochs: 10                      one value for all trials
    sampler: tpe
    trials: 50
    metric: loss
    goal: min
    stop: median

Without `params` the whole file is the space.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gittrack.core import text
from gittrack.core.errors import MalformedFile
from gittrack.launch.projects.project_values import nearest
from gittrack.launch.sweep import space as spaces
from gittrack.launch.sweep.space import SpaceError

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.launch.sweep.space import Space

_KINDS: Mapping[str, tuple[type, ...]] = {
    "sampler": (str,),
    "trials": (int,),
    "max_trials": (int,),
    "seed": (int,),
    "metric": (str,),
    "goal": (str,),
    "stop": (str,),
}
_LARGEST = 1_000_000  # bytes


def read(path: Path) -> tuple[Space, dict[str, Any]]:
    """The space, and what else the file says, by the names of `Asked`.

    Raises:
        MalformedFile: it cannot be read, or says something that there is not.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise MalformedFile(str(path), "too large", hint="a space is a few lines")
        document = text.load(path.read_bytes(), where=str(path))
    except OSError as error:
        raise MalformedFile(str(path), error.strerror or str(error), hint="name a YAML file") from error
    if "params" not in document:
        return _space(path, document), {}
    params, settings = document["params"], {key: one for key, one in document.items() if key != "params"}
    for key, one in settings.items():
        if key not in _KINDS:
            hint = nearest(key, _KINDS) or f"beside params there may be {', '.join(_KINDS)}"
            raise MalformedFile(str(path), f"unknown key {key[:40]!r}", hint=hint)
        if isinstance(one, bool) or not isinstance(one, _KINDS[key]):
            what = "text" if _KINDS[key] == (str,) else "a whole number"
            raise MalformedFile(str(path), f"{key} is not {what}", hint=f"write {key}: …")
    return _space(path, params), settings


def _space(path: Path, params: Any) -> Space:  # noqa: ANN401  YAML
    if not isinstance(params, Mapping) or not params:
        raise MalformedFile(
            str(path), "there are no params", hint="write `params:` and a line for each below"
        )
    try:
        return {str(name): spaces.of(str(name), _known(given)) for name, given in params.items()}
    except SpaceError as error:
        raise MalformedFile(str(path), error.message, hint=error.hint) from error


def _known(given: Any) -> Any:  # noqa: ANN401  YAML
    """A value that is nothing in YAML is one value all the same."""
    return [given] if given is None else given
