"""Where the `git` command is, what it may see of the environment, and where a repository keeps things."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from gittrack.core.errors import GitMissing, NotARepository
from gittrack.core.value import dataclass

MINIMUM = (2, 30)
_KEEP = frozenset(
    {
        "GIT_ALLOW_PROTOCOL",
        "GIT_ASKPASS",
        "GIT_AUTHOR_EMAIL",
        "GIT_AUTHOR_NAME",
        "GIT_CEILING_DIRECTORIES",
        "GIT_COMMITTER_EMAIL",
        "GIT_COMMITTER_NAME",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_SYSTEM",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_EXEC_PATH",
        "GIT_HTTP_PROXY_AUTHMETHOD",
        "GIT_PROXY_SSL_CAINFO",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_SSH_VARIANT",
        "GIT_SSL_CAINFO",
        "GIT_SSL_NO_VERIFY",
        "GIT_TERMINAL_PROMPT",
    }
)
_KEEP_PREFIXES = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")
_OWN = {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
_QUESTIONS = (
    "--absolute-git-dir",
    "--git-common-dir",
    "--show-object-format",
    "--is-shallow-repository",
    "--is-inside-work-tree",
    "--show-toplevel",  # last: without a work tree Git stops here with an error
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a repository keeps its things.

    Attributes:
        git_dir: of this work tree.
        common_dir: shared by all linked work trees.
        work_tree: top of the work tree, None in a bare repository.
        object_format: `sha1` or `sha256`.
        shallow: whether history is cut off.
    """

    git_dir: Path
    common_dir: Path
    work_tree: Path | None
    object_format: str
    shallow: bool


def clean_environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """The environment for a Git command: the user's, without what would point it elsewhere."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in _KEEP or name.startswith(_KEEP_PREFIXES)
    }
    return kept | _OWN | (extra or {})


def find_place(start: Path) -> Place:
    """Ask Git about the repository that holds `start`.

    Raises:
        NotARepository: there is none, or Git refuses it.
        GitMissing: there is no usable `git` command.
    """
    try:
        done = subprocess.run(
            [executable(), "rev-parse", *_QUESTIONS],
            capture_output=True,
            check=False,
            env=clean_environment(),
            cwd=start,
        )
    except (NotADirectoryError, FileNotFoundError) as error:
        msg = f"no such folder: {start}"
        raise NotARepository(msg) from error
    lines = done.stdout.decode(errors="surrogateescape").splitlines()
    if len(lines) < len(_QUESTIONS) - 1:
        raise _no_repository(start, done.stderr.decode(errors="replace"))
    git_dir, common, object_format, shallow, inside, *top = lines
    return Place(
        git_dir=Path(git_dir),
        common_dir=Path(os.path.normpath(start.absolute() / common)),
        work_tree=Path(top[0]) if top and inside == "true" else None,
        object_format=object_format,
        shallow=shallow == "true",
    )


def executable() -> str:
    """The `git` command.

    Raises:
        GitMissing: there is none.
    """
    found = shutil.which("git")
    if found is None:
        msg = "there is no `git` command"
        raise GitMissing(msg, hint="install Git 2.30 or newer")
    return found


def version() -> tuple[int, ...]:
    """The version of the `git` command."""
    out = subprocess.run([executable(), "version"], capture_output=True, check=False).stdout.decode()
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", out)
    return tuple(int(part) for part in match.groups() if part) if match else (0,)


def check_version() -> None:
    """Make sure that the `git` command is new enough.

    Raises:
        GitMissing: it is not.
    """
    found = version()
    if found < MINIMUM:
        msg = f"git {'.'.join(map(str, found))} is too old"
        raise GitMissing(msg, hint=f"gittrack needs Git {'.'.join(map(str, MINIMUM))} or newer")


def _no_repository(start: Path, stderr: str) -> NotARepository:
    check_version()
    if "dubious ownership" in stderr:
        return NotARepository(
            f"Git does not trust the repository at {start}: it belongs to another user",
            hint=f"git config --global --add safe.directory {start}",
        )
    if "not a git repository" in stderr:
        return NotARepository(
            f"not a Git repository: {start}",
            hint="run `git init` here, or name a repository with --repo or GITTRACK_REPO",
        )
    reason = stderr.strip().removeprefix("fatal: ") or "Git gave no reason"
    return NotARepository(f"Git cannot use {start}: {reason}")
