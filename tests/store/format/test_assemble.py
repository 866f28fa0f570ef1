"""Artifacts of runs that others wrote."""

from __future__ import annotations

import pytest

from gittrack.core.records import Artifact
from gittrack.store.format import layout
from gittrack.store.format.assemble import assemble
from tests.support.runs import DIGEST, run

GOOD = Artifact("plots/loss.png", DIGEST, 4)


def stored(*artifacts: Artifact, stamp: layout.Stamp | None = None) -> dict[str, bytes]:
    """The files of a run, or of a run and a later attempt, with these artifacts."""
    one = run(artifacts=artifacts)
    directory = layout.run_directory(one)
    files = layout.run_files(run(id=one.id), [], None) if stamp else {}
    files |= layout.run_files(one, [], None, stamp, directory)
    return {path.removeprefix(f"{directory}/"): content for path, content in files.items()}


def directory_of(files: dict[str, bytes]) -> str:
    """Where the run of some files is."""
    line = next(one for one in files["run.yaml"].decode().splitlines() if one.startswith("run_id"))
    return f".runs/default/2026-11/24/{line.split()[1][1:-1]}"


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a//b", "", "a\\b", "c:x", "a\nb", "x" * 2000, "."])
def test_an_unsafe_path_is_named_and_left_out(path: str) -> None:
    """The run is there with its other artifacts."""
    files = stored(Artifact(path, DIGEST, 4), GOOD)
    found = assemble(directory_of(files), files)
    assert found.run.artifacts == (GOOD,)
    [problem] = found.problems
    assert problem.startswith(f"{directory_of(files)}/run.yaml: unsafe artifact path ")


def test_a_digest_that_is_none() -> None:
    """An object could not be found by it, and it might name another file."""
    files = stored(Artifact("x", "../../etc", 4), GOOD)
    found = assemble(directory_of(files), files)
    assert found.run.artifacts == (GOOD,)
    assert "has no SHA-256 digest" in found.problems[0]


def test_a_later_attempt_is_looked_at_too() -> None:
    """Its artifacts are added to the run's, but for the unsafe one."""
    files = stored(Artifact("../x", DIGEST, 4), GOOD, stamp=layout.Stamp(1, "aaaa"))
    found = assemble(directory_of(files), files)
    assert found.run.artifacts == (GOOD,)
    assert "attempts/000000000000001-aaaa/run.yaml: unsafe artifact path" in found.problems[0]
