"""The pane of artifacts: the list, and a preview of text, tables and images."""

from __future__ import annotations

import csv
import io
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError
from gittrack.core.text import load_json
from gittrack.store.kept.listing import Listed, listing
from gittrack.store.kept.places import Kept
from gittrack.terminal import artifacts as artifact_table
from gittrack.terminal.app.picture import picture
from gittrack.terminal.app.view import paragraphs, said
from gittrack.terminal.figures import size
from gittrack.terminal.table import Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.strip import Strip

    from gittrack.terminal.app.view import View

_LARGEST = 4_000_000  # bytes of a preview
_ROWS, _COLUMNS = 500, 30
_IMAGES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".ico"})
_TABLES = {".csv": ",", ".tsv": "\t"}
HEAD = 2
"""Lines above the first artifact in the list."""


def listed(view: View) -> list[Listed]:
    """The artifacts of the run; of a manifest that cannot be read nothing."""
    return listing(Kept(view.store), view.run)


def artifacts(view: View) -> list[Strip]:
    """The list, or the preview of one."""
    if not view.run.artifacts and not view.run.inputs:
        return [said("no artifact was logged", "dim")]
    if view.artifact is not None:
        return preview(view, view.artifact)
    found = listed(view)
    if not found:
        return [said("no artifact was logged", "dim")]
    head = said("up, down and enter, or a click, show one", "dim")
    return [head, *view.table(artifact_table.table(found, short=True))]


def preview(view: View, path: str) -> list[Strip]:
    """What is in an artifact, as far as it can be shown."""
    one = next((item for item in listed(view) if item.path == path), None)
    if one is None:
        return [said(f"no artifact {path}", "dim")]
    head = [said(f"{path}   {size(one.size)}   escape goes back", "bold")]
    if one.kind == "directory":
        files = listing(Kept(view.store), view.run, path)
        return [*head, *view.table(artifact_table.table(files, short=True))]
    if one.size > _LARGEST:
        return [*head, said(f"too large to show: gittrack artifacts get {view.run.id} {path}", "dim")]
    data = content_of(view, path, one.sha256)
    if data is None:
        return [*head, said(f"not in this clone: gittrack artifacts get {view.run.id} {path}", "dim")]
    return [*head, *shown(view, path, data)]


def shown(view: View, path: str, data: bytes) -> list[Strip]:
    """Content as lines: a picture, a table, or text."""
    ending = PurePosixPath(path).suffix.lower()
    if ending in _IMAGES:
        return picture(data, view.width, max(4, view.height - 2), colours=view.colours and view.unicode)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _hexadecimal(data)
    if ending in _TABLES:
        rows = list(csv.reader(io.StringIO(text), delimiter=_TABLES[ending]))
        return _table(view, rows) or paragraphs(text, view.width)
    if ending == ".jsonl":
        return _records(view, text) or paragraphs(text, view.width)
    return paragraphs(text, view.width)


def content_of(view: View, path: str, sha256: str) -> bytes | None:
    """The content of an artifact where it is in this clone, None where it is not."""
    kept = Kept(view.store)
    file = kept.find(sha256)
    if file is not None:
        return file.read_bytes()
    try:
        oid = kept.beside(view.run.id).get(path)
    except GitTrackError:
        return None
    return view.store.git.read(oid) if oid is not None else None


def _table(view: View, rows: Sequence[Sequence[str]]) -> list[Strip]:
    if len(rows) < 2:  # noqa: PLR2004  titles and something below
        return []
    titles, body = rows[0][:_COLUMNS], rows[1 : _ROWS + 1]
    columns = []
    for place, title in enumerate(titles):
        cells = [Cell(row[place] if place < len(row) else "") for row in body]
        columns.append(Column(title, cells, right=all(_is_number(cell.text) for cell in cells), rank=place))
    left = len(rows) - 1 - len(body)
    more = [said(f"{left:,} more rows", "dim")] if left else []
    return [*view.table(Table(tuple(columns))), *more]


def _records(view: View, text: str) -> list[Strip]:
    try:
        found = [load_json(line.encode()) for line in text.splitlines()[:_ROWS] if line.strip()]
    except ValueError:
        return []
    if not found or not all(isinstance(one, dict) for one in found):
        return []
    titles = list(dict.fromkeys(key for one in found for key in one))
    rows = [titles, *([str(one.get(key, "")) for key in titles] for one in found)]
    return _table(view, rows)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return not text
    return True


def _hexadecimal(data: bytes) -> list[Strip]:
    lines = [said("binary", "dim")]
    for start in range(0, min(len(data), 16 * 200), 16):
        part = data[start : start + 16]
        text = "".join(chr(one) if 32 <= one < 127 else "." for one in part)  # noqa: PLR2004  what ASCII can show
        lines.append(said(f"{start:08x}  {part.hex(' '):<47}  {text}"))
    return lines
