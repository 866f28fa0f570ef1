"""Images of runs for a page that loads nothing: their bytes are in it, as far as there is room."""

from __future__ import annotations

import base64
import shlex
from typing import TYPE_CHECKING

from gittrack.report.document import Picture, Pictures
from gittrack.report.numbers import size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gittrack.core.records import Run
    from gittrack.query.changes.files import FileChange, FileSide
    from gittrack.query.changes.whole import Differences

    Read = Callable[[Run, str, str], bytes | None]

LARGEST = 2_000_000
"""Bytes of an image that is shown."""
WHOLE = 8_000_000
"""Bytes of all images of a page; base64 makes a third more of it."""
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
)
_HEAD = 4096


def side_by_side(found: Sequence[Differences], names: Sequence[str], read: Read) -> tuple[Pictures, ...]:
    """The images that differ, the first run's beside those of each other.

    Args:
        found: diffs that share their first run.
        names: of all runs, the first's first.
        read: gives the content of a path and digest of a run, None where it is not at hand.
    """
    shown = _Shown(read)
    changed = [{one.path: one for one in each.files if one.kind == "image"} for each in found]
    return tuple(
        Pictures(path, tuple(_sides(path, found, changed, names, shown)))
        for path in sorted({path for each in changed for path in each})
    )


def _sides(
    path: str,
    found: Sequence[Differences],
    changed: Sequence[dict[str, FileChange]],
    names: Sequence[str],
    shown: _Shown,
) -> Iterable[Picture]:
    first = next(each[path] for each in changed if path in each)
    yield shown.picture(names[0], found[0].before, path, first.before)
    for one, each, name in zip(found, changed, names[1:], strict=True):
        if path in each:
            yield shown.picture(name, one.after, path, each[path].after)
        else:
            yield Picture(name, "", f"the same as of {names[0]}")


class _Shown:
    """Images as addresses, until the page has enough of them."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._left = WHOLE

    def picture(self, label: str, run: Run, path: str, side: FileSide | None) -> Picture:
        if side is None:
            return Picture(label, "", "none")
        if side.size > LARGEST:
            return Picture(label, "", f"{size(side.size)}, images of up to {size(LARGEST)} are shown")
        if side.size > self._left:
            return Picture(label, "", f"{size(side.size)}, left out: a page has {size(WHOLE)} of images")
        data = self._read(run, path, side.sha256)
        if data is None:
            fetch = f"gittrack artifacts get {shlex.quote(run.id)} {shlex.quote(path)}"
            return Picture(label, "", f"not in this clone: {fetch}")
        return self._within(label, data)

    def _within(self, label: str, data: bytes) -> Picture:
        form = form_of(data)
        if form is None:
            return Picture(label, "", f"{size(len(data))}, neither PNG, JPEG, GIF, WebP nor SVG")
        if len(data) > min(LARGEST, self._left):  # longer than its record says
            return Picture(label, "", f"{size(len(data))}, left out")
        self._left -= len(data)
        source = f"data:image/{form};base64,{base64.b64encode(data).decode()}"
        return Picture(label, source, size(len(data)))


def form_of(data: bytes) -> str | None:
    """The subtype of `image/…` that some bytes are, None for what a page does not show.

    The bytes say it, not the name. SVG that declares entities is not shown: a few of them can stand for
    gigabytes.
    """
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return "svg+xml" if _is_svg(data) else None


def _is_svg(data: bytes) -> bool:
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"<") or b"<svg" not in head or b"\0" in data or b"<!ENTITY" in data:
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
