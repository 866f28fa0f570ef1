"""The configuration: each setting from the nearest place that sets it.

Option, then `GITTRACK_*` variable, then `gittrack.yaml`, then `git config gittrack.*`, then default.
A place is only read when nothing before it sets the key, and then once. Nothing here looks at the
environment by itself: it is passed in.
"""

from __future__ import annotations

import re
import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from gittrack.core.config_file import NAME, Document, read
from gittrack.core.config_keys import KEYS, Key, expected, parse
from gittrack.core.errors import GitTrackError, GitTrackWarning, InvalidValue
from gittrack.core.value import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

DEFAULT = "default"


class Setting(NamedTuple):
    """One setting as `gittrack config` shows it.

    Attributes:
        key: dotted name.
        value: what holds; None where it cannot be read.
        origin: where that comes from.
        problem: why it cannot be read, None otherwise.
    """

    key: str
    value: Any
    origin: str
    problem: str | None = None


class _Place(Protocol):
    def find(self, key: Key) -> tuple[Any, str] | None:
        """The raw value and where exactly it stands."""


class Config:
    """What is set, for one repository.

    Args:
        places: where to look, the nearest first; use :meth:`load`.
    """

    def __init__(self, *places: _Place) -> None:
        self._places = places
        self._found: dict[str, tuple[Any, str]] = {}

    @classmethod
    def load(
        cls,
        directory: Path | None,
        environ: Mapping[str, str],
        git_config: Callable[[], Mapping[str, list[str]]],
    ) -> Config:
        """The configuration of a repository. Reads nothing yet.

        Args:
            directory: where `gittrack.yaml` may be, the top of the work tree; None without one.
            environ: the environment variables.
            git_config: gives Git's configuration: key, section and variable in lower case, to values.
                Only called when a key is asked for that nothing nearer sets.
        """
        return cls(_Environment(environ), _File(directory), _GitConfig(git_config))

    def with_options(self, options: Mapping[str, Any]) -> Config:
        """The same with some keys set by options; None leaves a key as it is.

        Raises:
            KeyError: there is no such setting.
        """
        given = {KEYS[name].name: value for name, value in options.items() if value is not None}
        return Config(_Options(given), *self._places)

    def get(self, key: str) -> Any:  # noqa: ANN401  the type depends on the key
        """The value of a setting: str, None, bool, int, float, tuple of str or dict, after its kind.

        Raises:
            KeyError: there is no such setting.
            InvalidValue: what is set cannot be read.
            MalformedFile: `gittrack.yaml` had to be read and cannot be.
        """
        return self._lookup(key)[0]

    def origin(self, key: str) -> str:
        """Where the value comes from: `option`, a variable, `gittrack.yaml line 3`, `git config`, `default`.

        Raises:
            KeyError, InvalidValue, MalformedFile: as for :meth:`get`.
        """
        return self._lookup(key)[1]

    def items(self) -> list[Setting]:
        """Every setting, those that cannot be read with their problem."""
        return [self._setting(key) for key in KEYS]

    def problems(self) -> list[str]:
        """What is wrong with the configuration, a sentence each."""
        found = [f"{one.key}: {one.problem}" for one in self.items() if one.problem]
        for place in self._places:
            if isinstance(place, _File):
                found += place.unknown
        return list(dict.fromkeys(found))

    def _setting(self, key: str) -> Setting:
        try:
            value, origin = self._lookup(key)
        except GitTrackError as error:
            return Setting(key, None, "unreadable", error.message)
        return Setting(key, value, origin)

    def _lookup(self, name: str) -> tuple[Any, str]:
        if name not in self._found:
            self._found[name] = self._search(KEYS[name])
        return self._found[name]

    def _search(self, key: Key) -> tuple[Any, str]:
        for place in self._places:
            if (hit := place.find(key)) is not None:
                raw, origin = hit
                return _read(key, raw, origin), origin
        return key.default, DEFAULT


def _read(key: Key, raw: Any, origin: str) -> Any:  # noqa: ANN401
    try:
        return parse(key, raw)
    except ValueError as error:
        msg = f"{origin}: {key.name} is {error}"
        raise InvalidValue(msg, hint=expected(key)) from error


def nearest(name: str) -> str | None:
    """The setting that a mistyped name may have meant."""
    from difflib import get_close_matches  # here: most commands name their settings well

    found = get_close_matches(name, KEYS, n=1, cutoff=0.6)
    if not found:
        last = {key.rpartition(".")[2]: key for key in KEYS}
        found = [last[one] for one in get_close_matches(name.rpartition(".")[2], last, n=1, cutoff=0.75)]
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class _Options:
    values: Mapping[str, Any]

    def find(self, key: Key) -> tuple[Any, str] | None:
        return (self.values[key.name], "option") if key.name in self.values else None


@dataclass(frozen=True, slots=True)
class _Environment:
    environ: Mapping[str, str]

    def find(self, key: Key) -> tuple[Any, str] | None:
        value = self.environ.get(key.variable) if key.variable else None
        return (value, str(key.variable)) if value else None


class _File:
    def __init__(self, directory: Path | None) -> None:
        self._directory = directory

    @cached_property
    def _document(self) -> Document:
        if self._directory is None:
            return Document({}, {}, ())
        try:
            data = (self._directory / NAME).read_bytes()
        except FileNotFoundError:
            return Document({}, {}, ())
        except OSError as error:
            msg = f"cannot read {NAME}: {error.strerror}"
            raise GitTrackError(msg) from error
        document = read(data)
        for problem in _unknown(document):
            warnings.warn(problem, GitTrackWarning, stacklevel=2)
        return document

    @property
    def unknown(self) -> list[str]:
        try:
            return _unknown(self._document)
        except GitTrackError:
            return []

    def find(self, key: Key) -> tuple[Any, str] | None:
        if key.personal:
            return None
        document = self._document
        return (document.values[key.name], document.place(key.name)) if key.name in document.values else None


def _unknown(document: Document) -> list[str]:
    personal = [name for name in document.values if KEYS[name].personal]
    texts = [f"{document.place(name)}: {name} is not read from here, use `git config`" for name in personal]
    for name in document.unknown:
        guess = nearest(name)
        texts.append(
            f"{document.place(name)}: unknown key {name}" + (f", did you mean {guess}?" if guess else "")
        )
    return texts


class _GitConfig:
    def __init__(self, git_config: Callable[[], Mapping[str, list[str]]]) -> None:
        self._read = git_config

    @cached_property
    def _values(self) -> dict[str, list[str]]:
        ours = {name: value for name, value in self._read().items() if name.startswith("gittrack.")}
        return {_plain(name): value for name, value in ours.items()}

    def find(self, key: Key) -> tuple[Any, str] | None:
        values = self._values.get(_plain(key.git_name)) if key.git_name else None
        if not values:
            return None
        return ("\n".join(values) if key.kind in {"list", "lines"} else values[-1]), "git config"


def _plain(name: str) -> str:
    """Git's names have no underscores: `maxFileSize`, `max-file-size` and `max_file_size` are one."""
    return re.sub("[-_]", "", name).lower()
