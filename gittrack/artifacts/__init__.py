"""Bytes by digest; knows no runs.

`gittrack.artifacts.download_artifacts` and `list_artifacts` are where users of MLflow look for them; they
are those of `gittrack` itself.
"""

from __future__ import annotations

import importlib
from typing import Any

_OF_THE_FACE = ("download_artifacts", "list_artifacts")


def __getattr__(name: str) -> Any:  # noqa: ANN401  a function
    if name not in _OF_THE_FACE:
        msg = f"module 'gittrack.artifacts' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module("gittrack"), name)
