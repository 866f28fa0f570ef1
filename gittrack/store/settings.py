"""Changing the configuration: one setting in `gittrack.yaml` or in Git's configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.artifacts import urls
from gittrack.artifacts.failures import MissingDriver
from gittrack.artifacts.remote import Remote
from gittrack.core import config_file
from gittrack.core.config_keys import Key, expected, parse
from gittrack.core.errors import GitTrackError, InvalidValue
from gittrack.core.files import write_atomic

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.plumbing.git import Git


def change_file(folder: Path, key: Key, text: str | None) -> Path:
    """Set a key in the `gittrack.yaml` of a folder, or take it out; everything else in it stays.

    Args:
        folder: the top of the work tree.
        key: the setting.
        text: its value as text, None to take it out.

    Returns:
        The path of the file.

    Raises:
        InvalidValue: the text is no value of the setting.
        GitTrackError: the file has the value in a form that is not changed by itself, or is broken.
    """
    path = folder / config_file.NAME
    try:
        before = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        before = ""
    after = config_file.write(before, key, None if text is None else _value(key, text))
    if after != before:
        write_atomic(path, after.encode())
    return path


def change_git(git: Git, key: Key, text: str | None) -> None:
    """Set a key in the configuration of a repository (`.git/config`), or take it out.

    Raises:
        InvalidValue: the text is no value of the setting, or the setting has no place there.
        GitFailed: Git cannot write its configuration.
    """
    if key.git_name is None:
        msg = f"{key.name} cannot stand in Git's configuration"
        raise InvalidValue(msg, hint=f"edit {config_file.NAME}")
    value = None if text is None else _value(key, text)
    values = value if isinstance(value, list) else [] if value is None else [value]
    git.run("config", "--local", "--unset-all", key.git_name, check=False)
    for one in values:
        written = str(one).lower() if isinstance(one, bool) else str(one)
        git.run("config", "--local", "--add", key.git_name, written)


def missing_driver(url: str) -> str | None:
    """What to install before a store can be used, None when its driver is here.

    Args:
        url: an `artifacts.url`.
    """
    try:
        Remote.open(url)
    except MissingDriver as error:
        return f"{error.message}; {error.hint}"
    return None


def _value(key: Key, text: str) -> Any:  # noqa: ANN401  a JSON value
    """What to write: sizes as they were given, everything else as it was understood."""
    if key.name == "artifacts.url":
        from gittrack.artifacts.drivers.known import check_protocol

        check_protocol(urls.parse(text))
    if key.kind == "mapping":
        msg = f"{key.name} is a mapping, which has no text form"
        raise GitTrackError(msg, hint=f"edit {config_file.NAME}")
    try:
        value = parse(key, text)
    except ValueError as error:
        msg = f"{key.name} is {error}"
        raise InvalidValue(msg, hint=expected(key)) from error
    if key.kind == "size":
        return text.strip()
    return list(value) if isinstance(value, tuple) else value
