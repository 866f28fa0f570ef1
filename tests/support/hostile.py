"""Text that wants to be more than text, and a review that is full of it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from gittrack.core.records import Artifact, Input, MetricSummary, Run, Source
from gittrack.query.review import changes
from gittrack.query.review.curves import Curves, bands_of
from gittrack.query.review.gates import all_gates, parse
from gittrack.query.review.metrics import rows_of
from gittrack.query.review.review import Review
from gittrack.query.review.values import CodeChange, Group
from tests.support.runs import START, series

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style></textarea><svg onload=alert(1)>",
    "<!-- gittrack:report:other -->",
    "--> <b>x</b>",
    "]]> <a href='https://evil.example'>x</a>",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "[a]: https://evil.example",
    "<https://evil.example>",
    "https://evil.example/a",
    "http://evil.example",
    "www.evil.example",
    "mail@evil.example",
    "mailto:mail@evil.example",
    "@octocat @org/team",
    "#1 org/repo#2 GH-3",
    ":tada:",
    "a | b || c",
    "a\\|b",
    "`code` ``x`` ```",
    "```\nfence\n```",
    "**bold** __x__ ~~y~~ *z* _w_",
    "$x^2$ $$y$$",
    "# heading",
    "1. one",
    "- [x] task",
    "> quote",
    "---",
    "===",
    "    indented",
    "line\nbreak\r\nand\rmore\u2028and\u2029more\x85",
    "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link",
    "\x00\x07\x08\x7f\x9b",
    "abc\u202edcba\u2066x\u2069",
    "\u200b\u200f\ufeff\u00ad",
    "שלום עולם",
    "&lt;b&gt; &amp; &#64;x",
    "%0A::error::x",
    "::error title=x::y",
    "##[error]x",
    '{"a": 1}',
    "\ud83d\ude00"[:0] + "😀👩‍👩‍👧",
    "\ud800",
    "x" * 5000,
    "|" * 400,
    "<" * 400,
    "',\";--",
    "style=display:none",
    "{{constructor.constructor('x')()}}",
    '%%{init: {}}%% title "x"\nline [1]',
)

hostile = st.one_of(
    st.sampled_from(HOSTILE),
    st.lists(st.sampled_from(HOSTILE), min_size=2, max_size=3).map(" ".join),
    st.text(st.characters(), max_size=30),
    st.text(st.sampled_from("<>&\"'`|*_[]()!#@:/\\~$-+=. \n\tawhtps1"), max_size=20),
)
"""Any text that may come from somebody else."""


def review_full_of(text: Callable[[], str]) -> Review:
    """A review in which each text that a run may hold is one that the caller gives."""
    before = tuple(_run(text, number) for number in range(2))
    after = tuple(_run(text, number + 2) for number in range(2))
    shared = {key: after[0].metrics[key] for key in after[0].metrics}
    before = tuple(replace(run, metrics={**run.metrics, **_moved(shared)}) for run in before)
    rules: dict[str, Any] = {"*": {"goal": "max"}}
    rows = rows_of(before, after, rules, on_data=(changes.DATA,))
    requirements = [parse("nothing >= baseline - 1"), parse("acc >= 9")]
    documents = {run.id: _environment(text) for run in (*before, *after)}
    return Review(
        Group(text(), "named", after, None, {text(): text()}),
        Group(text(), "asked for", before),
        "",
        changes.warnings_of(before, after, documents, [replace(after[0], status="failed")]),
        rows,
        all_gates(rows, requirements, compared=True),
        changes.changed(before, after, changes.params_of),
        CodeChange("1" * 40, "2" * 40, {text(): (1, 2), text(): None}),
        changes.changed(before, after, changes.environment_of(documents)),
        changes.changed(before, after, changes.data_of),
        changes.artifacts_of(before[0], after[0]),
        f"gittrack reproduce {after[0].id}",
        text(),
    )


def curves_full_of(text: Callable[[], str]) -> tuple[Curves, ...]:
    """Curves whose names and labels the caller gives."""
    points = [series("x", 1.0, 2.0, 1.5), series("x", 2.0, math.nan, 3.0)]
    return tuple(Curves(text(), bands_of([(text(), points), (text(), points[:1])])) for _ in range(2))


def _moved(metrics: Mapping[str, MetricSummary]) -> dict[str, MetricSummary]:
    return {key: replace(one, last=one.last + 1) for key, one in metrics.items()}


def _run(text: Callable[[], str], number: int) -> Run:
    metrics = {text(): MetricSummary(0.5 + number, 0, 0, 0.5, 0.5, 1) for _ in range(2)}
    return Run(
        id=f"20261124-04031{number}-abcdefg{number}",
        name=text(),
        experiment="default",
        status="finished",
        start_time=START,
        end_time=START + 1000,
        host=text(),
        note=text(),
        params={text(): text(), "seed": number, text(): {text(): [text()]}},
        metrics={**metrics, "acc": MetricSummary(0.5, 0, 0, 0.5, 0.5, 1)},
        source=Source(None, dirty=True),
        inputs=(Input(text(), text()), Input("same", text(), f"{number}" * 64)),
        artifacts=(Artifact(text(), "1" * 64, 1000),),
    )


def _environment(text: Callable[[], str]) -> dict[str, Any]:
    return {"python": {"version": text()}, "hardware": {"cpu": text()}, "packages": {text(): text()}}
