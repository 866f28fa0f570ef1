from __future__ import annotations

import pytest

from gittrack.core.errors import (
    FilterError,
    GitFailed,
    GitTrackError,
    InvalidValue,
    MalformedFile,
    UsageError,
)


def test_hint() -> None:
    """Message and hint are apart."""
    error = GitTrackError("it is wrong", hint="mend it")
    assert (str(error), error.message, error.hint, error.exit_code) == (
        "it is wrong",
        "it is wrong",
        "mend it",
        1,
    )


def test_exit_status_of_usage() -> None:
    """A misuse of the command line is 2."""
    assert UsageError("no").exit_code == 2


def test_invalid_value_is_a_value_error() -> None:
    """Code that expects Python's own error works."""
    assert isinstance(InvalidValue("no"), ValueError)


@pytest.mark.parametrize(
    ("stderr", "last"), [("warning: x\nfatal: y\n", "fatal: y"), (" \n", "exit status 128")]
)
def test_git_says_why_at_the_end(stderr: str, last: str) -> None:
    """The last line of its output, or its exit status."""
    error = GitFailed(["push", "origin"], 128, stderr)
    assert error.message == f"git push failed: {last}"
    assert (error.command, error.status, error.stderr) == (("push", "origin"), 128, stderr)


def test_malformed_file_has_its_path() -> None:
    """And the reason."""
    error = MalformedFile("run.yaml", "no id", hint="look")
    assert (error.path, error.reason, str(error), error.hint) == (
        "run.yaml",
        "no id",
        "run.yaml: no id",
        "look",
    )


def test_filter_error_has_the_place() -> None:
    """For the caret."""
    error = FilterError("no such word", "a like b", 2)
    assert (error.text, error.position) == ("a like b", 2)
