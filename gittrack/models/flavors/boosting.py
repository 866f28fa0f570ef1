"""What XGBoost and LightGBM have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile
from gittrack.models.mlmodel import FILE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType


def class_of(config: Mapping[str, Any], top: ModuleType, known: Mapping[str, str]) -> Any:  # noqa: ANN401  a class
    """The class that `model_class` of a flavor names, out of those that are known to be harmless.

    Args:
        config: of the flavor.
        top: the library.
        known: name of a class to its name below the top of the library.

    Raises:
        MalformedFile: it names another one.
    """
    named = str(config.get("model_class", "")).rpartition(".")[2]
    if named not in known:
        raise MalformedFile(FILE, f"no such model_class: {named[:80]!r}")
    return getattr(top, known[named])
