"""The forms of a report by name and by the suffix of a file; pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, get_args

from gittrack.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.query.review.curves import Curves
    from gittrack.query.review.review import Review
    from gittrack.report.markdown import Budget

Format = Literal["md", "html", "junit", "json", "openmetrics", "benchmark"]
FORMATS: tuple[Format, ...] = get_args(Format)
DRAWN: frozenset[Format] = frozenset({"md", "html"})
"""Those that show curves."""
_SUFFIXES: dict[str, Format] = {
    ".md": "md",
    ".markdown": "md",
    ".html": "html",
    ".htm": "html",
    ".xml": "junit",
    ".json": "json",
    ".txt": "openmetrics",
    ".prom": "openmetrics",
    ".om": "openmetrics",
}


def format_of(path: str) -> Format:
    """The form that the suffix of a file asks for; `….benchmark.json` is github-action-benchmark's.

    Raises:
        UsageError: none has that suffix.
    """
    lower = path.lower()
    if lower.endswith(".benchmark.json"):
        return "benchmark"
    found = next((form for suffix, form in _SUFFIXES.items() if lower.endswith(suffix)), None)
    if found is None:
        msg = f"no form of a report has the suffix of {path!r}"
        raise UsageError(msg, hint=f"there are {', '.join(_SUFFIXES)} and .benchmark.json, or give --format")
    return found


def rendered(
    review: Review,
    form: str,
    curves: Sequence[Curves] = (),
    *,
    budget: Budget = "summary",
    name: str = "default",
) -> str:
    """A review in a form; ends with a newline.

    Args:
        review: the values.
        form: one of `FORMATS`.
        curves: for those that show them.
        budget: how long Markdown may get.
        name: tells several reports of one pull request apart.

    Raises:
        UsageError: there is no such form.
    """
    if form not in FORMATS:
        msg = f"no form {form!r} of a report"
        raise UsageError(msg, hint=f"there are {', '.join(FORMATS)}")
    return _render(review, form, curves, budget, name)


def _render(review: Review, form: Format, curves: Sequence[Curves], budget: Budget, name: str) -> str:
    if form == "json":
        return json.dumps(review.as_json(), indent=1, ensure_ascii=True) + "\n"
    if form == "junit":
        from gittrack.report.junit import junit_of

        return junit_of(review)
    if form == "openmetrics":
        from gittrack.report.openmetrics import openmetrics_of

        return openmetrics_of(review)
    if form == "benchmark":
        from gittrack.report.benchmark import benchmark_of

        return benchmark_of(review)
    from gittrack.report.build import document

    built = document(review, curves, name=name)
    if form == "html":
        from gittrack.report.html import html_of

        return html_of(built)
    from gittrack.report.markdown import markdown_of

    return markdown_of(built, budget)
