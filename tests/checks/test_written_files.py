"""Secrets in run files, and their form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.checks.written_files import check_form, check_secrets
from gittrack.core.errors import GitTrackError
from gittrack.core.redact import Redactor
from gittrack.core.text import dump
from gittrack.store.format import layout
from gittrack.store.format.run_document import document_of
from tests.support.runs import run as make_run

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run

TOKEN = "ghp_" + "a1B2" * 9  # the shape of a token, and none


def _run_file(folder: Path, run: Run) -> Path:
    path = folder / layout.run_directory(run) / "run.yaml"
    path.parent.mkdir(parents=True)
    path.write_bytes(dump(document_of(run)))
    return path


def test_a_secret_in_a_param(tmp_path: Path) -> None:
    """It is named with its line, and --fix takes it out and leaves the rest."""
    path = _run_file(tmp_path, make_run(params={"lr": 0.1, "api_key": "hunter2hunter2"}))
    before = path.read_bytes()
    (found,) = check_secrets([path], Redactor())
    assert found.line == before.decode().splitlines().index('  "api_key": "hunter2hunter2"') + 1
    assert found.message == "looks like a secret under api_key: --fix replaces it"
    assert path.read_bytes() == before
    (fixed,) = check_secrets([path], Redactor(), fix=True)
    assert fixed.message == "a secret under api_key was replaced"
    assert path.read_bytes() == before.replace(b"hunter2hunter2", b"[redacted]")
    assert list(check_secrets([path], Redactor())) == []


def test_packages_are_no_secrets(tmp_path: Path) -> None:
    """In an environment only shapes tell: `google-auth` is the name of a package."""
    path = tmp_path / ".runs/e/2026-11/24/20261124-101010-abcd2345/environment.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(f'packages:\n  "google-auth": "2.62.2"\n  "x": "{TOKEN}"\n')
    assert [one.line for one in check_secrets([path], Redactor())] == [3]


def test_a_secret_in_an_edit(tmp_path: Path) -> None:
    """Tags and notes are looked at by name and by shape."""
    path = tmp_path / ".runs/e/2026-11/24/20261124-101010-abcd2345/edits/000000000000001-abcd.yaml"
    path.parent.mkdir(parents=True)
    path.write_text('tags:\n  "password": "hunter2hunter2"\n')
    assert [one.line for one in check_secrets([path], Redactor())] == [2]


def test_own_rules(tmp_path: Path) -> None:
    """The patterns of the configuration count."""
    path = _run_file(tmp_path, make_run(note="ticket ACME-123456"))
    assert len(list(check_secrets([path], Redactor(patterns=[r"ACME-\d+"])))) == 1


def test_files_that_are_no_text(tmp_path: Path) -> None:
    """An image is let through, a broken run.yaml is searched as text, a missing file is named."""
    image, broken = tmp_path / "x.png", tmp_path / "run.yaml"
    image.write_bytes(b"\x89PNG\xff\xfe")
    broken.write_text(f"token: {TOKEN}\n{{")
    assert [one.path for one in check_secrets([image, broken], Redactor())] == [str(broken)]
    with pytest.raises(GitTrackError, match="cannot read"):
        list(check_secrets([tmp_path / "gone"], Redactor()))


def test_a_multiline_secret(tmp_path: Path) -> None:
    """A key over several lines in a broken file is said without a line."""
    path = tmp_path / "run.yaml"
    body = "\n".join(["QUJD" * 16] * 3)
    path.write_text(f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
    assert len(list(check_secrets([path], Redactor()))) >= 1


def test_form(tmp_path: Path) -> None:
    """A file that was edited by hand is written anew, the same content in the canonical form."""
    run = make_run(params={"lr": 0.1})
    path = _run_file(tmp_path, run)
    canonical = path.read_bytes()
    assert list(check_form([path])) == []
    path.write_bytes(canonical.replace(b'"finished"', b"finished  # done"))
    (found,) = check_form([path])
    assert found.message == "not in the canonical form: --fix writes it"
    (fixed,) = check_form([path], fix=True)
    assert fixed.message == "written in the canonical form"
    assert path.read_bytes() == canonical


def test_form_of_what_has_none(tmp_path: Path) -> None:
    """Points and artifacts are let through; what is no YAML is an error and stays as it is."""
    metrics, broken = tmp_path / "metrics.jsonl", tmp_path / "run.yaml"
    metrics.write_text("{ }\n")
    broken.write_text("a: [\n")
    found = list(check_form([metrics, broken], fix=True))
    assert [one.path for one in found] == [str(broken)]
    assert broken.read_text() == "a: [\n"


def test_files_of_models(tmp_path: Path) -> None:
    """Their notes are freed of secrets, and they have a canonical form."""
    path = tmp_path / ".models/churn/edits/001795492993123-k3f9a2x01b.yaml"
    path.parent.mkdir(parents=True)
    path.write_text('schema: gittrack.modeledit/1\nnote: "password=hunter2abc"\n')
    assert [one.line for one in check_secrets([path], Redactor(), fix=True)] == [2]
    assert "hunter2abc" not in path.read_text()
    assert [one.message for one in check_form([path], fix=True)] == ["written in the canonical form"]
