"""How far a transfer is, on one line: a bar, bytes, rate and time left; pure."""

from __future__ import annotations

from collections import deque

from gittrack.terminal import figures

_WIDTH = 20
_WINDOW = 8.0  # seconds that the rate is taken over
_LONGEST = 100 * 3600 * 1000  # ms; a guess beyond says nothing


class Pace:
    """The rate of a transfer over the last seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def at(self, now: float, done: int) -> float | None:
        """Note how much is done; bytes a second, None while that cannot be told.

        Args:
            now: seconds, from any start.
            done: bytes; less than before where a try failed.
        """
        self._seen.append((now, done))
        while now - self._seen[0][0] > _WINDOW:
            self._seen.popleft()
        start, before = self._seen[0]
        return (done - before) / (now - start) if now > start and done > before else None


def line(
    stage: str,
    *,
    done: int,
    total: int,
    files: tuple[int, int],
    rate: float | None,
    unicode: bool = True,
) -> str:
    """The line.

    Args:
        stage: what is done (`sending artifacts`).
        done: bytes.
        total: bytes, 0 where unknown.
        files: how many are done, and of how many.
        rate: bytes a second, None where unknown.
        unicode: whether more than ASCII may be written.
    """
    share = min(1.0, done / total) if total else (files[0] / files[1] if files[1] else 0.0)
    full = int(share * _WIDTH)
    bar = ("█" if unicode else "#") * full + ("░" if unicode else ".") * (_WIDTH - full)
    parts = [f"{stage} {bar} {100 * share:3.0f} %", f"{figures.size(done)} of {figures.size(total)}"]
    if files[1] > 1:
        parts.append(f"{files[0]:,} of {files[1]:,} files")
    if rate:
        parts.append(f"{figures.size(rate)}/s")
        left = 1000 * max(0, total - done) / rate
        if left < _LONGEST:
            parts.append(f"{figures.duration(left)} left")
    return ", ".join(parts)
