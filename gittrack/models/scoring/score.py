"""Predicts for every row of a file."""

from __future__ import annotations

import itertools
import os
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from gittrack.core.errors import GitTrackError, InvalidValue
from gittrack.models.saved import load_folder
from gittrack.models.scoring.parts import Part, parts_of
from gittrack.models.scoring.tables import as_table, json_document, read_part, write_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from gittrack.models.loaded import LoadedModel

_FEW = 1 << 20  # bytes: below that a second process takes longer than it helps
_AHEAD = 2  # parts a worker that are read before their turn comes


class Scored(NamedTuple):
    """What came of it.

    Attributes:
        rows: that were predicted for.
        parts: in which they were read.
    """

    rows: int
    parts: int


class Plan(NamedTuple):
    """How a file is scored; goes to each worker.

    Attributes:
        folder: of the model.
        form: of the input.
        out: format of the output, `csv` or `jsonl` (`json` is made of that, `parquet` of tables).
        params: of `predict`.
        trust: whether code of the model may run.
    """

    folder: Path
    form: str
    out: str
    params: Mapping[str, Any]
    trust: bool


def score(
    plan: Plan,
    source: BinaryIO,
    target: BinaryIO,
    *,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Scored:
    """Predict for every row of a file and write the predictions in the order of the rows.

    Args:
        plan: model, formats, params.
        source: open for reading.
        target: open for writing.
        workers: processes; as many as there are cores, up to 8, when None. One where the input is small.
        progress: called with the bytes of input that were done since the last call.

    Raises:
        DoesNotFit: a row is not what the model takes; says which part of the file it is in.
        InvalidValue: the input is not of its format.
        NotTrusted, MissingLibrary, MalformedFile: the model cannot be loaded.
        OSError: the output cannot be written.
    """
    count = min(8, os.cpu_count() or 1) if workers is None else workers
    parts = parts_of(source, plan.form)
    begin = list(itertools.islice(parts, 2))
    few = len(begin) < 2 or sum(part.size for part in begin) < _FEW  # noqa: PLR2004  one part
    todo = enumerate(itertools.chain(begin, parts))
    with _sink(plan.out, target) as sink:
        answers = _here(plan, todo) if count == 1 or few else _by_workers(plan, todo, count)
        rows = done = 0
        for number, (content, size, found) in enumerate(answers):
            sink.write(content, first=number == 0)
            rows += found
            done += 1
            if progress is not None:
                progress(size)
    return Scored(rows, done)


_Answer = tuple[Any, int, int]
"""What to write, bytes of input, rows."""
_MODEL: list[tuple[Plan, LoadedModel]] = []
"""Of a worker: loaded once."""


def _here(plan: Plan, parts: Iterable[tuple[int, Part]]) -> Iterator[_Answer]:
    model = load_folder(plan.folder, trust=plan.trust)
    for number, part in parts:
        yield _predicted(plan, model, number, part)


def _by_workers(plan: Plan, parts: Iterable[tuple[int, Part]], count: int) -> Iterator[_Answer]:
    load_folder(plan.folder, trust=plan.trust)  # what is wrong with the model is said here, and once
    # a fork would take along the threads of the model's library as locks that nobody holds
    with ProcessPoolExecutor(count, get_context("spawn"), _start, (plan,)) as pool:
        waiting: deque[Any] = deque()
        try:
            for number, part in parts:
                waiting.append(pool.submit(_in_worker, number, part))
                if len(waiting) >= count * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            msg = "a worker process ended"
            raise GitTrackError(msg, hint="out of memory? try --workers 1") from error
        finally:
            for one in waiting:
                one.cancel()


def _start(plan: Plan) -> None:
    _MODEL.append((plan, load_folder(plan.folder, trust=True)))  # the parent has asked


def _in_worker(number: int, part: Part) -> _Answer:
    plan, model = _MODEL[0]
    return _predicted(plan, model, number, part)


def _predicted(plan: Plan, model: LoadedModel, number: int, part: Part) -> _Answer:
    signature = model.signature
    try:
        data = read_part(part, plan.form, signature.inputs if signature else None)
        table = as_table(model.predict(data, plan.params))
    except InvalidValue as error:
        msg = f"{error.message} (in part {number + 1} of the input)"
        raise type(error)(msg, hint=error.hint) from error
    content = table if plan.out == "parquet" else write_part(table, _text_form(plan.out), first=number == 0)
    return content, part.size, len(table)


def _text_form(out: str) -> str:
    return "csv" if out == "csv" else "jsonl"


def _sink(out: str, target: BinaryIO) -> _Text | _Json | _Parquet:
    return {"json": _Json, "parquet": _Parquet}.get(out, _Text)(target)


class _Text:
    """Writes parts as they come."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target

    def __enter__(self) -> _Text:  # noqa: PYI034  `Self` needs Python 3.11
        return self

    def write(self, content: Any, *, first: bool) -> None:  # noqa: ANN401, ARG002  one signature for all
        """Write a part."""
        self._target.write(content)

    def __exit__(self, *_: object) -> None:
        self._target.flush()


class _Json(_Text):
    """Writes one document at the end."""

    def __init__(self, target: BinaryIO) -> None:
        super().__init__(target)
        self._lines: list[bytes] = []

    def write(self, content: Any, *, first: bool) -> None:  # noqa: ANN401, ARG002
        """Keep a part."""
        self._lines.append(content)

    def __exit__(self, *failed: object) -> None:
        if failed[0] is None:
            self._target.write(json_document(b"".join(self._lines)))
        super().__exit__(*failed)


class _Parquet(_Text):
    """Writes a Parquet file."""

    def __init__(self, target: BinaryIO) -> None:
        super().__init__(target)
        self._writer: Any = None

    def write(self, content: Any, *, first: bool) -> None:  # noqa: ANN401, ARG002
        """Write a part as a group of rows."""
        from gittrack.models.flavors.files import library

        arrow, parquet = library("pyarrow"), library("pyarrow.parquet", "pyarrow")
        table = arrow.Table.from_pandas(content, preserve_index=False)
        if self._writer is None:
            self._writer = parquet.ParquetWriter(self._target, table.schema)
        self._writer.write_table(table)

    def __exit__(self, *failed: object) -> None:
        if self._writer is not None:
            self._writer.close()
        super().__exit__(*failed)
