from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from gittrack.core.errors import InvalidValue
from gittrack.core.text import load
from gittrack.models.api import folder_of
from gittrack.models.manifests.describe import describe_model
from gittrack.models.registry.register import register
from tests.support.models import made

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


@pytest.fixture
def uri(store: RunStore, repo: Path) -> str:
    """A registered model."""
    run = made(store, repo)
    register(store, f"runs:/{run.id}/clf", "3 Churn Models", alias="champion")
    return "models:/3 Churn Models@champion"


def test_names_are_in_the_letters_of_their_readers(uri: str) -> None:
    """Lower case, digits and hyphens, a letter first; the image is called as `model image` calls it."""
    document = describe_model(uri, "kubernetes")["deployment.yaml"]
    assert document["metadata"]["name"] == "model-3-churn-models"
    assert document["spec"]["template"]["spec"]["containers"][0]["image"] == "3-churn-models:1"


def test_choices_are_in_it(uri: str) -> None:
    """What is given is there, what is None is as it was."""
    found = describe_model(
        uri, "kubernetes", image="r.example/x:1", replicas=3, cpu="2", memory="4Gi", role=None
    )
    spec = found["deployment.yaml"]["spec"]
    assert spec["replicas"] == 3
    assert spec["template"]["spec"]["containers"][0]["resources"]["requests"] == {"cpu": "2", "memory": "4Gi"}


@pytest.mark.parametrize(
    ("place", "choices"),
    [
        ("moon", {}),
        ("kubernetes", {"cpu": "two"}),
        ("kubernetes", {"memory": "1Gi\nx: y"}),
        ("kubernetes", {"image": "--privileged"}),
        ("sagemaker", {"role": "me"}),
        ("azureml", {"instance": "a b"}),
    ],
)
def test_what_cannot_be_is_refused(uri: str, place: str, choices: dict[str, str]) -> None:
    """Before anybody sends it."""
    with pytest.raises(InvalidValue):
        describe_model(uri, place, **choices)


def test_a_folder_without_a_run_has_no_path_of_this_machine(repo: Path, tmp_path: Path) -> None:
    """Where it lies here is nobody else's business."""
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors: {}\n")
    document = describe_model(str(folder), "kserve", repo=repo)["inferenceservice.yaml"]
    assert set(document["metadata"]["annotations"]) == {"gittrack.dev/model-digest"}
    assert document["metadata"]["name"] == "model"


def test_a_folder_of_a_run_names_it(store: RunStore, repo: Path, tmp_path: Path) -> None:
    """By the run and the path in it."""
    run = made(store, repo)
    folder = folder_of(f"runs:/{run.id}/clf", tmp_path)
    document = describe_model(str(folder), "kserve")["inferenceservice.yaml"]
    assert document["metadata"]["annotations"]["gittrack.dev/model"] == f"runs:/{run.id}/clf"


def test_the_command_prints_what_kubectl_takes(uri: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Several documents, none of which refers to another place in it."""
    assert invoke(["model", "manifest", uri, "--for", "kubernetes"]) == 0
    out = capsys.readouterr().out
    assert "&id" not in out
    assert [load(one.encode(), where="it")["kind"] for one in out.split("\n---\n")] == [
        "Deployment",
        "Service",
    ]


def test_the_command_prints_json(uri: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Requests to SageMaker are JSON in any case, the others by `--json`."""
    assert invoke(["model", "manifest", uri, "--for", "sagemaker"]) == 0
    assert next(iter(json.loads(capsys.readouterr().out))) == "create-model.json"
    assert invoke(["model", "manifest", uri, "--for", "azureml", "--json"]) == 0
    assert "endpoint.yaml" in json.loads(capsys.readouterr().out)


def test_the_command_writes_files(uri: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One a document, each named."""
    assert invoke(["model", "manifest", uri, "--for", "azureml", "-o", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        str(tmp_path / "out" / "endpoint.yaml"),
        str(tmp_path / "out" / "deployment.yaml"),
    ]
