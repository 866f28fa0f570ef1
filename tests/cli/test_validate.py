"""`gittrack validate`, and what it asks."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gittrack.checks.run_files import validate_branch, validate_files, validate_run
from gittrack.cli.main import invoke
from gittrack.core.errors import GitTrackError
from gittrack.core.records import Artifact, Run
from gittrack.core.series import Series
from gittrack.core.times import now_ms
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.format import layout
from tests.store.test_runs import recorded
from tests.support.git import git_run

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore

ID = "20261124-034313-k3f9a2x1"
RUN = Run(ID, "digits", "base", "finished", 1795491793000, 1795491800000)


def on_disk(folder: Path, **more: bytes) -> Path:
    """The files of a run below a folder; gives its directory."""
    series = Series("loss")
    series.append(0, 1.0, 0)
    files = layout.run_files(RUN, [series], {"schema": "gittrack.environment/1"})
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(more.get(target.stem, data))
    return folder / layout.run_directory(RUN)


def test_good_branch(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """A branch as it is written has no problem."""
    one = recorded(store, 0.5, artifacts=(Artifact("a.txt", "0" * 64, 1),))
    invoke(["tag", one.id, "a=1"])
    capsys.readouterr()
    assert invoke(["validate"]) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "0 errors, 0 warnings\n")


def test_no_branch(store: RunStore) -> None:
    """Where nothing was recorded, nothing is wrong."""
    assert list(validate_branch(store.git)) == []


def test_broken_branch(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Every broken file is said with its line, and the exit status says so."""
    recorded(store, 0.5)
    directory = layout.run_directory(RUN)
    bad = layout.run_files(RUN, [], None)[f"{directory}/run.yaml"].replace(b'"finished"', b'"done"')
    files = {f"{directory}/run.yaml": bad, f"{directory}/x": b"", ".runs/stray": b""}
    branch.submit(store.git, Changes("bad", files))
    assert invoke(["validate", "--branch"]) == 1
    captured = capsys.readouterr()
    assert f"{directory}/run.yaml:5: error: status is 'done'" in captured.out
    assert f"{directory}/x: warning: unknown file" in captured.out
    assert ".runs/stray: error: belongs to no run" in captured.out
    assert captured.err == "2 errors, 1 warning\n"


def test_links_on_the_branch(store: RunStore) -> None:
    """A link on the branch is an error, and is not followed."""
    recorded(store, 0.5)
    tip = branch.tip(store.git)
    link = git_run("hash-object", "-w", "--stdin", cwd=store.git.place.common_dir, stdin="/etc/passwd")
    path = f"{layout.run_directory(RUN)}/run.yaml"
    head = "commit refs/heads/gittrack/runs\ncommitter a <a> 0 +0000\ndata 1\nx\n"
    stream = f"{head}from {tip}\nM 120000 {link} {path}\n"
    git_run("fast-import", "--quiet", cwd=store.git.place.common_dir, stdin=stream)
    [problem] = validate_branch(store.git)
    assert problem.path == path
    assert "mode 120000" in problem.message


def test_missing_object(store: RunStore) -> None:
    """A file whose content is not in the clone is a warning."""
    recorded(store, 0.5)
    [entry] = [one for one in store.git.tree("gittrack/runs") if one.path.endswith("metrics.jsonl")]
    path = store.git.place.common_dir / "objects" / entry.oid[:2] / entry.oid[2:]
    path.unlink()
    [problem] = validate_branch(store.git)
    assert "not in this clone" in problem.message


def test_one_run(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """A committed run is named as everywhere."""
    one = recorded(store, 0.5)
    assert invoke(["validate", one.id[-6:]]) == 0
    assert invoke(["validate", "nonesuch"]) == 1
    assert "nonesuch" in capsys.readouterr().err


def test_live_run(store: RunStore) -> None:
    """A run that is not committed yet has no files."""
    one = Run(store.new_id(), start_time=now_ms())
    journal = store.create(one)
    with pytest.raises(GitTrackError, match="not committed"):
        validate_run(store, one.id)
    journal.close()


def test_files_on_disk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files and folders on disk need no repository."""
    monkeypatch.chdir(tmp_path)
    directory = on_disk(tmp_path)
    assert invoke(["validate", str(directory / "run.yaml"), str(tmp_path)]) == 0
    (directory / "metrics.jsonl").write_bytes(b"{}\n")
    assert invoke(["validate", str(tmp_path)]) == 1
    assert f"{directory / 'metrics.jsonl'}:1: error: has no key" in capsys.readouterr().out


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON is the list of problems."""
    path = tmp_path / "run.yaml"
    path.write_text("schema: 1\n")
    assert invoke(["validate", "--json", str(path)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert {
        "path": str(path),
        "line": 1,
        "message": "schema is 1, not 'gittrack.run/1'",
        "severity": "error",
    } in found


def test_path_is_the_place(tmp_path: Path) -> None:
    """A file below `.runs` is checked for where it stands."""
    directory = on_disk(tmp_path)
    moved = directory.with_name("20261124-034313-aaaaaaaa")
    directory.rename(moved)
    assert any("belongs to another run" in problem.message for problem in validate_files([moved]))


def test_edit_on_disk(tmp_path: Path) -> None:
    """An edit is known by its folder."""
    path = tmp_path / "edits" / "x.yaml"
    path.parent.mkdir()
    path.write_text("schema: 1\n")
    assert list(validate_files([path]))


def test_other_file(tmp_path: Path) -> None:
    """A file that was named and is none of ours is an error; in a folder it is passed over."""
    (tmp_path / "x.txt").write_text("x")
    assert list(validate_files([tmp_path])) == []
    with pytest.raises(GitTrackError, match="no file of a run"):
        list(validate_files([tmp_path / "x.txt"]))


def test_unreadable_file(tmp_path: Path) -> None:
    """A file that cannot be read is said."""
    (tmp_path / "run.yaml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(GitTrackError, match="cannot read"):
        list(validate_files([tmp_path / "run.yaml"]))


def test_starts_fast() -> None:
    """Checking loads nothing heavy: hooks call it on every commit."""
    heavy = ["yaml", "git", "pandas", "rich", "click", "fsspec"]
    code = f"import sys, gittrack.checks.run_files; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
