"""Runs as rows: the short way and the long way."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.canonical import load_canonical
from gittrack.core.records import Artifact, Input, MetricSummary
from gittrack.core.text import dump, number_out
from gittrack.store.format.assemble import assemble
from gittrack.store.format.run_document import document_of
from gittrack.store.index.batch import Batch
from gittrack.store.index.direct import Unusual, straight
from gittrack.store.index.document import Body, fields_of, unpack
from tests.support import arbitrary, runs

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.core.series import Series


def of_run(run: Run) -> tuple[str, dict[str, Any]]:
    """Its directory, and its document as it is read."""
    return f".runs/x/2026-11/24/{run.id}", load_canonical(dump(document_of(run)))


@given(arbitrary.runs())
def test_both_ways_agree(drawn: tuple[Run, list[Series]]) -> None:
    """Where the short way takes a document, it makes of it what the long way does."""
    run, _ = drawn
    path, document = of_run(run)
    try:
        fields = straight(document, run.id)
    except Unusual:
        return
    read = assemble(path, {"run.yaml": dump(document)}).run
    assert repr(fields) == repr(plain(fields_of(read)))


def plain(fields: list[Any]) -> list[Any]:
    """With lists for tuples."""
    return [list(one) if isinstance(one, tuple) else one for one in fields]


@given(arbitrary.runs(), st.data())
def test_a_changed_document(drawn: tuple[Run, list[Series]], data: st.DataObject) -> None:
    """Whatever stands in a field, the short way agrees with the long one or leaves it to it."""
    run, _ = drawn
    path, document = of_run(run)
    changed = data.draw(st.sampled_from(sorted(document)))
    document[changed] = data.draw(arbitrary.VALUES)
    try:
        fields = straight(document, run.id)
    except Unusual:
        return
    read = assemble(path, {"run.yaml": dump(document)}).run
    assert repr(fields) == repr(plain(fields_of(read)))


@pytest.mark.parametrize("number", [math.nan, math.inf, 0.5])
def test_the_usual_run_goes_the_short_way(number: float) -> None:
    """A run as nearly all are is not left to the long way, also where a loss came to no number."""
    summary = MetricSummary(number, 1, 2, number, number, 2)
    run = runs.run(params={"lr": 0.1, "deep": {"a": [1]}}, tags={"team": "nlp"}, metrics={"loss": summary})
    _, document = of_run(run)
    assert straight(document, run.id)[13] == {
        "loss": [number_out(number), 1, 2, *[number_out(number)] * 2, 2]
    }


def test_batches_travel() -> None:
    """A batch comes out of another process as it went in."""
    batch = Batch(5)
    run = runs.run(params={"lr": 0.1})
    path, document = of_run(run)
    batch.add(path, {"run.yaml": "a" * 40}, {"run.yaml": dump(document)})
    arrived = Batch.load(batch.dump())
    assert arrived == batch
    [(number, *body)] = arrived.bodies
    assert (number, unpack(Body(*body))) == (5, run)


def test_a_run_with_a_file_as_input_goes_the_short_way() -> None:
    """As `log_input` and `gittrack run --input` record it."""
    used = Input("train", "data/train.csv", "ab" * 32, 4, kind="file")
    run = runs.run(inputs=(used,))
    _, document = of_run(run)
    assert straight(document, run.id)[21] == fields_of(run)[21]


@pytest.mark.parametrize("name", ["note", "source", "run_name", "inputs", "end_time"])
def test_a_field_that_is_null(name: str) -> None:
    """A file written by hand may have one: the long way says whether that can be."""
    run = runs.run(note="x")
    _, document = of_run(run)
    with pytest.raises(Unusual):
        straight(document | {name: None}, run.id)


@pytest.mark.parametrize("path", ["a\nb", "../up", "a/../b", "", "a\n", "/a"])
def test_an_artifact_whose_path_may_not_be_safe(path: str) -> None:
    """The long way looks closer: also where it would look like two lines, each of which is well."""
    run = runs.run(artifacts=(Artifact("model.pt", "ab" * 32, 4), Artifact(path, "cd" * 32, 4)))
    _, document = of_run(run)
    with pytest.raises(Unusual):
        straight(document, run.id)
    document["artifacts"][1] |= {"path": "b", "sha256": "a" * 63}
    with pytest.raises(Unusual):
        straight(document, run.id)
