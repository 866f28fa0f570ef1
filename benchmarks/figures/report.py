"""`gittrack report` of 1,000 runs as HTML and as Markdown, and `gittrack check` of them: whole processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.measure import median_spent, spend
from harness.results import Measured
from harness.synthetic_store import filled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.context import Context

_RUNS = 1300  # of which 1,000 and some finished
_WELL = "metrics.acc IS NOT NAN and tags.team"
_ASKED = ("--group", f"{_WELL} = 'vision'", "--base", f"{_WELL} = 'nlp'")


def measure(context: Context) -> Iterator[Measured]:
    """Times, the size of the page, and whether two of them are the same."""
    tool = context.ours
    if tool is None:
        return
    repository, env, command = filled(context, _RUNS), tool.environ(context.home), tool.script("gittrack")
    (repository / "gittrack.yaml").write_text("metrics: {acc: max}\n")
    pages = [context.scratch / f"report-{number}.html" for number in range(2)]
    words: list[str | Path] = [command, "report", *_ASKED]
    note = "1,000 finished runs"
    page = median_spent([*words, "-o", str(pages[0])], repository, env, context.times(5))
    yield Measured("report as HTML", tool.name, page.wall, "s", "<= 3", note)
    yield Measured("size of that page", tool.name, pages[0].stat().st_size / 1e6, "MB", "<= 5", note)
    spend([*words, "-o", str(pages[1])], repository, env)
    same = float(pages[0].read_bytes() == pages[1].read_bytes())
    yield Measured("two such pages are the same", tool.name, same, "", ">= 1", note)
    text = median_spent([*words, "--budget", "comment"], repository, env, context.times(5))
    yield Measured("report as Markdown", tool.name, text.wall, "s", "", note)
    checked = median_spent([command, "check", *_ASKED, "--json"], repository, env, context.times(5))
    yield Measured("check", tool.name, checked.wall, "s", "", note)
