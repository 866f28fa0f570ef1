"""Every error that gittrack raises on purpose.

::

    GitTrackError                 an expected failure: exit status 1
      + InvalidValue              a key or value that cannot be tracked (also a ValueError)
      + UsageError                options that contradict each other: exit status 2
      x RepositoryError
        + NotARepository
        + GitMissing
        + GitFailed               a Git command failed; carries command and output
        + RefMoved                somebody else was faster; the caller reads again and retries
      x SelectionError
        + RunNotFound
        + AmbiguousRun
        + FilterError             carries the text and the position of the caret
      + MalformedFile             carries the path
      + RemoteError

A message says what is wrong in one line, without a full stop; a hint says what to do about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class GitTrackError(Exception):
    """An expected failure, with a hint for the person who reads it.

    Args:
        message: what is wrong, in one line.
        hint: what to do about it, in one line, or None.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidValue(GitTrackError, ValueError):
    """A key or value that cannot be tracked."""


class UsageError(GitTrackError):
    """Options or arguments that make no sense together."""

    exit_code = 2


class RepositoryError(GitTrackError):
    """Something is wrong with the Git repository."""


class NotARepository(RepositoryError):
    """There is no Git repository where one was looked for."""


class GitMissing(RepositoryError):
    """The `git` command is missing or older than 2.30."""


class GitFailed(RepositoryError):
    """A Git command failed.

    Attributes:
        command: the words of the command, `git` left out.
        stderr: what it printed.
        status: its exit status.
    """

    def __init__(self, command: Sequence[str], status: int, stderr: str, hint: str | None = None) -> None:
        last = stderr.strip().splitlines()[-1] if stderr.strip() else f"exit status {status}"
        super().__init__(f"git {command[0]} failed: {last}", hint)
        self.command = tuple(command)
        self.status = status
        self.stderr = stderr


class RefMoved(RepositoryError):
    """A ref is no longer where it was when it was read."""


class SelectionError(GitTrackError):
    """What was asked for does not name what it should."""


class RunNotFound(SelectionError):
    """No run matches."""


class AmbiguousRun(SelectionError):
    """More than one run matches."""


class FilterError(SelectionError):
    """A filter that does not parse.

    Attributes:
        text: the filter.
        position: offset of the offending character in `text`.
    """

    def __init__(self, message: str, text: str, position: int, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.text = text
        self.position = position


class MalformedFile(GitTrackError):
    """A file that cannot be read as what it should be.

    Attributes:
        path: the file.
    """

    def __init__(self, path: str, reason: str, hint: str | None = None) -> None:
        super().__init__(f"{path}: {reason}", hint)
        self.path = path
        self.reason = reason


class RemoteError(GitTrackError):
    """A remote repository refuses or cannot be reached."""


class GitTrackWarning(UserWarning):
    """Something went wrong that must not stop what the user is doing."""
