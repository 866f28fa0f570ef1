"""All about one run, as a page; pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from gittrack.query.plots.curve import sample
from gittrack.terminal import figures
from gittrack.terminal.history import happening_section
from gittrack.terminal.page import Section, facts
from gittrack.terminal.table import Cell, Column, Table
from gittrack.terminal.theme import DIM, KEY, STATUS, TITLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.core.records import Input, Run, Source
    from gittrack.core.series import Series
    from gittrack.query.history import Happening

_CURVE = 24


def page(
    run: Run,
    *,
    now: int,
    series: Sequence[Series] = (),
    environment: Mapping[str, Any] | None = None,
    edits: Sequence[Happening] = (),
    unicode: bool = True,
) -> list[Section]:
    """The page of a run.

    Args:
        run: the run.
        now: milliseconds since the epoch.
        series: its points, for small curves.
        environment: the document of `environment.yaml`.
        edits: what happened to it.
        unicode: whether marks and curves can be shown.
    """
    return [
        _head(run, now, unicode=unicode),
        Section("Note", lines=(Cell(run.note),) if run.note else ()),
        facts("Params", ((key, figures.value(value)) for key, value in run.params.items())),
        _metrics(run, series, unicode=unicode),
        facts("Tags", run.tags.items()),
        _code(run.source, run.id),
        facts("Environment", summary(environment or {})),
        _inputs(run),
        _artifacts(run),
        happening_section("History", edits),
    ]


def _head(run: Run, now: int, *, unicode: bool) -> Section:
    mark = f"{figures.MARKS.get(run.status, '?')} " if unicode else ""
    spent = run.duration_ms if run.end_time is not None else now - run.start_time
    ended = "" if run.end_time is None else f", ended {figures.moment(run.end_time)}"
    who = "@".join(one for one in (run.user, run.host) if one)
    pairs = [
        ("run", run.id),
        ("experiment", run.experiment),
        ("status", f"{mark}{run.status}{_how(run)}{' (removed)' if run.deleted else ''}"),
        ("started", f"{figures.moment(run.start_time)} ({figures.age(run.start_time, now)}){ended}"),
        ("duration", figures.duration(spent or 0)),
        ("command", shlex.join(run.command)),
        ("by", who),
        ("parent", run.parent_id or ""),
        ("attempts", str(run.attempt) if run.attempt > 1 else ""),
        ("peak memory", figures.size(run.peak_memory) if run.peak_memory else ""),
    ]
    section = facts(run.name or run.id, pairs)
    return _restyled(section, "status", STATUS.get(run.status, ""))


def _how(run: Run) -> str:
    if run.signal:
        return f", {run.signal}"
    return f", exit {run.exit_code}" if run.exit_code else ""


def _restyled(section: Section, key: str, style: str) -> Section:
    assert section.table is not None  # noqa: S101  made by `facts`
    keys, values = section.table.columns
    cells = [
        Cell(value.text, style) if name.text == key else value
        for name, value in zip(keys.cells, values.cells, strict=True)
    ]
    return Section(section.title, Table((keys, Column("value", cells, wrap=True))))


def _metrics(run: Run, series: Sequence[Series], *, unicode: bool) -> Section:
    names = list(run.metrics)
    first: dict[str, Series] = {}
    for one in sorted(series, key=lambda item: -item.rank):
        first[one.key] = one
    found = [run.metrics[name] for name in names]
    table = [
        Column("metric", [Cell(name, KEY) for name in names]),
        _numbers("last", [one.last for one in found], TITLE),
        _numbers("min", [one.min for one in found]),
        _numbers("max", [one.max for one in found]),
        Column("points", [Cell(str(one.count)) for one in found], right=True),
        Column("last step", [Cell(str(one.step)) for one in found], right=True, rank=2),
    ]
    if unicode and series:
        bars = [_bar(first[name]) if name in first else Cell("") for name in names]
        table.append(Column("", bars, rank=1))
    return Section("Metrics", Table(tuple(table)), header=True)


def _numbers(title: str, values: Sequence[float], style: str = "") -> Column:
    return Column(title, [Cell(figures.number(value, 5), style) for value in values], right=True)


def _bar(one: Series) -> Cell:
    return Cell(figures.sparkline(sample(one.effective().values, _CURVE)), KEY) if len(one) > 1 else Cell("")


def _code(source: Source, run_id: str) -> Section:
    if source.missing and not source.commit:
        return facts("Code", [("not recorded", source.missing)])
    clean = source.commit if source.snapshot in {None, source.commit} else None
    state = f"{source.commit or 'no commit'}{', with uncommitted changes' if source.dirty else ''}"
    held = source.snapshot or clean
    pairs = [
        ("commit", state if source.commit or source.dirty else ""),
        ("snapshot", source.snapshot if source.snapshot and source.snapshot != source.commit else ""),
        ("branch", source.branch or ""),
        ("remote", source.remote or ""),
        ("directory", source.directory if source.directory not in {None, "."} else ""),
        ("no snapshot", source.missing or ""),
        ("get it", f"git worktree add ../{figures.tail(run_id)} {held}" if held else ""),
    ]
    left = [("left out", f"{path}: {reason}") for path, reason in source.left_out.items()]
    return facts("Code", [(key, value or "") for key, value in [*pairs, *left]])


def summary(environment: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The telling part of an environment: one line each of what it has, packages counted."""
    pairs = []
    for key, value in environment.items():
        if key == "schema" or not value:
            continue
        if key == "packages":
            pairs.append(("packages", f"{len(value)} installed, see --environment"))
        elif isinstance(value, dict):
            pairs.append(
                (key, ", ".join(f"{name} {figures.value(item)}" for name, item in value.items())[:300])
            )
        else:
            pairs.append((key, figures.value(value)[:300]))
    return pairs


def _inputs(run: Run) -> Section:
    return facts("Inputs", ((one.name, _used(one)) for one in run.inputs))


def _used(one: Input) -> str:
    """Where it was and what it held: digest, else what its store said; shape and use where known."""
    shape = "x".join(map(str, one.shape))
    parts = (one.uri, (one.sha256 or "")[:12] or one.version, shape, one.context, "kept" if one.kept else "")
    return " ".join(part for part in parts if part)


def _artifacts(run: Run) -> Section:
    ends = {"directory": "/", "file": ""}
    table = Table(
        (
            Column("path", [Cell(one.path + ends.get(one.kind, ""), KEY) for one in run.artifacts]),
            Column("size", [Cell(figures.size(one.size)) for one in run.artifacts], right=True),
            Column("sha256", [Cell(one.sha256[:12], DIM) for one in run.artifacts], rank=1),
        )
    )
    return Section("Artifacts", table)
