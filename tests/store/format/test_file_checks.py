"""What `check_file` and `check_run` find beyond the schemas."""

from __future__ import annotations

import pytest

from gittrack.core.records import Run
from gittrack.core.series import Series, encode, summarise
from gittrack.core.text import dump, dump_json, load
from gittrack.store.format.file_checks import Problem, check_file, check_run, kind_of
from gittrack.store.format.layout import Edited, Stamp, edit_file, run_directory, run_files

ID = "20261124-034313-k3f9a2x1"
RUN = Run(ID, "digits", "base", "finished", 1795491793000, 1795491800000)
DIRECTORY = run_directory(RUN)


def messages(problems: list[Problem], severity: str = "error") -> list[str]:
    """The messages of one severity."""
    return [problem.message for problem in problems if problem.severity == severity]


def run_yaml(**fields: object) -> bytes:
    """A good `run.yaml` with some fields changed; None takes one out."""
    [data] = run_files(RUN, [], None).values()
    document = load(data, where="run.yaml") | fields
    return dump({key: value for key, value in document.items() if value is not None})


def line(key: str, values: list[float], **fields: object) -> bytes:
    """A line of `metrics.jsonl` with some fields changed."""
    count = range(len(values))
    return (
        dump_json({"key": key, "steps": list(count), "values": values, "times": list(count), **fields})
        + b"\n"
    )


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (f"{DIRECTORY}/run.yaml", "run"),
        (f"{DIRECTORY}/attempts/000000000000001-aaaa/run.yaml", "run"),
        (f"{DIRECTORY}/attempts/000000000000001-aaaa/metrics.jsonl", "metrics"),
        (f"{DIRECTORY}/environment.yaml", "environment"),
        (f"{DIRECTORY}/edits/000000000000001-aaaa.yaml", "edit"),
        (f"{DIRECTORY}/artifacts/run.yaml", None),
        (f"{DIRECTORY}/README", None),
        ("run.yaml", "run"),
        ("/somewhere/metrics.jsonl", "metrics"),
        ("000000000000001-aaaa.yaml", "edit"),
        ("config.yaml", None),
    ],
)
def test_kind_of(path: str, kind: str | None) -> None:
    """A file is known by its path."""
    assert kind_of(path) == kind


def test_good_run() -> None:
    """A run as it is written has no problems."""
    assert check_file(f"{DIRECTORY}/run.yaml", run_yaml()) == []


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (".runs/run.yaml", "belongs to no run"),
        (f"{DIRECTORY}/../{ID}/run.yaml", "not safe"),
        (f"{DIRECTORY}/artifacts/a\\b", "not safe"),
        (f"{DIRECTORY}/artifacts/a\x1b[2J", "not safe"),
    ],
)
def test_bad_paths(path: str, message: str) -> None:
    """A path that belongs to no run or is not safe to check out is an error."""
    assert message in messages(check_file(path, b""))[0]


@pytest.mark.parametrize("within", ["notes.txt", "edits/x.yaml", "attempts/x/run.yaml", "attempts/1-aaaa/x"])
def test_unknown_files(within: str) -> None:
    """A file that this version does not know is a warning."""
    assert any(
        "unknown file" in text for text in messages(check_file(f"{DIRECTORY}/{within}", b"a: 1\n"), "warning")
    )


def test_broken_yaml() -> None:
    """What is not YAML is said with its line."""
    [problem] = check_file("run.yaml", b"schema: 1\na: [\n")
    assert (problem.line, problem.severity) == (3, "error")


def test_not_utf8() -> None:
    """What is not UTF-8 is said."""
    assert messages(check_file("run.yaml", b"\xff\n")) == ["not UTF-8 at byte 0"]


def test_field_of_the_wrong_type() -> None:
    """A field that does not fit is said with its line."""
    data = run_yaml(tags={"a": 1})
    [problem] = check_file(f"{DIRECTORY}/run.yaml", data)
    assert problem.message == "tags.a is not text"
    assert data.decode().splitlines()[(problem.line or 0) - 1] == '  "a": 1'


def test_missing_field() -> None:
    """A required field that is not there is said."""
    assert messages(check_file("run.yaml", run_yaml(status=None))) == ["has no status"]


def test_newer_version() -> None:
    """A file of a newer version is a warning, whatever else stands in it."""
    problems = check_file("run.yaml", run_yaml(schema="gittrack.run/2", status="new"))
    assert messages(problems, "warning") == ["version 2 is newer than this gittrack: not checked"]
    assert messages(problems) == []


def test_another_run() -> None:
    """A file that belongs to another run is an error."""
    problems = check_file(f"{DIRECTORY}/run.yaml", run_yaml(run_id="20261124-034313-aaaaaaaa"))
    assert messages(problems) == ["belongs to another run: '20261124-034313-aaaaaaaa'"]


def test_another_directory() -> None:
    """A run that does not stand where its experiment says is an error."""
    problems = check_file(f"{DIRECTORY}/run.yaml", run_yaml(experiment="other"))
    assert "stands in another directory" in messages(problems)[0]


def test_impossible_time() -> None:
    """A time that has the form but is none is an error."""
    assert messages(check_file("run.yaml", run_yaml(end_time="2026-13-01T00:00:00Z")))


def test_times_backwards() -> None:
    """A run that ends before it starts is a warning."""
    problems = check_file("run.yaml", run_yaml(end_time="2020-01-01T00:00:00.000Z"))
    assert messages(problems, "warning") == ["ends before it starts"]


def test_running_with_end() -> None:
    """A running run has no end."""
    assert messages(check_file("run.yaml", run_yaml(status="running")), "warning") == [
        "is running and has an end time"
    ]
    assert messages(check_file("run.yaml", run_yaml(end_time=None)), "warning") == [
        "is finished and has no end time"
    ]


def test_form() -> None:
    """Another form of YAML is a warning."""
    data = run_yaml().replace(b'"finished"', b"finished")
    assert "not in the canonical form" in messages(check_file("run.yaml", data), "warning")[0]


def test_unsafe_artifact() -> None:
    """The name of an artifact never leaves the run."""
    bad = {"path": "../../.git/hooks/x", "sha256": "0" * 64, "size": 1}
    assert "artifacts.0.path" in messages(check_file("run.yaml", run_yaml(artifacts=[bad])))[0]


def test_edit() -> None:
    """A later change fits by its path, and by its name alone."""
    edited = Edited(Stamp(1795491793000, "k3f9a2x01b"), 1795491793000, "Ada <a@b>", ())
    path, data = edit_file(DIRECTORY, ID, edited)
    assert check_file(path, data) == []
    assert check_file(path.rpartition("/")[2], data) == []
    assert messages(check_file(path.replace("k3f9a2x1/", "aaaaaaaa/"), data)) == [
        f"belongs to another run: {ID!r}"
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{\n", "not JSON"),
        (b"[1]\n", "is not a mapping"),
        (line("a", [1.0], rank="x"), "rank is not a whole number"),
        (line("a", [1.0], steps=[1, 2]), "steps, values and times are not equally long"),
        (line("a", [1.0, 2.0], attempts=[1, 1]), "attempts are not ascending offsets of points"),
        (line("a", [1.0], attempts=[1]), "attempts are not ascending offsets of points"),
        (line("a", [1.0], steps=[2**63]), ""),
        (line("a", [1.0]) + line("a", [2.0]), "a second line for 'a'"),
        (line("a", [1.0])[:-1], "the last line does not end: the file may be cut off"),
    ],
)
def test_metrics(data: bytes, message: str) -> None:
    """What is wrong with a line of points is said."""
    found = messages(check_file("metrics.jsonl", data))
    assert len(found) == 1
    assert message in found[0]


def test_metrics_line() -> None:
    """The line is said, empty lines do not count as series."""
    [problem] = check_file("metrics.jsonl", line("a", [1.0]) + b"\n" + b"{}\n")
    assert problem.line == 3


def series() -> Series:
    """Three points."""
    one = Series("loss")
    for step, value in enumerate([2.0, float("nan"), 1.0]):
        one.append(step, value, 1795491793000 + step)
    return one


def test_summaries_agree() -> None:
    """Summaries are those of the points."""
    good = Run(ID, "digits", metrics=summarise([series()]))
    files = {path[len(DIRECTORY) + 1 :]: data for path, data in run_files(good, [series()], None).items()}
    assert messages(check_run(DIRECTORY, files)) == []


def test_summaries_disagree() -> None:
    """Summaries that are not are an error."""
    other = Series("loss")
    other.append(0, 5.0, 0)
    files = {"run.yaml": run_yaml(), "metrics.jsonl": encode([other])}
    wrong = Run(ID, "digits", status="finished", start_time=0, end_time=1, metrics=summarise([series()]))
    [files["run.yaml"]] = run_files(wrong, [], None).values()
    assert messages(check_run(DIRECTORY, files)) == ["the summary of metric 'loss' is not that of its points"]
    del files["metrics.jsonl"]
    assert messages(check_run(DIRECTORY, files)) == ["metric 'loss' has a summary and no points"]


def test_no_run_yaml() -> None:
    """A run without `run.yaml` is no run."""
    assert messages(check_run(DIRECTORY, {"metrics.jsonl": b""})) == ["missing"]


def test_broken_run() -> None:
    """Where a file is broken already, summaries are not compared."""
    assert len(check_run(DIRECTORY, {"run.yaml": run_yaml(), "metrics.jsonl": b"x\n"})) == 1
