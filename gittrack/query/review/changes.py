"""What besides the metrics differs between two groups of runs, and what a reader must know first; pure."""

from __future__ import annotations

import math
import shlex
from collections import Counter
from typing import TYPE_CHECKING, Any

from gittrack.core.public import finite
from gittrack.core.text import dump_json
from gittrack.query.fingerprint import TOOLS
from gittrack.query.review.seeds import configuration
from gittrack.query.review.values import Change, Warned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gittrack.core.records import Artifact, Run

    Environments = Mapping[str, Mapping[str, Any]]
    Values = Mapping[str, str]

DATA = "not the same data"
HARDWARE = "not the same hardware"
_HARDWARE = ("cpu", "gpus", "logical_cores")
_TRAINING = frozenset({"train", "training", "fit"})
_SHOWN = 3
_NOTHING: Mapping[str, Any] = {}


def changed(before: Sequence[Run], after: Sequence[Run], read: Callable[[Run], Values]) -> tuple[Change, ...]:
    """The names whose values are not the same in both groups, in the order of the names.

    Args:
        before: the baseline.
        after: the new runs.
        read: gives the names and values of a run.
    """
    old, new = _values(before, read), _values(after, read)
    names = sorted({*old, *new}, key=lambda name: (name.lower(), name))
    return tuple(
        Change(name, tuple(old.get(name, ())), tuple(new.get(name, ())))
        for name in names
        if set(old.get(name, ())) != set(new.get(name, ()))
    )


def params_of(run: Run) -> Values:
    """The params of a run, and its command, as text."""
    params = {name: text_of(value) for name, value in run.params.items()}
    return params if params or not run.command else {"command": shlex.join(run.command)}


def data_of(run: Run) -> Values:
    """Name of an input to its digest; where it was not read, to where it was."""
    return {one.name: one.sha256 or one.uri for one in run.inputs}


def environment_of(documents: Environments) -> Callable[[Run], Values]:
    """What reads Python, packages and hardware of a run."""
    known: dict[int, Values] = {}  # runs of one environment share its document

    def read(run: Run) -> Values:
        document = documents.get(run.id, _NOTHING)
        if id(document) not in known:
            known[id(document)] = _environment(document)
        return known[id(document)]

    return read


def _environment(document: Mapping[str, Any]) -> Values:
    python = _part(document, "python").get("version") or document.get("python")
    found = {"python": str(python)} if isinstance(python, str) else {}
    packages = {
        str(name): text_of(version)
        for name, version in _part(document, "packages").items()
        if name not in TOOLS
    }
    return found | packages | hardware_of(document)


def hardware_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Processor, cores and accelerators as text."""
    part = _part(document, "hardware")
    found = {name.replace("_", " "): text_of(part[name]) for name in _HARDWARE if part.get(name)}
    if isinstance(part.get("gpus"), list):
        names = Counter(
            str(one.get("name", one)) if isinstance(one, dict) else str(one) for one in part["gpus"]
        )
        found["gpus"] = ", ".join(f"{count} × {name}" if count > 1 else name for name, count in names.items())
    return {name: text for name, text in found.items() if text}


def artifacts_of(before: Run, after: Run) -> tuple[Change, ...]:
    """Artifacts of two runs that are not the same: digest and size."""

    def read(run: Run) -> Values:
        return {one.path: _artifact(one) for one in run.artifacts}

    return changed([before], [after], read)


def warnings_of(
    before: Sequence[Run], after: Sequence[Run], documents: Environments, unfinished: Sequence[Run] = ()
) -> tuple[Warned, ...]:
    """What a reader must know before any number; what invalidates a comparison comes first.

    Args:
        before: the baseline; may be empty.
        after: the new runs.
        documents: id of a run to its environment.
        unfinished: runs of the same commit that did not finish.
    """
    found = []
    if before:
        found += [_data(before, after), _hardware(before, after, documents)]
    found += [_unfinished(after, unfinished), _mixed("runs under review", after), _mixed("baseline", before)]
    found += [_dirty(after)]
    return tuple(one for one in found if one is not None)


def _data(before: Sequence[Run], after: Sequence[Run]) -> Warned | None:
    training = {
        one.name
        for run in (*before, *after)
        for one in run.inputs
        if (one.context or "").lower() in _TRAINING
    }
    rows = changed(before, after, data_of)
    both = [one for one in rows if one.before and one.after]
    judged = [one for one in both if one.key not in training]
    if judged:
        return Warned(DATA, _told(one.key for one in judged) + " changed", invalidates=True)
    if both:
        return Warned("other training data", _told(one.key for one in both) + " changed")
    if rows:
        return Warned("other inputs", _told(one.key for one in rows) + " is not an input of both sides")
    return None


def _hardware(before: Sequence[Run], after: Sequence[Run], documents: Environments) -> Warned | None:
    rows = changed(before, after, lambda run: hardware_of(documents.get(run.id, {})))
    told = [
        f"{one.key} {' | '.join(one.before)} → {' | '.join(one.after)}"
        for one in rows
        if one.before and one.after
    ]
    return Warned(HARDWARE, "; ".join(told), invalidates=True) if told else None


def _unfinished(after: Sequence[Run], others: Sequence[Run]) -> Warned | None:
    states = Counter(run.status for run in (*after, *others) if run.status != "finished")
    if not states:
        return None
    told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    taken = "" if others else ", taken all the same because they were named"
    return Warned("unfinished runs", f"{told}{taken}")


def _mixed(what: str, runs: Sequence[Run]) -> Warned | None:
    if len({configuration(run) for run in runs}) < 2:  # noqa: PLR2004  two are not one
        return None
    text = f"{what}: params, data or code differ within the group, so its spread is not that of seeds"
    return Warned("mixed group", text)


def _dirty(after: Sequence[Run]) -> Warned | None:
    count = sum(run.source.dirty for run in after)
    if not count:
        return None
    kept = "its snapshot has it" if all(run.source.snapshot for run in after) else "no snapshot has it"
    return Warned("uncommitted code", f"{count} of {len(after)} runs had uncommitted changes; {kept}")


def _values(runs: Sequence[Run], read: Callable[[Run], Values]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    told = {id(one): one for one in map(read, runs)}  # what several runs share is looked at once
    for one in told.values():
        for name, text in one.items():
            found.setdefault(name, {})[text] = None
    return {name: sorted(texts, key=_natural) for name, texts in found.items()}


def _natural(text: str) -> tuple[float, str]:
    """Numbers by their size, before all else."""
    try:
        return (float(text), text) if text.lower() != "nan" else (math.inf, text)
    except ValueError:
        return math.inf, text


def text_of(value: Any) -> str:  # noqa: ANN401  a JSON value
    """A value on one line."""
    plain = finite(value)
    return plain if isinstance(plain, str) else dump_json(plain).decode()


def _artifact(one: Artifact) -> str:
    return f"{_size(one.size)}, sha256:{one.sha256[:12]}"


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 1000:  # noqa: PLR2004  SI units
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.4g} TB"


def _told(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(listed[:_SHOWN]) + more


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, dict) else {}
