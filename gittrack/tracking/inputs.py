"""What a run used: files, folders, URLs, tables and arrays, by digest.

Nothing is copied unless that is asked for. Whatever is recorded of a place holds no credentials.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from gittrack.artifacts.content import Identity, Stored, digest_of
from gittrack.artifacts.directory import files_below
from gittrack.artifacts.manifest import Member, encode
from gittrack.artifacts.objects import FileChanged
from gittrack.artifacts.seen import Seen
from gittrack.core.errors import InvalidValue
from gittrack.core.records import Input
from gittrack.core.redact_run import redact_input
from gittrack.tracking import values

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://", re.ASCII)
_TRIES = 3
_JOBS = 8
_NAME = 250  # characters


class Wanted(NamedTuple):
    """An input that somebody asks to record.

    Attributes:
        data: a path, a URL, a table or an array.
        name: what the run calls it, None for a name after what it is.
        context: what it is used for.
        source: where a table or an array came from.
        keep: whether its bytes go into the artifact store.
    """

    data: Any
    name: str | None = None
    context: str | None = None
    source: str | None = None
    keep: bool = False


def input_of(wanted: Wanted, store: RunStore, here: Path | None = None) -> Input:
    """What is recorded of an input. Reads it, a URL excepted.

    Args:
        wanted: what, and how.
        store: where its bytes go if they are kept.
        here: what a relative path starts at, the current folder when None.

    Raises:
        InvalidValue: it is not there, or nothing that can be recorded; or a name cannot be taken.
        GitTrackError: it was written while it was read, or its store cannot be reached.
        OSError: it cannot be read, or kept.
    """
    checked = wanted._replace(
        name=values.check_name(wanted.name, "input") if wanted.name is not None else None,
        context=values.check_name(wanted.context, "context") if wanted.context is not None else None,
    )
    return redact_input(_found(checked, store, here or Path.cwd()), store.redactor)


def _found(wanted: Wanted, store: RunStore, here: Path) -> Input:
    data = wanted.data
    if isinstance(data, (str, os.PathLike)):
        text = os.fsdecode(data)
        if _URL.match(text) and not text.lower().startswith("file://"):
            from gittrack.tracking.inputs_remote import remote_input

            return remote_input(text, wanted, store)
        return _local(_path_of(text, here), text, wanted, store)
    from gittrack.tracking.inputs_data import data_input

    return data_input(wanted, store)


def _path_of(text: str, here: Path) -> Path:
    if text.lower().startswith("file://"):
        from urllib.request import url2pathname

        text = url2pathname(urlsplit(text).path)
    path = Path(os.path.normpath(here / text))
    try:
        known = path.is_file() or path.is_dir()
        there = known or path.exists()
    except (OSError, ValueError):  # longer than any path, or with a NUL
        known = there = False
    if not known:
        msg = f"{'not a file or folder' if there else 'no such file'}: {text[:200]}"
        raise InvalidValue(msg, hint=f"a relative path starts at {here}")
    return path


def _local(path: Path, given: str, wanted: Wanted, store: RunStore) -> Input:
    folder = path.is_dir()
    objects = store.objects
    if wanted.keep:
        stored = objects.put_directory(path) if folder else objects.put_file(path)
    else:
        seen = Seen(objects.root / "seen")
        stored = _digest_of_folder(path, seen) if folder else _digest_of_file(path, seen)
    return Input(
        name=wanted.name or _name_of(given, path),
        uri=uri_of(path, store),
        sha256=stored.sha256,
        size=stored.size,
        kind="directory" if folder else "file",
        context=wanted.context,
        kept=wanted.keep,
    )


def uri_of(path: Path, store: RunStore) -> str:
    """Where a file is: relative to the top of the code's work tree with `/`, else as `file://…`."""
    top = store.code.place.work_tree if store.code is not None else None
    for one in (path, path.resolve()):
        if top is not None and one.is_relative_to(top):
            return one.relative_to(top).as_posix()
    return unquote(path.as_uri(), errors="replace")


def _name_of(given: str, path: Path) -> str:
    """As it was written, where that is a path below the current folder; else its last part."""
    written = PurePath(given)
    plain = not written.is_absolute() and ".." not in written.parts and "://" not in given
    name = written.as_posix() if plain and written.parts else path.name or path.as_posix()
    printable = "".join(one if one.isprintable() else "?" for one in name)
    return printable[-_NAME:]


def _digest_of_file(path: Path, seen: Seen) -> Stored:
    for _ in range(_TRIES):
        with path.open("rb") as file:
            before = Identity.of(file)
            settled = before.settled()
            known = seen.digest(before)
            if known is not None:
                return Stored(known, before.size)
            found = digest_of(file)
            if before.same_content(Identity.of(file)):
                if settled:
                    seen.note(before, found.sha256)
                return found
    msg = f"{path} is being written"
    raise FileChanged(msg, hint="log it when its writer is done")


def _digest_of_folder(folder: Path, seen: Seen) -> Stored:
    """The digest of the manifest that the folder would have in the artifact store."""
    from concurrent.futures import ThreadPoolExecutor

    def member(path: Path) -> Member:
        name = path.relative_to(folder).as_posix().encode(errors="replace").decode()
        return Member(name, *_digest_of_file(path, seen))

    with ThreadPoolExecutor(min(_JOBS, os.cpu_count() or 1), "gittrack-hash") as pool:
        members = list(pool.map(member, files_below(folder)))
    import hashlib

    return Stored(hashlib.sha256(encode(members)).hexdigest(), sum(one.size for one in members))
