"""What models, their versions and aliases are called; pure.

`models:/NAME/VERSION`, `models:/NAME@ALIAS` and `models:/NAME/latest` read as in MLflow (its
`mlflow/store/artifact/utils/models.py` and `utils/validation.py`); stages and model ids, which MLflow has
besides, are not known here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from gittrack.core.errors import InvalidValue
from gittrack.core.ids import is_key
from gittrack.store.format.layout import experiment_directory

SCHEME = "models:"
LATEST = "latest"
LARGEST = 999_999_999
"""The highest number of a version."""
_LONGEST = 100
_OTHERS = frozenset("/:@#?%\\")
_ALIAS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}", re.ASCII)
_RESERVED = re.compile(r"latest|v?\d+", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"[vV]?(\d{1,9})", re.ASCII)
_SEMVER = re.compile(r"v\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[0-9A-Za-z.-]{1,60})?", re.ASCII)


class Wanted(NamedTuple):
    """What a text asks for.

    Attributes:
        name: of the model.
        version: its number, None for another way; `v1.2.3` where a GTO tag is meant.
        alias: of it; None for another way. Without both, the latest version is meant.
    """

    name: str
    version: int | str | None = None
    alias: str | None = None

    @property
    def shown(self) -> str:
        """`churn/3`, `churn@champion`, `churn/latest`."""
        return f"{self.name}@{self.alias}" if self.alias else f"{self.name}/{self.version or LATEST}"


def is_model(text: str) -> bool:
    """Whether a text means a model of the registry: `models:/…`."""
    return text.startswith(SCHEME)


def is_name(text: object) -> bool:
    """Whether a model may be called that: 1 to 100 printable characters, none of those in `_OTHERS`."""
    if not isinstance(text, str) or not is_key(text) or len(text) > _LONGEST:
        return False
    return text == text.strip() and not text.startswith("-") and not _OTHERS & set(text)


def check_name(text: str) -> str:
    """`text` itself, when a model may be called that.

    Raises:
        InvalidValue: it may not.
    """
    if is_name(text):
        return text
    msg = f"not a name for a model: {text[:80]!r}"
    raise InvalidValue(msg, hint=f"1 to {_LONGEST} characters, none of / : @ # ? % \\, no dash at its start")


def is_alias(text: object) -> bool:
    """Whether an alias may be called that: letters, digits, `_`, `-`; not `latest`, `3` or `v3`."""
    return isinstance(text, str) and bool(_ALIAS.fullmatch(text)) and not _RESERVED.fullmatch(text)


def check_alias(text: str) -> str:
    """`text` itself, when an alias may be called that.

    Raises:
        InvalidValue: it may not.
    """
    if is_alias(text):
        return text
    msg = f"not a name for an alias: {text[:80]!r}"
    raise InvalidValue(msg, hint="letters, digits, '_' and '-', at most 100; not latest, and no number")


def folder_name(name: str) -> str:
    """The name of a model as one component of a path."""
    return experiment_directory(name)


def parse(text: str) -> Wanted:
    """What `models:/…` asks for; `NAME/VERSION`, `NAME@ALIAS` and `NAME` mean the same.

    Raises:
        InvalidValue: it asks for nothing.
    """
    rest = text.removeprefix(SCHEME).lstrip("/") if text.startswith(SCHEME) else text
    name, slash, version = rest.partition("/")
    if slash:
        return Wanted(_name(name, text), _version(version, text))
    name, at, alias = rest.rpartition("@")
    if at:
        return Wanted(_name(name, text), alias=check_alias(alias))
    if text.startswith(SCHEME):
        raise _improper(text)
    return Wanted(_name(rest, text))


def number_of(text: str) -> int | None:
    """The version that a text like `3` or `v3` is the number of, None when it is none."""
    match = _NUMBER.fullmatch(text)
    return int(match[1]) if match and int(match[1]) else None


def _name(name: str, text: str) -> str:
    if not name:
        raise _improper(text)
    return check_name(name)


def _version(version: str, text: str) -> int | str | None:
    if version.lower() == LATEST:
        return None
    if _SEMVER.fullmatch(version):
        return version
    number = number_of(version)
    if number is None:
        raise _improper(text)
    return number


def _improper(text: str) -> InvalidValue:
    msg = f"no version of a model: {text[:80]!r}"
    return InvalidValue(
        msg, hint="write models:/NAME/VERSION, models:/NAME@ALIAS or models:/NAME/latest; aliases, not stages"
    )
