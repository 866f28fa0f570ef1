"""A project on disk: its MLproject file, and what is wrong with it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gittrack.core.errors import InvalidValue, MalformedFile
from gittrack.launch.projects import command, mlproject
from gittrack.launch.projects.project_values import Problem, Project, nearest
from gittrack.launch.projects.uri import NoSuchProject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gittrack.launch.projects.project_values import DockerEnv, EntryPoint

FILE = "MLproject"
_LARGEST = 1_000_000  # bytes; no project needs more
_TYPES = ("string", "float", "path", "uri")
_ALSO = frozenset(
    {"str", "int", "integer", "bool", "boolean", "number"}
)  # in the wild; MLflow takes any word


def file_of(directory: Path) -> Path | None:
    """The MLproject file of a folder, whatever the case of its name; None without one."""
    names = sorted(path.name for path in directory.iterdir() if path.name.lower() == FILE.lower())
    return directory / names[0] if names else None


def load(directory: Path) -> Project:
    """The project in a folder; one without MLproject has no entry points but its scripts.

    Raises:
        NoSuchProject: there is no such folder.
        MalformedFile: its MLproject cannot be read; says the line.
    """
    path = _file(directory)
    return mlproject.parse(_read(path), path.name) if path is not None else Project()


def validate(directory: Path) -> list[Problem]:
    """Everything that is wrong with a project, in the order of its lines.

    Unknown keys with the nearest known one, params that a command uses and nobody declares (and the
    reverse), missing environment files, two environments at once.

    Args:
        directory: the folder.

    Raises:
        NoSuchProject: there is no such folder, or no MLproject in it.
    """
    path = _file(directory)
    if path is None:
        msg = f"no {FILE} in {directory}"
        raise NoSuchProject(msg, hint="a project without one runs its scripts: gittrack run . -e train.py")
    try:
        project, problems = mlproject.inspect(_read(path))
    except MalformedFile as error:
        return [Problem(error.reason, error.hint, kind="fatal")]
    problems = [*problems, *_environment(project, directory)]
    for entry in project.entry_points.values():
        problems += _entry_point(entry)
    return sorted(problems, key=lambda one: one.line or 0)


def _file(directory: Path) -> Path | None:
    try:
        return file_of(directory)
    except (FileNotFoundError, NotADirectoryError) as error:
        msg = f"no such folder: {directory}"
        raise NoSuchProject(msg, hint="name the folder that holds MLproject") from error


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise MalformedFile(path.name, "not a file")
    if path.stat().st_size > _LARGEST:
        raise MalformedFile(path.name, f"larger than {_LARGEST:,} bytes")
    data = path.read_bytes()
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise MalformedFile(path.name, f"not UTF-8 at byte {error.start}") from error
    return data


def _environment(project: Project, directory: Path) -> Iterator[Problem]:
    line = project.environment_line
    for key, name in (("python_env", project.python_env), ("conda_env", project.conda_env)):
        if name is None:
            continue
        if not (directory / name).resolve().is_relative_to(directory.resolve()):
            yield Problem(f"{key} leads outside of the project: {name}", "copy the file into it", line)
        elif not (directory / name).is_file():
            there = [path.name for path in directory.iterdir() if path.suffix in {".yaml", ".yml"}]
            yield Problem(f"{key} names a file that is not there: {name}", nearest(name, there), line)
    if project.docker_env is not None:
        yield from _container(project.docker_env, directory, line)


def _container(env: DockerEnv, directory: Path, line: int | None) -> Iterator[Problem]:
    from gittrack.launch.containers import grammar, images

    checks: list[Callable[[], object]] = [partial(grammar.check_image, env.image)] if env.image else []
    checks += [partial(grammar.mount, text, directory) for text in env.volumes]
    names = (*env.environment, *(name for name, _ in env.variables))
    checks += [partial(grammar.check_variable, name) for name in names]
    checks += [partial(images.check_file, directory, env.dockerfile)] if env.dockerfile else []
    for check in checks:
        try:
            check()
        except InvalidValue as error:
            yield Problem(error.message, error.hint, line)


def _entry_point(entry: EntryPoint) -> Iterator[Problem]:
    for param in entry.params.values():
        if param.type not in _TYPES and param.type not in _ALSO:
            hint = nearest(param.type, _TYPES) or f"one of {', '.join(_TYPES)}"
            yield Problem(
                f"param {param.name!r} has the unknown type {param.type!r}", hint, param.line, "warning"
            )
    if entry.command is None:
        return
    try:
        used = command.names(entry.command)
        twice = command.quoted(entry.command)
    except ValueError as error:
        yield Problem(
            f"entry point {entry.name!r}: no template: {error}", "a brace is {{ or }}", entry.command_line
        )
        return
    yield from _uses(entry, used)
    for name in twice:
        hint = f"write {{{name}}} without quotes: values come quoted"
        yield Problem(
            f"entry point {entry.name!r} quotes {{{name}}} twice", hint, entry.command_line, "warning"
        )


def _uses(entry: EntryPoint, used: list[str]) -> Iterator[Problem]:
    for name in used:
        if name not in entry.params:
            where = f"entry point {entry.name!r} uses {{{name}}}, which it does not declare"
            yield Problem(
                where, nearest(name, entry.params) or "declare it below `parameters:`", entry.command_line
            )
    for name, param in entry.params.items():
        if name not in used:
            message = f"the command of {entry.name!r} does not use the param {name!r}"
            yield Problem(message, "its value goes nowhere", param.line, "warning")
