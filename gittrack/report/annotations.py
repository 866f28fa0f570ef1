"""Failed gates as workflow commands, which GitHub shows beside the changed code; pure.

GitHub shows ten errors of a step and hides the rest without a word. Escapes: `%`, CR and LF as `%25`, `%0D`
and `%0A`; in properties `:` and `,` too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.report.escape import clipped

if TYPE_CHECKING:
    from gittrack.query.review.review import Review

MOST = 10


def annotations_of(review: Review) -> list[str]:
    """At most ten lines `::error title=…::…`; the last one says how many more there are."""
    failed = review.failed
    shown = failed if len(failed) <= MOST else failed[: MOST - 1]
    lines = [_error(f"{one.metric}: gate failed", f"{one.text}: {one.reason}") for one in shown]
    if len(failed) > MOST:
        lines.append(_error("more gates failed", f"{len(failed) - len(shown)} more gates failed"))
    return lines


def _error(title: str, message: str) -> str:
    name = _message(title, 120).replace(":", "%3A").replace(",", "%2C")
    return f"::error title={name}::{_message(message, 500)}"


def _message(text: str, most: int) -> str:
    return clipped(text, most).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
