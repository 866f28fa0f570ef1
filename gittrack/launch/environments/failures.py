"""What goes wrong with environments, and the messages of their tools made short."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError
from gittrack.core.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 400
_USERINFO = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<user>[^/@\s'\"]*)@")
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_ERROR = re.compile(r"^\s*(?:error|critical libmamba|ERROR|[×✗])\s*:?\s+(?P<text>\S.*)$")
_CAUSE = re.compile(r"^\s*(?:cause:|Caused by:|[├╰]─▶|│)\s*(?P<text>\S.*)$")
_HINT = re.compile(r"^\s*hint:\s*(?P<text>\S.*)$")
_BARE = re.compile(r"^(?:-+\s*)?\[?std(?:err|out)\]?:?$")


class EnvironmentFailed(GitTrackError):
    """An environment could not be made.

    Attributes:
        output: what the tool said, without credentials.
    """

    def __init__(self, message: str, hint: str | None = None, *, output: str = "") -> None:
        super().__init__(message, hint)
        self.output = output


class CannotSolve(EnvironmentFailed):
    """No set of packages meets what is asked for, or a package is nowhere to be had."""


class NoSuchPython(EnvironmentFailed):
    """The Python that is asked for is not there."""


class ToolMissing(EnvironmentFailed):
    """The program that makes such environments is not installed."""


def without_credentials(text: str) -> str:
    """Text with its URLs as they may be written down.

    User and password of HTTP go; the user of an SSH URL stays, its password goes. Tokens of known
    shapes go wherever they stand.
    """
    return Redactor().text(_USERINFO.sub(_without_user, text))


def _without_user(match: re.Match[str]) -> str:
    scheme, user = match["scheme"], match["user"].partition(":")[0]
    return scheme if "http" in scheme.lower() or not user else f"{scheme}{user}@"


def failed(
    tool: str, command: str, output: str, *, replace: dict[str, str] | None = None
) -> EnvironmentFailed:
    """The error for a failed command of a tool.

    Args:
        tool: its name, for the message.
        command: which of its commands.
        output: what it printed.
        replace: texts (names of our own temporary files) to what the reader knows them as.
    """
    text = without_credentials(_COLOURS.sub("", output))
    for ours, theirs in (replace or {}).items():
        text = text.replace(ours, theirs)
    message, hint = _parts(text.splitlines())
    kind = CannotSolve if _unsolvable(text) else EnvironmentFailed
    return kind(f"{tool} {command} failed: {message}", hint or _advice(text), output=text)


def _parts(lines: Sequence[str]) -> tuple[str, str | None]:
    """The message and the hint in the output of uv or a Conda tool."""
    message: list[str] = []
    hint = None
    for line in lines:
        match = _ERROR.match(line) if not message else _CAUSE.match(line)
        if match and not _BARE.match(match["text"]):
            message.append(match["text"].rstrip())
        elif _HINT.match(line) and hint is None:
            hint = _short(_HINT.sub(r"\g<text>", line))
    last = next((line.strip() for line in reversed(lines) if line.strip()), "no message")
    return _short(": ".join(message) or last), hint


def _short(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _unsolvable(text: str) -> bool:
    signs = (
        "No solution found",
        "unsatisfiable",
        "UnsatisfiableError",
        "nothing provides",
        "PackagesNotFound",
    )
    return any(
        sign in text for sign in (*signs, "Could not solve", "Cannot solve", "No candidates were found")
    )


def _advice(text: str) -> str | None:
    if "not found in the package registry" in text or "there is no version of" in text:
        return "check the name and version; packages of another index need its --index-url or UV_INDEX_URL"
    if _unsolvable(text):
        return "loosen one of the versions named, or ask for another Python version"
    if "error sending request" in text or "dns error" in text or "Connection refused" in text:
        return "check the network and the index URL; what is in uv's cache can be used with UV_OFFLINE=1"
    if "returned an error" in text or "Failed to build" in text:
        return (
            "it has to be built here: ask for a version with a wheel for this Python, or install a compiler"
        )
    return None
