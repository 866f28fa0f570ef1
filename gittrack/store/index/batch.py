"""Runs as rows for the tables of the index, many at a time; pure.

Rows carry the number of the run within the batch and the number of the key within `keys`; whoever
inserts them puts the real ones in. So a batch can be made in another process.
"""

from __future__ import annotations

import marshal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile
from gittrack.core.text import dump_json
from gittrack.store.format.assemble import assemble
from gittrack.store.index.document import pack
from gittrack.store.index.schema import METRIC, PARAM, TAG
from gittrack.store.index.values import clean, fitting, number_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.core.records import MetricSummary, Run

Row = tuple[Any, ...]
_LEAST, _MOST = -(2**63), 2**63 - 1  # what SQLite takes as a whole number


@dataclass(slots=True)
class Batch:
    """Rows of some runs, see `index_schema.TABLES`.

    Attributes:
        keys: kind and name to number within the batch.
        places: number, path, files.
        runs: the columns of `run`.
        bodies: number, JSON.
        values: key, number, number value, text.
        metrics: key, number, last, min, max, count, step.
        problems: number, text.
    """

    keys: dict[tuple[int, str], int] = field(default_factory=dict)
    places: list[Row] = field(default_factory=list)
    runs: list[Row] = field(default_factory=list)
    bodies: list[Row] = field(default_factory=list)
    values: list[Row] = field(default_factory=list)
    metrics: list[Row] = field(default_factory=list)
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
            found = assemble(path, contents)
            self._add_run(number, found.run, pack(found.run))
            wrong += found.problems
        except MalformedFile as error:
            wrong = wrong or [error.message]
        except (TypeError, OverflowError, UnicodeError) as error:  # what JSON in Git can say and SQL cannot
            wrong.append(f"{path}/run.yaml: {error}")
        self.problems += [(number, clean(text)) for text in wrong]

    def _add_run(self, number: int, run: Run, body: bytes) -> None:
        keys = self.keys
        values = self.values
        for kind, named in ((PARAM, run.params), (TAG, run.tags)):
            for name, value in named.items():
                key = keys.setdefault((kind, name), len(keys))
                if type(value) is str and value[:1] > "9" and "\0" not in value:  # the usual text, cheaply
                    values.append((key, number, None, value))
                else:
                    values.append((key, number, number_of(value), text_of(value)))
        self.metrics += [
            _metric(keys.setdefault((METRIC, name), len(keys)), number, one)
            for name, one in run.metrics.items()
        ]
        self.runs.append(_row(number, run))
        self.bodies.append((number, body))

    def dump(self) -> bytes:
        """The batch for a process of the same Python."""
        return marshal.dumps([getattr(self, name) for name in self.__slots__])

    @classmethod
    def load(cls, data: bytes) -> Batch:
        """The batch that :meth:`dump` wrote."""
        return cls(*marshal.loads(data))  # noqa: S302  from a child process of ours


def _row(number: int, run: Run) -> Row:
    source = run.source
    return (
        number,
        run.id,
        clean(run.experiment),
        run.deleted,
        run.status,
        run.start_time,
        run.end_time,
        None if run.exit_code is None else fitting(run.exit_code),
        clean(run.name or None),
        clean(run.parent_id),
        clean(run.user),
        clean(run.host),
        clean(source.branch),
        clean(source.commit),
        clean(source.snapshot),
        source.dirty,
        clean(run.note or None),
    )


def _metric(key: int, number: int, one: MetricSummary) -> Row:
    last, low, high = one.last, one.min, one.max
    if not (_LEAST <= one.step <= _MOST and one.count <= _MOST):
        return (key, number, _known(last), _known(low), _known(high), fitting(one.count), fitting(one.step))
    if last == last and low == low:  # noqa: PLR0124  neither is NaN, and `max` is when `min` is
        return (key, number, last, low, high, one.count, one.step)
    return (key, number, _known(last), _known(low), _known(high), one.count, one.step)


def _known(value: float) -> float | None:
    return value if value == value else None  # noqa: PLR0124  NaN test
