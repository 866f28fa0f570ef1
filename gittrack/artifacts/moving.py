"""One transfer while it runs: what is done, what failed, what is to be told."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, NamedTuple

from gittrack.artifacts.crew import each
from gittrack.artifacts.failures import DigestMismatch, ObjectMissing, StoreError, Unreachable
from gittrack.core.errors import GitTrackError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

    from gittrack.artifacts.content import Moved

_BIG = 16_000_000  # bytes; two of them fill the line, and each needs buffers of its own
_BIG_JOBS = 2
_TRIES = 4
_PAUSE = 0.5  # seconds before the second try; twice as long before each further one


class Progress(NamedTuple):
    """How far a transfer is.

    Attributes:
        done_bytes: bytes that were moved, those of tries that failed apart.
        total_bytes: bytes to move, as far as is known.
        done_files: objects that are done, one way or the other.
        total_files: objects to move, as far as is known.
    """

    done_bytes: int
    total_bytes: int
    done_files: int
    total_files: int


class _Stopped(Exception):
    """Somebody interrupted the transfer."""


class Moving:
    """Moves objects and keeps account.

    Args:
        jobs: how many small objects to move at once.
        progress: called after each piece, one call at a time.

    Attributes:
        moved: digests that were moved, and not there already.
        skipped: digests that were there already.
        missing: digests that are not where they should come from.
        failed: what was wrong with the others.
        size: bytes that were moved.
    """

    def __init__(self, jobs: int, progress: Callable[[Progress], None] | None) -> None:
        self.moved: list[str] = []
        self.skipped: list[str] = []
        self.missing: list[str] = []
        self.failed: dict[str, GitTrackError] = {}
        self.size = 0
        self._jobs = jobs
        self._progress = progress
        self._told = Progress(0, 0, 0, 0)
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._fatal: StoreError | None = None

    def expect(self, sizes: Iterable[int | None]) -> None:
        """There is more to move; of some objects the size is not known before they come."""
        known = list(sizes)
        self._tell(total_bytes=sum(size or 0 for size in known), total_files=len(known))

    def run(self, sizes: Mapping[str, int | None], move: Callable[[str, Moved], bool]) -> None:
        """Move objects that were expected.

        Args:
            sizes: their digests, with the sizes in bytes where they are known.
            move: moves one and tells the bytes; False if it was there already.

        Raises:
            OSError: the local store cannot be read or written.
        """
        big = [sha256 for sha256, size in sizes.items() if (size or 0) >= _BIG]
        small = [sha256 for sha256, size in sizes.items() if (size or 0) < _BIG]
        for group, jobs in ((small, self._jobs), (big, min(_BIG_JOBS, self._jobs))):
            if group:
                each(group, lambda sha256: self._one(sha256, sizes[sha256], move), jobs, self._stop)

    def run_together(
        self,
        sizes: Mapping[str, int],
        move: Callable[[Mapping[str, int]], Generator[tuple[str, bool], None, None]],
    ) -> dict[str, int | None]:
        """Move many small objects that were expected the fast way, for which no single one is watched.

        Args:
            sizes: their digests, with the sizes in bytes.
            move: moves them and tells of each when it is done; may give up after an error.

        Returns:
            Those that are left, for `run`: it tries again, and finds out what is wrong with which.
        """
        left: dict[str, int | None] = dict(sizes)
        with contextlib.suppress(StoreError, FileNotFoundError), contextlib.closing(move(sizes)) as done:
            for sha256, new in done:
                size = left.pop(sha256) or 0
                self._tell(done_bytes=size)
                self._done(self.moved if new else self.skipped, sha256)
                self.size += size if new else 0
        return left

    def _one(self, sha256: str, size: int | None, move: Callable[[str, Moved], bool]) -> None:
        came = 0

        def count(more: int) -> None:
            nonlocal came
            if self._stop.is_set():
                raise _Stopped
            came += more
            self._tell(done_bytes=more, total_bytes=more if size is None else 0)

        try:
            new = self._persistently(lambda: move(sha256, count), lambda: count(-came))
        except (ObjectMissing, FileNotFoundError):
            self._done(self.missing, sha256)
        except _Stopped:
            return
        except GitTrackError as error:
            with self._lock:
                self.failed[sha256] = error
            self._tell(done_files=1)
        else:
            with self._lock:
                self.size += came
            if size is not None:  # what was there already, or came before the last download broke
                self._tell(done_bytes=size - came)
            self._done(self.moved if new else self.skipped, sha256)

    def _persistently(self, move: Callable[[], bool], forget: Callable[[], None]) -> bool:
        """Try again where the store could not be reached, a few times; keep off after a fatal error."""
        for attempt in range(_TRIES):
            if self._fatal is not None:
                raise self._fatal
            try:
                return move()
            except Unreachable as error:
                forget()
                if attempt == _TRIES - 1 or self._stop.wait(_PAUSE * 2**attempt):
                    raise self._first(error) from None
            except (DigestMismatch, ObjectMissing):
                raise
            except StoreError as error:
                raise self._first(error) from None
        msg = "unreachable: the last try returns or raises"
        raise AssertionError(msg)

    def _first(self, error: StoreError) -> StoreError:
        """The error that ended the transfer: this one, or that of another thread."""
        with self._lock:
            self._fatal = self._fatal or error
            return self._fatal

    def _done(self, group: list[str], sha256: str) -> None:
        with self._lock:
            group.append(sha256)
        self._tell(done_files=1)

    def _tell(self, **more: int) -> None:
        with self._lock:
            self._told = self._told._replace(
                **{name: getattr(self._told, name) + value for name, value in more.items()}
            )
            if self._progress:
                self._progress(self._told)
