"""Reading many runs with more than one processor: `python -m gittrack.store.index.worker GIT_DIR`.

A child reads places from its standard input, frame by frame, and answers each frame with a batch on
its standard output. YAML is what filling an index takes its time for.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import marshal
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from gittrack.core.errors import GitTrackError
from gittrack.store.index.batch import Batch
from gittrack.store.index.build import Place, load
from gittrack.store.plumbing.git import Git
from gittrack.store.plumbing.place import Place as Directories
from gittrack.store.plumbing.place import clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FRAME = 2000  # runs; each is some 4 MB of rows
_HEAD = 8  # bytes
_MOST = 4


def batches(git: Git, places: Iterable[Place], first: int = 1) -> Iterator[Batch]:
    """All places, loaded, as batches in their order; by child processes where there are many.

    Args:
        git: the repository.
        places: of runs.
        first: the number that the first of them gets.

    Raises:
        GitFailed: Git cannot read.
    """
    frames = _frames(places, first)
    begin = list(itertools.islice(frames, 2))
    todo = itertools.chain(begin, frames)
    workers = min(_MOST, os.cpu_count() or 1)
    if len(begin) < 2 or workers == 1 or not sys.executable or getattr(sys, "frozen", False):  # noqa: PLR2004  one
        yield from (batch_of(git, frame) for frame in todo)
    else:
        yield from _by_children(git, todo, workers)


class Frame(NamedTuple):
    """Some places, and the number that the first of them gets."""

    first: int
    places: list[Place]


def batch_of(git: Git, frame: Frame) -> Batch:
    """The runs of some places."""
    batch = Batch(frame.first)
    for place, contents in load(git, frame.places):
        batch.add(place.path, place.files, contents)
    return batch


def _frames(places: Iterable[Place], first: int) -> Iterator[Frame]:
    source = iter(places)
    while frame := list(itertools.islice(source, FRAME)):
        yield Frame(first, frame)
        first += len(frame)


def _by_children(git: Git, frames: Iterable[Frame], count: int) -> Iterator[Batch]:
    children = [_start(git) for _ in range(count)]
    failure: list[BaseException] = []
    feeder = threading.Thread(target=_feed, args=(children, frames, failure), daemon=True)
    feeder.start()
    try:
        for child in itertools.cycle(children):
            answer = _read(child.stdout)
            if answer is None:
                break
            yield Batch.load(answer)
        if child.wait():  # the others may wait for ever to be read
            msg = "reading the runs branch failed"
            raise GitTrackError(msg, hint="`git fsck` says whether objects are missing")
        feeder.join()
        if failure:
            raise failure[0]
    finally:
        _end(children)


def _start(git: Git) -> subprocess.Popen[bytes]:
    package = Path(__file__).resolve().parents[3]
    code = f"import sys; sys.path.insert(0, {str(package)!r}); from {__name__} import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, str(git.place.git_dir), str(git.place.common_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=clean_environment(),
    )


def _feed(
    children: list[subprocess.Popen[bytes]], frames: Iterable[Frame], failure: list[BaseException]
) -> None:
    """Give frame after frame to child after child.

    A child that we wait to feed has been fed less than one that is waited for to answer, so neither
    waits for ever.
    """
    try:
        for child, frame in zip(itertools.cycle(children), frames):
            _write(child.stdin, marshal.dumps((frame.first, [tuple(place) for place in frame.places])))
    except BaseException as error:  # noqa: BLE001  raised in the reading thread
        failure.append(error)
    for child in children:
        with contextlib.suppress(OSError):
            if child.stdin:
                child.stdin.close()


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()


def _write(pipe: IO[bytes] | None, data: bytes) -> None:
    if pipe:
        pipe.write(len(data).to_bytes(_HEAD, "little") + data)
        pipe.flush()


def _read(pipe: IO[bytes] | None) -> bytes | None:
    head = pipe.read(_HEAD) if pipe else b""
    size = int.from_bytes(head, "little")
    data = pipe.read(size) if pipe and len(head) == _HEAD else b""
    return data if len(data) == size and size else None


def main() -> None:
    """Answer frames until the input ends."""
    gc.disable()  # nothing here makes cycles, and looking for them costs a quarter of the time
    git_dir, common_dir = map(Path, sys.argv[1:])
    git = Git(Directories(git_dir, common_dir, None, "", shallow=False))
    for frame in _asked():
        _write(sys.stdout.buffer, batch_of(git, frame).dump())


def _asked() -> Iterator[Frame]:
    while (data := _read(sys.stdin.buffer)) is not None:
        first, places = marshal.loads(data)  # noqa: S302  from our parent
        yield Frame(first, [Place(*one) for one in places])
