"""The files of a model on the runs branch: content → value, whoever wrote it; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.artifacts.digests import is_digest
from gittrack.artifacts.manifest import is_safe
from gittrack.core.errors import MalformedFile
from gittrack.core.ids import is_run_id
from gittrack.core.text import load
from gittrack.core.times import from_iso
from gittrack.store.registry.document import ALIAS, EDIT, LARGEST_FILE, VERSION
from gittrack.store.registry.names import LARGEST, folder_name, is_name
from gittrack.store.registry.records import Edited, Moved, Version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gittrack.store.registry.document import Kind, Place


class Reader:
    """Takes the fields of one file; names the file where one is wrong."""

    def __init__(self, path: str, data: bytes, schema: str) -> None:
        if len(data) > LARGEST_FILE:
            raise MalformedFile(path, f"larger than {LARGEST_FILE:,} bytes")
        self._path = path
        self._document = load(data, where=path)
        family = schema.partition("/")[0] + "/"
        if not str(self._document.get("schema", "")).startswith(family):
            self.fail("schema", f"not {family}…")

    def fail(self, key: str, reason: str) -> None:
        """Say what is wrong with a field.

        Raises:
            MalformedFile: always.
        """
        raise MalformedFile(self._path, f"{key}: {reason}")

    def text(self, key: str, *, default: str | None = None) -> str:
        """A text."""
        value = self._document.get(key, default)
        if not isinstance(value, str):
            self.fail(key, "missing" if value is None else "not text")
        return str(value)

    def number(self, key: str, least: int, most: int) -> int | None:
        """A whole number, None without one."""
        value = self._document.get(key)
        if value is None:
            return None
        if type(value) is not int or not least <= value <= most:
            self.fail(key, f"not a number from {least} to {most}")
        return int(value)

    def mapping(self, key: str) -> dict[str, Any]:
        """A mapping, empty without one."""
        value = self._document.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fail(key, "not a mapping")
        return dict(value)

    def items(self, key: str, kind: type) -> tuple[Any, ...]:
        """A list of values of one type, empty without one."""
        value = self._document.get(key) or []
        if not isinstance(value, list) or not all(isinstance(one, kind) for one in value):
            self.fail(key, "not a list of what it should have")
        return tuple(value)

    def flag(self, key: str) -> bool:
        """Whether a field is true."""
        return self._document.get(key) is True

    def time(self) -> int:
        """When."""
        try:
            return from_iso(self.text("time"))
        except (ValueError, OverflowError) as error:
            raise MalformedFile(self._path, f"time: {error}") from error

    def name(self, folder: str) -> str:
        """The name of the model, which must be that of its folder."""
        name = self.text("name")
        if not is_name(name) or folder_name(name) != folder:
            self.fail("name", f"belongs to another model: {name[:80]!r}")
        return name


def read_version(path: str, place: Place, data: bytes) -> Version:
    """The version in a file.

    Raises:
        MalformedFile: it is none.
    """
    take = Reader(path, data, VERSION)
    run_id, within, digest = take.text("run_id"), take.text("path"), take.text("digest")
    if not is_run_id(run_id):
        take.fail("run_id", f"not the id of a run: {run_id[:80]!r}")
    if not is_safe(within):
        take.fail("path", f"not a safe path: {within[:80]!r}")
    if not is_digest(digest):
        take.fail("digest", "not a SHA-256 digest")
    number = take.number("version", 1, LARGEST)
    if number is None:
        take.fail("version", "missing")
    return Version(
        take.name(place.folder),
        number or 0,
        place.id,
        take.time(),
        take.text("author", default=""),
        run_id,
        within,
        digest,
        take.number("size", 0, 2**63 - 1),
        take.items("flavors", str),
        take.mapping("signature") or None,
        take.mapping("source"),
        take.items("inputs", dict),
    )


def read_move(path: str, place: Place, data: bytes) -> Moved:
    """The move of an alias in a file.

    Raises:
        MalformedFile: it is none.
    """
    take = Reader(path, data, ALIAS)
    take.name(place.folder)
    if take.text("alias") != place.alias:
        take.fail("alias", "not that of its folder")
    target = None if take.flag("removed") else take.text("target")
    author, message = take.text("author", default=""), take.text("message", default="")
    return Moved(place.id, place.alias, target, take.text("after", default=""), take.time(), author, message)


def read_edit(path: str, place: Place, data: bytes) -> Edited:
    """The later change in a file.

    Raises:
        MalformedFile: it is none.
    """
    take = Reader(path, data, EDIT)
    take.name(place.folder)
    tags = take.mapping("tags")
    if not all(value is None or isinstance(value, str) for value in tags.values()):
        take.fail("tags", "a value that is not text")
    note = take.text("note", default="\0")
    return Edited(
        place.id,
        take.text("target", default=""),
        take.time(),
        take.text("author", default=""),
        take.number("version", 1, LARGEST),
        tags,
        None if note == "\0" else note,
    )


READ: Mapping[Kind, Callable[[str, Place, bytes], Version | Moved | Edited]] = {
    "version": read_version,
    "alias": read_move,
    "modeledit": read_edit,
}
"""What reads a file, by its kind; each raises MalformedFile."""
