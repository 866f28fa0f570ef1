"""The files of a project that say what environment it needs, each read to a plan."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import InvalidValue, MalformedFile, UsageError
from gittrack.launch.environments import lockfiles, python_env, requirements, ties, versions
from gittrack.launch.environments.plans import Lock, Plan
from gittrack.launch.environments.requirements import Local
from gittrack.launch.environments.toml import load_toml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gittrack.launch.environments.requirements import Requirements

CONDA_TOOLS = frozenset({"conda", "mamba", "micromamba", "rattler"})
"""Managers that make Conda environments."""


class ProjectFiles:
    """The files of one project."""

    def __init__(self, directory: Path, root: Path, manager: str | None) -> None:
        self._directory = directory
        self._root = root
        self._manager = manager

    def named(self, python_env: str | None, conda_env: str | None) -> Plan:
        """The plan of a file that the project names."""
        name = python_env or conda_env or ""
        if not (self._directory / name).resolve().is_relative_to(self._root):
            msg = f"{name}: the environment file is outside of the project"
            raise InvalidValue(msg, hint="copy the file into the project")
        if not (self._directory / name).is_file():
            raise MalformedFile(name, "no such file", hint="the project names it as its environment")
        return self.python_env(name) if python_env else self.conda(name)

    def discovered(self, script: str | None) -> Plan:
        """The plan of the first file that is there."""
        found = self.script(script) if script else None
        if found is not None:
            return found
        ways: tuple[tuple[str, Callable[[str], Plan | None]], ...] = (
            ("python_env.yaml", self.python_env),
            ("conda.yaml", self.conda),
            ("environment.yml", self.conda),
            ("environment.yaml", self.conda),
            ("uv.lock", self.uv_lock),
            ("pylock.toml", self.pylock),
            ("pyproject.toml", self.pyproject),
            ("requirements.txt", self.requirements),
        )
        for name, way in ways:
            plan = way(name) if (self._directory / name).is_file() else None
            if plan is not None:
                return plan
        return Plan("local", "none", self._directory, notes=("no file names an environment: taken as it is",))

    def python_env(self, name: str) -> Plan:
        """The plan of a `python_env.yaml`."""
        env = python_env.parse(self._bytes(name), where=name)
        layers = [self._flat(lines, name) for lines in (env.build_dependencies, env.dependencies) if lines]
        return self._uv(name, env.python, layers, notes=env.notes)

    def conda(self, name: str) -> Plan:
        """The plan of a `conda.yaml`."""
        from gittrack.launch.environments import conda_env

        env = conda_env.parse(self._bytes(name), where=name)
        build, wanted = conda_env.as_pip(env), conda_env.python_of(env)
        pip = self._flat(env.pip, name) if env.pip else None
        if build is not None and self._manager not in CONDA_TOOLS and not env.variables:
            layers = [
                layer for layer in (self._flat(build, name) if build else None, pip) if layer is not None
            ]
            return self._uv(name, wanted, layers, notes=env.notes)
        if self._manager in {"uv", "virtualenv"}:
            msg = f"{name} asks for packages that only Conda has, and uv was to make the environment"
            raise UsageError(msg, hint="leave the manager out, or use python_env.yaml")
        layers = [pip] if pip else []
        return Plan(
            "conda",
            name,
            self._directory,
            wanted,
            tuple(layers),
            conda=env,
            tool=self._manager if self._manager != "conda" else None,
            files=(name, *(file for layer in layers for file in layer.files)),
            notes=(*env.notes, *(note for layer in layers for note in layer.notes)),
            ties=ties.of(one for layer in layers for one in layer.locals),
        )

    def script(self, name: str) -> Plan | None:
        """The plan of a script with inline metadata; None for another."""
        from gittrack.launch.environments import scripts

        path = (self._directory / name).resolve()
        if path.suffix != ".py" or not path.is_file() or not path.is_relative_to(self._root):
            return None
        found = scripts.parse(path.read_text(encoding="utf-8", errors="replace"), where=name)
        if found is None:
            return None
        lock = self._lock("script", f"{name}.lock") if (self._directory / f"{name}.lock").is_file() else None
        layer = self._flat(found.dependencies, name)
        plan = self._uv(name, found.python, [layer], lock=lock, more=(found.block,), files=(name,))
        return replace(plan, script=path)

    def uv_lock(self, name: str) -> Plan | None:
        """The plan of a `uv.lock`; None without the project that it is for."""
        if not (self._directory / "pyproject.toml").is_file():
            return None
        data = self._bytes(name)
        local = [
            Local((self._directory / path).resolve(), editable=True)
            for kind, path in lockfiles.local_sources(data)
            if kind != "virtual"
        ]
        document = self._toml("pyproject.toml")
        python = self._python_version() or _requires(document)
        more = (hashlib.sha256(self._bytes("pyproject.toml")).hexdigest(),)
        files = (name, "pyproject.toml")
        return self._uv(
            name, python, [], lock=self._lock("uv", name), more=(*more, *ties.of(local)), files=files
        )

    def pylock(self, name: str) -> Plan:
        """The plan of a `pylock.toml`."""
        document = self._toml(name)
        python = self._python_version() or versions.normal(document.get("requires-python"), where=name)
        packages = [one for one in document.get("packages") or [] if isinstance(one, dict)]
        tied = [str(self._directory)] if any("directory" in one for one in packages) else []
        return self._uv(name, python, [], lock=self._lock("pylock", name), more=tuple(tied), files=(name,))

    def pyproject(self, name: str) -> Plan | None:
        """The plan of a `pyproject.toml`; None when it only sets up tools."""
        document = self._toml(name)
        project = document.get("project")
        package = isinstance(document.get("build-system"), dict)
        if not package and not (isinstance(project, dict) and project.get("dependencies")):
            return None
        python = self._python_version() or _requires(document)
        content = hashlib.sha256(self._bytes(name)).hexdigest()
        more = ties.of([Local(self._directory, editable=True)]) if package else (content,)
        return replace(self._uv(name, python, [], more=more, files=(name,)), project=True)

    def requirements(self, name: str) -> Plan:
        """The plan of a requirements file."""
        layer = requirements.read(name, directory=self._directory, root=self._root)
        return self._uv(name, self._python_version(), [layer])

    def _uv(
        self,
        source: str,
        python: str | None,
        layers: list[Requirements],
        *,
        lock: Lock | None = None,
        notes: tuple[str, ...] = (),
        more: tuple[str, ...] = (),
        files: tuple[str, ...] = (),
    ) -> Plan:
        if self._manager in CONDA_TOOLS:
            msg = f"{source} is not an environment of Conda"
            raise UsageError(msg, hint="write a conda.yaml, or leave the manager out")
        used = dict.fromkeys((source, *files, *(file for layer in layers for file in layer.files)))
        return Plan(
            "uv",
            source,
            self._directory,
            python,
            tuple(layers),
            lock=lock,
            files=tuple(used),
            notes=(*notes, *(note for layer in layers for note in layer.notes)),
            ties=(*more, *ties.of(one for layer in layers for one in layer.locals)),
        )

    def _flat(self, lines: tuple[str, ...], name: str) -> Requirements:
        return requirements.flatten(lines, directory=self._directory, root=self._root, where=name)

    def _lock(self, kind: Any, name: str) -> Lock:  # noqa: ANN401  a literal of Lock
        return Lock(kind, self._directory / name, hashlib.sha256(self._bytes(name)).hexdigest())

    def _bytes(self, name: str) -> bytes:
        try:
            return (self._directory / name).read_bytes()
        except OSError as error:
            raise MalformedFile(name, f"cannot be read: {error.strerror}") from error

    def _toml(self, name: str) -> dict[str, Any]:
        try:
            return load_toml(self._bytes(name).decode(), where=name)
        except UnicodeDecodeError as error:
            raise MalformedFile(name, f"not UTF-8 at byte {error.start}") from error

    def _python_version(self) -> str | None:
        """What `.python-version` says, unless it names something else than a version."""
        path = self._directory / ".python-version"
        lines = path.read_text(encoding="utf-8", errors="replace").split() if path.is_file() else []
        try:
            return versions.normal(lines[0], where=path.name) if lines else None
        except InvalidValue:
            return None


def _requires(document: dict[str, Any]) -> str | None:
    project = document.get("project")
    wanted = project.get("requires-python") if isinstance(project, dict) else None
    return versions.normal(wanted, where="pyproject.toml") if wanted else None
