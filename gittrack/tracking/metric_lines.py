"""Metrics in lines of output.

::

    epoch 3 loss=0.1 acc: 0.9
    step: 100 | loss: 0.25 | lr 1e-3
    Epoch 3:  12%|#2       | 12/100 [00:01<00:07, 11.9it/s, loss=0.3]
    10/10 [==============================] - 1s 5ms/step - loss: 0.3 - accuracy: 0.9
    [10]  valid_0's auc: 0.9
    {"epoch": 1, "loss": 0.5}

A line is cut at its separators, and a piece counts when it is nothing but names and numbers: prose
with a number in it, times, percentages, sizes and what has a unit are no metrics.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.tracking.metric_words import is_metric

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 4000  # characters of a line that is looked at
_NUMBER = r"[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|nan|NaN|NAN|inf|Inf|INF)"
_NOT_NUMBER = r"(?![\w%/]|:\d|\.\w|\s*%)"  # what makes a number part of something else
_STEP_WORDS = "global[ _]?step|step|iteration|iter|epoch|round"

_FINE = ("globalstep", "step", "iteration", "iter")

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_NOISE = tuple(
    (mark, re.compile(pattern))
    for mark, pattern in (
        ("://", r"\w+://\S+"),
        (":", r"(?<![\w./-])[\w./-]+\.(?:py|cpp|cc|cu|c|h|go|rs|java|js|ts):\d+"),  # places in code
        ("", r"\b\d{4}[-/]\d\d[-/]\d\d(?:[T ](?=\d))?"),  # dates
        (":", r"\b\d{1,2}[-/]\d{1,2} (?=\d\d:)"),
        (":", r"\b\d+:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\b"),  # times
        (".", r"\b\d+\.\d+\.\d+[\w.+-]*"),  # versions, IP addresses
        ("(", r"(?<![\w.])[\w.]+\([^()]*\)"),  # calls: SGD(lr=0.1)
        ("%)", r"\(\d+(?:\.\d+)? ?%\)"),
        ("", r"\b(?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|TRACE)\b:?"),
    )
)
_TQDM = re.compile(r"\d+%\|[^|]*\|\s*(\d+)/(\d+)\s*\[[^,\]]*(?:,[^,\]=:]*)?(?:,\s*([^\]]*))?\]")
_KERAS = re.compile(r"(\d+)/(\d+)\s*(?:\[[=>.\s]+\]|[━╸╺ ]*━[━╸╺ ]*)\s*(?:-\s)?")
_LEADING = re.compile(
    r"\s*(?:\[(\d+)\]|(\d+):(?=\s))\s+(?=\S)"
)  # boosting: `[10] auc: 0.9`, `10: learn: 0.9`
_STEP = re.compile(
    rf"(?i:(?<![\w.-])({_STEP_WORDS}))['\"]?\s*[:=#]?\s*[\[(]?\s*(\d+)(?:\s*(?:/|of)\s*(\d+))?\s*[\])]?"
    rf"(?:\[\s*(\d+)\s*/\s*(\d+)\s*\])?(?![\w.%]*\d)"
)
_PIECES = re.compile(
    r"\s*[|,;\t\u2022\u00b7]\s*|\s+[-\u2013\u2014]+\s+|\s{2,}|[{}\[\]]|[!?]\s|(?<=\d)\.(?=\s|$)"
)
_NAME = r"[A-Za-z_][\w@./'-]*"
_PAIR = re.compile(
    rf"['\"]?({_NAME}(?:[ ]{_NAME}){{0,2}})['\"]?(\s*[:=]\s*|\s+)"
    rf"['\"]?({_NUMBER}){_NOT_NUMBER}['\"]?(?:\s*\(\s*{_NUMBER}\s*\))?\s*"
)
_EQUALS = re.compile(rf"(?<![\w@./'-])({_NAME})=({_NUMBER}){_NOT_NUMBER}(?!\s*[a-zA-Z]+/)")
_EDGES = " \t-\u2013\u2014:>*#"
_PROSE = re.compile(r"^[^:=]*:\s+(?=\S)")


_ALIGNED = re.compile(r"(?<=[\w:=(]) {2,}(?=[-+.\d])")
_WORTH = re.compile(rf"[:=]\s*['\"]?[-+]?[.\dni]|\b(?:{_STEP_WORDS})\b|^\s*\[\d", re.IGNORECASE)


class Found(NamedTuple):
    """What a line says: the step, None without one, and name to value."""

    step: int | None
    metrics: dict[str, float]


class MetricLines:
    """Reads the lines of one stream with the default patterns.

    Remembers the step: `Epoch 3/10` on a line of its own counts for the lines after it.
    """

    def __init__(self) -> None:
        self._last: int | None = None

    def read(self, line: str) -> Found:
        """The metrics in a line, without its end."""
        text = _ANSI.sub("", line[:_LONGEST]).strip()
        if not _WORTH.search(text):
            return Found(None, {})
        if text[0] == "{" and (record := _json(text)) is not None:
            return _from_record(record)
        return self._read_text(text)

    def _read_text(self, text: str) -> Found:
        if match := _TQDM.search(text):
            return self._progress(match, text[: match.start()], match[3] or "")
        if match := _KERAS.search(text):
            if match[1] != match[2]:  # a bar that is still moving: the last one has the figures
                return Found(None, {})
            step, _ = _step(text[: match.start()])
            return self._found(step, _metrics(text[match.end() :], stepped=True))
        step, rest = _step(text)
        return self._found(step, _metrics(rest, stepped=step is not None))

    def _found(self, step: int | None, metrics: dict[str, float]) -> Found:
        if step is not None:
            self._last = step
        return Found(self._last, metrics)

    @staticmethod
    def _progress(bar: re.Match[str], before: str, after: str) -> Found:
        done, total = int(bar[1]), int(bar[2])
        match = _STEP.search(before)
        step = done + int(match[2]) * total if match else done
        return Found(step, _metrics(after, stepped=True))


def _step(text: str) -> tuple[int | None, str]:
    """The step that a line names, and the line without it and without noise."""
    leading = _LEADING.match(text)
    text = _quiet(text[leading.end() :] if leading else text)
    found = {_plain(match[1]): match for match in reversed(list(_STEP.finditer(text)))}
    if not found:
        return (int(leading[1] or leading[2]) if leading else None), text
    epoch = found.get("epoch") or found.get("round")
    fine = next((found[word] for word in _FINE if word in found), None)
    return _number(epoch, fine), _STEP.sub(" | ", text)


def _quiet(text: str) -> str:
    """The text without numbers that are dates, addresses, versions and the like."""
    for mark, pattern in _NOISE:
        if mark in text:
            text = pattern.sub(" ", text)
    return text


def _number(epoch: re.Match[str] | None, fine: re.Match[str] | None) -> int:
    """One step out of an epoch and a step in it; counted on over epochs where their length is known."""
    if fine is not None:
        if epoch is not None and fine[3]:
            return int(epoch[2]) * int(fine[3]) + int(fine[2])
        return int(fine[2])
    if epoch is None:
        msg = "unreachable: one of them was found"
        raise AssertionError(msg)
    return int(epoch[2]) * int(epoch[5]) + int(epoch[4]) if epoch[5] else int(epoch[2])


def _plain(word: str) -> str:
    return re.sub("[ _]", "", word.lower())


def _metrics(text: str, *, stepped: bool) -> dict[str, float]:
    """Name to value. `loss 0.5` without a sign between only counts beside a step or a surer one."""
    sure: dict[str, float] = {}
    likely: dict[str, float] = {}
    for part in _PIECES.split(_ALIGNED.sub(" ", text)):
        piece = part.strip(_EDGES)
        pairs = _pairs(piece)
        for name, sign, value in pairs:
            (sure if sign.strip() else likely)[name] = value
        if not pairs:
            sure.update((match[1], float(match[2])) for match in _EQUALS.finditer(piece))
    found = {**likely, **sure} if stepped or sure else {}
    return {name_of(name): value for name, value in found.items() if is_metric(name)}


def _pairs(piece: str) -> list[tuple[str, str, float]]:
    """The pairs in a piece that is nothing else; prose before a colon is passed over."""
    for text in (piece, _PROSE.sub("", piece)):
        pairs, at = [], 0
        while match := _PAIR.match(text, at):
            pairs.append((match[1], match[2], float(match[3])))
            at = match.end()
        if at == len(text):
            return pairs
    return []


def name_of(text: str) -> str:
    """The name of a metric as it is kept: `valid_0's auc` → `valid_0_auc`."""
    return re.sub(r"\s+", "_", text.strip(" '\".:-").replace("'s ", " "))[:250]


def _json(text: str) -> dict[str, Any] | None:
    from gittrack.core.text import load_json

    try:
        record = load_json(text)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _from_record(record: dict[str, Any]) -> Found:
    from gittrack.tracking.metric_files import is_real, step_of
    from gittrack.tracking.user_files import flatten

    flat = {str(key): value for key, value in flatten(record)}
    name, step = step_of(flat)
    numbers = {key: float(value) for key, value in flat.items() if key != name and is_real(value)}
    return Found(step, {key: value for key, value in numbers.items() if is_metric(key)})


def segments(data: bytes) -> Iterator[str]:
    """The lines in some bytes of output; a progress bar redraws its line, and each is one."""
    for line in re.split(rb"[\r\n\x08]+", data):
        if line:
            yield line.decode(errors="replace")
