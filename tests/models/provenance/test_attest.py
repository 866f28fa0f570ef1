"""Statements of where a model comes from."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.cli.main import invoke
from gittrack.core.records import MetricSummary, Source
from gittrack.models.api import folder_of
from gittrack.models.provenance.attest import CannotAttest, attest_model
from gittrack.models.registry.register import register
from tests.support import deploying
from tests.support.models import DATA, made
from tests.support.remotes import START

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore


@pytest.fixture
def run(store: RunStore, repo: Path) -> Run:
    """A run that made a model."""
    return made(store, repo)


@pytest.fixture
def found(run: Run) -> dict[str, Any]:
    """What is stated of its model."""
    return attest_model(f"runs:/{run.id}/clf")


def test_the_messages_of_in_toto_take_it(found: dict[str, Any], tmp_path: Path) -> None:
    """Statement v1 and SLSA provenance v1, as their published messages have them: no field is unknown."""
    path = tmp_path / "statement.json"
    path.write_text(json.dumps(found))
    assert deploying.wrong("statement", path) == []


def test_the_messages_would_refuse_an_unknown_field(found: dict[str, Any], tmp_path: Path) -> None:
    """The check above would see a field that is not there."""
    found["predicate"]["runDetails"]["byProducts"] = []
    path = tmp_path / "statement.json"
    path.write_text(json.dumps(found))
    assert deploying.wrong("statement", path)


def test_subjects_are_the_files(found: dict[str, Any]) -> None:
    """Each file is a subject by path and digest."""
    digests = {one["name"]: one["digest"]["sha256"] for one in found["subject"]}
    assert digests.keys() == {"MLmodel", "weights.bin"}
    assert digests["weights.bin"] == hashlib.sha256(b"weights").hexdigest()


def test_it_names_command_and_params(found: dict[str, Any]) -> None:
    """What somebody chose is an external parameter."""
    external = found["predicate"]["buildDefinition"]["externalParameters"]
    assert external["command"] == ["python", "train.py"]
    assert external["params"] == {"C": 1.5}


def test_it_depends_on_code_data_and_packages(run: Run, found: dict[str, Any]) -> None:
    """Commit, input and packages are resolved dependencies, with their digests."""
    code, data, package = found["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert code["digest"] == {"gitCommit": run.source.commit}
    assert code["uri"] == f"git+https://example.org/x.git@{run.source.commit}"
    assert data["digest"] == {"sha256": hashlib.sha256(DATA).hexdigest()}
    assert package == {"uri": "pkg:pypi/numpy@2.4.6"}


def test_it_says_when_and_who(run: Run, found: dict[str, Any]) -> None:
    """Times are RFC 3339 in seconds; who vouches is the user and host where no CI does."""
    details = found["predicate"]["runDetails"]
    assert details["builder"]["id"] == "urn:gittrack:local:ada:desk"
    assert details["metadata"]["invocationId"] == run.id
    assert details["metadata"]["finishedOn"].endswith("Z")
    assert len(details["metadata"]["finishedOn"]) == 20


def test_what_was_measured_is_a_byproduct(found: dict[str, Any]) -> None:
    """The last value of each metric is there."""
    assert found["predicate"]["runDetails"]["byproducts"] == [
        {"name": "metrics", "annotations": {"acc": 0.5}}
    ]


def test_metrics_that_are_no_numbers_are_left_out(store: RunStore, repo: Path) -> None:
    """JSON knows no NaN."""
    nan = MetricSummary(float("nan"), 0, START, float("nan"), float("nan"), 1)
    run = made(store, repo, metrics={"loss": nan})
    assert attest_model(f"runs:/{run.id}/clf")["predicate"]["runDetails"]["byproducts"] == []


def test_uncommitted_code_is_said(store: RunStore, repo: Path) -> None:
    """The snapshot is the code, its parent and that it was uncommitted are noted."""
    first = store.git.resolve("HEAD")
    source = Source(first, dirty=True, snapshot="12" * 20, left_out={"big.bin": "too large"})
    run = made(store, repo, source=source)
    definition = attest_model(f"runs:/{run.id}/clf")["predicate"]["buildDefinition"]
    code = definition["resolvedDependencies"][0]
    assert code["digest"] == {"gitCommit": "12" * 20}
    assert code["annotations"] == {"parent": first}
    assert definition["internalParameters"]["uncommittedChanges"] is True
    assert definition["internalParameters"]["leftOut"] == {"big.bin": "too large"}


@pytest.mark.parametrize(
    ("environ", "builder"),
    [
        (
            {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "a/b", "GITHUB_RUN_ID": "7"},
            "https://github.com/a/b/actions/runs/7",
        ),
        ({"CI_JOB_URL": "https://gitlab.com/a/b/-/jobs/7"}, "https://gitlab.com/a/b/-/jobs/7"),
    ],
)
def test_a_job_of_ci_vouches(run: Run, environ: dict[str, str], builder: str) -> None:
    """In CI the job is who vouches."""
    said = attest_model(f"runs:/{run.id}/clf", environ=environ)
    assert said["predicate"]["runDetails"]["builder"]["id"] == builder


def test_a_model_that_changed_is_not_attested(store: RunStore, run: Run, tmp_path: Path) -> None:
    """What is not as its run recorded it, that run has not made."""
    folder = folder_of(f"runs:/{run.id}/clf", tmp_path)
    (folder / "weights.bin").write_bytes(b"other")
    with pytest.raises(CannotAttest, match=r"weights\.bin has changed"):
        attest_model(str(folder), repo=store.git.place.work_tree)


def test_a_model_of_no_run_is_not_attested(repo: Path, tmp_path: Path) -> None:
    """There is nothing to say of it."""
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors: {}\n")
    with pytest.raises(CannotAttest, match="names no run"):
        attest_model(str(folder), repo=repo)


def test_the_command_writes_a_file(
    store: RunStore, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`-o` writes the statement of a registered model."""
    register(store, f"runs:/{run.id}/clf", "churn")
    path = tmp_path / "statement.json"
    assert invoke(["model", "attest", "models:/churn/1", "-o", str(path)]) == 0
    assert json.loads(path.read_text())["_type"] == "https://in-toto.io/Statement/v1"
    assert "2 files of run" in capsys.readouterr().err


def test_the_command_prints_the_predicate(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """`--predicate` is for tools that name the files themselves; `--builder` says who vouches."""
    words = ["model", "attest", f"runs:/{run.id}/clf", "--predicate", "--builder", "https://example.org/me"]
    assert invoke(words) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["runDetails"]["builder"]["id"] == "https://example.org/me"


def test_model_signing_signs_and_verifies_the_files(run: Run, tmp_path: Path) -> None:
    """OpenSSF's `model_signing` signs the folder with a key, and sees when a file of it changes."""
    folder = folder_of(f"runs:/{run.id}/clf", tmp_path / "here")
    key, public, signature = (tmp_path / name for name in ("key.pem", "public.pem", "model.sig"))
    import subprocess

    subprocess.run(
        ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key], check=True
    )
    subprocess.run(["openssl", "ec", "-in", key, "-pubout", "-out", public], check=True, capture_output=True)
    verify = ("verify", "key", str(folder), "--signature", str(signature), "--public_key", str(public))
    deploying.run(
        "model_signing", "sign", "key", str(folder), "--private_key", str(key), "--signature", str(signature)
    )
    assert "succeeded" in deploying.run("model_signing", *verify).lower()
    (folder / "weights.bin").write_bytes(b"other")
    with pytest.raises(AssertionError):
        deploying.run("model_signing", *verify)
