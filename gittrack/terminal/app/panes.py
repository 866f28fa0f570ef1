"""What the panes say of the chosen runs, as lines. Each is a function of a view; they run in a thread."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError, RunNotFound
from gittrack.core.text import dump, dump_json
from gittrack.query.changes.code import code_diff
from gittrack.query.compare.side_by_side import compare
from gittrack.query.history import history
from gittrack.terminal.app.artifacts import artifacts, content_of
from gittrack.terminal.app.curves import curves, system
from gittrack.terminal.app.view import paragraphs, said
from gittrack.terminal.compare_table import heading, table
from gittrack.terminal.history import happening_section
from gittrack.terminal.page import Section, facts
from gittrack.terminal.show_page import page
from gittrack.terminal.table import Cell, Column, Table
from gittrack.terminal.theme import ADDED, CHANGED, REMOVED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.strip import Strip

    from gittrack.core.records import Run
    from gittrack.terminal.app.view import View

OUTPUT = "output.log"
_LAST_LINES = 5000
_MOST_COMPARED = 20
_COLOURS = re.compile("\x1b\\[[0-9;]{0,40}m")
_DIFF_STYLES = (
    ("+++", "bold"),
    ("---", "bold"),
    ("+", ADDED),
    ("-", REMOVED),
    ("@@", "cyan"),
    ("diff ", "bold"),
)


def overview(view: View) -> list[Strip]:
    """All about the run."""
    return view.page(
        page(view.run, now=view.now, series=view.material.series(view.run), unicode=view.unicode)
    )


def params(view: View) -> list[Strip]:
    """What differs between the chosen runs; of one run, its params."""
    if len(view.runs) == 1:
        from gittrack.terminal.figures import value

        found = [(key, value(one)) for key, one in view.run.params.items()]
        note = said("mark several runs to see what differs between them", "dim")
        return [*view.page([facts("Params", found)]), said(""), note]
    runs = view.runs[:_MOST_COMPARED]
    compared = compare(runs, view.rules).differing()
    if not compared.rows:
        return [said("nothing differs", "dim")]
    rows = len(runs) > max(2, view.width // 24)
    return view.table(table(compared, rows=rows, best=" *"))


def code(view: View) -> list[Strip]:
    """The difference between the code of two runs; of one run, what was not committed."""
    if len(view.runs) == 1:
        run = view.run
        if run.source.snapshot is None or run.source.snapshot == run.source.commit:
            return view.page(
                [facts("Code", _source(run)), Section("", lines=(Cell("nothing uncommitted", "dim"),))]
            )
        before = replace(run, source=replace(run.source, snapshot=run.source.commit))
        return [said(f"{heading(run)}: uncommitted changes", "bold"), *_code_lines(view, before, run)]
    before, after = view.runs[:2]
    return [said(f"{heading(before)} → {heading(after)}", "bold"), *_code_lines(view, before, after)]


def _source(run: Run) -> list[tuple[str, str]]:
    source = run.source
    return [
        ("commit", source.commit or ""),
        ("branch", source.branch or ""),
        ("remote", source.remote or ""),
        ("not recorded", source.missing or ""),
    ]


def _code_lines(view: View, before: Run, after: Run) -> list[Strip]:
    found = code_diff(view.store, before, after, width=view.width)
    if found.missing is not None:
        return [said(found.missing, "dim")]
    return [said(line, _diff_style(line)) for line in found.text.splitlines()] or [
        said("the same code", "dim")
    ]


def _diff_style(line: str) -> str:
    return next((style for sign, style in _DIFF_STYLES if line.startswith(sign)), "")


def environment(view: View) -> list[Strip]:
    """What differs between the environments of two runs; of one run, its environment."""
    documents = [view.material.environment(run) for run in view.runs[:2]]
    if len(documents) == 1:
        if not documents[0]:
            return [said("no environment was recorded", "dim")]
        return paragraphs(dump(documents[0]).decode(), view.width)
    before, after = (_flat(document) for document in documents)
    changed = [key for key in sorted(before.keys() | after.keys()) if before.get(key) != after.get(key)]
    head = said(f"{heading(view.runs[0])} → {heading(view.runs[1])}", "bold")
    if not changed:
        return [head, said("nothing differs" if before else "no environment was recorded", "dim")]
    return [head, *view.table(_changes(changed, before, after), header=False)]


def _changes(keys: Sequence[str], before: Mapping[str, str], after: Mapping[str, str]) -> Table:
    styles = [ADDED if key not in before else REMOVED if key not in after else CHANGED for key in keys]
    return Table(
        (
            Column("key", [Cell(key, style) for key, style in zip(keys, styles, strict=True)]),
            Column("before", [Cell(before.get(key, "")) for key in keys], wrap=True),
            Column("", [Cell("→") for _ in keys]),
            Column("after", [Cell(after.get(key, "")) for key in keys], wrap=True),
        )
    )


def _flat(document: Any, prefix: str = "") -> dict[str, str]:  # noqa: ANN401  a JSON value
    """A document as dotted names and texts."""
    if isinstance(document, dict):
        found: dict[str, str] = {}
        for key, value in document.items():
            found |= _flat(value, f"{prefix}.{key}" if prefix else str(key))
        return found
    text = document if isinstance(document, str) else dump_json(document).decode()
    return {prefix: text}


def output(view: View) -> list[Strip]:
    """The end of what the run printed, as plain text; of a line that was written over, what stood last."""
    data = _output(view)
    if isinstance(data, str):
        return [said(data, "dim")]
    lines = _COLOURS.sub("", data.decode(errors="replace")).split("\n")
    if lines and not lines[-1]:
        lines.pop()
    shown = [said(one.rstrip("\r").rpartition("\r")[2]) for one in lines[-_LAST_LINES:]]
    left = len(lines) - len(shown)
    return [
        *([said(f"{left:,} earlier lines: gittrack show --output {view.run.id}", "dim")] * bool(left)),
        *shown,
    ]


def _output(view: View) -> bytes | str:
    """What was printed, or why it cannot be shown."""
    live = view.store.live_directory(view.run.id) / OUTPUT
    if live.is_file():
        return live.read_bytes()
    found = next((one for one in view.run.artifacts if one.path == OUTPUT), None)
    if found is None:
        return "no output was captured: `gittrack run -- CMD` does"
    data = content_of(view, found.path, found.sha256)
    return "the output is not in this clone: `gittrack pull` fetches it" if data is None else data


def notes(view: View) -> list[Strip]:
    """Note, tags and history of the run."""
    run = view.run
    lines = paragraphs(run.note, view.width) if run.note else [said("no note; n writes one", "dim")]
    sections = [
        facts("Tags", [(key, text) for key, text in run.tags.items() if not key.startswith("gittrack.")]),
        happening_section("History", _happenings(view)),
    ]
    return [said(heading(run), "bold"), *lines, said(""), *view.page(sections)]


def _happenings(view: View) -> list[Any]:
    try:
        known = view.store.committed(view.run.id)
    except RunNotFound:
        return list(history(view.run, ()))
    return list(history(known.first, known.edits, [attempt.run for attempt in known.attempts]))


_MAKERS: tuple[Callable[[View], list[Strip]], ...] = (
    overview,
    curves,
    params,
    code,
    environment,
    system,
    output,
    artifacts,
    notes,
)


def made(pane: int, view: View) -> list[Strip]:
    """The lines of a pane; what cannot be read is said in it."""
    try:
        return _MAKERS[pane](view)
    except GitTrackError as error:
        hint = [said(error.hint, "dim")] if error.hint else []
        return [said(error.message, "red"), *hint]
    except OSError as error:
        return [said(f"cannot be read: {error}", "red")]
