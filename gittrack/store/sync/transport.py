"""Talking to a remote: one fetch, pushes that say what became of each ref, errors with a hint."""

from __future__ import annotations

import re
import sys
import threading
from typing import TYPE_CHECKING, Literal, NamedTuple

from gittrack.core.errors import RemoteError
from gittrack.store.plumbing.git import Result
from gittrack.store.plumbing.progress import relay
from gittrack.store.sync.remote import is_partial, without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.store.plumbing.git import Git
    from gittrack.store.plumbing.progress import Progress
    from gittrack.store.sync.remote import Remote

State = Literal["done", "raced", "refused"]
"""What became of a ref: the remote has it, somebody else was faster, or the host does not take it."""

_FETCH = (
    "fetch",
    "--refmap=",  # a mirror's own refspecs would overwrite the branch here
    "--no-tags",
    "--no-write-fetch-head",
    "--no-auto-gc",
    "--no-recurse-submodules",
    "--prune",
)
_PUSH = ("push", "--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no")
_LEAN = ("--depth=1", "--no-prune", "--filter=blob:limit=64k")  # what a list of runs reads is smaller
_WHOLE = "--depth=1000000000"  # unlike --unshallow, it leaves the history of other branches as it is
_LINE = re.compile(r"([ +\-*!=])\t([^\t]*):([^\t:]*)\t(.*)")
_RACES = (
    "fetch first",
    "non-fast-forward",
    "stale info",
    "failed to update ref",
    "cannot lock ref",
    "failed to lock",
    "incorrect old value",
    "already exists",
)


class _Trouble(NamedTuple):
    """A kind of failure: how Git says it, how we do, and what helps."""

    signs: tuple[str, ...]
    what: str
    hint: str


_TROUBLES = (
    _Trouble(
        (r"transport '.*' not allowed",),
        "is not allowed by Git",
        "use an https, ssh or file URL",
    ),
    _Trouble(
        (
            r"(authentication failed|terminal prompts disabled|invalid username|not authori[sz]ed)",
            r"(permission|access) denied",
            r"could not read (username|password)",
            r"returned error: 40[13]",
        ),
        "refuses access",
        "check that `git ls-remote` works there: a credential helper or an ssh key is missing",
    ),
    _Trouble(
        (r"mismatched algorithms|object format|hash algorithm",),
        "uses another object format",
        "a SHA-1 and a SHA-256 repository cannot exchange runs: use a remote of the same format",
    ),
    _Trouble(
        (
            r"does not appear to be a git repo",
            r"(not a git|no such) repo",
            r"(repository|project) .*not.* found|repository not found",
            r"does not exist",
            r"returned error: 404",
        ),
        "is not a Git repository",
        "create it there first, or correct its URL: `git remote -v` shows it",
    ),
    _Trouble(
        (
            r"could not (resolve|connect)|unable to (access|connect|find|look up)",
            r"connection (refused|timed out|reset|closed)|timed out|unreachable",
            r"hung up|early eof",
        ),
        "cannot be reached",
        "check the network and the URL; nothing is lost, try again later",
    ),
)


class Sent(NamedTuple):
    """What became of one ref that was pushed: its name on the remote, and the remote's words."""

    state: State
    reason: str


def fetch(
    git: Git,
    remote: Remote,
    refspecs: Sequence[str],
    *,
    deepen: bool = False,
    lean: bool = False,
    progress: Progress | None = None,
) -> None:
    """Fetch refs into the places that the refspecs name.

    Args:
        git: the repository.
        remote: where from.
        refspecs: with globs, so that a ref that is missing there is no failure.
        deepen: fetch the whole history of these refs into a shallow repository.
        lean: fetch their newest commits only and, of a remote with a name, no large files: Git fetches one
            when it is read.
        progress: called with what Git says.

    Raises:
        RemoteError: the remote is missing, unreachable, refuses, or is no repository.
    """
    extra: tuple[str, ...] = (_WHOLE,) if deepen else ()
    if lean:
        extra = _LEAN if remote.named else _LEAN[:2]
    elif is_partial(git):
        extra = (*extra, "--no-filter")  # runs are read at once: one by one on demand takes 32 ms each
    words = (*_FETCH, *extra, "--end-of-options", remote.name, *refspecs)
    result = _talk(git, words, progress)
    if result.status:
        raise failure(remote, result.err)


def push(
    git: Git,
    remote: Remote,
    refspecs: Sequence[str],
    *,
    leases: Sequence[str] = (),
    progress: Progress | None = None,
    env: Mapping[str, str] | None = None,
) -> dict[str, Sent]:
    """Push refs; what the remote does with one is no failure.

    Args:
        git: the repository.
        remote: where to.
        refspecs: as of `git push`.
        leases: `<ref>:<oid>`, for refs that may go only while they are there.
        progress: called with what Git says.
        env: variables to add.

    Returns:
        Name of the ref on the remote to what became of it.

    Raises:
        RemoteError: nothing could be pushed at all.
    """
    options = [f"--force-with-lease={lease}" for lease in leases]
    mirror = ("-c", f"remote.{remote.name}.mirror=false") if remote.named else ()
    words = (*mirror, *_PUSH, *options, "--end-of-options", remote.name, *refspecs)
    result = _talk(git, words, progress, env)
    sent = parse_porcelain(result.out.decode(errors="replace"))
    if not sent and result.status:
        raise failure(remote, result.err)
    details = result.err if any(one.state == "refused" for one in sent.values()) else ""
    return {ref: one._replace(reason=_explained(one, details)) for ref, one in sent.items()}


def parse_porcelain(text: str) -> dict[str, Sent]:
    """Read the output of `git push --porcelain`."""
    sent = {}
    for line in text.splitlines():
        if match := _LINE.fullmatch(line):
            flag, _, ref, summary = match.groups()
            sent[ref] = Sent(_state(flag, summary), without_credentials(summary))
    return sent


def failure(remote: Remote, stderr: str) -> RemoteError:
    """The error for what Git said when it could not talk to the remote."""
    text = stderr.lower()
    words = said(stderr)
    for trouble in _TROUBLES:
        if any(re.search(sign, text) for sign in trouble.signs):
            return RemoteError(f"{remote.shown} {trouble.what}: {words}", hint=trouble.hint)
    return RemoteError(f"{remote.shown} does not answer as expected: {words}", hint="nothing is lost here")


def said(stderr: str) -> str:
    """The line of Git's or the server's that tells most, without credentials."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    remote = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    own = [line for line in lines if line.startswith(("fatal:", "error:", "ERROR:"))]
    told = [line for line in remote if line and not line.lower().startswith(("resolving", "hint"))]
    found = (told or own or lines or ["no reason given"])[0]
    found = re.sub(r"^(fatal|error|ERROR): ", "", found)
    return without_credentials("".join(sign if sign.isprintable() else " " for sign in found))[:300].rstrip(
        "."
    )


def _state(flag: str, summary: str) -> State:
    if flag != "!":
        return "done"
    return "raced" if any(race in summary for race in _RACES) else "refused"


def _explained(one: Sent, details: str) -> str:
    """The summary, with what the server's hook printed."""
    lines = [line for line in details.splitlines() if line.startswith("remote:")]
    return f"{one.reason}: {said(chr(10).join(lines))}" if one.state == "refused" and lines else one.reason


def _talk(
    git: Git, words: Sequence[str], progress: Progress | None, more: Mapping[str, str] | None = None
) -> Result:
    # ssh and credential helpers may ask on a terminal; anywhere else a question would wait for ever.
    env = {} if sys.stdin is not None and sys.stdin.isatty() else {"GIT_TERMINAL_PROMPT": "0"}
    env |= more or {}
    if progress is None:
        return git.run(*words, env=env, check=False)
    at = next(place for place, word in enumerate(words) if word in {"fetch", "push"}) + 1
    process = git.popen(*words[:at], "--progress", *words[at:], env=env)
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    if stdin is None or stdout is None or stderr is None:
        msg = "unreachable: all three are pipes"
        raise AssertionError(msg)
    out: list[bytes] = []
    reader = threading.Thread(target=lambda: out.append(stdout.read()))
    reader.start()
    try:
        stdin.close()
        errors = relay(stderr, progress)
    except BaseException:
        process.kill()
        raise
    finally:
        process.wait()
        reader.join()
        stdout.close()
        stderr.close()
    return Result(b"".join(out), errors, process.returncode)
