from __future__ import annotations

import dataclasses
import multiprocessing
import os
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.core.errors import GitFailed, GitTrackError
from gittrack.core.events import Deleted, TagsSet
from gittrack.core.ids import new_run_id
from gittrack.core.records import Artifact, Input, MetricSummary, Run, Source
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.format import layout
from gittrack.store.index import build, worker
from gittrack.store.index import file as index_file
from gittrack.store.index.document import fields_of, pack, unpack
from gittrack.store.index.lazy import NOTHING, Wanted
from gittrack.store.index.reader import Index
from gittrack.store.index.schema import METRIC, PARAM
from gittrack.store.plumbing import git
from tests.support.git import git_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START = 1_795_492_993_123


@pytest.fixture
def place(repo: Path) -> git.Git:
    """Git in a repository with one commit."""
    return git.discover(repo)


@pytest.fixture
def index(place: git.Git) -> Iterator[Index]:
    """The index of that repository, which has no runs."""
    made = Index(place)
    yield made
    made.close()


def make_run(number: int = 0, **fields: Any) -> Run:
    """A finished run; a higher number started later."""
    start = START + 1000 * number
    plain: dict[str, Any] = {
        "id": new_run_id(start),
        "status": "finished",
        "start_time": start,
        "end_time": start + 500,
    }
    return Run(**(plain | fields))


def commit(place: git.Git, *runs: Run) -> None:
    """Commit runs."""
    files = {path: content for run in runs for path, content in layout.run_files(run, [], None).items()}
    branch.submit(place, Changes("runs", files))


def edit(place: git.Git, run: Run, *edits: Any, clock: int = START + 10_000) -> None:
    """Commit a later change."""
    edited = layout.Edited(layout.Stamp(clock, "ada0"), clock, "Ada <ada@example.org>", edits)
    path, content = layout.edit_file(layout.run_directory(run), run.id, edited)
    branch.submit(place, Changes("edit", {path: content}))


def ids(index: Index) -> list[str]:
    """The ids of all runs after a refresh."""
    index.refresh()
    return [run.id for run in index.select()]


def test_no_branch(index: Index) -> None:
    """Without a runs branch there are no runs, and nothing is written."""
    assert ids(index) == []
    assert not index.path.exists()


def test_run_is_whole(place: git.Git, index: Index) -> None:
    """A run comes out of the index as it went into the branch."""
    run = make_run(
        name="base",
        params={"lr": 0.1, "list": [1, {"a": None}], "flag": True},
        metrics={"loss": MetricSummary(0.5, 3, START, 0.1, float("inf"), 4)},
        tags={"team": "a"},
        note="x",
        command=("python", "train.py"),
        source=Source("a" * 40, dirty=True, left_out={"big": "too big"}),
        inputs=(Input("train", "s3://b/x", "b" * 64, 3),),
        artifacts=(Artifact("model", "c" * 64, 5, "directory"),),
        extra={"new": [1]},
    )
    commit(place, run)
    index.refresh()
    assert index.select() == [run]


def test_nan() -> None:
    """NaN survives the index."""
    run = make_run(metrics={"loss": MetricSummary(float("nan"), 3, START, float("nan"), float("nan"), 4)})
    assert repr(unpack(pack(fields_of(run)))) == repr(run)


def test_newest_first(place: git.Git, index: Index) -> None:
    """The newest run comes first."""
    runs = [make_run(number) for number in (1, 3, 2)]
    commit(place, *runs)
    assert ids(index) == [runs[1].id, runs[2].id, runs[0].id]


def test_refresh_adds(place: git.Git, index: Index) -> None:
    """A refresh adds what was committed since the last."""
    first, second = make_run(1), make_run(2)
    commit(place, first)
    assert ids(index) == [first.id]
    commit(place, second)
    assert ids(index) == [second.id, first.id]


def test_refresh_edits(place: git.Git, index: Index) -> None:
    """A refresh takes later changes, and counts keys anew."""
    run = make_run(params={"lr": 1}, tags={"team": "a"})
    commit(place, run)
    index.refresh()
    edit(place, run, TagsSet({"team": None, "stage": "b"}))
    index.refresh()
    assert index.select()[0].tags == {"stage": "b"}
    assert (index.keys("tags"), index.keys("params")) == ({"stage": 1}, {"lr": 1})


def test_edits_add_up(place: git.Git, index: Index) -> None:
    """A later change is folded together with those that the index knows already."""
    run = make_run()
    commit(place, run)
    edit(place, run, TagsSet({"a": "1"}))
    index.refresh()
    edit(place, run, TagsSet({"b": "2"}), clock=START + 20_000)
    index.refresh()
    assert index.get(run.id) is not None
    assert index.select()[0].tags == {"a": "1", "b": "2"}


def test_history_rewritten(repo: Path, place: git.Git, index: Index) -> None:
    """Runs that are no longer on the branch go."""
    first, second = make_run(1), make_run(2)
    commit(place, first)
    commit(place, second)
    index.refresh()
    git_run("update-ref", git.RUNS, f"{git.RUNS}~1", cwd=repo)
    assert ids(index) == [first.id]


def test_old_commit_gone(place: git.Git, index: Index) -> None:
    """The index is made anew when the commit that it stands at is gone."""
    run = make_run()
    commit(place, run)
    index.refresh()
    index.close()
    with sqlite3.connect(index.path) as db:
        db.execute("UPDATE meta SET value = ? WHERE name = 'tip'", ("0" * 39 + "1",))
    db.close()
    assert ids(index) == [run.id]


def test_many_changes(place: git.Git, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where very much changed, the index is made anew."""
    monkeypatch.setattr(index_file, "_MANY", 1)
    commit(place, make_run())
    index.refresh()
    before = index.path.stat().st_ino
    commit(place, *(make_run(number) for number in range(3)))
    assert len(ids(index)) == 4
    assert index.path.stat().st_ino != before


def test_branch_gone(repo: Path, place: git.Git, index: Index) -> None:
    """Without the branch there are no runs any more; when it is back, they are."""
    run = make_run()
    commit(place, run)
    index.refresh()
    tip = git_run("rev-parse", git.RUNS, cwd=repo)
    git_run("update-ref", "-d", git.RUNS, cwd=repo)
    assert ids(index) == []
    git_run("update-ref", git.RUNS, tip, cwd=repo)
    assert ids(index) == [run.id]


def test_broken_branch(repo: Path, index: Index) -> None:
    """A branch that Git cannot read is an error."""
    path = repo / ".git" / git.RUNS
    path.parent.mkdir(parents=True)
    path.write_text("0" * 39 + "1\n")
    with pytest.raises(GitFailed):
        index.refresh()


@pytest.mark.parametrize("content", [b"", b"not a database" * 100, None], ids=["empty", "other", "version"])
def test_damaged(place: git.Git, index: Index, content: bytes | None) -> None:
    """An index that is damaged, or of another version, is made anew."""
    run = make_run()
    commit(place, run)
    index.refresh()
    index.close()
    if content is None:
        with sqlite3.connect(index.path) as db:
            db.execute("PRAGMA user_version = 999")
        db.close()
    else:
        index.path.write_bytes(content)
    assert ids(index) == [run.id]


def test_damaged_inside(place: git.Git, index: Index) -> None:
    """Damage that only a query finds is mended too."""
    runs = [make_run(number, note="x" * 3000) for number in range(20)]
    commit(place, *runs)
    index.refresh()
    index.close()
    data = bytearray(index.path.read_bytes())
    data[4096 * 2 :] = b"\xff" * (len(data) - 4096 * 2)
    index.path.write_bytes(data)
    assert len(index.select()) == 20


def test_tables_gone(place: git.Git, index: Index) -> None:
    """An index whose tables somebody dropped is made anew, although it is open."""
    run = make_run()
    commit(place, run)
    index.refresh()
    with sqlite3.connect(index.path) as db:
        db.execute("DROP TABLE run")
    db.close()
    assert [one.id for one in index.select()] == [run.id]


def test_deleted_while_open(place: git.Git, index: Index) -> None:
    """Somebody may delete the file while it is open."""
    run = make_run()
    commit(place, run)
    index.refresh()
    index.path.unlink()
    assert ids(index) == [run.id]
    assert index.path.exists()


def test_left_over(place: git.Git, index: Index) -> None:
    """What a killed process left of an index is cleared away."""
    left = index.path.with_name(".index.abcdefgh.tmp")
    left.parent.mkdir(parents=True)
    left.touch()
    commit(place, make_run())
    index.refresh()
    assert not left.exists()


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_read_only_folder(place: git.Git, index: Index) -> None:
    """Where the folder cannot be written, the index is private."""
    run = make_run()
    commit(place, run)
    place.directory.chmod(0o500)
    try:
        assert ids(index) == [run.id]
    finally:
        place.directory.chmod(0o700)
    assert not index.path.exists()


def test_no_folder(place: git.Git, index: Index) -> None:
    """Where the index cannot be, it is private, follows the branch all the same, and comes back."""
    commit(place, make_run(1))
    index.path.mkdir()
    assert len(ids(index)) == 1
    commit(place, make_run(2))
    assert len(ids(index)) == 2
    index.path.rmdir()
    commit(place, make_run(3))
    assert len(ids(index)) == 3
    assert index.path.is_file()


def test_two_directories(place: git.Git, index: Index) -> None:
    """An id that two directories claim is a problem, of all but the first."""
    run = make_run()
    for experiment in ("b", "a"):
        commit(place, Run(run.id, experiment, status="finished", start_time=START))
        index.refresh()
    [problem] = index.problems
    assert problem.endswith("has the same id")
    assert problem.startswith(".runs/b/")
    assert str(index.path_of(run.id)).startswith(".runs/a/")


def test_malformed(place: git.Git, index: Index) -> None:
    """A file that cannot be read is named, and hides no other run."""
    good, bad = make_run(1), make_run(2)
    commit(place, good)
    path = f"{layout.run_directory(bad)}/run.yaml"
    branch.submit(place, Changes("bad", {path: b"schema: [\n"}))
    [problem] = index.refresh()
    assert problem.startswith(f"{path}: ")
    assert [run.id for run in index.select()] == [good.id]


@pytest.mark.parametrize(
    "line",
    [
        'metrics: {"a": {"last": 0, "step": 1e30, "time": 0, "min": 0, "max": 0, "count": 1}}',
        'metrics: {"a": {"last": 0, "step": 0, "time": 0, "min": 0, "max": 0, "count": 1e30}}',
        "exit_code: 18446744073709551615",
        "exit_code: 123456789012345678901234567890",
        'run_name: "\\ud800"',
        'tags: {"\\ud800": "\\udfff"}',
        'params: {"a": "\\ud800\\u0000", "b": 18446744073709551615, "c": .nan, "d": 1e999}',
        'inputs: [{"name": "\\0", "uri": "\\ud800"}]',
    ],
)
def test_beyond_sql(place: git.Git, index: Index, line: str) -> None:
    """What fits in no column of SQL spoils neither the index nor another run."""
    run, good = make_run(1), make_run(2)
    path, content = next(iter(layout.run_files(run, [], None).items()))
    branch.submit(place, Changes("huge", {path: content + line.encode() + b"\n"}))
    commit(place, good)
    problems = index.refresh()
    assert good in index.select()
    assert index.get(run.id) or problems


def test_mended(place: git.Git, index: Index) -> None:
    """A problem goes when its file is mended."""
    run = make_run()
    path, content = next(iter(layout.run_files(run, [], None).items()))
    branch.submit(place, Changes("bad", {path: b"x"}))
    assert index.refresh()
    branch.submit(place, Changes("good", {path: content}))
    assert index.refresh() == []
    assert index.get(run.id) == run


def test_bad_edit(place: git.Git, index: Index) -> None:
    """A later change that cannot be read is named; the run is there without it."""
    run = make_run()
    commit(place, run)
    path = f"{layout.run_directory(run)}/edits/000000000000001-abcd.yaml"
    branch.submit(place, Changes("bad", {path: b"x"}))
    assert index.refresh()[0].startswith(path)
    assert index.get(run.id) == run


def test_edit_before_run(place: git.Git, index: Index) -> None:
    """A later change may come before its run."""
    run = make_run()
    edit(place, run, TagsSet({"a": "1"}))
    assert index.refresh()[0].endswith("run.yaml: missing")
    commit(place, run)
    assert index.refresh() == []
    assert index.select()[0].tags == {"a": "1"}


def test_symbolic_link(repo: Path, place: git.Git, index: Index) -> None:
    """A link in place of a file is not followed."""
    run = make_run()
    commit(place, run)
    blob = git_run("hash-object", "-w", "--stdin", cwd=repo, stdin="/etc/passwd")
    path = f"{layout.run_directory(run)}/edits/000000000000001-abcd.yaml"
    stream = (
        f"commit {git.RUNS}\ncommitter A <a@b> 0 +0000\ndata 0\nfrom {git.RUNS}^0\nM 120000 {blob} {path}\n\n"
    )
    git_run("fast-import", "--quiet", cwd=repo, stdin=stream)
    assert index.refresh() == []
    assert index.get(run.id) == run


def test_get(place: git.Git, index: Index) -> None:
    """A run is found by its id."""
    run = make_run()
    commit(place, run)
    index.refresh()
    assert (index.get(run.id), index.get("nothing")) == (run, None)


def test_path_of(place: git.Git, index: Index) -> None:
    """The directory of a run is known."""
    run = make_run()
    commit(place, run)
    index.refresh()
    assert (index.path_of(run.id), index.path_of("nothing")) == (layout.run_directory(run), None)


def test_candidates(place: git.Git, index: Index) -> None:
    """Runs are found by a piece of the id and by name, hidden ones too."""
    one, other = make_run(1, name="base"), make_run(2)
    commit(place, one, other)
    edit(place, other, Deleted())
    index.refresh()
    assert [found.run_id for found in index.candidates("base")] == [one.id]
    assert [found.run_id for found in index.candidates(one.id[-8:])] == [one.id]
    assert [found.deleted for found in index.candidates(other.id)] == [True]


def test_keys(place: git.Git, index: Index) -> None:
    """Keys come with the number of runs that have them, the most used first."""
    some = {"loss": MetricSummary(1, 1, 1, 1, 1, 1)}
    commit(place, make_run(1, params={"a": 1, "lr": 1}, metrics=some), make_run(2, params={"lr": 1}))
    index.refresh()
    assert list(index.keys("params").items()) == [("lr", 2), ("a", 1)]
    assert index.keys("metrics") == {"loss": 1}
    wanted = [(METRIC, "loss"), (PARAM, "loss")]
    numbers = index.rows(NOTHING, lambda key_id: ("SELECT ? > 0, ?", [key_id(*key) for key in wanted]))
    assert numbers == [(1, -1)]


LOSSES = Wanted(frozenset({(METRIC, "loss")}), frozenset({"artifact"}))
ROWS = "SELECT (SELECT count(*) FROM metric), (SELECT count(*) FROM artifact)"


def with_loss(number: int) -> Run:
    """A run with one metric and one artifact."""
    some = {"loss": MetricSummary(number, 1, 1, 1, 1, 1)}
    return make_run(number, metrics=some, artifacts=(Artifact("a.txt", "a" * 64, 1),))


def test_rows_come_when_they_are_asked_for(place: git.Git, index: Index) -> None:
    """And stay, for another process too; runs that come later or go bring and take their own."""
    first = with_loss(1)
    commit(place, first)
    index.refresh()
    assert index.query(ROWS) == [(0, 0)]
    assert index.rows(LOSSES, lambda _: (ROWS, ())) == [(1, 1)]
    commit(place, with_loss(2))
    edit(place, first, Deleted())
    index.refresh()
    assert index.query(ROWS) == [(2, 2)]
    other = Index(place)
    assert other.query(ROWS) == [(2, 2)]
    other.close()


def test_rows_where_the_file_cannot_be_written(place: git.Git, index: Index) -> None:
    """The answer comes from a private index."""
    commit(place, with_loss(1))
    index.refresh()
    index.query("PRAGMA query_only=ON")  # holds for root too, whom no mode of a file stops
    assert index.rows(LOSSES, lambda _: (ROWS, ())) == [(1, 1)]
    other = sqlite3.connect(index.path)
    assert other.execute(ROWS).fetchone() == (0, 0)
    other.close()


def test_experiments(place: git.Git, index: Index) -> None:
    """Experiments come with the number of their runs."""
    commit(place, *(make_run(number, experiment=name) for number, name in enumerate("abb")))
    index.refresh()
    assert index.experiments() == {"a": 1, "b": 2}


def test_asks_first(place: git.Git, index: Index) -> None:
    """A question before any refresh refreshes."""
    commit(place, make_run())
    assert len(index.select()) == 1


@pytest.mark.parametrize("processors", [1, 3])
def test_many(place: git.Git, index: Index, monkeypatch: pytest.MonkeyPatch, processors: int) -> None:
    """Many runs are read by several processes, or by one, to the same index."""
    monkeypatch.setattr(worker, "FRAME", 3)
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    runs = [make_run(number, params={f"p{number % 4}": number}) for number in range(20)]
    commit(place, *runs)
    index.refresh()
    assert index.select() == runs[::-1]
    assert index.keys("params") == {f"p{number}": 5 for number in range(4)}


def test_child_fails(place: git.Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that dies is an error, not a smaller index."""
    monkeypatch.setattr(worker, "FRAME", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    commit(place, make_run(1), make_run(2), make_run(3))
    gone = git.Git(dataclasses.replace(place.place, git_dir=place.directory / "gone"))
    with pytest.raises(GitTrackError, match="reading the runs branch failed"):
        list(worker.batches(gone, build.places(place, str(place.resolve(git.RUNS)))))


def test_missing_object(place: git.Git) -> None:
    """An object that is missing is a problem of its run alone."""
    commit(place, make_run())
    [found] = build.places(place, str(place.resolve(git.RUNS)))
    batch = worker.batch_of(place, worker.Frame(7, [found._replace(files={"run.yaml": "1" * 40})]))
    assert batch.problems == [(7, f"{found.path}/run.yaml: Git has no such object")]


def test_threads(place: git.Git, index: Index) -> None:
    """Several threads may ask at once."""
    commit(place, *(make_run(number) for number in range(5)))
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(len(ids(index)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [5] * 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_fork(place: git.Git, index: Index) -> None:
    """A forked child asks by a connection of its own."""
    commit(place, make_run())
    index.refresh()
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.write(writer, str(len(index.select())).encode())
        os._exit(0)
    os.wait()
    assert os.read(reader, 10) == b"1"
    os.close(reader)
    os.close(writer)


def test_two_processes(repo: Path, place: git.Git) -> None:
    """Processes that refresh at once all see every run."""
    commit(place, *(make_run(number) for number in range(10)))
    context = multiprocessing.get_context("spawn")
    with context.Pool(3) as pool:
        assert pool.map(_count, [str(repo)] * 6) == [10] * 6
        pool.close()  # leaving the block kills them, in the middle of what coverage does at their end
        pool.join()


def _count(path: str) -> int:
    from pathlib import Path

    index = Index(git.discover(Path(path)))
    index.refresh()
    count = len(index.select())
    index.close()
    return count


def test_sha256(tmp_path: Path) -> None:
    """A SHA-256 repository is indexed as well."""
    from tests.support.git import make_repo

    place = git.discover(make_repo(tmp_path / "r", "--object-format=sha256"))
    run = make_run()
    commit(place, run)
    index = Index(place)
    index.refresh()
    assert index.select() == [run]
    index.close()
