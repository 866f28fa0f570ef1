"""The indexes that pip is set to, for uv, which reads none of pip's settings.

Sources: https://pip.pypa.io/en/stable/topics/configuration/ (files and their order),
https://docs.astral.sh/uv/reference/environment/.
"""

from __future__ import annotations

import configparser
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OF_UV = (
    "UV_INDEX",
    "UV_DEFAULT_INDEX",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_NO_INDEX",
)
_READ = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX"}
_SECTIONS = ("global", "install")


class Indexes(NamedTuple):
    """What of pip's settings concerns uv.

    Attributes:
        variables: for uv; they may hold credentials.
        notes: what a person should know, without any.
    """

    variables: Mapping[str, str]
    notes: tuple[str, ...] = ()


def indexes(environ: Mapping[str, str]) -> Indexes:
    """The indexes that pip is set to; none where uv has settings of its own.

    `index-url` and `extra-index-url` are taken, from pip's files and variables. uv takes a package from the
    first index that has it, where pip takes the best version of all.
    """
    if any(environ.get(name) for name in _OF_UV) or any(path.is_file() for path in _of_uv(environ)):
        return Indexes({})
    found, where = _settings(environ)
    taken = [name for name in _READ if found.get(name)]
    variables = {_READ[name]: " ".join(found[name].split()) for name in taken}
    places = ", ".join(dict.fromkeys(where[name] for name in taken))
    return Indexes(variables, (f"{' and '.join(taken)} of pip ({places}) used",) if taken else ())


def _settings(environ: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Names to values, and to where they were found: what comes later wins, variables last."""
    found: dict[str, str] = {}
    where: dict[str, str] = {}
    for path in _files(environ):
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue
        for section in _SECTIONS:
            for name, value in parser.items(section) if parser.has_section(section) else ():
                plain = name.replace("_", "-").removeprefix("--")
                found[plain], where[plain] = value, str(path)
    for name in _READ:
        variable = "PIP_" + name.replace("-", "_").upper()
        if environ.get(variable):
            found[name], where[name] = environ[variable], variable
    return found, where


def _files(environ: Mapping[str, str]) -> Iterator[Path]:
    own = environ.get("PIP_CONFIG_FILE")
    if own == os.devnull:
        return
    home = Path(environ.get("HOME") or Path.home())
    yield from (Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf"))
    yield home / ".pip" / "pip.conf"
    yield Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf"
    yield home / "Library" / "Application Support" / "pip" / "pip.conf"
    if environ.get("APPDATA"):
        yield Path(environ["APPDATA"]) / "pip" / "pip.ini"
    if own:
        yield Path(own)


def _of_uv(environ: Mapping[str, str]) -> Iterator[Path]:
    if environ.get("UV_CONFIG_FILE"):
        yield Path(environ["UV_CONFIG_FILE"])
    home = Path(environ.get("HOME") or Path.home())
    yield Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "uv" / "uv.toml"
    yield Path("/etc/uv/uv.toml")
