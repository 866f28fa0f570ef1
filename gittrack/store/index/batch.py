"""Runs as rows for the tables of the index, many at a time; pure.

A batch is told the number of its first run, so that it can be made in another process and inserted as
it comes.
"""

from __future__ import annotations

import contextlib
import marshal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gittrack.core.canonical import load_canonical
from gittrack.core.errors import MalformedFile
from gittrack.core.text import dump_json, number_out
from gittrack.store.format.assemble import assemble
from gittrack.store.index.direct import Unusual, straight
from gittrack.store.index.document import METRICS, PARAMS, TAGS, fields_of, pack
from gittrack.store.index.schema import METRIC, PARAM, TAG
from gittrack.store.index.values import clean, fitting

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = tuple[Any, ...]
_KEYED = ((PARAM, PARAMS), (TAG, TAGS), (METRIC, METRICS))


@dataclass(slots=True)
class Batch:
    """Rows of some runs, see `index.schema.TABLES`.

    Attributes:
        first: the number that the first run gets.
        places: number, path, files.
        runs: the columns of `run`.
        bodies: the columns of `body`.
        groups: kind of keys and the names that a run has of it, to how many runs have just these.
        problems: number, text.
    """

    first: int = 1
    places: list[Row] = field(default_factory=list)
    runs: list[Row] = field(default_factory=list)
    bodies: list[Row] = field(default_factory=list)
    groups: dict[tuple[Any, ...], int] = field(default_factory=dict)
    problems: list[Row] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.places)

    def add(self, path: str, oids: Mapping[str, str], contents: Mapping[str, bytes]) -> None:
        """Add a run.

        Args:
            path: its directory.
            oids: path in it to object id, of its listed files.
            contents: the same to content; what could not be read is left out.
        """
        number = self.first + len(self.places)
        self.places.append((number, path, dump_json(oids).decode()))
        wrong = [f"{path}/{name}: Git has no such object" for name in oids if name not in contents]
        try:
            fields, problems = _read(path, contents)
            self._add_fields(number, fields)
            wrong += problems
        except MalformedFile as error:
            wrong = wrong or [error.message]
        except (TypeError, OverflowError, UnicodeError) as error:  # what JSON in Git can say and SQL cannot
            wrong.append(f"{path}/run.yaml: {error}")
        self.problems += [(number, clean(text)) for text in wrong]

    def _add_fields(self, number: int, fields: list[Any]) -> None:
        self.bodies.append((number, *pack(fields)))
        self.runs.append(_row(number, fields))
        groups = self.groups
        for kind, place in _KEYED:
            group = (kind, *fields[place])
            groups[group] = groups.get(group, 0) + 1

    def keys(self) -> dict[tuple[int, str], int]:
        """Kind and name of each key, and how many runs have it."""
        found: dict[tuple[int, str], int] = {}
        for (kind, *names), runs in self.groups.items():
            for name in names:
                found[kind, name] = found.get((kind, name), 0) + runs
        return found

    def dump(self) -> bytes:
        """The batch for a process of the same Python."""
        return marshal.dumps([getattr(self, name) for name in self.__slots__])

    @classmethod
    def load(cls, data: bytes) -> Batch:
        """The batch that :meth:`dump` wrote."""
        return cls(*marshal.loads(data))  # noqa: S302  from a child process of ours


def _read(path: str, contents: Mapping[str, bytes]) -> tuple[list[Any], tuple[str, ...]]:
    """The fields of a run, see `index.document.fields_of`, and what is wrong with its files."""
    if len(contents) == 1 and "run.yaml" in contents:
        with contextlib.suppress(Unusual, ValueError):
            return straight(load_canonical(contents["run.yaml"]), path.rpartition("/")[2]), ()
    found = assemble(path, contents)
    fields = fields_of(found.run)
    fields[PARAMS] = {name: _sayable(value) for name, value in fields[PARAMS].items()}
    return fields, found.problems


def _sayable(value: Any) -> Any:  # noqa: ANN401  what YAML written by hand may hold
    return number_out(value) if type(value) is float else value


def _row(number: int, fields: list[Any]) -> Row:
    commit, dirty, snapshot, branch = fields[20][:4]
    return (
        number,
        fields[0],
        clean(fields[1]),
        fields[18],
        fields[3],
        fields[4],
        fields[5],
        None if fields[6] is None else fitting(fields[6]),
        clean(fields[2] or None),
        clean(fields[11]),
        clean(fields[9]),
        clean(fields[10]),
        clean(branch),
        clean(commit),
        clean(snapshot),
        dirty,
        clean(fields[15] or None),
    )
