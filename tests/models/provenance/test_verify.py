"""The chain of a model, whole and broken at each link."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.manifest import Member, encode
from gittrack.cli.main import invoke
from gittrack.core.errors import RunNotFound
from gittrack.core.records import Input, Source
from gittrack.models.api import folder_of
from gittrack.models.provenance.verify import verify_model
from gittrack.models.registry.register import register
from gittrack.store.registry.document import version_file
from gittrack.store.registry.write import commit
from tests.support.git import git_run
from tests.support.models import DATA, made, mlmodel

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.models.provenance.links import Chain
    from gittrack.store.runs import RunStore


def _marks(chain: Chain) -> dict[str, str]:
    return {one.name: one.mark for one in chain.links}


def _what(chain: Chain, name: str) -> str:
    return next(one.what for one in chain.links if one.name == name)


def _damage(store: RunStore, content: bytes, now: bytes = b"sthgiew") -> None:
    path = store.objects.path_of(hashlib.sha256(content).hexdigest())
    path.chmod(0o644)
    path.write_bytes(now)


def test_a_registered_model_hangs_on_all(store: RunStore, repo: Path) -> None:
    """Where nothing was touched, each link holds."""
    run = made(store, repo)
    register(store, f"runs:/{run.id}/clf", "churn", alias="champion")
    chain = verify_model("models:/churn@champion")
    assert _marks(chain) == dict.fromkeys(["files", "registry", "run", "code", "data train"], "ok")
    assert chain.to_record()["verified"] is True


def test_a_folder_is_found_in_its_run(store: RunStore, repo: Path, tmp_path: Path) -> None:
    """A copy of a model hangs on the run that its MLmodel names."""
    run = made(store, repo)
    folder = folder_of(f"runs:/{run.id}/clf", tmp_path)
    chain = verify_model(str(folder))
    assert chain.run_id == run.id
    assert set(_marks(chain).values()) == {"ok"}


def test_files_of_a_folder_that_changed(store: RunStore, repo: Path, tmp_path: Path) -> None:
    """Files that changed, came or went are named."""
    run = made(store, repo)
    folder = folder_of(f"runs:/{run.id}/clf", tmp_path)
    (folder / "weights.bin").write_bytes(b"other")
    (folder / "more.bin").write_bytes(b"")
    chain = verify_model(str(folder))
    assert [one.name for one in chain.broken] == ["files"]
    assert _what(chain, "files") == "more.bin was added, weights.bin has changed"


def test_a_folder_that_no_run_made(repo: Path, tmp_path: Path) -> None:
    """Of a model without a run nothing can be told, which is no failure."""
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors: {}\n")
    chain = verify_model(str(folder), repo=repo)
    assert set(_marks(chain).values()) == {"unknown"}
    assert chain.broken == []


def test_a_folder_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There the files are read, and the rest is unknown."""
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors: {}\n")
    monkeypatch.chdir(tmp_path)
    chain = verify_model("m")
    assert set(_marks(chain).values()) == {"unknown"}
    assert chain.digest is not None


def test_a_run_that_is_not_here(store: RunStore, repo: Path, tmp_path: Path) -> None:
    """A copy in a clone without the run: its files cannot be held against anything."""
    run = made(store, repo)
    folder = folder_of(f"runs:/{run.id}/clf", tmp_path)
    git_run("init", "-q", str(tmp_path / "other"), cwd=tmp_path)
    chain = verify_model(str(folder), repo=tmp_path / "other")
    assert _marks(chain) == dict.fromkeys(["files", "run", "code", "data"], "unknown")


def test_content_that_was_damaged(store: RunStore, repo: Path) -> None:
    """Bytes in the store that are not what their name says break the files."""
    run = made(store, repo)
    _damage(store, b"weights")
    chain = verify_model(f"runs:/{run.id}/clf")
    assert _marks(chain)["files"] == "broken"
    assert chain.digest is None


def test_content_that_is_nowhere(store: RunStore, repo: Path) -> None:
    """Files that cannot be had are unknown, not broken."""
    run = made(store, repo)
    register(store, f"runs:/{run.id}/clf", "churn")
    store.objects.path_of(hashlib.sha256(b"weights").hexdigest()).unlink()
    chain = verify_model("models:/churn/1")
    assert _marks(chain) == {
        "files": "unknown",
        "registry": "unknown",
        "run": "ok",
        "code": "ok",
        "data train": "ok",
    }


def test_a_version_with_another_digest(store: RunStore, repo: Path) -> None:
    """What was registered is held against the files, not against the run."""
    run = made(store, repo)
    version = register(store, f"runs:/{run.id}/clf", "churn").version
    commit(store.git, "gittrack: edited", [version_file(replace(version, digest="ab" * 32))])
    chain = verify_model("models:/churn/1")
    assert [one.name for one in chain.broken] == ["registry"]


def test_a_version_of_other_code_and_data(store: RunStore, repo: Path) -> None:
    """The code and data that were registered must be those of the run."""
    run = made(store, repo)
    version = register(store, f"runs:/{run.id}/clf", "churn").version
    other = replace(version, source={"commit": "12" * 20}, inputs=({"name": "train", "sha256": "ab" * 32},))
    commit(store.git, "gittrack: edited", [version_file(other)])
    chain = verify_model("models:/churn/1")
    assert [one.name for one in chain.broken] == ["code", "data train"]
    assert "121212121212 was registered" in _what(chain, "code")


def test_a_model_of_another_run(store: RunStore, repo: Path) -> None:
    """A run that has what another says it made breaks the link to the run."""
    first = made(store, repo)
    second = made(store, repo, artifacts=first.artifacts)
    chain = verify_model(f"runs:/{second.id}/clf")
    assert [one.name for one in chain.broken] == ["run"]


def test_code_that_is_not_here(store: RunStore, repo: Path) -> None:
    """A commit that this clone does not have is unknown, and the message says how to get it."""
    run = made(store, repo, source=Source("12" * 20, snapshot="12" * 20), inputs=())
    chain = verify_model(f"runs:/{run.id}/clf")
    assert _marks(chain) == {"files": "ok", "run": "ok", "code": "unknown", "data": "unknown"}
    assert "git fetch" in _what(chain, "code")


def test_code_that_was_never_captured(store: RunStore, repo: Path) -> None:
    """A run outside of a repository names no code."""
    run = made(store, repo, source=Source(missing="no repository"), inputs=())
    assert "not captured (no repository)" in _what(verify_model(f"runs:/{run.id}/clf"), "code")


def test_a_snapshot_that_is_not_on_its_commit(store: RunStore, repo: Path) -> None:
    """A snapshot of uncommitted code must stand on the commit that the run names."""
    first = made(store, repo).source.commit
    second = git_run("commit-tree", "HEAD^{tree}", "-p", str(first), "-m", "snapshot", cwd=repo)
    good = made(store, repo, source=Source(first, dirty=True, snapshot=second), inputs=())
    assert "with uncommitted changes" in _what(verify_model(f"runs:/{good.id}/clf"), "code")
    root = git_run("rev-parse", f"{first}^", cwd=repo)
    bad = made(store, repo, source=Source(root, dirty=True, snapshot=second), inputs=())
    assert [one.name for one in verify_model(f"runs:/{bad.id}/clf").broken] == ["code"]


def test_code_whose_file_is_missing(store: RunStore, repo: Path) -> None:
    """A commit without one of its files cannot be told to be what it was."""
    run = made(store, repo, inputs=())
    oid = git_run("rev-parse", "HEAD:train.py", cwd=repo)
    (repo / ".git/objects" / oid[:2] / oid[2:]).unlink()
    chain = verify_model(f"runs:/{run.id}/clf")
    assert _marks(chain)["code"] == "unknown"
    assert "1 of its files" in _what(chain, "code")


def test_a_run_without_that_artifact(store: RunStore, repo: Path, tmp_path: Path) -> None:
    """A folder that names a run which recorded no such model hangs on nothing."""
    run = made(store, repo)
    folder = folder_of(f"runs:/{run.id}/clf", tmp_path)
    other = made(store, repo, artifacts=())
    (folder / "MLmodel").write_bytes(mlmodel(other.id))
    chain = verify_model(str(folder))
    assert [one.name for one in chain.broken] == ["run"]
    assert _marks(chain)["files"] == "unknown"


def test_a_run_that_failed_made_it_all_the_same(store: RunStore, repo: Path) -> None:
    """Its status is said."""
    run = made(store, repo, status="failed")
    assert _what(verify_model(f"runs:/{run.id}/clf"), "run").endswith("the run is failed")


def test_a_file_of_a_folder_that_is_missing(store: RunStore, repo: Path, tmp_path: Path) -> None:
    """It is named."""
    run = made(store, repo)
    folder = folder_of(f"runs:/{run.id}/clf", tmp_path)
    (folder / "weights.bin").unlink()
    assert _what(verify_model(str(folder)), "files") == "weights.bin is missing"


def test_data_that_changed(store: RunStore, repo: Path) -> None:
    """An input that is elsewhere now and has another content is broken."""
    where = repo.parent / "data.csv"
    where.write_bytes(b"other")
    used = Input("train", where.as_uri(), hashlib.sha256(DATA).hexdigest(), kind="file")
    run = made(store, repo, inputs=(used,))
    chain = verify_model(f"runs:/{run.id}/clf")
    assert [one.name for one in chain.broken] == ["data train"]


def test_data_that_changed_and_was_kept(store: RunStore, repo: Path) -> None:
    """Its own copy is enough, as long as that has not changed."""
    where = repo.parent / "data.csv"
    where.write_bytes(b"other")
    store.objects.put_bytes(DATA)
    used = Input("train", where.as_uri(), hashlib.sha256(DATA).hexdigest(), kind="file", kept=True)
    run = made(store, repo, inputs=(used,))
    assert _what(verify_model(f"runs:/{run.id}/clf"), "data train").endswith("kept, as recorded")
    _damage(store, DATA)
    assert _what(verify_model(f"runs:/{run.id}/clf"), "data train").endswith("kept, and has changed")


def test_a_folder_of_data_that_was_kept(store: RunStore, repo: Path) -> None:
    """Each file of a kept folder is read; without one of them nothing can be told."""
    digest, _ = store.objects.put_bytes(encode([Member("a.csv", *store.objects.put_bytes(DATA))]))
    used = Input("train", "gone", digest, kind="directory", kept=True)
    run = made(store, repo, inputs=(used,))
    assert _marks(verify_model(f"runs:/{run.id}/clf"))["data train"] == "ok"
    store.objects.path_of(hashlib.sha256(DATA).hexdigest()).unlink()
    assert _marks(verify_model(f"runs:/{run.id}/clf"))["data train"] == "unknown"


def test_data_that_was_in_memory(store: RunStore, repo: Path) -> None:
    """What no file holds cannot be told."""
    run = made(store, repo, inputs=(Input("frame", "memory", "ab" * 32, kind="dataframe"),))
    assert _marks(verify_model(f"runs:/{run.id}/clf"))["data frame"] == "unknown"


def test_a_run_that_is_not_there(store: RunStore) -> None:
    """A name that leads nowhere is an error, not a broken chain."""
    with pytest.raises(RunNotFound):
        verify_model("runs:/20260101-000000-aaaaaaaa/clf", repo=store.git.place.work_tree)


def test_the_command_says_each_link(store: RunStore, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`gittrack model verify` prints one line a link and ends with 0."""
    run = made(store, repo)
    assert invoke(["model", "verify", f"runs:/{run.id}/clf"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [text.split()[1] for text in lines[1:]] == ["files", "run", "code", "data"]


def test_the_command_fails_where_a_link_is_broken(
    store: RunStore, repo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends with 1, and says so."""
    run = made(store, repo)
    _damage(store, b"weights")
    assert invoke(["model", "verify", f"runs:/{run.id}/clf"]) == 1
    assert "1 of 4 links are broken." in capsys.readouterr().err


def test_the_command_as_json(store: RunStore, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` names the links, and ends with 1, too."""
    run = made(store, repo)
    _damage(store, b"weights")
    assert invoke(["model", "verify", f"runs:/{run.id}/clf", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["links"][0]["mark"] == "broken"
