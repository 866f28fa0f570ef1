"""Runs as rows for the tables of the index, many at a time; pure.

Rows carry the number of the run within the batch; whoever inserts them adds the number of the first.
So a batch can be made in another process. Values and metrics are kept by their key, in the order of
the runs, as the tables are clustered.
"""

from __future__ import annotations

import contextlib
import marshal
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gittrack.core.canonical import load_canonical
from gittrack.core.errors import MalformedFile
from gittrack.core.text import dump_json, number_in
from gittrack.store.format.assemble import assemble
from gittrack.store.index.direct import Unusual, straight
from gittrack.store.index.document import fields_of
from gittrack.store.index.schema import PARAM, TAG
from gittrack.store.index.values import clean, fitting, number_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = tuple[Any, ...]
_LEAST, _MOST = -(2**63), 2**63 - 1  # what SQLite takes as a whole number


def _lists() -> dict[Any, list[Row]]:
    return defaultdict(list)


@dataclass(slots=True)
class Batch:
    """Rows of some runs, see `index_schema.TABLES`.

    Attributes:
        places: number, path, files.
        runs: the columns of `run`.
        bodies: number, JSON.
        values: kind and name of the key to rows of number, number value, text.
        metrics: name to rows of number, last, min, max, count, step.
        inputs: number, name, URI, digest.
        artifacts: number, path, digest.
        problems: number, text.
    """

    places: list[Row] = field(default_factory=list)
    runs: list[Row] = field(default_factory=list)
    bodies: list[Row] = field(default_factory=list)
    values: dict[tuple[int, str], list[Row]] = field(default_factory=_lists)
    metrics: dict[str, list[Row]] = field(default_factory=_lists)
    inputs: list[Row] = field(default_factory=list)
    artifacts: list[Row] = field(default_factory=list)
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
        number = len(self.places)
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
        body = dump_json(fields)
        values = self.values
        for kind, named in ((PARAM, fields[12]), (TAG, fields[14])):
            for name, value in named.items():
                if type(value) is str and value[:1] > "9" and "\0" not in value:  # the usual text, cheaply
                    values[kind, name].append((number, None, value))
                else:
                    values[kind, name].append((number, number_of(value), text_of(value)))
        metrics = self.metrics
        for name, numbers in fields[13].items():
            metrics[name].append(_metric(number, numbers))
        self.inputs += [(number, clean(one[0]), clean(one[1]), clean(one[2])) for one in fields[21]]
        self.artifacts += [(number, clean(one[0]), clean(one[1])) for one in fields[22]]
        self.runs.append(_row(number, fields))
        self.bodies.append((number, body))

    def dump(self) -> bytes:
        """The batch for a process of the same Python."""
        parts = [getattr(self, name) for name in self.__slots__]
        return marshal.dumps([dict(part) if isinstance(part, dict) else part for part in parts])

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
    return fields_of(found.run), found.problems


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


def _metric(number: int, numbers: list[Any]) -> Row:
    last, step, _, low, high, count = numbers
    if type(last) is type(low) is type(high) is float and step < _MOST > count and step > _LEAST:
        return (number, last, low, high, count, step)  # SQLite makes NULL of NaN
    return (number, _known(last), _known(low), _known(high), fitting(count), fitting(step))


def _known(value: float | str) -> float | None:
    known = number_in(value)
    return known if known == known else None  # noqa: PLR0124  NaN test
