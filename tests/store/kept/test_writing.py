from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.failures import DigestMismatch
from gittrack.artifacts.manifest import Member, encode
from gittrack.artifacts.objects import ObjectDamaged
from gittrack.core.errors import InvalidValue, MalformedFile
from gittrack.core.records import Artifact, Run
from gittrack.store.kept import writing
from gittrack.store.kept.choosing import ArtifactNotFound, chosen
from gittrack.store.kept.fetching import NotHere, bring, fetch, fetch_runs
from gittrack.store.kept.listing import listing
from gittrack.store.kept.places import Kept, NoStore
from gittrack.store.kept.writing import InTheWay, get, stream
from gittrack.store.runs import RunStore
from gittrack.store.sync.share import pull, push
from tests.support.git import git_run
from tests.support.kept import damage, made
from tests.support.remotes import where

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"a.bin": b"aaaa", "plots/p.bin": b"p"}
MODEL = {"w/0.bin": b"w0", "w/1.bin": b"w1", "config.yaml": b"c: 1\n"}


@pytest.fixture
def run(ada: RunStore, bob: RunStore) -> Run:
    """A run of the first clone that the second has pulled."""
    one = made(ada, FILES, {"model": MODEL}, inputs={"data.csv": b"1,2\n"})
    push(ada)
    pull(bob)
    return one


@pytest.fixture
def theirs(bob: RunStore) -> Kept:
    """What the second clone keeps."""
    return Kept(bob)


def tree(folder: Path) -> dict[str, bytes]:
    """Path to content of all files below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


ALL = {**FILES, **{f"model/{name}": content for name, content in MODEL.items()}}


def test_a_whole_run(theirs: Kept, run: Run, tmp_path: Path) -> None:
    """Every artifact under its path; inputs are not among them."""
    written = get(theirs, run, [], tmp_path / "out")
    assert tree(tmp_path / "out") == ALL
    assert {one.path for one in written if one.new} == ALL.keys()


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("a.bin", {"a.bin"}),
        ("./a.bin", {"a.bin"}),
        ("plots", {"plots/p.bin"}),
        ("model/", {"model/w/0.bin", "model/w/1.bin", "model/config.yaml"}),
        ("model/w", {"model/w/0.bin", "model/w/1.bin"}),
        ("model/w/0.bin", {"model/w/0.bin"}),
        ("*.bin", {"a.bin", "plots/p.bin", "model/w/0.bin", "model/w/1.bin"}),
        ("model/*.yaml", {"model/config.yaml"}),
        ("inputs/data.csv", {"inputs/data.csv"}),
    ],
)
def test_what_a_pattern_means(theirs: Kept, run: Run, pattern: str, paths: set[str]) -> None:
    """A file, a folder, a directory artifact, a member of one, a glob, a kept input."""
    assert {one.path for one in chosen(theirs, run, [pattern])} == paths


@pytest.mark.parametrize("pattern", ["b.bin", "model/none", "*.onnx", "inputs/none"])
def test_nothing_of_that_name(theirs: Kept, run: Run, pattern: str) -> None:
    """Is an error, with a hint."""
    with pytest.raises(ArtifactNotFound) as caught:
        chosen(theirs, run, [pattern])
    assert caught.value.hint


def test_a_run_without_artifacts(theirs: Kept, tmp_path: Path) -> None:
    """Gives no files."""
    assert get(theirs, Run("20261124-000000-aaaaaaaa"), [], tmp_path) == []


def test_a_second_time(theirs: Kept, run: Run, tmp_path: Path) -> None:
    """What is there with the right content is left alone: a broken `get` goes on."""
    get(theirs, run, ["model"], tmp_path)
    before = (tmp_path / "model/config.yaml").stat()
    written = get(theirs, run, [], tmp_path)
    assert {one.path for one in written if one.new} == FILES.keys()
    assert (tmp_path / "model/config.yaml").stat() == before


def test_a_file_of_the_users(theirs: Kept, run: Run, tmp_path: Path) -> None:
    """Is never overwritten, and nothing is written beside it."""
    (tmp_path / "a.bin").write_bytes(b"mine")
    with pytest.raises(InTheWay, match=r"a\.bin"):
        get(theirs, run, [], tmp_path)
    assert tree(tmp_path) == {"a.bin": b"mine"} | {
        path: content for path, content in tree(tmp_path).items() if not path.startswith(("model/", "plots/"))
    }
    assert (tmp_path / "a.bin").read_bytes() == b"mine"
    assert not (tmp_path / "model").exists()


def test_force(theirs: Kept, run: Run, tmp_path: Path) -> None:
    """Writes over files, not over folders."""
    (tmp_path / "a.bin").write_bytes(b"mine")
    get(theirs, run, ["a.bin"], tmp_path, force=True)
    assert (tmp_path / "a.bin").read_bytes() == b"aaaa"
    (tmp_path / "a.bin").unlink()
    (tmp_path / "a.bin").mkdir()
    with pytest.raises(InTheWay):
        get(theirs, run, ["a.bin"], tmp_path, force=True)


def test_several_in_the_way(theirs: Kept, run: Run, tmp_path: Path) -> None:
    """The first are named."""
    for name in ("0.bin", "1.bin"):
        (tmp_path / "model/w").mkdir(parents=True, exist_ok=True)
        (tmp_path / "model/w" / name).write_bytes(b"??")
    with pytest.raises(InTheWay, match="2 other files"):
        get(theirs, run, ["model"], tmp_path)


def test_a_link_in_the_way(theirs: Kept, run: Run, tmp_path: Path) -> None:
    """Nothing is written through a link to a folder, nor to where a link to a file leads."""
    outside, target = tmp_path / "outside", tmp_path / "target"
    outside.mkdir()
    target.mkdir()
    (target / "plots").symlink_to(outside)
    with pytest.raises(InTheWay, match="a link"):
        get(theirs, run, ["plots"], target, force=True)
    (target / "a.bin").symlink_to(outside / "a.bin")
    with pytest.raises(InTheWay):
        get(theirs, run, ["a.bin"], target)
    get(theirs, run, ["a.bin"], target, force=True)
    assert not (target / "a.bin").is_symlink()
    assert list(outside.iterdir()) == []


def test_a_file_where_a_folder_should_be(theirs: Kept, run: Run, tmp_path: Path) -> None:
    """Is in the way."""
    (tmp_path / "plots").write_text("mine")
    with pytest.raises(InTheWay, match="is a file"):
        get(theirs, run, ["plots"], tmp_path, force=True)


@pytest.mark.parametrize("path", ["../a", "/etc/a", "a/../../b", "c:x", "a\\b", ""])
def test_unsafe_paths(kept: Kept, tmp_path: Path, path: str) -> None:
    """Are refused wherever they come from."""
    run = Run("20261124-000000-aaaaaaaa", artifacts=(Artifact(path, *kept.objects.put_bytes(b"x")),))
    with pytest.raises(InvalidValue, match="unsafe path"):
        get(kept, run, [], tmp_path)


def test_an_unsafe_path_in_a_manifest(kept: Kept, tmp_path: Path) -> None:
    """Makes it none."""
    member = Member("../../evil", *kept.objects.put_bytes(b"x"))
    run = Run(
        "20261124-000000-aaaaaaaa",
        artifacts=(Artifact("m", kept.objects.put_bytes(encode([member])).sha256, 1, "directory"),),
    )
    with pytest.raises(MalformedFile, match="unsafe path"):
        get(kept, run, [], tmp_path)


def test_standard_output(theirs: Kept, run: Run) -> None:
    """One file goes into a stream."""
    out = io.BytesIO()
    stream(theirs, run, "model/w/0.bin", out)
    assert out.getvalue() == b"w0"
    with pytest.raises(InvalidValue, match="2 files"):
        stream(theirs, run, "model/w", out)


def test_a_damaged_object_in_a_stream(kept: Kept, run: Run) -> None:
    """Is told."""
    damage(kept.objects.path_of(run.artifacts[0].sha256))
    with pytest.raises(ObjectDamaged):
        stream(kept, run, "a.bin", io.BytesIO())
    with pytest.raises(ObjectDamaged):
        get(kept, run, ["a.bin"], kept.store.git.directory / "out")


def test_a_store_that_lies(theirs: Kept, run: Run, bucket: Path, tmp_path: Path) -> None:
    """What does not match its digest is not written."""
    sha256 = run.artifacts[0].sha256
    damage(bucket / "sha256" / sha256[:2] / sha256)
    with pytest.raises(DigestMismatch):
        get(theirs, run, ["a.bin"], tmp_path / "out")
    assert not (tmp_path / "out" / "a.bin").exists()


def test_nowhere(theirs: Kept, run: Run, bucket: Path, tmp_path: Path) -> None:
    """What is in no place is named, be it a file, a member or a manifest."""
    for sha256 in {one.name for one in (bucket / "sha256").glob("*/*")}:
        (bucket / "sha256" / sha256[:2] / sha256).unlink()
    with pytest.raises(NotHere, match=r"a\.bin of run"):
        get(theirs, run, ["a.bin"], tmp_path)
    with pytest.raises(NotHere, match="model of run"):
        get(theirs, run, ["model"], tmp_path)


def test_small_files_come_from_the_branch(bob: RunStore, ada: RunStore, tmp_path: Path) -> None:
    """Without any store."""
    small = made(ada, {"loss.csv": b"1,2\n"})
    push(ada, artifacts=False)
    git_run("config", "--unset", "gittrack.artifacts.url", cwd=where(bob))
    bob = RunStore.open(where(bob), start=where(bob))
    pull(bob)
    kept = Kept(bob)
    assert [one.where for one in listing(kept, small)] == ["branch"]
    get(kept, small, [], tmp_path)
    assert tree(tmp_path)["loss.csv"] == b"1,2\n"


def test_a_changed_file_on_the_branch(theirs: Kept, run: Run, tmp_path: Path) -> None:
    """Is not taken for the artifact: the store's is."""
    from gittrack.store.commit import branch
    from gittrack.store.commit.pending import Changes

    directory = theirs.store.index.path_of(run.id)
    branch.submit(theirs.store.git, Changes("x", {f"{directory}/artifacts/a.bin": b"evil"}))
    get(theirs, run, ["a.bin"], tmp_path)
    assert tree(tmp_path)["a.bin"] == b"aaaa"


def test_where_things_are(theirs: Kept, kept: Kept, run: Run) -> None:
    """A listing says it for each."""
    assert {one.path: one.where for one in listing(kept, run)} == dict.fromkeys(
        ("a.bin", "plots/p.bin", "model", "inputs/data.csv"), "here"
    )
    assert {one.where for one in listing(theirs, run)} == {"store"}
    bring(theirs, run, chosen(theirs, run, ["a.bin", "model/w/0.bin"]))
    found = {one.path: one.where for one in listing(theirs, run)}
    assert (found["a.bin"], found["model"], found["plots/p.bin"]) == ("cache", "partly", "store")
    members = {one.path: one.where for one in listing(theirs, run, "model")}
    assert members["model/w/0.bin"] == "cache"
    assert members["model/w/1.bin"] == "store"


def test_asking_the_store(theirs: Kept, run: Run, bucket: Path) -> None:
    """What it does not have is elsewhere."""
    sha256 = run.artifacts[0].sha256
    (bucket / "sha256" / sha256[:2] / sha256).unlink()
    found = {one.path: one.where for one in listing(theirs, run, ask=True)}
    assert (found["a.bin"], found["model"]) == ("elsewhere", "store")


def test_a_damaged_manifest(kept: Kept, run: Run) -> None:
    """Is listed as such."""
    model = next(one for one in run.artifacts if one.path == "model")
    damage(kept.objects.path_of(model.sha256))
    assert {one.path: one.where for one in listing(kept, run)}["model"] == "damaged"


def test_eager_pull(ada: RunStore, bob: RunStore, bucket: Path) -> None:
    """Everything that the received runs name is kept here, and what is not in the store is a problem."""
    run = made(ada, {**FILES, "gone.bin": b"gone"}, {"model": MODEL})
    push(ada)
    gone = next(one.sha256 for one in run.artifacts if one.path == "gone.bin")
    (bucket / "sha256" / gone[:2] / gone).unlink()
    outcome = pull(bob, artifacts=True)
    assert {one.where for one in listing(Kept(bob), run) if one.path != "gone.bin"} == {"here"}
    assert outcome.artifacts.received == 6
    assert outcome.problems == (f"run {run.id}: gone.bin is not in the artifact store",)


def test_eager_pull_without_a_store(ada: RunStore, bob: RunStore) -> None:
    """Says so; the runs are here."""
    run = made(ada, FILES)
    push(ada)
    git_run("config", "--unset", "gittrack.artifacts.url", cwd=where(bob))
    bob = RunStore.open(where(bob), start=where(bob))
    with pytest.raises(NoStore):
        pull(bob, artifacts=True)
    assert bob.get(run.id).id == run.id
    with pytest.raises(NotHere):
        bring(Kept(bob), run, chosen(Kept(bob), run, ["a.bin"]))
    assert fetch(Kept(bob), [], ["ab" * 32]).missing == ("ab" * 32,)
    with pytest.raises(NoStore):
        fetch_runs(Kept(bob), [run.id])


def test_batches(theirs: Kept, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is larger than the cache is fetched in pieces."""
    monkeypatch.setattr(writing, "_AT_ONCE", 3)
    get(theirs, run, [], tmp_path)
    assert tree(tmp_path) == {**tree(tmp_path), **ALL}


def test_a_name_that_appears_meanwhile(
    theirs: Kept, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that comes while artifacts are fetched is not overwritten either."""
    target = tmp_path / "out"
    real = bring

    def bring_and_interfere(*args: object, **rest: object) -> None:
        real(*args, **rest)  # type: ignore[arg-type]  # passed on
        target.mkdir()
        (target / "a.bin").write_bytes(b"mine")

    monkeypatch.setattr(writing, "bring", bring_and_interfere)
    with pytest.raises(InTheWay):
        get(theirs, run, ["a.bin"], target)
    assert (target / "a.bin").read_bytes() == b"mine"


def test_an_unreadable_file_in_the_way(theirs: Kept, run: Run, tmp_path: Path) -> None:
    """Is another one, as far as we know."""
    os.mkfifo(tmp_path / "a.bin")
    with pytest.raises(InTheWay):
        get(theirs, run, ["a.bin"], tmp_path)


def test_records(theirs: Kept, run: Run, tmp_path: Path) -> None:
    """`--json` prints where each file went."""
    (written,) = get(theirs, run, ["a.bin"], tmp_path)
    assert written.to_record() == {
        "path": "a.bin", "target": str(tmp_path / "a.bin"), "size": 4, "new": True
    }  # fmt: skip
    (listed,) = listing(theirs, run, "a.bin")
    assert listed.to_record()["kind"] == "file"
    assert not listed.is_dir
