"""Files, folders and data that a run used."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import gittrack
from gittrack.artifacts import seen
from gittrack.artifacts.content import Identity, Stored
from gittrack.artifacts.seen import Seen
from gittrack.core.errors import GitTrackError, GitTrackWarning, InvalidValue
from gittrack.core.records import Input
from gittrack.store.runs import RunStore
from gittrack.tracking.inputs import Wanted, _digest_of_file, input_of
from tests.support.python import python_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("repo")


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    """No test leaves a run active."""
    yield
    while gittrack.active_run() is not None:
        gittrack.end_run()


def used(*args: Any, **options: Any) -> Input:
    """The one input of a run that logged it."""
    with gittrack.start_run() as run:
        run.log_input(*args, **options)
    [one] = gittrack.get_run(run.run_id).inputs
    return one


def has(digest: str | None) -> bool:
    """Whether the local store has an object."""
    assert digest is not None
    return RunStore.open().objects.has(digest)


def sha(data: bytes) -> str:
    """The SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


def test_a_file(repo: Path) -> None:
    """By its digest, placed from the top of the work tree, and not copied."""
    (repo / "data").mkdir()
    (repo / "data" / "train.csv").write_bytes(b"a,b\n")
    one = used("data/train.csv", context="train")
    assert one == Input("data/train.csv", "data/train.csv", sha(b"a,b\n"), 4, kind="file", context="train")
    assert not has(one.sha256)


def test_a_file_elsewhere(tmp_path: Path) -> None:
    """Outside of the work tree the place is a URL; the name is the last part of the path."""
    path = tmp_path / "more data.csv"
    path.write_bytes(b"x")
    one = used(path, "extra")
    assert (one.name, one.uri) == ("extra", f"file://{path}")
    assert used(path.as_uri()) == Input("more data.csv", f"file://{path}", sha(b"x"), 1, kind="file")


def test_a_path_that_leaves_the_folder(repo: Path, tmp_path: Path) -> None:
    """Its name is its last part."""
    (tmp_path / "x.csv").write_bytes(b"x")
    assert used("../x.csv").name == "x.csv"
    assert repo.is_dir()


def test_a_kept_file(repo: Path) -> None:
    """Its bytes are in the artifact store, and the record says so."""
    (repo / "x.csv").write_bytes(b"1")
    one = used("x.csv", keep=True)
    assert one.kept
    assert has(one.sha256)


def test_a_folder(repo: Path) -> None:
    """By the digest of its manifest: the same as when it is kept."""
    (repo / "data" / "deep").mkdir(parents=True)
    (repo / "data" / "a").write_bytes(b"1")
    (repo / "data" / "deep" / "b").write_bytes(b"23")
    one, kept = used("data"), used("data", keep=True)
    assert (one.kind, one.size, one.kept) == ("directory", 3, False)
    assert (kept.sha256, kept.kept) == (one.sha256, True)
    assert has(kept.sha256)


def test_a_folder_with_odd_names(repo: Path) -> None:
    """Files of a dataset may be called what another system could not write, as long as they are not kept."""
    (repo / "data").mkdir()
    (repo / "data" / "2026-11-24T10:00.csv").write_bytes(b"1")
    assert used("data").size == 1
    with pytest.warns(GitTrackWarning, match="not saved: not a name"), gittrack.start_run() as run:
        run.log_input("data", keep=True)


def test_the_last_of_a_name_holds(repo: Path) -> None:
    """As with params."""
    (repo / "x").write_bytes(b"1")
    (repo / "y").write_bytes(b"2")
    with gittrack.start_run() as run:
        gittrack.log_input("x", "train")
        gittrack.log_input("y", "train")
    assert [one.uri for one in gittrack.get_run(run.run_id).inputs] == ["y"]


@pytest.mark.parametrize("data", ["missing.csv", "x" * 5000, "a\0b", Path("missing"), "file:///missing"])
def test_a_missing_file(data: str | Path) -> None:
    """A mistake is raised at once, and the run goes on."""
    with gittrack.start_run() as run:
        with pytest.raises(InvalidValue, match="no such file"):
            run.log_input(data)
        run.log_param("lr", 1)
    assert gittrack.get_run(run.run_id).inputs == ()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe(repo: Path) -> None:
    """Reading it would take the data away from the program."""
    os.mkfifo(repo / "pipe")
    with gittrack.start_run() as run, pytest.raises(InvalidValue, match="not a file or folder"):
        run.log_input("pipe")


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 300])
def test_a_name_that_cannot_be(repo: Path, name: str) -> None:
    """Names are as those of params; of the context, too."""
    (repo / "x").write_bytes(b"1")
    with gittrack.start_run() as run:
        with pytest.raises(InvalidValue):
            run.log_input("x", name)
        with pytest.raises(InvalidValue):
            run.log_input("x", context=name)


def test_a_name_with_control_characters(repo: Path) -> None:
    """A file may be called so; the record is one line all the same."""
    (repo / "a\nb.csv").write_bytes(b"1")
    assert used("a\nb.csv").name == "a?b.csv"


def test_secrets_in_names_are_hidden(repo: Path) -> None:
    """Whatever is recorded goes by the redactor."""
    token = "ghp_" + "a1B2" * 9
    (repo / token).write_bytes(b"1")
    one = used(token)
    assert token not in repr(one)


def _read_often(path: Path) -> None:
    for _ in range(200):  # the writer may come late
        _digest_of_file(path, Seen(path.parent / "seen"))


def test_a_file_that_is_written_meanwhile(repo: Path) -> None:
    """No digest is recorded that the file never had as a whole."""
    path = repo / "log"
    path.write_bytes(b"x" * 3_000_000)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with path.open("ab") as file:
                file.write(b"y")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        with pytest.raises(GitTrackError, match="is being written"):
            _read_often(path)
    finally:
        stop.set()
        thread.join()


def test_a_big_file_is_read_once(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it did not change since; what it was is remembered beside the artifact store."""
    monkeypatch.setattr(seen, "LEAST", 1)
    monkeypatch.setattr(Identity, "settled", lambda _self: True)
    path = repo / "big"
    path.write_bytes(b"123")
    one = _digest_of_file(path, Seen(repo / "seen"))
    with path.open("rb") as file:
        Seen(repo / "seen").note(Identity.of(file), "ab" * 32)
    assert one == Stored(sha(b"123"), 3)
    assert _digest_of_file(path, Seen(repo / "seen")) == Stored("ab" * 32, 3)


FRAME = pd.DataFrame({"x": [1, 2], "y": ["a", "b"]})


def test_a_frame() -> None:
    """By what it holds; its shape and its columns stand in the record."""
    one = used(FRAME, "train", source="s3://bucket/train.csv")
    assert (one.kind, one.shape, one.uri) == ("dataframe", (2, 2), "s3://bucket/train.csv")
    assert list(one.columns) == ["x", "y"]
    assert one.columns["x"] == "int64"
    assert not has(one.sha256)


def test_a_frame_without_a_name() -> None:
    """Two of them do not hide each other."""
    with gittrack.start_run() as run:
        run.log_input(FRAME)
        run.log_input(FRAME.iloc[:1])
    names = [one.name for one in gittrack.get_run(run.run_id).inputs]
    assert [bool(re.fullmatch(r"dataframe-[0-9a-f]{8}", name)) for name in names] == [True, True]
    assert names[0] != names[1]


def test_a_wide_frame() -> None:
    """Names of columns by the thousand are not recorded."""
    one = used(pd.DataFrame(np.zeros((1, 300))))
    assert (one.shape, one.columns) == ((1, 300), {})


def test_a_series() -> None:
    """As a table of one column."""
    one = used(FRAME["x"])
    assert (one.kind, one.shape, dict(one.columns), one.uri) == (
        "series",
        (2,),
        {"x": "int64"},
        "python:Series",
    )


def test_a_kept_array(tmp_path: Path) -> None:
    """What is kept of an array is a file that NumPy reads."""
    array = np.arange(6.0).reshape(2, 3).T
    one = used(array, keep=True)
    assert (one.kind, one.shape, one.kept) == ("array", (3, 2), True)
    assert one.sha256 is not None
    store = RunStore.open()
    store.objects.copy_to(one.sha256, tmp_path / "x.npy")
    assert np.array_equal(np.load(tmp_path / "x.npy"), array)


@pytest.mark.parametrize("data", [b"bytes", 3, {"a": 1}, [1], pd.DataFrame, None])
def test_what_is_no_input(data: object) -> None:
    """The hint says what is."""
    with gittrack.start_run() as run, pytest.raises(InvalidValue, match="not an input") as caught:
        run.log_input(data)
    assert "DataFrame" in (caught.value.hint or "")


def test_an_object_that_breaks() -> None:
    """The failure of another library does not end the training."""

    class Broken:
        def __array__(self, *_: object) -> None:
            msg = "no memory"
            raise RuntimeError(msg)

    with gittrack.start_run() as run, pytest.warns(GitTrackWarning, match="cannot be told: no memory"):
        run.log_input(Broken())


class Dataset:
    """What `datasets.Dataset` looks like from outside."""

    _fingerprint = "0123456789abcdef"
    num_rows, num_columns = 3, 1
    split = "train"
    features = {"text": type("Value", (), {"dtype": "string"})()}  # noqa: RUF012  never changed
    info = type("Info", (), {"dataset_name": "imdb"})()


Dataset.__module__ = "datasets.arrow_dataset"


class Splits(dict[str, Any]):
    """`datasets.DatasetDict`, the same."""


Splits.__module__ = "datasets.dataset_dict"


def test_a_dataset_of_hugging_face() -> None:
    """By the fingerprint that its library gives it."""
    one = used(Dataset())
    assert one == Input(
        "imdb-train",
        "hf://datasets/imdb",
        version="fingerprint 0123456789abcdef",
        kind="dataset",
        shape=(3, 1),
        columns={"text": "string"},
    )
    both = used(Splits(train=Dataset(), test=Dataset()), "imdb")
    assert both.version == "fingerprint train 0123456789abcdef, test 0123456789abcdef"


def test_a_dataset_that_cannot_be_recorded() -> None:
    """Without a fingerprint, or to be kept: it is saved to a folder first."""
    with gittrack.start_run() as run:
        with pytest.raises(InvalidValue, match="no fingerprint"):
            run.log_input(Splits(train=object()))
        with pytest.raises(InvalidValue, match="not kept"):
            run.log_input(Dataset(), keep=True)


WORKER = """
import os, threading, gittrack
def log(number):
    gittrack.log_input(f"{number}.csv")
    gittrack.log_artifact(f"{number}.csv", to=os.environ["RANK"])
first = 5 * int(os.environ["RANK"])
with gittrack.start_run():
    threads = [threading.Thread(target=log, args=(number,)) for number in range(first, first + 5)]
    for one in threads: one.start()
    for one in threads: one.join()
"""
LAUNCH = {"WORLD_SIZE": "4", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500", "TORCHELASTIC_RUN_ID": "x"}


def test_several_processes_and_threads(repo: Path) -> None:
    """Nothing that any of them logged in mid-run is lost."""
    for number in range(20):
        (repo / f"{number}.csv").write_text(str(number))
    words = [sys.executable, "-c", WORKER]
    environments = [python_environment(RANK=str(rank), **LAUNCH) for rank in range(4)]
    workers = [subprocess.Popen(words, cwd=repo, env=env) for env in environments]
    assert [one.wait() for one in workers] == [0, 0, 0, 0]
    [found] = gittrack.search_runs(output_format="list")
    assert {one.name for one in found.inputs} == {f"{number}.csv" for number in range(20)}
    assert {one.path for one in found.artifacts} == {f"{number // 5}/{number}.csv" for number in range(20)}
    assert all(has(one.sha256) for one in found.artifacts)


def test_relative_to_another_folder(store: RunStore, tmp_path: Path) -> None:
    """The wrapper says where its command ran."""
    (tmp_path / "x").write_bytes(b"1")
    assert input_of(Wanted("x"), store, tmp_path).uri == f"file://{tmp_path}/x"
