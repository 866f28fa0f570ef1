"""What a run ran on: the document of `environment.yaml`.

The same machine with the same environment always gives the same document: no times, no process ids,
everything sorted, so that Git keeps it once for all its runs.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gittrack.core.redact import Redactor
from gittrack.tracking import hardware, interpreter, packages

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.core.config import Config
    from gittrack.tracking.interpreter import Interpreter

SCHEMA = "gittrack.environment/1"
VARIABLES = (
    *("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "CUDA_LAUNCH_BLOCKING", "CUBLAS_*", "CUDNN_*"),
    *("HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "NVIDIA_TF32_OVERRIDE", "NCCL_*", "GLOO_*"),
    *("OMP_*", "MKL_*", "OPENBLAS_*", "NUMEXPR_*", "VECLIB_*", "BLIS_*", "KMP_*", "LD_PRELOAD"),
    *("TORCH_*", "PYTORCH_*", "TF_*", "XLA_*", "JAX_*", "PYTHONHASHSEED", "PYTHONOPTIMIZE"),
    *("GITTRACK_SEED", "PL_GLOBAL_SEED"),
    *("CONDA_DEFAULT_ENV", "TZ", "LANG", "LC_*"),
)
"""Environment variables that are recorded (globs); `environment.variables` adds to them."""
_NEVER = ("TF_VAR_*", "TF_TOKEN_*", "TF_CLI_*")  # Terraform's, not TensorFlow's
_LONGEST = 4_000
_OF_PYTHON = ("python", "direct_urls", "packages")


def capture(
    python: Path | None = None,
    *,
    config: Config,
    environ: Mapping[str, str] | None = None,
    contained: bool = False,
) -> dict[str, Any]:
    """The environment of this process, or of a program that another interpreter runs.

    Args:
        python: the other interpreter; it is not started, its files are read.
        config: `environment.variables` and `redact.*` are read.
        environ: the environment variables, those of this process when None.
        contained: whether the program is in a container, which has a Python and packages of its own.

    Returns:
        `schema`, `python`, `platform`, `hardware`, `variables`, `direct_urls`, `packages`; the parts
        that would be empty are left out.
    """
    secrets = (config.get("redact.keys"), config.get("redact.patterns"))
    redactor = Redactor(*secrets)
    found = interpreter.own() if python is None or interpreter.is_own(python) else interpreter.other(python)
    installed = _installed(found, redactor, secrets)
    document = {
        "schema": SCHEMA,
        "python": _python(found),
        "platform": hardware.system(),
        "hardware": hardware.machine(),
        "variables": variables(
            os.environ if environ is None else environ, config.get("environment.variables"), redactor
        ),
        "direct_urls": installed.urls,
        "packages": installed.versions,
    }
    left_out = _OF_PYTHON if contained else ()
    return {name: value for name, value in document.items() if value and name not in left_out}


def packages_of(python: Path) -> dict[str, str]:
    """Name to version of the packages that an interpreter has; it is not started."""
    return packages.installed(interpreter.other(python).paths, Redactor()).versions


def variables(environ: Mapping[str, str], globs: tuple[str, ...], redactor: Redactor) -> dict[str, str]:
    """The environment variables that matter to a result, redacted, sorted by name.

    Args:
        environ: all of them.
        globs: which to take besides `VARIABLES`.
        redactor: what hides secrets.
    """
    wanted, own = _matcher(VARIABLES), _matcher(globs)
    never = _matcher(_NEVER)
    names = (name for name in environ if (wanted(name) and not never(name)) or own(name))
    return {name: str(redactor.value(name, environ[name]))[:_LONGEST] for name in sorted(names)}


def _python(found: Interpreter) -> dict[str, str]:
    fields = {"version": found.version, "implementation": found.implementation, "kind": found.kind}
    return {name: value for name, value in fields.items() if value}


_cache: dict[tuple[object, ...], packages.Packages] = {}


def _installed(found: Interpreter, redactor: Redactor, secrets: tuple[object, ...]) -> packages.Packages:
    """The packages of an interpreter, read again only when a folder has changed since."""
    key = (secrets, *((path, _changed(path)) for path in found.paths))
    if key not in _cache:
        _cache.clear()
        _cache[key] = packages.installed(found.paths, redactor)
    return _cache[key]


def _changed(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime_ns
    return 0


@lru_cache(maxsize=8)
def _expression(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(fnmatch.translate, globs)) or r"(?!)")


def _matcher(globs: tuple[str, ...]) -> Any:  # noqa: ANN401  the match method of an expression
    return _expression(globs).match
