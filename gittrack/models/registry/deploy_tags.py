"""An annotated tag for a promotion: what a pipeline waits for to deploy a model.

`model/NAME@ALIAS/N` with trailers that say all a pipeline needs::

    Gittrack-Model: churn
    Gittrack-Version: 3
    Gittrack-Alias: production
    Gittrack-Run: 20261124-…
    Gittrack-Digest: sha256:…

It stands at the commit of the code that made the model, so that the workflow of that code runs; at the
runs branch where that commit is not here. `git push origin TAG` triggers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from gittrack.core.errors import GitFailed, GitTrackError
from gittrack.store.commit import branch
from gittrack.store.plumbing.git import is_oid

if TYPE_CHECKING:
    from gittrack.store.plumbing.git import Git
    from gittrack.store.registry.records import Version
    from gittrack.store.runs import RunStore

_HINT = "set user.signingKey, and gpg.format for a key of SSH: docs/registry.md"


class CannotTag(GitTrackError):
    """The tag cannot be made or signed."""


class Tag(NamedTuple):
    """A tag that was made, and the repository that has it."""

    git: Git
    name: str

    def remove(self) -> None:
        """Take it away; nobody has seen it yet."""
        self.git.run("update-ref", "-d", f"refs/tags/{self.name}", check=False)


def make_tag(store: RunStore, version: Version, alias: str, *, sign: bool, message: str = "") -> Tag:
    """Tag a promotion.

    Args:
        store: of the runs.
        version: that is promoted.
        alias: that it gets.
        sign: sign it with the key of Git's configuration.
        message: why.

    Raises:
        CannotTag: Git cannot make it, or has no key.
    """
    git, commit = _place(store, version)
    name = next_name(git, version.name, alias)
    words = ["tag", "--annotate", "--cleanup=verbatim", "--file=-"]
    words += ["--sign"] if sign else ["--no-sign"]
    who, mail = git.identity()
    env = {"GIT_COMMITTER_NAME": who, "GIT_COMMITTER_EMAIL": mail}
    text = _text(version, alias, store.redactor.text(message))
    try:
        git.run(*words, "--", name, commit, stdin=text.encode(), env=env)
    except GitFailed as error:
        what = "signed" if sign else "made"
        reason = " ".join(error.stderr.split())[:300]
        msg = f"the tag {name} cannot be {what}: {reason}"
        raise CannotTag(msg, hint=_HINT if sign else None) from error
    return Tag(git, name)


def next_name(git: Git, name: str, alias: str) -> str:
    """The name of the next tag of an alias: `model/churn@production/3`."""
    top = f"model/{_word(name)}@{alias}"
    known = [ref.rpartition("/")[2] for ref in git.refs(f"refs/tags/{top}/")]
    return f"{top}/{max((int(one) for one in known if one.isdigit()), default=0) + 1}"


def _word(name: str) -> str:
    """A name as a part of a ref: git-check-ref-format(1)."""
    word = quote(name, safe="-_.").replace("~", "%7E")
    return re.sub(r"^\.|\.(?=\.|$)|\.(?=lock$)", "%2E", word)


def _place(store: RunStore, version: Version) -> tuple[Git, str]:
    """Where the tag goes: repository and commit."""
    commit = str(version.source.get("commit", ""))
    if is_oid(commit):
        for git in (store.code, store.git):
            if git is not None and not git.run("cat-file", "-e", f"{commit}^{{commit}}", check=False).status:
                return git, commit
    tip = branch.tip(store.git)
    if tip is None:
        msg = "unreachable: a version is on the branch"
        raise AssertionError(msg)
    return store.git, tip


def _text(version: Version, alias: str, message: str) -> str:
    trailers = {
        "Gittrack-Model": version.name,
        "Gittrack-Version": version.number,
        "Gittrack-Alias": alias,
        "Gittrack-Run": version.run_id,
        "Gittrack-Digest": f"sha256:{version.digest}",
    }
    lines = [f"{version.shown} is {alias}", ""]
    if message.strip():
        lines += [" ".join(message.split()), ""]
    return "\n".join([*lines, *(f"{key}: {value}" for key, value in trailers.items())]) + "\n"
