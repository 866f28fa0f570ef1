"""Runs that hang together by what they made and used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.core.events import ArtifactLogged, Deleted, Ended, InputLogged
from gittrack.core.records import Artifact, Input, Run
from gittrack.query import lineage as module
from gittrack.query.lineage import Link, Step, lineage, trace
from tests.support.runs import START

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pytest

    from gittrack.store.journal.writer import Journal
    from gittrack.store.runs import RunStore

A, B, C = "a" * 64, "b" * 64, "c" * 64


def begin(
    store: RunStore, made: Mapping[str, str], used: Mapping[str, str], at: int = 0, **fields: Any
) -> tuple[str, Journal]:
    """A run that began `at` minutes after the first, with digests of what it made and used."""
    run_id = store.new_id()
    journal = store.create(Run(run_id, start_time=START + at * 60_000, **fields))
    for path, sha256 in made.items():
        journal.event(ArtifactLogged(Artifact(path, sha256, 1)))
    for name, sha256 in used.items():
        journal.event(InputLogged(Input(name, f"data/{name}", sha256)))
    return run_id, journal


def record(
    store: RunStore,
    made: Mapping[str, str] | None = None,
    used: Mapping[str, str] | None = None,
    at: int = 0,
    **fields: Any,
) -> Run:
    """The same, committed; it took half a minute."""
    run_id, journal = begin(store, made or {}, used or {}, at, **fields)
    journal.event(Ended("finished", START + at * 60_000 + 30_000))
    journal.close()
    run = store.finish(run_id)
    assert run is not None
    return run


def shape(step: Step) -> list[Any]:
    """Names of the runs of a tree, each followed by a list of those after it where there are any."""
    found: list[Any] = []
    for one in step.steps:
        found.append(one.run.name)
        if inner := shape(one):
            found.append(inner)
    return found


def test_three_runs_in_a_row(store: RunStore) -> None:
    """Preparation, training, evaluation: each sees what came before and after it."""
    record(store, {"x.csv": A}, {"raw.csv": C}, 0, name="prep")
    train = record(store, {"model": B}, {"train": A}, 1, name="train")
    record(store, {}, {"weights": B}, 2, name="eval")
    found = lineage(store, train)
    assert (shape(found.upstream), shape(found.downstream)) == (["prep"], ["eval"])
    [prep], [evaluated] = found.upstream.steps, found.downstream.steps
    assert prep.links == (Link("x.csv", "train", A),)
    assert evaluated.links == (Link("model", "weights", B),)
    assert [one.name for one in prep.unmade] == ["raw.csv"]
    assert found.upstream.unmade == ()


def test_a_lineage_of_its_own(store: RunStore) -> None:
    """A run without either has an empty lineage."""
    found = lineage(store, record(store))
    assert (found.upstream.steps, found.downstream.steps) == ((), ())


def test_files_within_a_directory(store: RunStore, tmp_path: Path) -> None:
    """One that a run logged as a part of a directory was made by it."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x.bin").write_bytes(b"123")
    kept = store.objects.put_directory(tmp_path / "out")
    member = store.objects.put_file(tmp_path / "out" / "x.bin")
    run_id, journal = begin(store, {}, {}, name="prep")
    journal.event(ArtifactLogged(Artifact("out", kept.sha256, 3, "directory")))
    journal.event(Ended("finished", START + 1000))
    journal.close()
    prep = store.finish(run_id)
    assert prep is not None
    train = record(store, {}, {"x": member.sha256, "all": kept.sha256}, 1, name="train")
    links = {Link("out/x.bin", "x", member.sha256), Link("out", "all", kept.sha256)}
    assert set(lineage(store, train).upstream.steps[0].links) == links
    assert set(lineage(store, prep).downstream.steps[0].links) == links


def test_order_of_time(store: RunStore) -> None:
    """A run that began when the other had ended did not make what that used."""
    train = record(store, {}, {"train": A}, 0, name="train")
    late = record(store, {"x": A}, {}, 5, name="late")
    assert lineage(store, train).upstream.steps == ()
    assert lineage(store, late).downstream.steps == ()


def test_a_run_that_uses_what_it_made(store: RunStore) -> None:
    """It is not its own ancestor."""
    run = record(store, {"x": A}, {"x": A})
    found = lineage(store, run)
    assert (found.upstream.steps, found.downstream.steps) == ((), ())
    assert [one.name for one in found.upstream.unmade] == ["x"]


def test_empty_files_link_nothing(store: RunStore) -> None:
    """They are all alike."""
    record(store, {"x": module._EMPTY})
    assert lineage(store, record(store, {}, {"y": module._EMPTY}, 1)).upstream.steps == ()


def test_live_and_removed_runs_count(store: RunStore) -> None:
    """A run that is still going, and one that was hidden, made what they made."""
    hidden = record(store, {"x": A}, name="hidden")
    store.edit([hidden.id], [Deleted()])
    _, journal = begin(store, {"y": B}, {}, name="live")
    train = record(store, {}, {"one": A, "two": B}, 1)
    assert sorted(shape(lineage(store, train).upstream)) == ["hidden", "live"]
    journal.close()


def test_both_ways_to_one_run(store: RunStore) -> None:
    """A run that is reached twice is followed once."""
    record(store, {"x": A}, {"raw": C}, 0, name="prep")
    record(store, {"y": B}, {"x": A}, 1, name="features")
    last = record(store, {}, {"x": A, "y": B}, 2, name="train")
    steps = {one.run.name: one for one in lineage(store, last).upstream.steps}
    [again] = steps["features"].steps
    assert (again.run.name, again.repeated, again.steps) == ("prep", True, ())


def chain(edges: Mapping[str, Sequence[str]]) -> Step:
    """The lineage of run `a` where the runs beside each are given."""

    def beside(run: Run) -> list[tuple[Run, tuple[Link, ...]]]:
        return [(Run(other, name=other), ()) for other in edges.get(run.id, ())]

    return trace(Run("a", name="a"), beside)


def test_a_ring_ends() -> None:
    """Clocks that lie may make one."""
    assert shape(chain({"a": ["b"], "b": ["c"], "c": ["a", "b"]})) == ["b", ["c", ["a", "b"]]]


def test_a_wide_lineage_is_cut() -> None:
    """What is left out is counted."""
    step = chain({"a": [f"b{number}" for number in range(50)]})
    assert (len(step.steps), step.more) == (module.WIDEST, 50 - module.WIDEST)


def test_a_deep_lineage_is_cut() -> None:
    """So many runs after each other, no more."""
    step, depth = chain({"a": ["a1"]} | {f"a{n}": [f"a{n + 1}"] for n in range(1, 100)}), 0
    while step.steps:
        step, depth = step.steps[0], depth + 1
    assert depth == module.DEEPEST


def test_a_large_lineage_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many runs in all."""
    monkeypatch.setattr(module, "MOST", 10)
    step = chain({"a": ["b", "c"], "b": [f"b{n}" for n in range(9)], "c": [f"c{n}" for n in range(9)]})
    names = [one.run.id for one in step.steps for one in (one, *one.steps)]
    assert len(set(names)) <= 10
    assert sum(one.more for one in step.steps) == 18 - (len(names) - 2)


def test_as_json(store: RunStore) -> None:
    """Lists of runs, each with its links."""
    prep = record(store, {"x.csv": A}, {"raw.csv": C}, 0, name="prep")
    train = record(store, {"model": B}, {"train": A, "labels": "d" * 64}, 1, name="train")
    record(store, {}, {"weights": B}, 2, name="eval")
    body = lineage(store, train).as_json()
    assert body["run_id"] == train.id
    assert body["unmade"] == [{"name": "labels", "uri": "data/labels", "sha256": "d" * 64}]
    assert body["upstream"] == [
        {
            "run_id": prep.id,
            "run_name": "prep",
            "experiment": "default",
            "status": "finished",
            "links": [{"artifact": "x.csv", "input": "train", "sha256": A}],
            "repeated": False,
            "upstream": [],
            "more": 0,
            "unmade": [{"name": "raw.csv", "uri": "data/raw.csv", "sha256": C}],
        }
    ]
    assert [one["run_name"] for one in body["downstream"]] == ["eval"]
    assert "unmade" not in body["downstream"][0]
