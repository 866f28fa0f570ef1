"""Files that a project's `path` params downloaded: fetched again, verified, and named in the command.

The recorded command names them where they were, `<temporary folder>/gittrack-XXXXXXXX/param_<n>/<name>`, and
the inputs of the run say where they came from.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from gittrack.core.errors import GitTrackError
from gittrack.launch.projects.steps import CONTEXT
from gittrack.launch.reproduction.inputs import Found
from gittrack.tracking.inputs import Wanted, input_of

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Input, Run
    from gittrack.launch.projects.download import Downloads
    from gittrack.store.runs import RunStore

_PLACE = re.compile(
    r"(?P<folder>/(?:[^\s'\"=/]+/)*gittrack-[a-z0-9_]{8})/param_(?P<position>\d{1,4})\b", re.ASCII
)
_ELSEWHERE = re.compile(r"(?!file:)[A-Za-z][A-Za-z0-9+.-]+://|runs:/", re.ASCII)


class Fetched(NamedTuple):
    """A command whose downloaded files are here again.

    Attributes:
        words: of the command, with the new places.
        inputs: what became of each.
        missing: why it cannot be run again, one sentence each.
    """

    words: tuple[str, ...]
    inputs: tuple[Found, ...] = ()
    missing: tuple[str, ...] = ()


def downloaded(run: Run) -> tuple[Input, ...]:
    """The inputs of a run that its launcher downloaded."""
    if not any(_PLACE.search(word) for word in run.command):
        return ()
    return tuple(one for one in run.inputs if one.context == CONTEXT and _ELSEWHERE.match(one.uri))


def fetch(store: RunStore, run: Run, words: tuple[str, ...], downloads: Downloads | None) -> Fetched:
    """Bring them here.

    Args:
        store: of the run.
        run: the original.
        words: its command.
        downloads: where to; None to say only what would be fetched.
    """
    places = {int(match["position"]): match for word in words for match in _PLACE.finditer(word)}
    if not places:
        return Fetched(words)
    matched = _matched(sorted(places), downloaded(run), " ".join(words))
    if matched is None:
        return Fetched(words, (), ("the command uses a downloaded file that no input names",))
    found, moved = [], {}
    for position, used in matched.items():
        one = _again(store, used, position, downloads)
        found.append(one)
        if one.place is not None and downloads is not None:
            moved[position] = _parent(one.place, position)
    return Fetched(tuple(_renamed(word, moved) for word in words), tuple(found))


def _matched(positions: list[int], inputs: tuple[Input, ...], text: str) -> dict[int, Input] | None:
    """The input that each position holds: by the name of its file, else by their order."""
    named = {
        position: [one for one in inputs if f"param_{position}/{_name(one.uri)}" in text]
        for position in positions
    }
    if all(len(found) == 1 for found in named.values()):
        return {position: found[0] for position, found in named.items()}
    return dict(zip(positions, inputs, strict=True)) if len(positions) == len(inputs) else None


def _name(uri: str) -> str:
    path = urlsplit(uri).path if "://" in uri else uri
    return unquote(PurePosixPath(path.rstrip("/")).name) or "\0"


def _again(store: RunStore, used: Input, position: int, downloads: Downloads | None) -> Found:
    if downloads is None:
        return Found(used, "to be fetched", note=used.uri)
    try:
        path = downloads.fetch(used.uri, position)
        now = input_of(Wanted(str(path), name=used.name), store)
    except (GitTrackError, OSError) as error:
        return Found(used, "missing", note=f"{used.uri}: {error}")
    if used.sha256 is None:
        return Found(used, "not verified", path, note="its digest was not recorded")
    if now.sha256 != used.sha256:
        return Found(used, "changed", path, note=f"{used.uri} holds something else now")
    return Found(used, "fetched", path)


def _parent(path: Path, position: int) -> str:
    """The folder `…/param_<n>` that a download is in, or is."""
    name = f"param_{position}"
    return str(next(one for one in (path, *path.parents) if one.name == name))


def _renamed(word: str, moved: dict[int, str]) -> str:
    return _PLACE.sub(lambda match: moved.get(int(match["position"]), match.group()), word)
