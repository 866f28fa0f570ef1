"""Runs with a model, and registered ones; nothing of a library is needed for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.artifacts.manifest import Member, encode
from gittrack.core.records import Artifact, Input, Run, Source
from gittrack.models.registry.register import register
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.format import layout
from tests.support.remotes import START

if TYPE_CHECKING:
    from gittrack.store.registry.records import Version
    from gittrack.store.runs import RunStore

MLMODEL = b"""\
flavors:
  python_function:
    loader_module: "somewhere"
signature:
  inputs: '[{"name": "a", "type": "double", "required": true}]'
  outputs: '[{"type": "long", "required": true}]'
"""


def record_model(
    store: RunStore, content: bytes = b"weights", *, path: str = "model", mlmodel: bytes = MLMODEL
) -> str:
    """Commit a run that has a model; its id."""
    files = {"MLmodel": mlmodel, "weights.bin": content}
    members = [Member(name, *store.objects.put_bytes(data)) for name, data in files.items()]
    digest, _ = store.objects.put_bytes(encode(members))
    made = Artifact(path, digest, sum(map(len, files.values())), "directory")
    run = Run(
        store.new_id(),
        status="finished",
        start_time=START,
        end_time=START + 1,
        source=Source(store.git.resolve("HEAD"), branch="main"),
        inputs=(Input("train", "data/train.csv", "ab" * 32),),
        artifacts=(made,),
    )
    branch.submit(store.git, Changes(f"gittrack: finished {run.id}", layout.run_files(run, [], None)))
    return run.id


def registered(
    store: RunStore, name: str = "churn", content: bytes = b"weights", *, alias: str | None = None
) -> Version:
    """Register the model of a new run."""
    return register(store, f"runs:/{record_model(store, content)}/model", name, alias=alias).version
