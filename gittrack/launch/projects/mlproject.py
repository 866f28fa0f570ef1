"""The text of an MLproject file as a value; pure.

The grammar is the one that MLflow 3.17 reads (`mlflow/projects/_project_spec.py`)::

    name: wine
    python_env: python_env.yaml         # or conda_env, or docker_env: {image, volumes, environment}
    entry_points:
      main:
        parameters:
          alpha: {type: float, default: 0.5}
          data: path                    # a type alone: the param has to be given
        command: "python train.py --alpha {alpha} {data}"

Keys that are not known are passed over, as MLflow does, and told by :func:`inspect`. YAML is read by
the rules of version 1.1, as MLflow reads it, but keys are text: an entry point may be called `no`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile
from gittrack.launch.projects.project_values import DockerEnv, EntryPoint, Param, Problem, Project, nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gittrack.core.yaml_reader import Lines

ENVIRONMENTS = ("python_env", "conda_env", "docker_env")
_TOP = ("name", "entry_points", *ENVIRONMENTS, "databricks_spark_job", "description")
_ENTRY_POINT = ("parameters", "command", "description")
_PARAM = ("type", "default", "description")
_DOCKER = ("image", "volumes", "environment", "dockerfile")
_PAIR = 2


def parse(data: bytes, where: str = "MLproject") -> Project:
    """The project in a text.

    Args:
        data: UTF-8; nothing in it is a project without entry points.
        where: the path, for messages.

    Raises:
        MalformedFile: it is not YAML or not of that grammar; says the line.
    """
    project, problems = inspect(data)
    for problem in problems:
        if problem.kind == "fatal":
            line = f" (line {problem.line})" if problem.line else ""
            raise MalformedFile(where, f"{problem.message}{line}", problem.hint)
    return project


def inspect(data: bytes) -> tuple[Project, list[Problem]]:
    """The project in a text as far as it can be read, and everything that is wrong with the text."""
    from gittrack.core.yaml_reader import read_yaml_1_1

    try:
        document, lines = read_yaml_1_1(data)
    except ValueError as error:
        return Project(), [Problem(str(error), kind="fatal")]
    if document is None:
        return Project(), []
    reader = _Reader(lines)
    return reader.project(document), reader.problems


class _Reader:
    """Reads the document and collects what is wrong."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self.problems: list[Problem] = []

    def project(self, document: object) -> Project:
        if not isinstance(document, dict):
            self._fatal((), "not a mapping", "begin with `entry_points:`")
            return Project()
        self._unknown((), document, _TOP)
        self._one_environment(document)
        if "databricks_spark_job" in document:
            self._tell(("databricks_spark_job",), "a Databricks job runs on Databricks only", kind="warning")
        entry_points = self._mapping(("entry_points",), document.get("entry_points"), "entry points by name")
        return Project(
            name=self._text(("name",), document.get("name")),
            python_env=self._text(("python_env",), document.get("python_env")) or None,
            conda_env=self._text(("conda_env",), document.get("conda_env")) or None,
            docker_env=self._docker(document.get("docker_env")),
            entry_points={name: self._entry_point(name, value) for name, value in entry_points.items()},
            environment_line=next((self._lines[key,] for key in ENVIRONMENTS if (key,) in self._lines), None),
        )

    def _one_environment(self, document: Mapping[str, object]) -> None:
        found = [key for key in document if key in ENVIRONMENTS]
        if len(found) > 1:
            both = " and ".join(found)
            self._fatal((found[1],), f"more than one environment: {both}", "keep the one to run in")

    def _entry_point(self, name: str, value: object) -> EntryPoint:
        path = ("entry_points", name)
        line = self._line(path)
        if value is not None and not isinstance(value, dict):
            hint = "write its command below it: `command: python …`"
            self._fatal(path, f"entry point {name!r} is no mapping", hint)
            return EntryPoint(name, None, line=line)
        body = value or {}
        self._unknown(path, body, _ENTRY_POINT)
        params = self._mapping((*path, "parameters"), body.get("parameters"), "params by name")
        command = body.get("command")
        if command is None:
            self._tell(path, f"entry point {name!r} has no command", "add `command: python …`")
        elif not isinstance(command, str):
            self._fatal((*path, "command"), "a command is text", "put it in quotes")
            command = None
        declared = {key: self._param((*path, "parameters", key), item) for key, item in params.items()}
        return EntryPoint(name, command, declared, line, self._line((*path, "command")))

    def _param(self, path: tuple[str, ...], value: object) -> Param:
        name, line = path[-1], self._line(path)
        if value is None or isinstance(value, str):
            if value is None:
                self._tell(path, f"param {name!r} has no type", "string, float, path or uri", "warning")
            return Param(name, value or "string", line=line)
        if not isinstance(value, dict):
            hint = f"write {name}: {{type: float, default: {value}}}"
            self._fatal(path, f"param {name!r} is neither a type nor a mapping", hint)
            return Param(name, line=line)
        self._unknown(path, value, _PARAM)
        kind = value.get("type", "string")
        if not isinstance(kind, str):
            self._tell((*path, "type"), f"the type of param {name!r} is no text", kind="warning")
        return Param(name, kind if isinstance(kind, str) else "string", value.get("default"), line)

    def _docker(self, value: object) -> DockerEnv | None:
        path = ("docker_env",)
        if not value:
            return None
        if not isinstance(value, dict):
            self._fatal(path, "docker_env is no mapping", "write `docker_env: {image: python:3.12-slim}`")
            return None
        self._unknown(path, value, _DOCKER)
        image, dockerfile = value.get("image"), value.get("dockerfile")
        if dockerfile is not None and not isinstance(dockerfile, str):
            self._fatal((*path, "dockerfile"), "dockerfile is the name of a file", "dockerfile: Dockerfile")
            return None
        if dockerfile and image is None:
            self._tell(path, "docker_env names no image", "MLflow needs one", "warning")
            image = ""
        elif not isinstance(image, str) or not image:
            self._fatal(path, "docker_env names no image", "add `image: python:3.12-slim`")
            return None
        volumes = value.get("volumes") or []
        if not isinstance(volumes, list) or not all(isinstance(one, str) for one in volumes):
            self._fatal((*path, "volumes"), "volumes are a list of texts", 'such as ["/data:/data"]')
            volumes = []
        copied, given = self._variables(value.get("environment") or [])
        return DockerEnv(image, tuple(volumes), copied, given, dockerfile or None)

    def _variables(self, value: object) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
        items = value if isinstance(value, list) else [None]
        copied = tuple(one for one in items if isinstance(one, str))
        pairs = [one for one in items if isinstance(one, list) and len(one) == _PAIR]
        if len(copied) + len(pairs) != len(items):
            hint = 'such as [["NEW", "value"], "COPIED_FROM_HOST"]'
            self._fatal(("docker_env", "environment"), "environment is a list of names and pairs", hint)
        return copied, tuple((str(name), str(text)) for name, text in pairs)

    def _mapping(self, path: tuple[str, ...], value: object, what: str) -> Mapping[str, Any]:
        if value is None or isinstance(value, dict):
            return value or {}
        self._fatal(path, f"{path[-1]} are a mapping: {what}", None)
        return {}

    def _text(self, path: tuple[str, ...], value: object) -> str | None:
        if value is None or isinstance(value, str):
            return value
        if path == ("name",):
            return str(value)  # MLflow does not look at it
        self._fatal(path, f"{path[-1]} is the name of a file", None)
        return None

    def _unknown(self, path: tuple[str, ...], value: Mapping[str, object], known: Collection[str]) -> None:
        for key in value:
            if key not in known:
                self._tell((*path, key), f"unknown key {key!r}", nearest(key, known))

    def _fatal(self, path: tuple[str, ...], message: str, hint: str | None) -> None:
        self._tell(path, message, hint, "fatal")

    def _tell(
        self, path: tuple[str, ...], message: str, hint: str | None = None, kind: str = "error"
    ) -> None:
        self.problems.append(Problem(message, hint, self._line(path), kind))

    def _line(self, path: tuple[str, ...]) -> int | None:
        """The line of a key, or of the nearest one around it that has one."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return None
