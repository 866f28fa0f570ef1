"""An installed MLflow to compare with: in an environment of its own, made by `.ci/parts`."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

_PARTS = Path(os.environ.get("GITTRACK_TEST_PARTS") or Path.home() / ".cache/gittrack/test-parts")
PYTHON = _PARTS / "mlflow" / "bin" / "python"
"""The Python that has MLflow."""


class Oracle:
    """Asks MLflow; one process for all questions."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("mlflow_oracle.py").read_text(encoding="utf-8")
        self._process = subprocess.Popen(
            [PYTHON, "-I", "-X", "utf8", "-c", script],  # no import finds our folders
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=os.environ | {"SHELL": "/bin/sh"},
        )

    def ask(self, directory: Path, entry_point: str, params: dict[str, str]) -> dict[str, Any]:
        """What MLflow computes: see `mlflow_oracle.answer`."""
        question = {"directory": str(directory), "entry_point": entry_point, "params": params}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """End the process."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait(30)


def required() -> None:
    """Skip the test where there is no MLflow; fail where everything is required."""
    if not PYTHON.exists():
        if os.environ.get("GITTRACK_TEST_REQUIRE") == "all":
            pytest.fail(f"MLflow is required and is not at {PYTHON}; .ci/parts installs it")
        pytest.skip(f"MLflow is not at {PYTHON}; .ci/parts installs it")


def oracle() -> Oracle:
    """MLflow, where it is there."""
    required()
    return Oracle()
