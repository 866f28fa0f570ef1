"""Workflow files for hosts: rendered, written into a work tree, committed to the runs branch."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Literal, NamedTuple

from gittrack.core.errors import GitTrackError, InvalidValue
from gittrack.core.files import write_atomic
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.plumbing.git import RUNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gittrack.store.runs import RunStore

Name = Literal["github", "gitlab"]
_PINS = {
    "@CHECKOUT@": "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0",
    "@SETUP_PYTHON@": "actions/setup-python@e797f83bcb11b83ae66e0230d6156d7c80228e7c # v6.0.0",
    "@UPLOAD@": "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2",
    "@DOWNLOAD@": "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0",
}
_FILES: Mapping[Name, Mapping[str, str]] = {
    "github": {
        ".github/workflows/gittrack-report.yml": "github-report.yml",
        ".github/workflows/gittrack-comment.yml": "github-comment.yml",
        ".github/workflows/gittrack-reproduce.yml": "github-reproduce.yml",
    },
    "gitlab": {".gitlab/gittrack.gitlab-ci.yml": "gitlab.yml"},
}
_RUNS_WORKFLOW = ".github/workflows/gittrack-runs.yml"
_ATTRIBUTES = (
    "* -text",
    ".runs/**/metrics.jsonl linguist-generated",
    ".runs/**/environment.yaml linguist-generated",
)
_OWNERS = """\
# Who must approve pull requests into this branch. GitHub reads the file of the branch that they go to.
.runs/ {owners}
.models/ {owners}
/.github/ {owners}
"""


class Written(NamedTuple):
    """What was written.

    Attributes:
        paths: of the files, from the top of the tree.
        present: those that were there already as they are.
    """

    paths: tuple[str, ...]
    present: tuple[str, ...]


def files_for(host: Name) -> dict[str, str]:
    """Path to content of the files for the branch of the code."""
    return {path: _rendered(template) for path, template in _FILES[host].items()}


def files_for_runs_branch(
    owners: Sequence[str] = (), known: Mapping[str, bytes] | None = None
) -> dict[str, str]:
    """Path to content of the files for the runs branch.

    Args:
        owners: users, teams (`@org/team`) or addresses for CODEOWNERS; without any it is left out.
        known: what is there; lines of its `.gitattributes` are kept.

    Raises:
        InvalidValue: an owner is none.
    """
    for owner in owners:
        if not owner.isprintable() or "@" not in owner or any(sign in owner for sign in " #\t"):
            msg = f"not an owner: {owner[:80]!r}"
            raise InvalidValue(msg, hint="write @user, @org/team or an address")
    files = {_RUNS_WORKFLOW: _rendered("github-runs.yml"), ".gitattributes": _attributes(known or {})}
    if owners:
        files[".github/CODEOWNERS"] = _OWNERS.format(owners=" ".join(owners))
    return files


def write(folder: Path, host: Name, *, force: bool = False) -> Written:
    """Write the files into a work tree; they are not committed.

    Args:
        folder: the top of it.
        host: which ones.
        force: overwrite files that differ.

    Raises:
        GitTrackError: one that differs is there, or cannot be written; nothing is written then.
    """
    files = files_for(host)
    present = [path for path, text in files.items() if _read(folder / path) == text.encode()]
    differing = [path for path in files if path not in present and (folder / path).exists()]
    _refuse(differing, force=force)
    for path, text in files.items():
        if path not in present:
            _write(folder / path, text)
    return Written(tuple(path for path in files if path not in present), tuple(present))


def write_to_runs_branch(store: RunStore, owners: Sequence[str] = (), *, force: bool = False) -> Written:
    """Commit the files to the runs branch of this clone; a push takes them along.

    Args:
        store: whose branch.
        owners: for CODEOWNERS.
        force: overwrite files that differ.

    Raises:
        GitTrackError: one that differs is there.
        GitFailed: Git cannot write.
    """
    git = store.git.on(RUNS)
    tip = branch.start(git)
    attributes = git.read(f"{tip}:.gitattributes")
    files = files_for_runs_branch(owners, {".gitattributes": attributes} if attributes else {})
    there = {path: git.read(f"{tip}:{path}") for path in files}
    present = [path for path, text in files.items() if there[path] == text.encode()]
    differing = [
        path
        for path, content in there.items()
        if content is not None and path not in present and path != ".gitattributes"
    ]
    _refuse(differing, force=force)
    wanted = {path: text.encode() for path, text in files.items() if path not in present}
    if wanted:
        branch.submit(git, Changes("gittrack: checks of pull requests into this branch", wanted))
    return Written(tuple(wanted), tuple(present))


def _rendered(template: str) -> str:
    version = _version()
    text = resources.files("gittrack.ci").joinpath("templates", template).read_text(encoding="utf-8")
    for name, pin in _PINS.items():
        text = text.replace(name, pin)
    spec = f"=={version}" if version else ""
    text = text.replace("@GITTRACK_PROJECTS@", f"gittrack[projects]{spec}")
    return text.replace("@GITTRACK@", f"gittrack{spec}").replace("@VERSION@", version or "unknown")


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("gittrack")
    except metadata.PackageNotFoundError:
        return ""


def _attributes(known: Mapping[str, bytes]) -> str:
    lines = known.get(".gitattributes", b"").decode(errors="replace").splitlines()
    return "\n".join([*lines, *(line for line in _ATTRIBUTES if line not in lines)]) + "\n"


def _refuse(paths: Sequence[str], *, force: bool) -> None:
    if paths and not force:
        msg = f"{paths[0]} is there and differs"
        raise GitTrackError(msg, hint="--print shows what would be written, --force overwrites it")


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, text.encode())
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror}"
        raise GitTrackError(msg) from error
