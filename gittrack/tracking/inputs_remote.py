"""URLs as inputs: recorded by what their store says of them, without a download unless they are kept."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from gittrack.artifacts.failures import MissingDriver, translated
from gittrack.artifacts.urls import extra_for, parse
from gittrack.core.errors import GitTrackError, InvalidValue
from gittrack.core.records import Input
from gittrack.core.redact_run import redact_input

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.artifacts.drivers.facts import Facts
    from gittrack.artifacts.urls import StoreUrl
    from gittrack.store.runs import RunStore
    from gittrack.tracking.inputs import Wanted

_NAME = 250  # characters
_WEB = ("http://", "https://")


class _Asked(NamedTuple):
    """A URL to look at, and to download where a path is given; `shown` stands for it in messages."""

    url: str
    shown: str
    target: Path | None
    options: Mapping[str, Any]


def remote_input(url: str, wanted: Wanted, store: RunStore) -> Input:
    """What is recorded of a URL.

    Raises:
        InvalidValue: it is none.
        GitTrackError: its store cannot be reached or refuses, or there is nothing.
        OSError: it cannot be kept.
    """
    bare = Input(wanted.name or _name_of(url), url, context=wanted.context)
    shown = redact_input(bare, store.redactor).uri
    if not url.isprintable() or "::" in url.partition("/")[0]:
        msg = f"not a URL: {shown[:200]!r}"
        raise InvalidValue(msg, hint="give a path, or a URL like s3://bucket/data.csv")
    sha256 = None
    with tempfile.TemporaryDirectory(prefix="gittrack-") as folder:
        target = Path(folder, "content") if wanted.keep else None
        facts = _facts(_Asked(url, shown, target, store.config.get("artifacts.options")))
        size = facts.size
        if target is not None:
            sha256, size = store.objects.put_file(target)
    return Input(
        bare.name,
        url,
        sha256,
        size,
        facts.version,
        kind="directory" if facts.folder else "file",
        context=wanted.context,
        kept=wanted.keep,
    )


def _name_of(url: str) -> str:
    """The last part of its path."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "url"
    name = unquote(parts.path.rstrip("/").rpartition("/")[2]) or parts.hostname or "url"
    return "".join(one if one.isprintable() else "?" for one in name)[-_NAME:]


def _facts(asked: _Asked) -> Facts:
    if asked.url.lower().startswith(_WEB):
        from gittrack.tracking import inputs_http

        if asked.target is not None:
            return inputs_http.download(asked.url, asked.target, asked.shown)
        return inputs_http.look(asked.url, asked.shown)
    try:
        return _of_store(parse(asked.url), asked)
    except FileNotFoundError:  # also ObjectMissing, whose hint is about artifacts
        msg = f"{asked.shown} is not there"
        raise GitTrackError(msg, hint="look at the address") from None


def _of_store(url: StoreUrl, asked: _Asked) -> Facts:
    from gittrack.artifacts.drivers.facts import FAMILIES, ObjectStore
    from gittrack.artifacts.options import check

    if url.family not in FAMILIES:
        return _of_files(url, asked)
    try:
        place = ObjectStore(url, check(url, asked.options))
    except ImportError as error:
        msg = f"no driver for {url.scheme}:// is installed ({error.name or error})"
        raise MissingDriver(msg, hint=f"pip install 'gittrack[{extra_for(url)}]'") from error
    with translated(asked.shown):
        facts = place.look()
        if asked.target is not None:
            place.download(asked.target)
    return facts


def _of_files(url: StoreUrl, asked: _Asked) -> Facts:
    """A store that knows size and time only."""
    from gittrack.artifacts.drivers.facts import facts_of, listing
    from gittrack.artifacts.remote import Remote

    def said(size: int, modified: int | None) -> Facts:
        return facts_of({"size": size, "modified": None if modified is None else modified / 1000})

    folder, _, name = url.text.rpartition("/") if url.path.strip("/") else (url.text, "", "")
    with Remote.open(folder, asked.options) as remote:
        found = remote.stat(name) if name else None
        if found is not None:
            if asked.target is not None:
                remote.get_file(name, asked.target)
            return said(found.size, found.modified)
        inside = [(one.name, said(one.size, one.modified)) for one in remote.list(name)]
    if not inside:
        raise FileNotFoundError(url.text)
    if asked.target is not None:
        msg = f"{asked.shown} is a folder, which is not kept"
        raise GitTrackError(msg, hint="download it first and log the local folder")
    return listing(iter(inside))
