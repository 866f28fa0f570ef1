"""What is wrong with a file of a run or of a registered model; pure.

A file is held against its JSON Schema, then against what a schema cannot say: the id matches the path,
the columns of a metric are equally long, times and offsets are in order, the form is canonical.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from gittrack.core.errors import MalformedFile
from gittrack.core.schema import Name, line_of, misfits
from gittrack.core.series import decode, join, summarise
from gittrack.core.text import dump, load, load_json
from gittrack.core.value import dataclass
from gittrack.store.format import layout
from gittrack.store.format.assemble import parse_edit
from gittrack.store.format.reviewable import is_portable
from gittrack.store.format.run_document import run_of
from gittrack.store.registry import document as registry
from gittrack.store.registry.reading import READ

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file.

    Attributes:
        path: the file.
        line: where in it, 1 for the first; None where it is about the whole.
        message: what is wrong, in one line.
        severity: `error`, or `warning` for what gittrack reads all the same.
    """

    path: str
    line: int | None
    message: str
    severity: Severity = "error"


def kind_of(path: str) -> Name | None:
    """Which schema is about a file, by its path on the runs branch; None for artifacts and others."""
    if (place := registry.place_of(path)) is not None:
        return place.kind
    split = layout.split_path(path)
    name = path.rpartition("/")[2]
    within = split[1] if split else path if path.startswith("edits/") else name
    if layout.artifact_within(within) is not None:
        return None
    if within.startswith("edits/") or (split is None and path.endswith(".yaml") and _stamped(name)):
        return "edit"
    return _KINDS.get(name)


_KINDS: Mapping[str, Name] = {
    "run.yaml": "run",
    "metrics.jsonl": "metrics",
    "environment.yaml": "environment",
}


def _stamped(name: str) -> bool:
    return layout.parse_stamp(name.removesuffix(".yaml")) is not None


def check_file(path: str, data: bytes) -> list[Problem]:
    """What is wrong with one file.

    Args:
        path: as on the runs branch (`.runs/digits/2026-11/24/<id>/run.yaml`); a bare `run.yaml`,
            `metrics.jsonl`, `environment.yaml` or `<clock>-<writer>.yaml` is checked by itself.
        data: its content.
    """
    kind = kind_of(path)
    problems = list(check_path(path))
    if kind == "metrics":
        problems += _check_metrics(path, data)
    elif kind is not None:
        problems += _check_document(path, data, kind)
    return problems


def check_run(directory: str, files: Mapping[str, bytes]) -> list[Problem]:
    """What is wrong with a whole run.

    Args:
        directory: of the run on the branch.
        files: path within it to content; artifacts may be left out.
    """
    problems = [
        problem for within in sorted(files) for problem in check_file(f"{directory}/{within}", files[within])
    ]
    if any(problem.severity == "error" for problem in problems):
        return problems
    if "run.yaml" not in files:
        return [*problems, Problem(f"{directory}/run.yaml", None, "missing")]
    return [*problems, *_check_summaries(directory, files)]


def check_path(path: str) -> Iterator[Problem]:
    """What is wrong with the place of a file on the branch, whatever its content."""
    if path.startswith(f"{registry.ROOT}/") and registry.place_of(path) is None:
        yield Problem(path, None, "belongs to no model, or to a newer version", "warning")
    if not path.startswith(f"{layout.ROOT}/"):
        return
    split = layout.split_path(path)
    if split is None:
        yield Problem(path, None, f"belongs to no run: {layout.ROOT}/<experiment>/<yyyy-mm>/<dd>/<run id>/…")
        return
    within = split[1]
    artifact = layout.artifact_within(within)
    if ".." in path.split("/") or not path.isprintable() or "\\" in path:
        yield Problem(path, None, "the path is not safe to check out")
    elif artifact is not None and not is_portable(artifact):
        yield Problem(path, None, "not every system can check it out", "warning")
    elif not _is_known(within):
        yield Problem(path, None, "unknown file, of a newer version or put there by hand", "warning")


def _is_known(within: str) -> bool:
    folder, _, name = within.rpartition("/")
    if folder == "":
        return name in _KINDS
    if folder == "edits":
        return _stamped(name)
    if folder.startswith("attempts/") and name in _KINDS:
        return layout.parse_stamp(folder.removeprefix("attempts/")) is not None
    return _is_artifact(within)


def _is_artifact(within: str) -> bool:
    if layout.artifact_within(within) is None:
        return False
    parts = within.split("/")
    return parts[0] != "attempts" or layout.parse_stamp(parts[1]) is not None


def _check_document(path: str, data: bytes, kind: Name) -> Iterator[Problem]:
    try:
        document = load(data, where=path)
    except MalformedFile as error:
        yield Problem(path, _line_in(error.reason), error.reason)
        return
    newer = _newer(kind, document)
    if newer:
        yield Problem(path, 1, newer, "warning")
        return
    lines = data.decode().splitlines()
    found = [Problem(path, line_of(misfit, lines), misfit.sentence) for misfit in misfits(kind, document)]
    yield from found
    if found:
        return
    yield from _check_meaning(path, data, kind, document)
    if data != dump(document):
        yield Problem(path, None, "not in the canonical form: reading it takes 20 times as long", "warning")


def _newer(kind: Name, document: Mapping[str, Any]) -> str | None:
    match = re.fullmatch(rf"gittrack\.{kind}/([2-9]|[1-9]\d+)", str(document.get("schema")))
    return f"version {match[1]} is newer than this gittrack: not checked" if match else None


def _check_meaning(path: str, data: bytes, kind: Name, document: Mapping[str, Any]) -> Iterator[Problem]:
    split = layout.split_path(path)
    run_id = split[0].rpartition("/")[2] if split else str(document.get("run_id"))
    try:
        if kind == "run":
            run = run_of(data, path, run_id)
            first = split is not None and split[1] == "run.yaml"
            if split and first and layout.run_directory(run) != split[0]:
                yield Problem(path, None, f"stands in another directory than {layout.run_directory(run)}")
            if run.end_time is not None and run.end_time < run.start_time:
                yield Problem(path, None, "ends before it starts", "warning")
            if (run.status in {"queued", "running"}) == (run.end_time is not None):
                yield Problem(
                    path,
                    None,
                    f"is {run.status} and has {'an' if run.end_time else 'no'} end time",
                    "warning",
                )
        elif (place := registry.place_of(path)) is not None:
            READ[place.kind](path, place, data)
        elif kind == "edit":
            parse_edit(data, path if split else f"edits/{path.rpartition('/')[2]}", run_id)
    except MalformedFile as error:
        yield Problem(path, None, error.reason)


def _check_metrics(path: str, data: bytes) -> Iterator[Problem]:
    seen: set[tuple[str, int]] = set()
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        for message in _check_series(line):
            yield Problem(path, number, message)
            break
        else:
            value = load_json(line)
            name = (value["key"], value.get("rank", 0))
            if name in seen:
                yield Problem(path, number, f"a second line for {name[0]!r}")
            seen.add(name)
    if data and not data.endswith(b"\n"):
        yield Problem(path, data.count(b"\n") + 1, "the last line does not end: the file may be cut off")


def _check_series(line: bytes) -> Iterator[str]:
    try:
        value = load_json(line)
    except ValueError:
        yield "not JSON"
        return
    for misfit in misfits("metrics", value):
        yield misfit.sentence
        return
    length = len(value["values"])
    if not length == len(value["steps"]) == len(value["times"]):
        yield "steps, values and times are not equally long"
    offsets = value.get("attempts", [])
    if offsets != sorted(set(offsets)) or (offsets and offsets[-1] >= length):
        yield "attempts are not ascending offsets of points"
    try:
        list(decode(line))
    except ValueError as error:
        yield str(error).partition(": ")[2]


def _check_summaries(directory: str, files: Mapping[str, bytes]) -> Iterator[Problem]:
    """The summaries of `run.yaml` against the points; later attempts have them of the whole run."""
    path = f"{directory}/run.yaml"
    run = run_of(files["run.yaml"], path, directory.rpartition("/")[2])
    found = summarise(join([], decode(files.get("metrics.jsonl", b""))))
    for key, said in run.metrics.items():
        if key not in found:
            yield Problem(path, None, f"metric {key!r} has a summary and no points")
        elif repr(said) != repr(found[key]):  # NaN is like NaN in text only
            yield Problem(path, None, f"the summary of metric {key!r} is not that of its points")


def _line_in(reason: str) -> int | None:
    match = re.search(r"\(line (\d+)", reason)
    return int(match[1]) if match else None
