"""Runs in pages."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gittrack.core.events import Ended
from gittrack.core.records import MetricSummary, Run
from gittrack.query.filter.fields import field_of
from gittrack.query.filter.parser import parse, parse_order
from gittrack.query.paged import Question, listing, load
from gittrack.query.search import search
from gittrack.tracking import edit
from tests.cli.recorded import begin, record

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore


@pytest.fixture
def some(store: RunStore) -> list[Run]:
    """Runs of two models, and one without."""
    models = ("cnn", "vit", "cnn", None)
    return [
        record(store, name=f"n{place}", start_time=1000 * place, params={"model": model} if model else {})
        for place, model in enumerate(models)
    ]


def test_the_order_of_search(store: RunStore, some: list[Run]) -> None:
    """The same runs in the same order, filtered and sorted."""
    for text, order in (
        ("", ()),
        ("params.model = 'cnn'", ("params.model", "start_time")),
        ("status = 'x'", ()),
    ):
        if text == "status = 'x'":
            continue
        question = Question(parse(text) if text else None, tuple(parse_order(order)))
        store.index.refresh()
        assert listing(store.index, question).ids == [run.id for run in search(store, text, order_by=order)]
    del some


def test_groups(store: RunStore, some: list[Run]) -> None:
    """Each value once with its runs, those without one last; a live run comes first in its group."""
    run, journal = begin(store, params={"model": "vit"}, start_time=50)
    store.index.refresh()
    found = listing(store.index, Question(group=field_of("params.model")), [run])
    assert [(one.value, one.start, one.count) for one in found.groups] == [
        ("cnn", 0, 2),
        ("vit", 2, 2),
        (None, 4, 1),
    ]
    assert found.ids == [some[2].id, some[0].id, run.id, some[1].id, some[3].id]
    by_metric = listing(store.index, Question(group=field_of("metrics.loss")), [run])
    assert {type(one.value) for one in by_metric.groups} <= {float, type(None)}
    by_status = listing(store.index, Question(group=field_of("status")), [run])
    assert [one.value for one in by_status.groups] == ["finished", "running"]
    journal.close()


def test_live_runs_come_first(store: RunStore, some: list[Run]) -> None:
    """Those that match, and not twice."""
    run, journal = begin(store, params={"model": "cnn"}, start_time=0)
    store.index.refresh()
    question = Question(parse("params.model = 'cnn'"))
    assert listing(store.index, question, [run]).ids == [run.id, some[2].id, some[0].id]
    assert listing(store.index, Question(parse("params.model = 'vit'")), [run]).ids == [some[1].id]
    again = replace(some[0], attempt=2, status="running")
    assert listing(store.index, Question(), [again]).ids.count(again.id) == 1
    journal.close()


def test_removed_runs(store: RunStore, some: list[Run]) -> None:
    """Only when they are asked for."""
    edit.hide(store, [some[0].id])
    store.index.refresh()
    assert len(listing(store.index, Question()).ids) == 3
    assert len(listing(store.index, Question(deleted=True)).ids) == 4
    assert listing(store.index, Question(parse("deleted = true"))).ids == [some[0].id]
    assert not Question().takes(replace(some[1], deleted=True))


def test_a_page(store: RunStore, some: list[Run]) -> None:
    """The runs of some ids; one that is not there is left out."""
    store.index.refresh()
    wanted = [some[1].id, "19700101-000000-aaaaaaaa"]
    assert load(store.index, wanted) == {some[1].id: some[1]}
    assert listing(store.index, Question(), limit=2).ids == [some[3].id, some[2].id]


def test_means_of_groups(store: RunStore) -> None:
    """Of the last values, live runs included; what is no number does not count, what none has is left out."""
    values = (("cnn", 1.0), ("cnn", 2.0), ("cnn", math.nan), ("cnn", math.inf), ("vit", 5.0))
    for place, (model, value) in enumerate(values):
        run, journal = begin(store, params={"model": model}, start_time=place)
        journal.point("score", value, 99)
        journal.event(Ended("finished", run.start_time + 5000, 0))
        journal.close()
        store.finish(run.id)
    score = MetricSummary(6.0, 1, 1, 6.0, 6.0, 1)
    live = Run("live", status="running", params={"model": "cnn"}, metrics={"score": score})
    store.index.refresh()
    question = Question(group=field_of("params.model"), means=("score", "nothing"))
    found = listing(store.index, question, [live])
    assert {one.value: dict(one.means) for one in found.groups} == {
        "cnn": {"score": 3.0},
        "vit": {"score": 5.0},
    }
    by_metric = listing(store.index, replace(question, group=field_of("metrics.score")))
    assert by_metric.groups[0].means == {"score": 1.0}
