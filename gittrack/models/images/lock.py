"""What an image installs: the requirements of a model and of its server, locked with hashes."""

from __future__ import annotations

import os
import re
import tempfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.core.errors import MalformedFile
from gittrack.launch.environments.pip_settings import indexes
from gittrack.launch.environments.processes import find_uv, run, variables_for_tools
from gittrack.models.flavors import all_flavors
from gittrack.models.mlmodel import PYFUNC
from gittrack.models.needs import REQUIREMENTS
from gittrack.models.saved import read_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_CORE = frozenset({"click", "fsspec", "orjson", "pandas", "pyyaml", "tomli"})
"""What serving needs of what gittrack needs; the rest is for terminals and repositories."""
_SERVER = ("fastapi", "uvicorn", "uvloop", "httptools")
"""Of `uvicorn[standard]` without what reloads code, reads `.env` files and speaks WebSocket."""
_MLFLOW = ("mlflow", "mlflow-skinny")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def wanted(model: Path) -> list[str]:
    """The requirements of a model and of its server, as lines of a requirements file.

    Args:
        model: its folder; `requirements.txt` in it may be missing.

    Raises:
        OSError: the file cannot be read.
    """
    file = model / REQUIREMENTS
    own = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    dropped = _dropped(model)
    kept = [text for text in map(str.strip, own) if _NAME.match(text) and _plain(text) not in dropped]
    known = {_plain(text) for text in kept}
    return [*kept, *(text for text in _of_server() if _plain(text) not in known)]


def locked(model: Path, python: str, platform: str, say: Callable[[str], None]) -> bytes:
    """The same with all that they need, each with version and hashes, for one Python on one platform.

    Args:
        model: its folder.
        python: `3.11`.
        platform: as uv names it: `x86_64-unknown-linux-gnu`.
        say: called with what uv says.

    Raises:
        ToolMissing: uv is not installed.
        EnvironmentFailed: no set of packages fits.
        OSError: the requirements cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="gittrack-lock-") as temporary:
        folder = Path(temporary)
        source, lock = folder / "requirements.in", folder / "requirements.lock"
        source.write_text("".join(f"{text}\n" for text in wanted(model)), encoding="utf-8")
        words = (
            *("pip", "compile", "--quiet", "--generate-hashes", "--no-header", "--no-annotate"),
            *("--python-version", python, "--python-platform", platform, "--output-file", str(lock)),
        )
        run(
            [find_uv(os.environ), *words, str(source)],
            tool="uv",
            cwd=folder,
            environ=variables_for_tools(os.environ, **indexes(os.environ).variables),
            progress=say,
            replace={f"{folder}/": "", str(folder): ""},
        )
        return lock.read_bytes()


def _of_server() -> Iterable[str]:
    """Lower bounds as gittrack's own metadata has them; what is named there without a bound stays so."""
    texts = [text.partition(";")[0].strip() for text in metadata.requires("gittrack") or ()]
    bounds = {_plain(text): text for text in texts if "[" not in text}
    marked = {"tomli": "tomli>=2.0; python_version < '3.11'", "uvloop": "uvloop; sys_platform != 'win32'"}
    for name in (*sorted(_CORE), *_SERVER):
        yield marked.get(name) or bounds.get(name, name)


def _dropped(model: Path) -> frozenset[str]:
    """What is not installed by name: gittrack, which is there, and MLflow where gittrack loads without it."""
    try:
        name = all_flavors.of_file(read_model(model).flavors)
    except MalformedFile:
        name = None
    loads_itself = name is not None and name != PYFUNC
    return frozenset({"gittrack", *(_MLFLOW if loads_itself else ())})


def _plain(text: str) -> str:
    found = _NAME.match(text)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else text
