"""What makes two runs the same experiment; pure.

Runs with one fingerprint had the same code, command, params, data, packages, Python, seeds, numbers of
threads and processor. Where two of them come to different results, the program is not deterministic.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from gittrack.core.public import finite
from gittrack.core.text import dump_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.core.records import Run

_FORMAT = 1
TOOLS = frozenset({"gittrack", "pip", "setuptools", "uv", "wheel"})
"""Packages that install or record; programs that compute do not use them."""
_HARDWARE = ("cpu", "gpus", "logical_cores")
_VARIABLES = re.compile(r".*(?:SEED|THREADS).*|CUBLAS_WORKSPACE_CONFIG|CUDA_VISIBLE_DEVICES", re.ASCII)


def fingerprint(run: Run, environment: Mapping[str, Any], code: str | None = None) -> str | None:
    """SHA-256 in hexadecimal, None where the code or the data of the run is not known.

    Args:
        run: its record.
        environment: the document of its `environment.yaml`.
        code: the tree of its code, the commit of its snapshot when None.
    """
    source = run.source
    code = code or source.snapshot
    if code is None or source.left_out or not run.command:
        return None
    if any(one.sha256 is None for one in run.inputs):
        return None
    parts = {
        "format": _FORMAT,
        "code": [code, source.directory],
        "command": list(run.command),
        "params": {name: finite(run.params[name]) for name in sorted(run.params)},
        "inputs": sorted([one.name, one.sha256] for one in run.inputs),
        "python": _part(environment, "python").get("version"),
        "packages": _sorted(
            {name: version for name, version in _part(environment, "packages").items() if name not in TOOLS}
        ),
        "hardware": [_part(environment, "hardware").get(name) for name in _HARDWARE],
        "variables": _sorted(
            {
                name: value
                for name, value in _part(environment, "variables").items()
                if _VARIABLES.fullmatch(str(name))
            }
        ),
    }
    return hashlib.sha256(dump_json(parts)).hexdigest()


def _part(environment: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = environment.get(name)
    return found if isinstance(found, dict) else {}


def _sorted(mapping: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(mapping[name]) for name in sorted(mapping, key=str)}
