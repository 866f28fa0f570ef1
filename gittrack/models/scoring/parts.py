"""A file of rows cut into parts at the ends of rows, in bounded memory; nothing is parsed here.

Parsing and formatting take longer than predicting, so whole parts go to the workers as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Literal, NamedTuple, get_args

from gittrack.core.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Format = Literal["csv", "jsonl", "json", "parquet"]
FORMATS: tuple[str, ...] = get_args(Format)
PART = 4 << 20
"""Bytes of a part."""
_MOST = 256 << 20  # bytes of one row
_ROWS = 50_000  # of a part of Parquet
_SUFFIXES = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".parquet": "parquet"}


class Part(NamedTuple):
    """Some rows.

    Attributes:
        head: what stands before the rows of every part: the header of a CSV file.
        body: the rows, as the file has them; for Parquet a table of Arrow.
        size: bytes of the input that it stands for.
    """

    head: bytes
    body: Any
    size: int


def format_of(path: Path, given: str | None) -> str:
    """The format of a file: as given, else by the end of its name.

    Raises:
        InvalidValue: neither says it.
    """
    found = given or _SUFFIXES.get(path.suffix.lower())
    if found not in FORMATS:
        msg = f"the format of {path.name} is not known"
        raise InvalidValue(msg, hint=f"say it: one of {', '.join(FORMATS)}")
    return str(found)


def parts_of(file: BinaryIO, form: str, size: int = PART) -> Iterator[Part]:
    """The parts of a file in their order.

    Args:
        file: open for reading; a pipe will do but for Parquet.
        form: one of `FORMATS`; `json` is one part, the others are not held in memory.
        size: bytes of a part.

    Raises:
        InvalidValue: it is not of that format.
    """
    if form == "parquet":
        yield from _parquet(file)
    elif form == "json":
        body = file.read()
        yield Part(b"", body, len(body))
    else:
        yield from _lines(file, size, csv=form == "csv")


def _lines(file: BinaryIO, size: int, *, csv: bool) -> Iterator[Part]:
    """Parts that end where a row ends: a newline in quotes ends none."""
    head = _first_row(file) if csv else b""
    counted = len(head)
    rest = b""
    while chunk := file.read(size):
        rest += chunk
        end = _last_end(rest, quoted=csv)
        if end:
            yield Part(head, rest[:end], end + counted)
            rest, counted = rest[end:], 0
        elif len(rest) > _MOST:
            msg = f"a row of more than {_MOST >> 20} MB"
            raise InvalidValue(msg, hint="is a quote missing?" if csv else "is it JSON lines?")
    if rest.strip():
        yield Part(head, rest, len(rest) + counted)


def _first_row(file: BinaryIO) -> bytes:
    row = file.readline(_MOST)
    while row.count(b'"') % 2 and (more := file.readline(_MOST)):
        row += more
    if not row.strip():
        msg = "the file has no header"
        raise InvalidValue(msg, hint="the first row of a CSV file names the columns")
    return row if row.endswith(b"\n") else row + b"\n"


def _last_end(data: bytes, *, quoted: bool) -> int:
    """Where the last whole row ends, 0 where none does."""
    end = data.rfind(b"\n") + 1
    if not quoted or b'"' not in data:
        return end
    while end and data.count(b'"', 0, end) % 2:
        end = data.rfind(b"\n", 0, end - 1) + 1
    return end


def _parquet(file: BinaryIO) -> Iterator[Part]:
    from gittrack.models.flavors.files import library

    parquet = library("pyarrow.parquet", "pyarrow")
    try:
        source = parquet.ParquetFile(file)
    except (ValueError, OSError) as error:
        msg = f"not a Parquet file: {error}"
        raise InvalidValue(msg, hint="say --format csv, jsonl or json") from error
    for batch in source.iter_batches(batch_size=_ROWS):
        yield Part(b"", batch, batch.nbytes)
