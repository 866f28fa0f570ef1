"""Which remote the runs are shared through, and where its refs are kept here."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.errors import RemoteError
from gittrack.core.value import dataclass
from gittrack.store.locate import is_url

if TYPE_CHECKING:
    from gittrack.store.plumbing.git import Git

_USERINFO = re.compile(r"\b(?!ssh\b|git\+ssh\b)([a-z][a-z0-9+.-]*://)[^\s/@]+@", re.ASCII | re.IGNORECASE)
_PASSWORD = re.compile(r"\b([a-z][a-z0-9+.-]*://[^\s/@:]*):[^\s/@]*@", re.ASCII | re.IGNORECASE)
_SECRET = re.compile(r"([?&][^=\s&]*(?:token|key|secret|passw)[^=\s&]*=)[^\s&'\"]+", re.IGNORECASE)
_HINT = "add one with `git remote add origin URL`, or set `git config gittrack.runs.remote URL`"


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository to share runs through.

    Attributes:
        name: what Git is told: the name of a configured remote, or a URL.
        label: one path component that stands for it in refs of this repository.
        url: where it is, without credentials.
        named: whether `name` is the name of a configured remote.
    """

    name: str
    label: str
    url: str
    named: bool

    @property
    def heads(self) -> str:
        """Where its `refs/heads/gittrack/` are kept here."""
        return f"refs/remotes/{self.label}/gittrack/"

    @property
    def hidden(self) -> str:
        """Where its `refs/gittrack/` are kept here."""
        return f"refs/gittrack/remotes/{self.label}/"

    @property
    def shown(self) -> str:
        """For messages: `origin (https://example.org/x)`, or the URL alone."""
        return f"{self.name} ({self.url})" if self.named else self.url

    def local(self, ref: str) -> str:
        """Where a ref of the remote is kept here."""
        if ref.startswith("refs/heads/gittrack/"):
            return self.heads + ref.removeprefix("refs/heads/gittrack/")
        return self.hidden + ref.removeprefix("refs/gittrack/")


def without_credentials(text: str) -> str:
    """A text without the user names, passwords and tokens of the URLs in it."""
    return _SECRET.sub(r"\1***", _PASSWORD.sub(r"\1@", _USERINFO.sub(r"\1", text)))


def is_partial(git: Git) -> bool:
    """Whether the repository is a partial clone, which fetches what it lacks when it is asked for."""
    return any(
        key == "extensions.partialclone" or (key.startswith("remote.") and key.endswith(".promisor"))
        for key in git.config_all()
    )


class Fetched(NamedTuple):
    """What is known of a remote since the last fetch.

    Attributes:
        refs: ref on the remote to commit.
        problems: refs that are no commits, one line each.
    """

    refs: dict[str, str]
    problems: list[str]


def fetched(git: Git, remote: Remote) -> Fetched:
    """The refs of gittrack's that a remote has, as they were fetched."""
    places = ((remote.heads, "refs/heads/gittrack/"), (remote.hidden, "refs/gittrack/"))
    words = ("for-each-ref", "--format=%(objecttype) %(objectname) %(refname)", remote.heads, remote.hidden)
    found = Fetched({}, [])
    for line in git.run(*words).text.splitlines():
        kind, oid, ref = line.split(" ", 2)
        kept, home = next(pair for pair in places if ref.startswith(pair[0]))
        name = home + ref.removeprefix(kept)
        if kind == "commit":
            found.refs[name] = oid
        else:
            found.problems.append(f"{name} is not a commit: left alone")
    return found


def resolve(git: Git, wanted: str | None) -> Remote:
    """Find the remote.

    Args:
        git: the repository of the runs.
        wanted: name of a remote, a Git URL or a path; when None, the upstream remote of the current
            branch, else `origin`, else the only one.

    Raises:
        RemoteError: there is none, or not one of that name.
    """
    names = git.run("remote").text.splitlines()
    if wanted is not None:
        return _wanted(git, wanted, names)
    if not names:
        msg = "this repository has no remote"
        raise RemoteError(msg, hint=_HINT)
    chosen = (_upstream(git, names) if len(names) > 1 else None) or ("origin" if "origin" in names else None)
    if chosen is None and len(names) > 1:
        msg = f"there are {len(names)} remotes and none is named origin: {', '.join(sorted(names)[:5])}"
        raise RemoteError(msg, hint="name one, or set `git config gittrack.runs.remote NAME`")
    return _configured(git, chosen or names[0])


def _wanted(git: Git, wanted: str, names: list[str]) -> Remote:
    if wanted in names:
        return _configured(git, wanted)
    if wanted.startswith("-") or not wanted.isprintable() or not wanted.strip():
        msg = f"not a remote: {wanted[:80]!r}"
        raise RemoteError(msg, hint="name a remote (`git remote -v` lists them) or a Git URL")
    if not is_url(wanted) and "/" not in wanted and "\\" not in wanted:
        msg = f"no remote named {wanted}"
        raise RemoteError(msg, hint=f"there are: {', '.join(sorted(names))}" if names else _HINT)
    digest = hashlib.sha256(wanted.encode(errors="surrogateescape")).hexdigest()[:8]
    return Remote(wanted, f"gittrack-{digest}", without_credentials(wanted), named=False)


def _configured(git: Git, name: str) -> Remote:
    result = git.run("remote", "get-url", "--", name, check=False)
    return Remote(name, name, without_credentials(result.text or name), named=True)


def _upstream(git: Git, names: list[str]) -> str | None:
    head = git.run("symbolic-ref", "--quiet", "HEAD", check=False).text
    # Git folds the case of sections and variables, not that of the branch between them.
    values = git.config_all().get(f"branch.{head.removeprefix('refs/heads/')}.remote", [])
    return values[-1] if values and values[-1] in names else None
