"""`gittrack tag`, `note`, `rename`, `rm` and `restore`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from gittrack.core.records import Run
from gittrack.core.times import now_ms
from gittrack.store.runs import RunStore
from tests.store.test_runs import recorded

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def run(store: RunStore) -> Run:
    """A recorded run."""
    return recorded(store, 0.5, name="base")


def again(run: Run) -> Run:
    """The run as a fresh look finds it."""
    return RunStore.open().get(run.id)


def test_tag(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Tags are set, and what was done is said."""
    assert invoke(["tag", run.id, "verdict=good", "eq=a=b"]) == 0
    assert again(run).tags == {"verdict": "good", "eq": "a=b"}
    assert capsys.readouterr().out == f"tagged {run.id}\n"


def test_tag_several(run: Run, store: RunStore) -> None:
    """Several runs are tagged at once; one that is named twice counts once."""
    other = recorded(store, 0.5)
    assert invoke(["tag", run.id, other.id, run.id[-8:], "a=1"]) == 0
    assert [again(one).tags for one in (run, other)] == [{"a": "1"}, {"a": "1"}]


def test_tag_remove(run: Run) -> None:
    """Tags are taken away, while others are set."""
    invoke(["tag", run.id, "a=1", "b=2"])
    assert invoke(["tag", run.id, "c=3", "--remove", "a"]) == 0
    assert again(run).tags == {"b": "2", "c": "3"}


def test_tag_json(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON is the records of the runs as they now are."""
    invoke(["tag", run.id, "a=1", "--json"])
    [record] = json.loads(capsys.readouterr().out)
    assert (record["run_id"], record["tags"]) == (run.id, {"a": "1"})


def test_tag_redacts(run: Run) -> None:
    """A secret never gets into Git."""
    invoke(["tag", run.id, "api_key=hunter2-hunter2-hunter2"])
    assert "hunter2" not in again(run).tags["api_key"]


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["a=1"], 2, "no RUN is named"),
        (["{id}"], 2, "nothing to set or remove"),
        (["{id}", "a=1", "b"], 2, "'b' is no KEY=VALUE"),
        (["nonesuch", "a=1"], 1, "nonesuch"),
        (["{id}", "=1"], 1, "the key of a tag is empty"),
        (["{id}", "a\x07=1"], 1, "control characters"),
    ],
)
def test_tag_refuses(
    run: Run, capsys: pytest.CaptureFixture[str], words: list[str], status: int, message: str
) -> None:
    """What cannot be done is said, and nothing changes."""
    assert invoke(["tag", *(word.format(id=run.id) for word in words)]) == status
    assert message in capsys.readouterr().err
    assert again(run).tags == {}


def test_all_or_nothing(run: Run) -> None:
    """Where one of several runs is not there, none is changed."""
    assert invoke(["tag", run.id, "nonesuch", "a=1"]) == 1
    assert again(run).tags == {}


def test_tag_live(store: RunStore) -> None:
    """A running run is tagged in its journal."""
    one = Run(store.new_id(), start_time=now_ms())
    journal = store.create(one)
    assert invoke(["tag", one.id, "a=1"]) == 0
    assert again(one).tags == {"a": "1"}
    journal.close()


def test_note(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A note is written, shown and taken away."""
    assert invoke(["note", run.id, "The *best*"]) == 0
    capsys.readouterr()
    assert invoke(["note", run.id]) == 0
    assert capsys.readouterr().out == "The *best*\n"
    assert invoke(["note", run.id, ""]) == 0
    capsys.readouterr()
    assert invoke(["note", run.id]) == 0
    assert capsys.readouterr().out == ""


def test_note_json(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a text, JSON is the record."""
    assert invoke(["note", run.id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["note"] == ""


def test_note_from_file(run: Run, tmp_path: Path) -> None:
    """A note is read from a file."""
    (tmp_path / "note.md").write_text("a\nb\n")
    assert invoke(["note", run.id, "--file", str(tmp_path / "note.md")]) == 0
    assert again(run).note == "a\nb"


def test_note_in_editor(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note is written in the editor, which begins with the one there is."""
    script = tmp_path / "editor.py"
    script.write_text("import sys\np = sys.argv[1]\nt = open(p).read()\nopen(p, 'w').write(t + 'more')\n")
    monkeypatch.setenv("VISUAL", f"{sys.executable} {script}")
    invoke(["note", run.id, "some"])
    assert invoke(["note", run.id, "--edit"]) == 0
    assert again(run).note == "some\nmore"


def test_note_unchanged(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An editor that saves nothing changes nothing."""
    monkeypatch.setenv("VISUAL", "true")
    assert invoke(["note", run.id, "-e"]) == 0
    assert capsys.readouterr().err == "nothing changed\n"


def test_note_contradiction(run: Run) -> None:
    """Two sources of a note exclude each other."""
    assert invoke(["note", run.id, "a", "-e"]) == 2


def test_rename(run: Run) -> None:
    """A run gets another name."""
    assert invoke(["rename", run.id, "second"]) == 0
    assert again(run).name == "second"


def test_rename_refuses(run: Run) -> None:
    """A name that cannot be shown is refused."""
    assert invoke(["rename", run.id, "a\x1b[2J"]) == 1
    assert again(run).name == "base"


def test_rm_and_restore(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A removed run is hidden, and can be shown again."""
    assert invoke(["rm", run.id]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"removed {run.id}\n"
    assert "gittrack restore" in captured.err
    assert again(run).deleted
    assert invoke(["restore", run.id]) == 0
    assert not again(run).deleted


def test_rm_does_not_ask_in_scripts(run: Run, store: RunStore) -> None:
    """Without a terminal nothing is asked."""
    other = recorded(store, 0.1)
    assert invoke(["rm", run.id, other.id]) == 0
    assert again(other).deleted


@pytest.mark.parametrize(("answer", "status", "gone"), [("y\n", 0, True), ("\n", 1, False)])
def test_rm_asks(
    run: Run,
    store: RunStore,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    status: int,
    gone: bool,  # noqa: FBT001  a case
) -> None:
    """On a terminal more than one run is only removed after a yes."""
    import io

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    other = recorded(store, 0.1)
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert invoke(["rm", run.id, other.id]) == status
    assert again(other).deleted == gone


def test_rm_running(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """A running run cannot be removed."""
    one = Run(store.new_id(), start_time=now_ms())
    journal = store.create(one)
    assert invoke(["rm", one.id]) == 1
    assert "still running" in capsys.readouterr().err
    journal.close()
