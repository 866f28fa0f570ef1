"""One comment of a pull request that later reports update.

A hidden HTML comment at its beginning names it. The text may come from a job that ran code of strangers, so
what would notify people, refer to issues, or fetch images is made inert before it is posted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from gittrack.core.errors import GitTrackError

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.ci.hosts import Host

State = Literal["created", "updated", "unchanged", "outdated"]
"""What became of a comment; `outdated` where the pull request has another head by now, or is closed."""

_MOST = 65_000  # characters; GitHub takes 65,536
_LARGEST = 4_000_000  # bytes that are read of a file
_MARKER = re.compile(r"<!-- gittrack:report:[A-Za-z0-9_.-]{1,60} -->", re.ASCII)
_DEFAULT = "<!-- gittrack:report:default -->"
_SPACE = "\u200b"
_REFERENCES = re.compile(
    r"(?<![\w&])[@#!](?=\w)|GH-(?=\d)|&(?:#0*(?:64|35|33)|#x0*(?:40|23|21)|commat|num|excl);", re.IGNORECASE
)
_IMAGES = re.compile(r"!(?=\[)|<(?=\s*(?:img|picture|source|video|audio|svg|iframe|a)\b)", re.IGNORECASE)
_CUT = "\n\n_The rest does not fit into a comment: the summary of the job has it._\n"


class Told(NamedTuple):
    """What a job left for the one that comments.

    Attributes:
        text: the report.
        number: of the pull request, None where it does not say.
    """

    text: str
    number: int | None


def read_report(path: Path) -> Told:
    """Read a report: a file, or a folder with `comment.md` and `pull-request`, which has the number.

    Raises:
        GitTrackError: it cannot be read, or the number is none.
    """
    try:
        if not path.is_dir():
            return Told(_text(path), None)
        number = _text(path / "pull-request").strip()
        text = _text(path / "comment.md")
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}"
        raise GitTrackError(msg) from error
    if not number.isascii() or not number.isdigit() or len(number) > 12:  # noqa: PLR2004  as large as they get
        msg = f"not the number of a pull request: {number[:40]!r}"
        raise GitTrackError(msg)
    return Told(text, int(number))


def post(host: Host, text: str, *, head: str | None = None) -> State:
    """Write the comment, or change the one that is there.

    Args:
        host: the pull request.
        text: the report.
        head: the commit that it is about: nothing is posted where the pull request has another by now.

    Raises:
        ApiError: the host refuses.
    """
    if head is not None and host.head() != head:
        return "outdated"
    body = inert(text)
    marker = body.split("\n", 1)[0]
    known = next((one for one in host.comments() if one.own and one.body.startswith(marker)), None)
    if known is None:
        host.create(body)
        return "created"
    if known.body.replace("\r\n", "\n").strip() == body.strip():
        return "unchanged"
    host.change(known, body)
    return "updated"


def inert(text: str) -> str:
    """The report with its marker first and short enough; mentions, references, images are text."""
    found = _MARKER.match(text)
    marker = found.group() if found else _DEFAULT
    rest = text[found.end() :] if found else "\n" + text
    rest = rest.replace("<!--", "&lt;!--")
    rest = _IMAGES.sub(lambda match: "&lt;" if match.group() == "<" else f"!{_SPACE}", rest)
    rest = _REFERENCES.sub(lambda match: match.group() + _SPACE, rest)
    body = marker + rest
    return body if len(body) <= _MOST else body[: _MOST - len(_CUT)] + _CUT


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_LARGEST).decode(errors="replace")
