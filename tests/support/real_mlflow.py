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
    """Asks MLflow; one process for all questions.

    Args:
        script: the file beside this one that answers.
    """

    def __init__(self, script: str = "mlflow_oracle.py") -> None:
        script = Path(__file__).with_name(script).read_text(encoding="utf-8")
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
        found = self.answer({"directory": str(directory), "entry_point": entry_point, "params": params})
        assert isinstance(found, dict)
        return found

    def answer(self, question: dict[str, Any]) -> Any:
        """What the script answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

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


def oracle(script: str = "mlflow_oracle.py") -> Oracle:
    """MLflow, where it is there."""
    required()
    return Oracle(script)
