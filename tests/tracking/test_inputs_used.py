"""Inputs of a command that `gittrack run` records, and those that the command names itself."""

from __future__ import annotations

import hashlib
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.core.errors import GitTrackWarning
from gittrack.core.events import Event, InputLogged
from gittrack.tracking import wrap
from gittrack.tracking.inputs_used import InputsUsed
from gittrack.tracking.wrap import Wish

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore


def script(store: RunStore, text: str, **options: Any) -> Run:
    """The committed run of a shell script."""
    cwd = options.pop("cwd", None)
    done = wrap.run(["sh", "-c", text], store, Wish(**options), cwd=cwd)
    assert done.run is not None
    assert store.get(done.run_id) == done.run
    return done.run


def sha(data: bytes) -> str:
    """The SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


def test_inputs_of_a_command(store: RunStore, repo: Path) -> None:
    """By digest, relative ones from where the command runs."""
    (repo / "train.csv").write_bytes(b"1")
    (repo / "images").mkdir()
    (repo / "images" / "a.png").write_bytes(b"PNG")
    run = script(store, "true", inputs=["train.csv", "images"])
    assert {one.name: one.kind for one in run.inputs} == {"train.csv": "file", "images": "directory"}
    assert run.inputs[0].sha256 == sha(b"1")


def test_a_missing_input(store: RunStore) -> None:
    """The command runs; the warning is in its output too."""
    with pytest.warns(GitTrackWarning, match=r"input train.csv is not recorded: no such file: train.csv"):
        run = script(store, "echo done", inputs=["train.csv"])
    assert (run.status, run.inputs) == ("finished", ())
    [output] = run.artifacts
    kept = store.objects.read(output.sha256)
    assert b"gittrack: input train.csv is not recorded: no such file" in kept
    assert b"done" in kept


def _read(inputs: InputsUsed, logged: list[Event]) -> None:
    inputs.start(logged.append)
    inputs.join()


def test_an_input_that_the_command_changes(store: RunStore, repo: Path) -> None:
    """The record may be of what it became: that is said."""
    (repo / "state").write_bytes(b"1")
    said: list[str] = []
    logged: list[Event] = []
    inputs = InputsUsed(["state"], store, repo, said.append)
    (repo / "state").write_bytes(b"12")
    with pytest.warns(GitTrackWarning, match="state changed while the command ran"):
        _read(inputs, logged)
    [event] = logged
    assert isinstance(event, InputLogged)
    assert event.input.sha256 == sha(b"12")
    assert "may be later" in said[0]


def test_a_command_that_cannot_start(store: RunStore, repo: Path) -> None:
    """Nothing used its inputs."""
    (repo / "x").write_bytes(b"1")
    done = wrap.run(["no-such-command"], store, Wish(inputs=["x"]))
    assert done.run is not None
    assert done.run.inputs == ()


def test_inputs_that_the_child_names(store: RunStore, tmp_path: Path) -> None:
    """Input lines record files, folders and what another program knows the digest of."""
    (tmp_path / "a.csv").write_bytes(b"a")
    lines = [
        '{"event": "input", "file": "a.csv", "name": "train", "context": "training", "keep": true}',
        '{"event": "input", "file": "a.csv"}',
        '{"event": "input", "file": "missing.csv"}',
        '{"event": "input", "file": 3}',
        '{"event": "input", "input": {"name": "web", "uri": "https://ada:pw@example.org/x?token=abc"}}',
    ]
    text = f"printf '%s\\n' {' '.join(map(shlex.quote, lines))} >> $GITTRACK_JOURNAL"
    with pytest.warns(GitTrackWarning) as caught:
        run = script(store, text, cwd=tmp_path)
    found = {one.name: one for one in run.inputs}
    assert set(found) == {"train", "a.csv", "web"}
    assert (found["train"].context, found["train"].kept) == ("training", True)
    assert store.objects.has(sha(b"a"))
    assert found["web"].uri == "https://example.org/x?token=[redacted]"
    messages = [str(one.message) for one in caught]
    assert any("input missing.csv is not saved: no such file" in one for one in messages)
    assert any("file, name and context are text" in one for one in messages)
