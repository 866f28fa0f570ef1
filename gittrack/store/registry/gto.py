"""Tags of GTO, read as versions and aliases; gittrack writes none.

`NAME@v1.2.3` registers the tagged commit of the code as a version, `NAME#prod#4` or `NAME#prod` gives the
stage `prod` to the version of its commit. A `!` takes either back: `NAME@v1.2.3!`, `NAME#prod!#5`. The
last tag of a stage counts, by the time of tagging. Grammar: `gto/constants.py` of iterative/gto.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.times import iso
from gittrack.store.plumbing.git import is_oid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gittrack.store.plumbing.git import Git
    from gittrack.store.registry.names import Wanted

_NAME = r"[a-z0-9](?:[a-z0-9/-]*[a-z0-9])?"
_SEMVER = r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?"
_TAG = re.compile(
    rf"(?P<name>(?:[a-z0-9_./-]+=)?{_NAME})(?:#(?P<stage>{_NAME})|@(?P<version>v{_SEMVER}))(?P<back>!?)(?:#(?P<count>\d+))?",
    re.ASCII,
)
_LONGEST = 200
_FORMAT = (
    "%(refname:strip=2)%00%(objectname)%00%(*objectname)%00%(creatordate:unix)%00%(taggername) %(taggeremail)"
)


class GtoTag(NamedTuple):
    """A tag of GTO's.

    Attributes:
        name: of the model; `=` in a tag is `:` in a name.
        stage: that is given or taken, empty where the tag is about a version.
        version: `v1.2.3`, empty where it is about a stage.
        back: whether it takes back.
        commit: of the code.
        time: milliseconds since the epoch.
        author: `Name <mail>`.
        tag: the tag itself.
    """

    name: str
    stage: str
    version: str
    back: bool
    commit: str
    time: int
    author: str
    tag: str


class GtoVersion(NamedTuple):
    """A version that GTO has registered: a commit of the code, no run.

    Attributes:
        name: of the model.
        version: `v1.2.3`.
        commit: of the code.
        time: milliseconds since the epoch.
        author: `Name <mail>`.
        aliases: stages that it has.
    """

    name: str
    version: str
    commit: str
    time: int
    author: str
    aliases: tuple[str, ...] = ()

    def to_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {**self._asdict(), "time": iso(self.time), "aliases": list(self.aliases)}


def parse(tag: str, commit: str, time: int, author: str) -> GtoTag | None:
    """What a tag says; None where it is none of GTO's."""
    match = _TAG.fullmatch(tag) if len(tag) <= _LONGEST else None
    if match is None:
        return None
    name = match["name"].replace("=", ":")
    return GtoTag(
        name, match["stage"] or "", match["version"] or "", bool(match["back"]), commit, time, author, tag
    )


def fold(tags: Iterable[GtoTag]) -> list[GtoVersion]:
    """The versions that tags make, by name and time."""
    ordered = sorted(tags, key=lambda one: (one.time, one.tag))
    versions: dict[tuple[str, str], GtoVersion] = {}
    stages: dict[tuple[str, str], str] = {}
    for one in ordered:
        if one.version:
            versions.pop((one.name, one.version), None)
            if not one.back:
                key = (one.name, one.version)
                versions[key] = GtoVersion(one.name, one.version, one.commit, one.time, one.author)
    for one in ordered:
        if one.stage:
            stages[one.name, one.stage] = "" if one.back else one.commit
    at = {(one.name, one.commit): key for key, one in versions.items()}  # the last version of a commit
    for (name, stage), commit in sorted(stages.items()):
        if (holder := at.get((name, commit))) is not None:
            versions[holder] = versions[holder]._replace(aliases=(*versions[holder].aliases, stage))
    return sorted(versions.values(), key=lambda one: (one.name, one.time, one.version))


def gto_versions(git: Git) -> list[GtoVersion]:
    """The versions that the tags of a repository register.

    Args:
        git: of the code.
    """
    found = []
    for line in git.run("for-each-ref", f"--format={_FORMAT}", "refs/tags/").text.splitlines():
        tag, oid, peeled, time, *who = line.split("\0")
        commit, author = peeled or oid, " ".join(who)
        if "@" not in tag and "#" not in tag:
            continue
        one = parse(tag, commit, int(time) * 1000 if time.isdigit() else 0, author.strip())
        if one is not None and is_oid(commit):
            found.append(one)
    return fold(found)


def asked(git: Git, wanted: Wanted) -> GtoVersion | None:
    """The version that is asked for by number or stage, None where no tag has it."""
    named = [one for one in gto_versions(git) if one.name == wanted.name]
    if wanted.alias is not None:
        return next((one for one in named if wanted.alias in one.aliases), None)
    if wanted.version is None:
        return named[-1] if named else None
    return next((one for one in named if one.version == wanted.version), None)
