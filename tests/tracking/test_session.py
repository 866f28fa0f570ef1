"""A run that is being recorded, and the module functions that are its twins."""

from __future__ import annotations

import inspect
import shutil
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pytest

import gittrack
from gittrack.artifacts.manifest import decode
from gittrack.core.errors import GitTrackWarning, InvalidValue
from gittrack.store.runs import RunStore
from gittrack.tracking import fluent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gittrack.core.records import Artifact

mpl.use("Agg")
pytestmark = pytest.mark.usefixtures("repo")


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    """No test leaves a run active."""
    yield
    while gittrack.active_run() is not None:
        gittrack.end_run()


def kept(run: gittrack.Run) -> dict[str, Artifact]:
    """The artifacts of a run by path."""
    return {one.path: one for one in gittrack.get_run(run.run_id).artifacts}


def content(artifact: Artifact) -> bytes:
    """The bytes of an artifact in the local store."""
    return RunStore.open().objects.read(artifact.sha256)


def test_files_and_folders(tmp_path: Path) -> None:
    """A file keeps its name, a folder is one artifact, and `to` puts them into a folder of the run."""
    (tmp_path / "model" / "deep").mkdir(parents=True)
    (tmp_path / "model" / "weights.bin").write_bytes(b"123")
    (tmp_path / "model" / "deep" / "config.json").write_bytes(b"{}")
    (tmp_path / "notes.txt").write_text("hello")
    with gittrack.start_run() as run:
        gittrack.log_artifact(tmp_path / "notes.txt")
        gittrack.log_artifact(tmp_path / "notes.txt", to="docs")
        gittrack.log_artifact(tmp_path / "model")
        gittrack.log_artifacts(tmp_path / "model", to="best")
        (tmp_path / "notes.txt").unlink()
    found = kept(run)
    assert set(found) == {"notes.txt", "docs/notes.txt", "model", "best"}
    assert content(found["notes.txt"]) == b"hello"
    assert (found["model"].kind, found["model"].size) == ("directory", 5)
    assert found["model"].sha256 == found["best"].sha256
    members = decode(content(found["best"]), "best")
    assert [member.path for member in members] == ["deep/config.json", "weights.bin"]


def test_the_entries_of_a_folder(tmp_path: Path) -> None:
    """Without `to`, each entry of a folder is an artifact by itself."""
    (tmp_path / "out" / "plots").mkdir(parents=True)
    (tmp_path / "out" / "plots" / "a.png").touch()
    (tmp_path / "out" / "log.txt").touch()
    with gittrack.start_run() as run:
        gittrack.log_artifacts(tmp_path / "out")
    assert {path: one.kind for path, one in kept(run).items()} == {"log.txt": "file", "plots": "directory"}


def test_what_is_no_folder(tmp_path: Path) -> None:
    """A file given as a folder is a mistake with a hint."""
    (tmp_path / "a").touch()
    with gittrack.start_run(), pytest.raises(InvalidValue, match="not a folder"):
        gittrack.log_artifacts(tmp_path / "a")


def test_objects_as_artifacts() -> None:
    """Texts, documents, figures, pictures and tables become files."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.plot([1, 2])
    with gittrack.start_run() as run:
        gittrack.log_text("grün", "a.txt")
        gittrack.log_dict({"a": 1}, "a.yaml")
        gittrack.log_figure(figure, "plots/a.png", dpi=20)
        gittrack.log_image(np.zeros((4, 4)), "a.png")
        gittrack.log_table({"x": [1, 2]}, "a.csv")
    plt.close(figure)
    found = kept(run)
    assert set(found) == {"a.txt", "a.yaml", "plots/a.png", "a.png", "a.csv"}
    assert content(found["a.txt"]) == "grün".encode()
    assert content(found["a.yaml"]) == b"a: 1\n"


def test_the_last_artifact_of_a_name_holds() -> None:
    """Logging a name again replaces it."""
    with gittrack.start_run() as run:
        gittrack.log_text("one", "a.txt")
        gittrack.log_text("two", "a.txt")
    (artifact,) = kept(run).values()
    assert content(artifact) == b"two"


def test_everything_that_can_be_said() -> None:
    """Params, metrics, tags, note and name, by the run and by the module."""
    with gittrack.start_run("a") as run:
        run.log_param("lr", 0.1)
        gittrack.log_params({"depth": 3})
        run.log_metrics({"loss": 0.5, "acc": 0.9}, step=7)
        gittrack.log_metric("loss", 0.25, step=8, timestamp=1_795_492_993_123)
        gittrack.set_tag("stage", "dev")
        gittrack.set_tags({"owner": "ada", "gone": "x"})
        gittrack.delete_tag("gone")
        gittrack.set_note("# why")
        run.rename("b")
    one = gittrack.get_run(run.run_id)
    assert (one.name, one.note, one.params) == ("b", "# why", {"lr": 0.1, "depth": 3})
    assert one.tags == {"stage": "dev", "owner": "ada"}
    assert (one.metrics["loss"].last, one.metrics["loss"].step) == (0.25, 8)
    assert one.metrics["loss"].time == 1_795_492_993_123
    assert repr(run) == f"<gittrack.Run {run.run_id}>"


def test_secrets_do_not_arrive() -> None:
    """What names or looks like a secret is replaced before it is written."""
    with gittrack.start_run() as run:
        gittrack.log_param("api_key", "hunter2")
        gittrack.set_tag("url", "https://ada:hunter2@example.org/")
    one = gittrack.get_run(run.run_id)
    assert one.params == {"api_key": "[redacted]"}
    assert "hunter2" not in one.tags["url"]


def test_twins() -> None:
    """Every method that logs has a module function of the same parameters."""
    for name, method in inspect.getmembers(gittrack.Run, inspect.isfunction):
        if name.startswith(("log_", "set_", "delete_")):
            ours = list(inspect.signature(getattr(fluent, name)).parameters)
            assert ours == list(inspect.signature(method).parameters)[1:], name


def test_end_twice() -> None:
    """A second end does nothing."""
    run = gittrack.start_run()
    run.end("failed")
    run.end("finished")
    gittrack.end_run()
    assert gittrack.get_run(run.run_id).status == "failed"


def test_a_store_that_is_gone_does_not_stop_the_training(repo: Path) -> None:
    """When the repository disappears in mid-run, there are warnings and nothing else."""
    run = gittrack.start_run()
    gittrack.log_metric("loss", 1.0)
    run._background.stop() if run._background else None
    shutil.rmtree(repo / ".git")
    with pytest.warns(GitTrackWarning):
        go_on(run)
    assert gittrack.active_run() is None


def go_on(run: gittrack.Run) -> None:
    """What a training does to its end."""
    gittrack.log_text("x", "a.txt")
    gittrack.log_metric("loss", 0.5)
    run.end()


def test_mistakes_raise_at_once() -> None:
    """What cannot be taken raises where it was written, and the run goes on."""
    calls: list[Callable[[], None]] = [
        lambda: gittrack.log_metric("loss", "high"),  # type: ignore[arg-type]  # the mistake
        lambda: gittrack.log_metric("a\nb", 1.0),
        lambda: gittrack.log_param("model", object()),
        lambda: gittrack.log_text("x", "../escape"),
        lambda: gittrack.set_tag("", "x"),
    ]
    with gittrack.start_run() as run:
        for call in calls:
            with pytest.raises(InvalidValue) as caught:
                call()
            assert caught.value.hint
        gittrack.log_metric("loss", 1.0)
    assert gittrack.get_run(run.run_id).metrics["loss"].count == 1
