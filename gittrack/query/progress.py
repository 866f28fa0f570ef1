"""How far a running run has come, how fast it goes and how long it still takes; pure.

The whole is known from a param (`max_steps=10000`, `epochs: 90`, also as the last part of a longer name:
`trainer.max_epochs`) or from a metric that says the share done (`progress`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gittrack.store.journal.tail import Tail

_STEPS = re.compile(
    r"(max|total|num|n|train|training)_?(train_|training_)?(steps|iters|iterations|updates)|steps|iterations|iters"
)
_EPOCHS = re.compile(r"(max|total|num|n)_?(train_)?epochs?|epochs")
_SHARE = re.compile(r"progress(_?(percent|pct))?")
_EPOCH = re.compile(r"(current_)?epoch")
_OWN = ("system/", "process/", "gpu/")
_HUNDRED = 100


class Progress(NamedTuple):
    """How far a run has come.

    Attributes:
        done: steps, epochs or percent so far; fractions of an epoch count.
        total: of them in all, None where nobody says.
        unit: `step`, `epoch` or `%`.
        rate: of them a second, lately; None where that cannot be told yet.
        left: seconds to the end at that rate, None where that cannot be told.
    """

    done: float
    total: float | None
    unit: str
    rate: float | None
    left: float | None

    @property
    def share(self) -> float | None:
        """From 0 to 1, None without a total."""
        return None if not self.total else max(0.0, min(1.0, self.done / self.total))


def is_own(key: str) -> bool:
    """Whether a metric is about the machine, not about the training."""
    return key.startswith(_OWN)


def progress(params: Mapping[str, Any], tails: Iterable[Tail]) -> Progress | None:
    """How far a run has come; None before its first point.

    Args:
        params: of the run.
        tails: its metrics.
    """
    own = {tail.key: tail for tail in sorted(tails, key=lambda one: -one.rank) if not is_own(tail.key)}
    if not own:
        return None
    if (share := _find(own, _SHARE)) is not None and share.last is not None:
        total = (
            1.0 if share.last.value <= 1 and share.key.rpartition("/")[2] == "progress" else float(_HUNDRED)
        )
        return _made(
            share.last.value / total * _HUNDRED,
            _HUNDRED,
            "%",
            _rate(share, by_value=True, scale=_HUNDRED / total),
        )
    fastest = max(own.values(), key=lambda tail: (tail.last.step if tail.last else 0, tail.count))
    step = fastest.last.step + 1 if fastest.last else 0
    rate = _rate(fastest)
    if (steps := _number(params, _STEPS)) is not None:
        return _made(step, steps, "step", rate)
    epochs = _number(params, _EPOCHS)
    if epochs is not None and (epoch := _find(own, _EPOCH)) is not None and epoch.last is not None:
        return _made(epoch.last.value, epochs, "epoch", _rate(epoch, by_value=True))
    if epochs is not None and step <= epochs:
        return _made(step, epochs, "epoch", rate)
    return _made(step, None, "step", rate)


def _made(done: float, total: float | None, unit: str, rate: float | None) -> Progress:
    left = (total - done) / rate if total is not None and rate and done <= total else None
    return Progress(done, total, unit, rate, left)


def _find(tails: Mapping[str, Tail], pattern: re.Pattern[str]) -> Tail | None:
    return next((tail for key, tail in tails.items() if pattern.fullmatch(_word(key))), None)


def _number(params: Mapping[str, Any], pattern: re.Pattern[str]) -> float | None:
    for key, value in params.items():
        if pattern.fullmatch(_word(key)):
            try:
                number = float(value)
            except (TypeError, ValueError):
                continue
            if number > 0:
                return number
    return None


def _word(key: str) -> str:
    """The last part of a dotted name, `--max-epochs` and `MaxEpochs` written as `max_epochs`."""
    last = re.split(r"[./:]", key)[-1].lstrip("-").replace("-", "_")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", last).lower()


def _rate(tail: Tail, *, by_value: bool = False, scale: float = 1.0) -> float | None:
    """Steps a second over the last points, or what the value gains a second."""
    first, last = (tail.recent[0], tail.recent[-1]) if tail.recent else (None, None)
    if first is None or last is None or last.time <= first.time:
        return None
    gained = (last.value - first.value) * scale if by_value else last.step - first.step
    return gained / (last.time - first.time) * 1000 if gained > 0 else None
