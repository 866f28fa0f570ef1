from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import InvalidValue
from gittrack.core.events import ArtifactLogged, Ended
from gittrack.core.records import Artifact, Source
from gittrack.query.changes.whole import PARTS, Here, differences
from tests.cli.recorded import ENVIRONMENT, begin, record
from tests.support.git import git_run

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore

FAST = {**ENVIRONMENT, "hardware": {"cpu": "fast"}, "platform": {"system": "Linux"}}
SLOW = {**ENVIRONMENT, "hardware": {"cpu": "slow"}, "platform": {"system": "Darwin"}}


@pytest.fixture
def runs(repo: Path, store: RunStore) -> tuple[Run, Run]:
    """Two runs that differ in everything but their metrics."""
    first = git_run("rev-parse", "HEAD", cwd=repo)
    (repo / "train.py").write_text("print('training more')\n")
    (repo / "new é.py").write_text("1\n")
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-q", "-m", "more", cwd=repo)
    second = git_run("rev-parse", "HEAD", cwd=repo)
    old = record(
        store, params={"lr": 0.1}, source=Source(first, snapshot=first), environment=FAST, output=b"a\nb\n"
    )
    new = record(
        store, params={"lr": 0.2}, source=Source(second, snapshot=second), environment=SLOW, output=b"a\nc\n"
    )
    return old, new


def test_all_parts(store: RunStore, runs: tuple[Run, Run]) -> None:
    """Params, code by file, output and environment; JSON says the same."""
    found = differences(store, *runs)
    assert [one.path for one in found.code or ()] == ["new é.py", "train.py"]
    assert found.output is not None
    assert (found.output.line, found.output.after) == (2, ("c",))
    assert {"params", "environment"} <= set(found.records.sections)
    body = found.as_json()
    assert json.loads(json.dumps(body, allow_nan=False)) == body
    assert body["code"]["files"][1] == {"path": "train.py", "added": 1, "removed": 1, "renamed_from": None}


@pytest.mark.parametrize("part", PARTS)
def test_only_one_part(store: RunStore, runs: tuple[Run, Run], part: str) -> None:
    """Nothing else is in the answer."""
    found = differences(store, *runs, only=[part])  # type: ignore[list-item]  # of the table
    sections = {"hardware": "environment", "output": None, "code": None}.get(part, part)
    assert set(found.records.sections) <= {sections}
    assert (found.output is not None) == (part == "output")
    assert found.code_differs == (part == "code")


def test_hardware_and_environment_are_apart(store: RunStore, runs: tuple[Run, Run]) -> None:
    """Hardware is a part of its own."""
    hardware, rest = (
        [one.key for one in differences(store, *runs, only=[part]).records.sections["environment"]]
        for part in ("hardware", "environment")
    )
    assert (hardware, rest) == (["hardware.cpu"], ["platform.system"])


def test_no_such_part(store: RunStore, runs: tuple[Run, Run]) -> None:
    """A part that there is none of is an error that names those there are."""
    with pytest.raises(InvalidValue, match="weather"):
        differences(store, *runs, only=["weather"])  # type: ignore[list-item]  # the mistake


def test_a_run_and_itself(store: RunStore, runs: tuple[Run, Run]) -> None:
    """Nothing differs; everything is there when asked for."""
    assert differences(store, runs[0], runs[0]).empty
    assert differences(store, runs[0], runs[0], everything=True).records.sections["params"]


def test_code_that_is_not_here(store: RunStore, runs: tuple[Run, Run]) -> None:
    """Which files differ is not known then; that the code differs is."""
    other = record(store, source=Source("1" * 40, snapshot="1" * 40))
    found = differences(store, runs[0], other)
    assert found.code is None
    assert found.code_differs
    assert found.as_json()["code"]["files"] is None


def test_output_of_one_only(store: RunStore, runs: tuple[Run, Run]) -> None:
    """Where one run captured none, that is said; where neither did there is nothing to say."""
    bare = record(store)
    found = differences(store, runs[0], bare).output
    assert found is not None
    assert "was not captured" in str(found.missing)
    assert differences(store, bare, record(store)).output is None


def test_output_that_is_elsewhere(store: RunStore, runs: tuple[Run, Run]) -> None:
    """Contents that are not in this clone are not fetched."""
    gone = record_with(store, Artifact("output.log", "ab" * 32, 5))
    huge = record_with(store, Artifact("output.log", "cd" * 32, 10**9))
    assert "not in this clone" in str(getattr(differences(store, runs[0], gone).output, "missing", None))
    assert "too long" in str(getattr(differences(store, runs[0], huge).output, "missing", None))


def record_with(store: RunStore, *artifacts: Artifact) -> Run:
    """A finished run that says it has these artifacts."""
    run, journal = begin(store)
    for one in artifacts:
        journal.event(ArtifactLogged(one))
    journal.event(Ended("finished", run.start_time + 5000, 0))
    journal.close()
    finished = store.finish(run.id)
    assert finished is not None
    return finished


def test_small_files_come_from_the_branch(store: RunStore) -> None:
    """A small reviewable file that is no longer in the local store is read from the runs branch."""
    digest, size = store.objects.put_bytes(b'{"a": 1}')
    run = record_with(store, Artifact("a.json", digest, size))
    store.objects.path_of(digest).unlink()
    assert Here(store).read(run, "a.json", digest) == b'{"a": 1}'
    assert Here(store).read(run, "a.json", "ef" * 32) is None
    assert Here(store).members(run, Artifact("d", "ef" * 32, 1, "directory")) is None
