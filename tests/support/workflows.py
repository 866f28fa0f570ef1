"""Workflow files taken apart and their steps run here, as a runner would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_EXPRESSION = re.compile(r"\$\{\{\s*([\w.]+)\s*\}\}")


@dataclass
class Runner:
    """Runs the steps of a job.

    Attributes:
        folder: the clone.
        context: what expressions stand for, such as `github.event.pull_request.base.sha`.
        variables: of the runner, such as `GITHUB_API_URL`.
        temp: `RUNNER_TEMP`.
        said: output of the steps.
    """

    folder: Path
    context: dict[str, str]
    temp: Path
    variables: dict[str, str] = field(default_factory=dict)
    said: str = ""

    @property
    def summary(self) -> str:
        """What is in the summary of the job."""
        path = self.temp / "summary"
        return path.read_text() if path.exists() else ""

    @property
    def outputs(self) -> str:
        """What the steps set."""
        path = self.temp / "outputs"
        return path.read_text() if path.exists() else ""

    def run(self, job: dict[str, Any], *, without: tuple[str, ...] = ("Install gittrack",)) -> int:
        """Run all steps with a script; the status of the first that fails, else 0."""
        for step in job["steps"]:
            if "run" in step and step["name"] not in without and self._is_wanted(step):
                status = self._step(job, step)
                if status:
                    return status
        return 0

    def _is_wanted(self, step: dict[str, Any]) -> bool:
        condition = step.get("if", "")
        return "runs=true" in self.outputs if "outputs.runs" in condition else True

    def _step(self, job: dict[str, Any], step: dict[str, Any]) -> int:
        own = {**job.get("env", {}), **step.get("env", {})}
        place = self._value(step.get("working-directory", str(self.folder)))
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=place,
            env=self._environment() | {name: self._value(value) for name, value in own.items()},
            capture_output=True,
            text=True,
            check=False,
        )
        self.said += done.stdout + done.stderr
        return done.returncode

    def _environment(self) -> dict[str, str]:
        own = Path(sys.executable).parent
        return {
            **os.environ,
            "PATH": f"{own}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary"),
            "GITHUB_OUTPUT": str(self.temp / "outputs"),
            "RUNNER_TEMP": str(self.temp),
            **self.variables,
        }

    def _value(self, text: str) -> str:
        known = {
            "runner.temp": str(self.temp),
            "github.token": "test-token",
            "github.server_url": "https://x",
        }
        return _EXPRESSION.sub(lambda match: {**known, **self.context}[match[1]], str(text))


def parsed(text: str) -> dict[str, Any]:
    """A workflow file; `on` is a key of it although YAML 1.1 takes it for true."""
    found: dict[Any, Any] = yaml.safe_load(text)
    return {("on" if key is True else key): value for key, value in found.items()}
