"""An environment for each tool, made by uv under `benchmarks/.envs` and kept for the next time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ROOT / "benchmarks" / ".envs"
_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "1",
    "DVC_NO_ANALYTICS": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "GIT_TERMINAL_PROMPT": "0",
}


@dataclass(frozen=True)
class Tool:
    """A tracker to measure.

    Attributes:
        name: as the tables show it.
        module: `tools/<module>_.py` speaks its language.
        environment: folder under `.envs`.
        packages: what pip is asked for.
        imports: what a program that logs imports.
        variables: environment variables it needs.
    """

    name: str
    module: str
    environment: str
    packages: tuple[str, ...]
    imports: str
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return ENVIRONMENTS / self.environment / "bin" / "python"

    def script(self, name: str) -> Path:
        """A command it installed."""
        return self.python.with_name(name)

    def environ(self, home: Path) -> dict[str, str]:
        """The variables of its processes: nothing of the user's, nothing sent anywhere."""
        kept = {key: os.environ[key] for key in ("LANG", "TMPDIR") if key in os.environ}
        path = os.pathsep.join([str(self.python.parent), os.environ.get("PATH", "")])
        own = {"PATH": path, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}
        return kept | own | _QUIET | dict(self.variables)


OURS = Tool("gittrack", "gittrack", "gittrack", (str(ROOT),), "gittrack")
PEERS = (
    Tool("sacred", "sacred", "sacred", ("sacred", "setuptools<80"), "sacred"),
    Tool("trackio", "trackio", "trackio", ("trackio",), "trackio", {"TRACKIO_DIR": "trackio"}),
    Tool("dvclive", "dvclive", "dvclive", ("dvclive", "dvc"), "dvclive"),
    Tool(
        "mlflow file",
        "mlflow",
        "mlflow",
        ("mlflow",),
        "mlflow",
        {"MLFLOW_TRACKING_URI": "./mlruns", "MLFLOW_ALLOW_FILE_STORE": "true"},
    ),
    Tool(
        "mlflow SQLite",
        "mlflow",
        "mlflow",
        ("mlflow",),
        "mlflow",
        {"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"},
    ),
    Tool("guild", "", "guild", ("guildai", "setuptools<80"), "guild"),
)


def uv(*words: str) -> None:
    """Run uv, from beside this Python or from the path."""
    beside = Path(sys.executable).with_name("uv")
    program = str(beside) if beside.exists() else shutil.which("uv")
    if program is None:
        msg = "uv is missing: pip install uv"
        raise SystemExit(msg)
    subprocess.run([program, *words], check=True)


def prepare(tool: Tool) -> str | None:
    """Make the tool's environment where it is missing; why it cannot be made, None when it can.

    Ours is installed afresh each time, so that what is measured is what is here.
    """
    folder = ENVIRONMENTS / tool.environment
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    try:
        if not tool.python.exists():
            uv("venv", "-q", "--python", version, str(folder))
            uv("pip", "install", "-q", "-p", str(tool.python), *tool.packages)
        elif tool.imports == OURS.imports:
            again = ("--reinstall-package", "gittrack", *tool.packages)
            uv("pip", "install", "-q", "-p", str(tool.python), *again)
        compiled = folder / "lib" / f"python{version}" / "site-packages"
        subprocess.run([tool.python, "-m", "compileall", "-q", compiled], check=False, capture_output=True)
    except subprocess.CalledProcessError as error:
        return f"uv ended with {error.returncode}"
    return None


def version_of(tool: Tool) -> str:
    """The version that is installed."""
    distribution = {"guild": "guildai"}.get(tool.environment, tool.environment)
    code = f"import importlib.metadata as m; print(m.version({distribution!r}))"
    done = subprocess.run([tool.python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip()
