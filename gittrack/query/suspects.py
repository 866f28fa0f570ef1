"""Why a repeat may differ: what is known of the two runs, ranked by what speaks for it; pure.

A difference that was recorded is evidence; the less it can be without effect, the more it weighs. The size
of the first divergence weighs besides: rounding (another library, processor or number of threads) starts
tiny and grows, other data, seeds or code start large. Two runs of one fingerprint that disagree prove that
the program is not deterministic; where the value is as far off as theirs are, that explains it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gittrack.query.changes.diff import diff
from gittrack.query.compare.side_by_side import ABSENT, same
from gittrack.query.fingerprint import TOOLS
from gittrack.query.verdict.values import Suspect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gittrack.query.changes.diff import Change, RunDiff
    from gittrack.query.verdict.values import ArtifactResult, Cause, Evidence, MetricResult

ROUNDING = 1e-5
"""Relative size of a first divergence up to which it looks like rounding."""
_WEIGHTS: Mapping[Cause, int] = {
    "code": 100,
    "command": 98,
    "seed": 96,
    "data": 94,
    "params": 92,
    "randomness": 90,
    "python": 78,
    "packages": 76,
    "threads": 70,
    "hardware": 66,
    "variables": 50,
    "code not captured": 45,
    "platform": 40,
    "missing output": 42,
    "unknown": 1,
}
_OF_ROUNDING: frozenset[Cause] = frozenset({"packages", "threads", "hardware"})
_ROUNDED = 30  # more weight to them when it looks like rounding
_THREADS = re.compile(
    r"(?:OMP|MKL|OPENBLAS|NUMEXPR|VECLIB|BLIS|KMP)_.*|TF_NUM_\w+_THREADS|\w+_NUM_THREADS|JAX_.*THREADS.*",
    re.ASCII,
)
_SEED = re.compile(r"(?:.*[\W_])?(?:seed|hashseed|random_?state|pythonhashseed)\d*", re.IGNORECASE | re.ASCII)
_IRRELEVANT = frozenset({"hardware.memory", "variables.LANG", "variables.CONDA_DEFAULT_ENV", "python.kind"})
_PART = re.compile(r"(?:variables|hardware|platform|python|direct_urls)\.")
_NO_VALUE = "not set"
_SHOWN = 20


def suspects(
    original: Evidence,
    repeat: Evidence,
    *,
    metrics: Sequence[MetricResult] = (),
    artifacts: Sequence[ArtifactResult] = (),
    unsteady: Sequence[str] = (),
    code: Sequence[str] | None = None,
) -> tuple[Suspect, ...]:
    """What may be why, the most likely first.

    Args:
        original: the run.
        repeat: the one that differs from it.
        metrics: what differs.
        artifacts: the same.
        unsteady: what differs between runs of one fingerprint.
        code: the files that differ between the code of the two, one line each; None where that is not
            known: then the commits tell.
    """
    known = original.environment and repeat.environment  # of a command that did not start there is none
    environments = (original.environment, repeat.environment) if known else (None, None)
    found = diff(original.run, repeat.run, environments=environments)
    every = [
        *_code(found, original, repeat, code),
        *_what_was_run(found),
        *_data(found, original, repeat),
        *_environment(found),
        *_outputs(artifacts),
    ]
    rounding = _looks_like_rounding(metrics)
    every = [weighed(one, rounding=rounding) for one in every]
    every += _randomness(every, metrics, unsteady)
    ranked = sorted(every, key=lambda one: -one.weight)
    return tuple(replace(one, run=repeat.run.id) for one in ranked)


def _suspect(cause: Cause, text: str, details: Iterable[str] = ()) -> Suspect:
    lines = list(details)
    more = [f"… and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return Suspect(cause, text, _WEIGHTS[cause], (*lines[:_SHOWN], *more))


def weighed(suspect: Suspect, *, rounding: bool) -> Suspect:
    """The same, with more weight where it makes other roundings and the difference looks like one."""
    more = _ROUNDED if rounding and suspect.cause in _OF_ROUNDING else 0
    return replace(suspect, weight=suspect.weight + more)


def _looks_like_rounding(metrics: Sequence[MetricResult]) -> bool:
    """Whether all series that part do so by next to nothing."""
    firsts = [one.first for one in metrics if one.first is not None and one.gate]
    sizes = [one.relative for one in firsts]
    return bool(sizes) and all(size is not None and size <= ROUNDING for size in sizes)


def _code(
    found: RunDiff, original: Evidence, repeat: Evidence, code: Sequence[str] | None
) -> Iterator[Suspect]:
    if code:
        yield _suspect("code", f"the code differs: {_count(code, 'file')}", code)
    elif code is None and found.code_differs:
        yield _suspect("code", "the code is of another commit")
    left_out = {**original.run.source.left_out, **repeat.run.source.left_out}
    if left_out:
        lines = (f"{path}: {reason}" for path, reason in left_out.items())
        yield _suspect("code not captured", f"the snapshot leaves out {_count(left_out, 'file')}", lines)
    elif original.run.source.snapshot is None:
        why = original.run.source.missing or "no snapshot"
        yield _suspect("code not captured", f"the code of the original was not captured: {why}")


def _what_was_run(found: RunDiff) -> Iterator[Suspect]:
    params = [one for one in found.sections["params"] if one.differs]
    seeds = [one for one in params if _SEED.fullmatch(one.key)]
    others = [one for one in params if one not in seeds]
    variables = [one for one in found.sections["environment"] if one.differs and _is_seed_variable(one)]
    if seeds or variables:
        yield _suspect(
            "seed", f"another seed: {_names([*seeds, *variables])}", map(_line, [*seeds, *variables])
        )
    if others:
        yield _suspect("params", f"other params: {_names(others)}", map(_line, others))
    command = [one for one in found.sections["command"] if one.differs and not params]
    if command:
        yield _suspect("command", "another command", map(_line, command))


def _data(found: RunDiff, original: Evidence, repeat: Evidence) -> Iterator[Suspect]:
    changed = [one for one in found.sections["inputs"] if one.differs]
    if changed:
        yield _suspect("data", f"other data: {_names(changed)}", map(_line, changed))
    unread = sorted({one.name for one in (*original.run.inputs, *repeat.run.inputs) if one.sha256 is None})
    if unread:
        text = f"data that was not verified: {', '.join(unread[:3])}"
        yield replace(_suspect("data", text, unread), weight=_WEIGHTS["variables"])


def _environment(found: RunDiff) -> Iterator[Suspect]:
    rest = [one for one in found.sections["environment"] if one.differs and _tells(one)]
    packages = [one for one in found.sections["packages"] if one.differs and one.key not in TOOLS]
    urls = [one for one in rest if one.key.startswith("direct_urls.")]
    packages += [one for one in urls if one.key.removeprefix("direct_urls.") not in TOOLS]
    packages.sort(key=lambda one: (one.before is ABSENT, one.after is ABSENT))  # other versions first
    if packages:
        yield _suspect("packages", f"other packages: {_names(packages)}", map(_line, packages))
    groups: dict[Cause, list[Change]] = {}
    for one in rest:
        if not _is_seed_variable(one) and (cause := _cause(one.key)) is not None:
            groups.setdefault(cause, []).append(one)
    for cause, changes in groups.items():
        yield _suspect(cause, f"{_WORDS[cause]}: {_names(changes)}", map(_line, changes))


_WORDS: Mapping[Cause, str] = {
    "python": "another Python",
    "threads": "another number of threads",
    "hardware": "other hardware",
    "platform": "another system",
    "variables": "other environment variables",
}


def _tells(change: Change) -> bool:
    """Whether it may matter: how much is known of a Python depends on who looked at it."""
    half = ABSENT in {change.before, change.after} if change.key.startswith("python.") else False
    return not half and change.key not in _IRRELEVANT


def _cause(key: str) -> Cause | None:
    section, _, name = key.partition(".")
    if section == "variables":
        return "threads" if _THREADS.fullmatch(name) else "variables"
    if section in {"python", "hardware", "platform"}:
        return "python" if section == "python" else "hardware" if section == "hardware" else "platform"
    return None


def _is_seed_variable(change: Change) -> bool:
    section, _, name = change.key.partition(".")
    return section == "variables" and _SEED.fullmatch(name) is not None


def _outputs(artifacts: Sequence[ArtifactResult]) -> Iterator[Suspect]:
    absent = [one.path for one in artifacts if one.gate and one.before is not None and None in one.after]
    if absent:
        yield _suspect("missing output", f"the repeat did not make {', '.join(absent[:3])}", absent)


def _randomness(
    every: Sequence[Suspect], metrics: Sequence[MetricResult], unsteady: Sequence[str]
) -> Iterator[Suspect]:
    """Proof where runs of one fingerprint disagree; else what is left when nothing else differs."""
    if unsteady:
        text = f"the program is not deterministic: runs with the same fingerprint differ in {_few(unsteady)}"
        off = [one for one in metrics if one.gate and one.outcome == "differs"]
        beyond = any(one.interval is not None or one.key not in unsteady for one in off)
        weight = _WEIGHTS["unknown"] + 1 if beyond and every else _WEIGHTS["randomness"]
        yield replace(_suspect("randomness", text, unsteady), weight=weight)
    elif not [one for one in every if one.weight > _WEIGHTS["platform"]]:
        text = "nothing that was recorded differs: a random number without a seed, or a race of threads"
        yield _suspect("randomness", text)


def _line(change: Change) -> str:
    name = change.key.removeprefix("variables.")
    return f"{name}: {_value(change.before)} → {_value(change.after)}"


def _value(value: object) -> str:
    text = _NO_VALUE if value is ABSENT or same(value, None) else str(value)
    return text[:12] if re.fullmatch(r"[0-9a-f]{64}", text) else text[:80]


def _names(changes: Sequence[Change]) -> str:
    return _few([_PART.sub("", one.key) for one in changes])


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")  # noqa: PLR2004


def _count(things: Any, noun: str) -> str:  # noqa: ANN401  anything with a length
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
