"""Filters over inputs and artifacts, of which a run may have several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gittrack.core.events import ArtifactLogged, Ended, InputLogged
from gittrack.core.records import Artifact, Input, Run
from gittrack.query.search import search
from tests.support.runs import START

if TYPE_CHECKING:
    from collections.abc import Callable

    from gittrack.store.journal.writer import Journal
    from gittrack.store.runs import RunStore

A, B = "a" * 64, "b" * 64


def begin(store: RunStore, name: str, used: list[Input], made: list[Artifact]) -> tuple[Run, Journal]:
    """A run that has logged inputs and artifacts."""
    run = Run(store.new_id(), name=name, start_time=START)
    journal = store.create(run)
    for one in used:
        journal.event(InputLogged(one))
    for other in made:
        journal.event(ArtifactLogged(other))
    return run, journal


def fill(store: RunStore, *, live: bool) -> list[Journal]:
    """Runs `two` and `none`, live or committed."""
    used = [Input("train", "s3://b/Train.csv", A), Input("web", "https://x")]
    made = [Artifact("model.pkl", B, 1), Artifact("plots/loss.png", A, 1)]
    journals = []
    for name, inputs, artifacts in (("two", used, made), ("none", [], [])):
        run, journal = begin(store, name, inputs, artifacts)
        journals.append(journal)
        if not live:
            journal.event(Ended("finished", START + 1))
            journal.close()
            store.finish(run.id)
    return journals


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"inputs.sha256 = '{A}'", {"two"}),
        (f"inputs.sha256 != '{A}'", set()),
        (f"inputs.sha256 IN ('{A}', '{B}')", {"two"}),
        ("inputs.name = 'web'", {"two"}),
        ("inputs.name != 'web'", {"two"}),
        ("NOT inputs.name = 'web'", {"none"}),
        ("inputs.uri LIKE 's3://%'", {"two"}),
        ("inputs.uri LIKE '%train.csv'", set()),
        ("inputs.uri ILIKE '%train.csv'", {"two"}),
        ("artifacts.path = 'model.pkl' AND artifacts.path LIKE 'plots/%'", {"two"}),
        ("artifacts.path NOT IN ('model.pkl', 'plots/loss.png')", set()),
        ("artifacts.sha256 = 'model.pkl'", set()),
        ("artifacts.sha256 IS NULL", {"none"}),
        ("inputs.digest IS NOT NULL OR run_name = 'none'", {"two", "none"}),
    ],
)
def test_any_of_them(store: RunStore, text: str, names: set[str], *, live: bool) -> None:
    """A comparison is true when it is true of any input or artifact, committed or live."""
    journals = fill(store, live=live)
    assert {run.name for run in search(store, text)} == names
    for journal in journals:
        journal.close()


def test_many_digests(store: RunStore) -> None:
    """More than one statement takes at once."""
    fill(store, live=False)
    digests = ", ".join(f"'{number:064x}'" for number in range(499))
    assert [run.name for run in search(store, f"inputs.sha256 IN ({digests}, '{A}')")] == ["two"]


def test_a_digest_is_looked_up(store: RunStore) -> None:
    """By an index, whatever the number of runs."""
    from gittrack.query.filter.parser import parse
    from gittrack.query.filter.sql import Sql, wanted_of

    node = parse(f"artifacts.sha256 = '{A}'")

    def compile_to(key_id: Callable[[int, str], int]) -> tuple[str, list[Any]]:
        sql = Sql(key_id)
        where = sql.where(node)
        return f"EXPLAIN QUERY PLAN SELECT r.id FROM run AS r WHERE {where}", sql.args  # noqa: S608  ours

    store.index.refresh()
    plan = store.index.rows(wanted_of(node, ()), compile_to)
    assert any("artifact_sha256" in str(row) for row in plan)


def test_a_run_that_changes(store: RunStore) -> None:
    """What it had before is forgotten."""
    run, journal = begin(store, "once", [], [Artifact("x", A, 1)])
    journal.event(Ended("finished", START + 1))
    journal.close()
    store.finish(run.id)
    store.index.refresh()
    again = store.resume(run.id, Run(run.id, start_time=START))
    again.event(ArtifactLogged(Artifact("x", B, 1)))
    again.event(Ended("finished", START + 2))
    again.close()
    store.finish(run.id)
    assert search(store, f"artifacts.sha256 = '{A}'") == []
    assert store.index.query("SELECT count(*) FROM artifact") == [(1,)]
