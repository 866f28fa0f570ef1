from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.events import (
    ArtifactLogged,
    Deleted,
    Ended,
    EnvironmentCaptured,
    Event,
    InputLogged,
    Noted,
    ParamsLogged,
    Renamed,
    Restored,
    SourceCaptured,
    Started,
    TagsSet,
    Unknown,
    apply,
    decode,
    encode,
    fold,
)
from gittrack.core.records import Artifact, Input, MetricSummary, Run, Source
from gittrack.core.text import dump_json, load_json

RUN = Run("20261124-000000-abcdefgh")
FULL = Run(
    RUN.id,
    experiment="e",
    name="n",
    start_time=1,
    command=("a", "b"),
    user="u",
    host="h",
    parent_id="p",
    source=Source(commit="c", dirty=True, left_out={"x": "too large"}),
    params={"lr": 0.1, "nested": {"a": [1]}},
    tags={"t": "1"},
    inputs=(Input("data", "s3://x", size=3),),
    artifacts=(Artifact("a.png", "0" * 64, 5),),
    attempt=2,
    extra={"newer": 1},
)
EVENTS: list[Event] = [
    Started(FULL),
    ParamsLogged({"lr": 0.1}),
    ParamsLogged({}),
    TagsSet({"a": "1", "b": None}),
    Noted("text"),
    Renamed("name"),
    SourceCaptured(FULL.source),
    EnvironmentCaptured({"python": {"version": "3.11"}}),
    ArtifactLogged(Artifact("model", "0" * 64, 5, "directory")),
    InputLogged(Input("data", "s3://x")),
    Ended("failed", 5, exit_code=1, peak_memory=10),
    Ended("killed", 5, signal="SIGKILL"),
    Deleted(),
    Restored(),
    Unknown({"event": "party", "guests": [1]}),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_events_come_back(event: Event) -> None:
    """Through JSON, each as it was."""
    assert decode(load_json(dump_json(encode(event)))) == event


def test_defaults_are_left_out() -> None:
    """An event says what is not usual, empty mappings are."""
    assert encode(Started(RUN)) == {"event": "start", "run": {"id": RUN.id}}
    assert encode(Ended("finished", 5)) == {"event": "end", "status": "finished", "time": 5}


def test_metrics_are_not_part_of_a_start() -> None:
    """A journal has points, summaries are computed."""
    run = Run(RUN.id, metrics={"loss": MetricSummary(1, 1, 1, 1, 1, 1)})
    assert decode(load_json(dump_json(encode(Started(run))))) == Started(RUN)


def test_fields_of_a_newer_version_are_left_out() -> None:
    """An event with more than we know is still that event."""
    assert decode({"event": "note", "note": "x", "language": "fr"}) == Noted("x")


@pytest.mark.parametrize("body", [{}, {"event": None}, {"event": ["note"]}, {"event": "party", "n": 1}])
def test_unknown_events_are_kept(body: dict[str, Any]) -> None:
    """As they are; they change nothing."""
    assert decode(body) == Unknown(body)
    assert apply(RUN, Unknown(body)) is RUN


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"event": "param"}, "no 'params'"),
        ({"event": "param", "params": [1]}, "'params' is not Mapping"),
        ({"event": "param", "params": {1: 2}}, "'params' is not Mapping"),
        ({"event": "tag", "tags": {"a": 1}}, "'tags' is not Mapping"),
        ({"event": "note", "note": None}, "'note' is not str"),
        ({"event": "rename", "name": 3}, "'name' is not str"),
        ({"event": "end", "time": 1, "status": "great"}, "'status' is not Status"),
        ({"event": "end", "time": 1, "status": ["failed"]}, "'status'"),
        ({"event": "end", "time": True, "status": "failed"}, "'time' is not int"),
        ({"event": "end", "time": 1, "status": "failed", "exit_code": "1"}, "'exit_code'"),
        ({"event": "start"}, "no 'run'"),
        ({"event": "start", "run": {}}, "no 'id'"),
        ({"event": "start", "run": {"id": "../x"}}, "not a run id"),
        ({"event": "start", "run": {"id": "a", "command": "rm"}}, "'command'"),
        ({"event": "start", "run": {"id": "a", "source": 3}}, "source is not a mapping"),
        ({"event": "start", "run": {"id": "a", "inputs": {}}}, "'inputs'"),
        ({"event": "start", "run": {"id": "a", "artifacts": [{}]}}, "no 'path'"),
        ({"event": "start", "run": {"id": "a", "deleted": 1}}, "'deleted' is not bool"),
        ({"event": "artifact", "artifact": {"path": "a", "sha256": "b", "size": 1, "kind": "x"}}, "'kind'"),
        ({"event": "input", "input": {"name": "a"}}, "no 'uri'"),
        ({"event": "environment", "environment": 3}, "'environment'"),
        ({"event": "source", "source": {"left_out": {"a": 1}}}, "'left_out'"),
    ],
)
def test_wrong_fields(body: dict[str, Any], reason: str) -> None:
    """Hand-made events are checked field by field."""
    with pytest.raises(ValueError, match=f"not a '{body['event']}' event: .*{reason}"):
        decode(body)


@pytest.mark.parametrize("body", [None, 3, [], "note"])
def test_no_mapping(body: Any) -> None:
    """Other JSON is no event."""
    with pytest.raises(ValueError, match="mapping"):
        decode(body)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)
NAMES = (
    "start",
    "param",
    "tag",
    "note",
    "rename",
    "source",
    "environment",
    "artifact",
    "input",
    "end",
    "delete",
)
FIELDS = (
    "run",
    "params",
    "tags",
    "note",
    "name",
    "source",
    "environment",
    "artifact",
    "input",
    "status",
    "time",
)


@given(st.sampled_from(NAMES), st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_fields_are_an_event_or_a_value_error(name: str, fields: dict[str, Any]) -> None:
    """Whatever another clone wrote; what passes can be applied."""
    try:
        event = decode({**fields, "event": name})
    except ValueError:
        return
    apply(RUN, event)


def test_end() -> None:
    """Status, time and exit; the larger peak of memory."""
    run = fold(RUN, [Ended("failed", 7, exit_code=2, peak_memory=5), Ended("killed", 8, signal="SIGKILL")])
    assert (run.status, run.end_time, run.exit_code, run.signal, run.peak_memory) == (
        "killed",
        8,
        None,
        "SIGKILL",
        5,
    )


def test_last_value_holds() -> None:
    """Of params, tags, note, name; None removes a tag."""
    events: list[Event] = [
        ParamsLogged({"a": 1}),
        ParamsLogged({"a": 2, "b": 3}),
        TagsSet({"x": "1", "y": "2"}),
    ]
    run = fold(
        RUN, [*events, TagsSet({"x": None}), Noted("a"), Noted("b"), Renamed("c"), ParamsLogged({"c": 4})]
    )
    assert (run.params, run.tags, run.note, run.name) == ({"a": 2, "b": 3, "c": 4}, {"y": "2"}, "b", "c")


def test_last_artifact_of_a_path_holds() -> None:
    """The same for inputs of a name."""
    files: list[Event] = [
        ArtifactLogged(Artifact(path, "0" * 64, size)) for path, size in (("a", 1), ("b", 2), ("a", 3))
    ]
    used: list[Event] = [InputLogged(Input("d", uri)) for uri in ("x", "y")]
    run = fold(RUN, [*files, *used])
    assert [(one.path, one.size) for one in run.artifacts] == [("b", 2), ("a", 3)]
    assert [one.uri for one in run.inputs] == ["y"]


def test_source_and_environment() -> None:
    """The source is part of the run, the environment has a file of its own."""
    run = fold(RUN, [SourceCaptured(Source(commit="c")), EnvironmentCaptured({"a": 1})])
    assert run == Run(RUN.id, source=Source(commit="c"))


def test_deleted_and_restored() -> None:
    """Hidden, then shown again."""
    assert apply(RUN, Deleted()).deleted
    assert not fold(RUN, [Deleted(), Restored()]).deleted


def test_start_is_where_it_begins() -> None:
    """It replaces what was known."""
    assert fold(RUN, [ParamsLogged({"a": 1}), Started(FULL)]) == FULL


def test_fold_changes_no_argument() -> None:
    """Runs and events are values."""
    event = ParamsLogged({"a": 1})
    run = Run(RUN.id, params={"z": 0})
    fold(run, [event, ParamsLogged({"b": 2})])
    assert (event.params, run.params) == ({"a": 1}, {"z": 0})
