"""Which runs made what a run used, and which used what it made: outputs and inputs of one digest.

Nobody has to declare anything: a run that logged a file as an artifact made it, and a run that logged
the same bytes as an input used it. Directories count by their manifest, and file by file where the
manifest is in this clone.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.query.filter.nodes import Compare, Field
from gittrack.query.search import find
from gittrack.store.small_artifacts import members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gittrack.core.records import Input, Run
    from gittrack.store.runs import RunStore

DEEPEST = 20
"""Runs after each other that are followed."""
WIDEST = 20
"""Runs beside each other that are shown."""
MOST = 200
"""Runs of one lineage, each way."""
_SCANNED = 1000  # newest runs whose directories are looked into for a file that nobody made by itself
_DIGESTS = 5000  # of the files of one run that are looked for
_BESIDE = 200  # runs beside one that are read; more of them are not counted
_EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # what any empty file has


class Link(NamedTuple):
    """What one run made and another used: path of the artifact, name of the input, their digest."""

    artifact: str
    input: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Step:
    """A run in a lineage.

    Attributes:
        run: the run.
        links: how it hangs together with the run before it.
        steps: those after it.
        unmade: inputs of it that no run is known to have made; upstream only.
        more: how many after it are left out.
        repeated: whether it is in the lineage already; what comes after it stands there.
    """

    run: Run
    links: tuple[Link, ...] = ()
    steps: tuple[Step, ...] = ()
    unmade: tuple[Input, ...] = ()
    more: int = 0
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a run comes from and where it went: two trees that begin with it."""

    upstream: Step
    downstream: Step

    def as_json(self) -> dict[str, Any]:
        """`{run_id, upstream, downstream}`, each a list of runs with `links` and their own list."""
        return {
            "run_id": self.upstream.run.id,
            "unmade": _unmade(self.upstream),
            "upstream": [_record(one, "upstream") for one in self.upstream.steps],
            "downstream": [_record(one, "downstream") for one in self.downstream.steps],
            "more_upstream": self.upstream.more,
            "more_downstream": self.downstream.more,
        }


def lineage(store: RunStore, run: Run) -> Lineage:
    """The lineage of a run, removed and live runs included."""
    known = _Known(store)
    return Lineage(
        trace(run, known.makers, unmade=True),
        trace(run, known.users),
    )


@dataclass(slots=True)
class _Open:
    """A step that is still being put together."""

    run: Run
    links: tuple[Link, ...]
    depth: int
    steps: list[_Open] = field(default_factory=list)
    unmade: tuple[Input, ...] = ()
    more: int = 0
    repeated: bool = False

    def closed(self) -> Step:
        steps = tuple(one.closed() for one in self.steps)
        return Step(self.run, self.links, steps, self.unmade, self.more, self.repeated)


def trace(
    run: Run,
    neighbours: Callable[[Run], Sequence[tuple[Run, tuple[Link, ...]]]],
    *,
    unmade: bool = False,
) -> Step:
    """Follow a run from neighbour to neighbour, the nearest first; each run once.

    Args:
        run: where to begin.
        neighbours: the runs beside one, with what links them to it.
        unmade: whether to note inputs without a neighbour.
    """
    start = _Open(run, (), 0)
    seen = {run.id}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        found = neighbours(here.run) if here.depth < DEEPEST else ()
        if unmade and here.depth < DEEPEST:
            linked = {link.input for _, links in found for link in links}
            here.unmade = tuple(one for one in here.run.inputs if one.name not in linked)
        for other, links in found:
            if len(here.steps) >= WIDEST or len(seen) > MOST:
                here.more += 1
                continue
            step = _Open(other, links, here.depth + 1, repeated=other.id in seen)
            here.steps.append(step)
            if not step.repeated:
                seen.add(other.id)
                waiting.append(step)
    return start.closed()


class _Known:
    """The runs of a store by what they made and used."""

    def __init__(self, store: RunStore) -> None:
        self._store = store

    def makers(self, run: Run) -> list[tuple[Run, tuple[Link, ...]]]:
        """The runs that made inputs of a run; one that began after its end cannot have."""
        names = _by_digest((one.sha256, one.name) for one in run.inputs if one.sha256)
        found: dict[str, tuple[Run, list[Link]]] = {}
        for maker in self._having("artifacts", names):
            for one in maker.artifacts:
                _add(found, maker, [Link(one.path, name, one.sha256) for name in names.get(one.sha256, ())])
        rest = names.keys() - {link.sha256 for _, links in found.values() for link in links}
        for sha256 in sorted(rest & self._members.keys()):
            for maker, path in self._members[sha256]:
                _add(found, maker, [Link(path, name, sha256) for name in names[sha256]])
        end = run.end_time
        return _listed(found, run, lambda maker: end is None or maker.start_time <= end)

    def users(self, run: Run) -> list[tuple[Run, tuple[Link, ...]]]:
        """The runs that used what a run made; one that ended before its start cannot have."""
        paths = _by_digest(self._made(run))
        found: dict[str, tuple[Run, list[Link]]] = {}
        for user in self._having("inputs", paths):
            for one in user.inputs:
                _add(
                    found,
                    user,
                    [Link(path, one.name, one.sha256 or "") for path in paths.get(one.sha256 or "", ())],
                )
        return _listed(found, run, lambda user: user.end_time is None or user.end_time >= run.start_time)

    def _made(self, run: Run) -> list[tuple[str, str]]:
        made = [(one.sha256, one.path) for one in run.artifacts]
        for one in run.artifacts:
            if one.kind == "directory":
                inside = members(self._store.objects, one.sha256)
                made += [(member.sha256, f"{one.path}/{member.path}") for member in inside]
        return made[:_DIGESTS]

    def _having(self, kind: Any, digests: Iterable[str]) -> list[Run]:  # noqa: ANN401  a filter's kind
        wanted = tuple(digests)
        if not wanted:
            return []
        node = Compare(Field(kind, "sha256"), "IN", wanted)
        return find(self._store, node, limit=_BESIDE, deleted=True)

    @cached_property
    def _members(self) -> dict[str, list[tuple[Run, str]]]:
        """Digest of a file within a directory artifact to the runs that made it, and its path."""
        inside: dict[str, list[tuple[Run, str]]] = {}
        for run in find(self._store, None, limit=_SCANNED, deleted=True):
            for one in run.artifacts:
                if one.kind == "directory":
                    for member in members(self._store.objects, one.sha256):
                        inside.setdefault(member.sha256, []).append((run, f"{one.path}/{member.path}"))
        return inside


def _by_digest(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for sha256, name in pairs:
        if sha256 != _EMPTY:
            names.setdefault(sha256, []).append(name)
    return names


def _add(found: dict[str, tuple[Run, list[Link]]], run: Run, links: list[Link]) -> None:
    if links:
        found.setdefault(run.id, (run, []))[1].extend(links)


def _listed(
    found: dict[str, tuple[Run, list[Link]]], run: Run, possible: Callable[[Run], bool]
) -> list[tuple[Run, tuple[Link, ...]]]:
    return [
        (other, tuple(links)) for other, links in found.values() if other.id != run.id and possible(other)
    ]


def _record(step: Step, way: str) -> dict[str, Any]:
    record: dict[str, Any] = {
        "run_id": step.run.id,
        "run_name": step.run.name,
        "experiment": step.run.experiment,
        "status": step.run.status,
        "links": [link._asdict() for link in step.links],
        "repeated": step.repeated,
        way: [_record(one, way) for one in step.steps],
        "more": step.more,
    }
    return record | {"unmade": _unmade(step)} if way == "upstream" else record


def _unmade(step: Step) -> list[dict[str, Any]]:
    return [{"name": one.name, "uri": one.uri, "sha256": one.sha256} for one in step.unmade]
