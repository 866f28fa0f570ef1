"""What run files must not hold, and how they are written: secrets out, the canonical form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError, MalformedFile
from gittrack.core.files import write_atomic
from gittrack.core.redact_patterns import redact_shapes
from gittrack.core.redact_run import redact_run
from gittrack.core.text import dump, load
from gittrack.store.format.file_checks import Problem, kind_of
from gittrack.store.format.layout import split_path
from gittrack.store.format.run_document import document_of, run_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from gittrack.core.redact import Redactor

_LARGEST = 20_000_000  # bytes; a longer file is no text that somebody reads


def check_secrets(paths: Iterable[Path], redactor: Redactor, *, fix: bool = False) -> Iterator[Problem]:
    """Secrets in files of runs, by the rules that recording follows.

    Args:
        paths: the files.
        redactor: the rules.
        fix: replace them by `[redacted]` in the files.
    """
    for path in paths:
        data = _read(path)
        try:
            text = data.decode()
        except UnicodeDecodeError:
            continue  # an image
        clean = _clean(path, text, redactor)
        before, after = text.split("\n"), clean.split("\n")
        if len(before) != len(after):
            yield Problem(str(path), None, "looks like it holds a secret")
        for number, (one, other) in enumerate(zip(before, after, strict=False), 1):
            if one != other and len(before) == len(after):
                yield Problem(str(path), number, _said(one, fix=fix))
        if fix and clean != text:
            write_atomic(path, clean.encode())


def check_form(paths: Iterable[Path], *, fix: bool = False) -> Iterator[Problem]:
    """Run files that are not in the canonical form, which makes differences small and reading fast.

    Args:
        paths: the files; those without a canonical form are let through.
        fix: write them in it.
    """
    for path in paths:
        if kind_of(_place(path)) in {None, "metrics"}:
            continue
        data = _read(path)
        try:
            canonical = dump(load(data, where=str(path)))
        except MalformedFile as error:
            yield Problem(str(path), None, error.reason)
            continue
        if canonical == data:
            continue
        if fix:
            write_atomic(path, canonical)
        done = "written in the canonical form" if fix else "not in the canonical form: --fix writes it"
        yield Problem(str(path), None, done)


def _said(line: str, *, fix: bool) -> str:
    name = line.partition(":")[0].strip().strip('"')
    where = f" under {name}" if name.isprintable() and 0 < len(name) <= 40 else ""  # noqa: PLR2004  one line
    return f"a secret{where} was replaced" if fix else f"looks like a secret{where}: --fix replaces it"


def _clean(path: Path, text: str, redactor: Redactor) -> str:
    """The text without secrets. Names tell them only where they are a user's: a package is `google-auth`."""
    kind = kind_of(_place(path))
    if kind == "run":
        try:
            run = run_of(text.encode(), str(path), _run_id(path))
        except MalformedFile:
            return redactor.text(text)
        found = redact_run(run, redactor)
        return text if found == run else dump(document_of(found)).decode()
    lines = text.split("\n")
    if kind in {"edit", "alias", "modeledit"}:
        return "\n".join(redactor.text(line) for line in lines)
    return "\n".join(redact_shapes(line) for line in lines)


def _run_id(path: Path) -> str:
    split = split_path(_place(path))
    return split[0].rpartition("/")[2] if split else path.parent.name


def _place(path: Path) -> str:
    """The path as it would be on the branch."""
    parts = path.absolute().parts
    for root in (".runs", ".models"):
        if root in parts:
            return "/".join(parts[len(parts) - 1 - parts[::-1].index(root) :])
    return path.name


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}"
        raise GitTrackError(msg) from error
