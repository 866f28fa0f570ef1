"""The flavors: those of this package, and those that others bring by the entry point `gittrack.flavors`.

An entry point is named as its flavor and gives a `base.Flavor`.
"""

from __future__ import annotations

from importlib import import_module, metadata
from typing import TYPE_CHECKING, cast

from gittrack.core.errors import InvalidValue
from gittrack.launch.projects.project_values import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gittrack.models.flavors.base import Flavor

GROUP = "gittrack.flavors"

OWN = {
    "keras": "keras",  # before pytorch, whose modules these may be made from
    "tensorflow": "tensorflow",
    "sentence_transformers": "sentence_transformers",
    "transformers": "transformers",
    "spark": "spark",
    "r": "r",
    "crate": "crate",
    "xgboost": "xgboost",  # before sklearn: its estimators are made from those of scikit-learn
    "lightgbm": "lightgbm",
    "catboost": "catboost",
    "sklearn": "sklearn",
    "statsmodels": "statsmodels",
    "onnx": "onnx",
    "pytorch": "pytorch",
    "python_function": "pyfunc",
}
"""Name of a flavor to the module of it, in the order in which they are asked whether a model is theirs."""


def get(name: str) -> Flavor:
    """The flavor of a name.

    Raises:
        InvalidValue: there is none.
    """
    if name in OWN:
        return cast("Flavor", import_module(f"gittrack.models.flavors.{OWN[name]}").FLAVOR)
    for entry in metadata.entry_points(group=GROUP):
        if entry.name == name:
            return cast("Flavor", entry.load())
    msg = f"there is no flavor {name!r}"
    raise InvalidValue(msg, hint=nearest(name, OWN) or f"there are: {', '.join(OWN)}")


def of_model(model: object) -> Flavor:
    """The flavor that a model is of.

    Raises:
        InvalidValue: it is of none.
    """
    for flavor in _all():
        if flavor.takes(model):
            return flavor
    kind = type(model)
    msg = f"no flavor for a model of {kind.__module__}.{kind.__qualname__}"
    raise InvalidValue(msg, hint=f"say flavor=…, one of {', '.join(OWN)}, or give an object with `predict`")


def of_file(flavors: Mapping[str, object]) -> str | None:
    """The flavor that a model is best read with: the first of ours that its `MLmodel` names."""
    others = {entry.name for entry in metadata.entry_points(group=GROUP)} & flavors.keys()
    return next((name for name in (*sorted(others), *OWN) if name in flavors), None)


def _all() -> Iterator[Flavor]:
    for entry in metadata.entry_points(group=GROUP):
        yield cast("Flavor", entry.load())
    for name in OWN:
        yield get(name)
