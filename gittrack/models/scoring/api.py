"""Scoring of files for programs."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import InvalidValue
from gittrack.core.files import partial_file
from gittrack.models.api import folder_of
from gittrack.models.scoring.parts import format_of
from gittrack.models.scoring.score import Plan, Scored, score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

STREAM = "-"
"""Standard input or output."""


def score_file(  # noqa: PLR0913  each is a choice of its own
    model: str | os.PathLike[str],
    source: str | os.PathLike[str],
    target: str | os.PathLike[str] = STREAM,
    *,
    format: str | None = None,  # noqa: A002  the name of the option
    out_format: str | None = None,
    params: Mapping[str, Any] = MappingProxyType({}),
    workers: int | None = None,
    trust: bool = False,
    repo: str | os.PathLike[str] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Scored:
    """Predict for every row of a file, in the order of the rows and in bounded memory.

    Args:
        model: a directory, `runs:/RUN/PATH` or a URL.
        source: a file of csv, jsonl, json or parquet; `-` for standard input.
        target: the file to write, of the same formats; `-` for standard output. It appears when all of it
            is written.
        format: of the source, where its name does not say it.
        out_format: of the target; that of the source where its name does not say it.
        params: of `predict`.
        workers: processes; as many as there are cores, up to 8, when None.
        trust: whether code that came with the model may run.
        repo: the repository, a path or a Git URL; as configured when None.
        progress: called with the bytes of input that were done since the last call.

    Raises:
        DoesNotFit: a row is not what the model takes.
        InvalidValue: a file is not of its format, or there is none.
        NotTrusted, MissingLibrary, MalformedFile: the model cannot be loaded.
        OSError: a file cannot be read or written.
    """
    form = format_of(Path(source), format)
    out = format_of(Path(target), out_format or (form if os.fspath(target) == STREAM else None))
    plan = Plan(folder_of(model, None, repo), form, out, dict(params), trust)
    with _reading(source) as reading, _writing(target) as writing:
        return score(plan, reading, writing, workers=workers, progress=progress)


@contextlib.contextmanager
def _reading(source: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    if os.fspath(source) == STREAM:
        yield sys.stdin.buffer
        return
    if not Path(source).exists():
        msg = f"no such file: {source}"
        raise InvalidValue(msg, hint="`-` reads standard input")
    with Path(source).open("rb") as file:
        yield file


@contextlib.contextmanager
def _writing(target: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    if os.fspath(target) == STREAM:
        yield sys.stdout.buffer
        return
    with partial_file(Path(target)) as file:
        yield file
