from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.manifest import Member, encode
from gittrack.cli.main import invoke
from gittrack.core.errors import GitTrackError, InvalidValue
from gittrack.core.records import Source
from gittrack.models.api import folder_of
from gittrack.models.digest import model_digest
from gittrack.models.images.context import Wishes, write_context
from gittrack.models.registry.register import register
from gittrack.models.trust import trust
from gittrack.store.registry.content import Changed
from tests.support.models import DATA, made

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.models.images.context import Context
    from gittrack.store.runs import RunStore

LOCAL = Wishes(base="localhost/python:3.11-slim", uv="localhost/uv:1")


@pytest.fixture
def context(store: RunStore, repo: Path, tmp_path: Path) -> Context:
    """What the image of a registered model is built from."""
    run = made(store, repo)
    register(store, f"runs:/{run.id}/clf", "Churn Model", alias="champion")
    return write_context("models:/Churn Model@champion", tmp_path / "image", LOCAL)


def test_the_model_in_it_is_the_model(context: Context) -> None:
    """Its files are the same, so that its digest is."""
    assert model_digest(context.folder / "model") == context.digest


def test_files_can_be_read_by_anybody(context: Context) -> None:
    """The user of the image is not who wrote them."""
    modes = {path.stat().st_mode & 0o777 for path in context.folder.rglob("*") if path.is_file()}
    assert modes == {0o644}


def test_labels_say_where_the_model_is_from(store: RunStore, context: Context) -> None:
    """Run, commit, digests and data, as OCI names them where it does."""
    commit = store.git.resolve("HEAD")
    labels = context.labels
    assert labels.pop("dev.gittrack.run")
    assert labels == {
        "org.opencontainers.image.title": "Churn Model",
        "org.opencontainers.image.version": "1",
        "org.opencontainers.image.created": "2026-11-24T16:03:43Z",
        "org.opencontainers.image.source": "https://example.org/x.git",
        "org.opencontainers.image.revision": commit,
        "org.opencontainers.image.base.name": "localhost/python:3.11-slim",
        "dev.gittrack.model": "models:/Churn Model/1",
        "dev.gittrack.model-digest": f"sha256:{context.digest}",
        "dev.gittrack.data": f"sha256:{hashlib.sha256(DATA).hexdigest()}",
    }


def test_it_is_called_by_name_and_version(context: Context) -> None:
    """In the letters that names of images have."""
    assert context.name == "churn-model:1"


def test_nobody_trusts_what_nobody_trusted(context: Context) -> None:
    """The list of the image is empty."""
    assert (context.folder / "trusted").read_bytes() == b""


def test_what_is_trusted_here_is_trusted_there(store: RunStore, repo: Path, tmp_path: Path) -> None:
    """A digest on the list of this user is on that of the image, and so it is by `trust`."""
    run = made(store, repo)
    folder = folder_of(f"runs:/{run.id}/clf", tmp_path / "here")
    said = write_context(str(folder), tmp_path / "a", replace_trust(LOCAL))
    assert (said.folder / "trusted").read_text().startswith(said.digest)
    trust(said.digest, "read")
    said = write_context(str(folder), tmp_path / "b", LOCAL)
    assert (said.folder / "trusted").read_text().startswith(said.digest)


def replace_trust(wishes: Wishes) -> Wishes:
    """The same with consent."""
    return wishes._replace(trust=True)


def test_a_folder_that_is_not_empty_is_left(repo: Path) -> None:
    """Nothing is written over."""
    with pytest.raises(InvalidValue, match="is there already"):
        write_context("whatever", repo, LOCAL)


def test_a_model_that_changed_gets_no_image(store: RunStore, repo: Path, tmp_path: Path) -> None:
    """What its run did not record is not what its labels would say."""
    run = made(store, repo)
    folder = folder_of(f"runs:/{run.id}/clf", tmp_path / "here")
    (folder / "weights.bin").write_bytes(b"other")
    with pytest.raises(Changed, match="not what was recorded"):
        write_context(str(folder), tmp_path / "image", LOCAL)


def test_a_model_that_cannot_be_had(store: RunStore, repo: Path, tmp_path: Path) -> None:
    """Says why."""
    run = made(store, repo)
    store.objects.path_of(hashlib.sha256(b"weights").hexdigest()).unlink()
    with pytest.raises(GitTrackError, match="cannot be had"):
        write_context(f"runs:/{run.id}/clf", tmp_path / "image", LOCAL)


def test_what_a_run_says_stays_in_its_label(store: RunStore, repo: Path, tmp_path: Path) -> None:
    """A line end does not end a label, a variable in it is not replaced; a commit is one or none."""
    evil = Source("x" * 40, snapshot="no commit", remote='https://ada:pw@e.org/"\nUSER root\n$HOME')
    run = made(store, repo, source=evil, inputs=())
    said = write_context(f"runs:/{run.id}/clf", tmp_path / "image", LOCAL)
    text = (said.folder / "Dockerfile").read_text()
    assert "\nUSER root" not in text
    assert '\\"USER root\\$HOME"' in text
    assert "pw@" not in text
    assert "org.opencontainers.image.revision" not in said.labels


@pytest.mark.usefixtures("repo")
def test_a_model_of_r_says_what_it_needs(tmp_path: Path) -> None:
    """What no Python package brings is said."""
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors:\n  crate:\n    version: '0.1'\n")
    (folder / "python_env.yaml").write_text("python: 3.12.4\n")
    said = write_context(
        str(folder), tmp_path / "image", LOCAL._replace(base=None, pin=False, target="sagemaker")
    )
    assert said.notes == ("the model needs Rscript, which a plain base does not have: give one by --base",)
    assert "ARG BASE=python:3.12-slim\n" in (said.folder / "Dockerfile").read_text()
    assert (said.folder / "serve").stat().st_mode & 0o111


@pytest.mark.usefixtures("repo")
def test_a_tag_is_pinned_by_its_registry(tmp_path: Path, image_registry: str) -> None:
    """A name that its registry does not know stays as it is, and that is said."""
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors: {}\n")
    wishes = LOCAL._replace(base=f"{image_registry}/python:3.11")
    said = write_context(str(folder), tmp_path / "image", wishes)
    assert said.notes == (
        f"{image_registry}/python:3.11 is not pinned: its registry does not say its digest",
    )


def test_the_command_writes_and_says_what_is_next(
    store: RunStore, repo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without `--build` nothing is built."""
    run = made(store, repo)
    words = [
        "model",
        "image",
        f"runs:/{run.id}/clf",
        "--base",
        LOCAL.base or "",
        "--uv-image",
        LOCAL.uv or "",
    ]
    assert invoke([*words, "-o", str(tmp_path / "a")]) == 0
    said = capsys.readouterr()
    assert said.out == f"{tmp_path / 'a'}\n"
    assert "docker build -t clf:" in said.err
    assert invoke([*words, "-o", str(tmp_path / "b"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["image"] is None


def test_artifacts_may_be_single_files(store: RunStore, repo: Path, tmp_path: Path) -> None:
    """A model whose files are artifacts of their own is one, too."""
    run = made(store, repo)
    (top,) = run.artifacts
    content = [Member("MLmodel", *store.objects.put_bytes(b"flavors: {}\n"))]
    assert store.objects.put_bytes(encode(content))
    one = replace(top, path="m/MLmodel", sha256=content[0].sha256, size=content[0].size, kind="file")
    other = made(store, repo, artifacts=(one,))
    assert write_context(f"runs:/{other.id}/m", tmp_path / "image", LOCAL).name.startswith("m:")
