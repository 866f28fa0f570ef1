"""Arbitrary runs, as hypothesis makes them."""

from __future__ import annotations

import dataclasses
from typing import Any

from hypothesis import strategies as st

from gittrack.core.events import Deleted, Noted, Renamed, Restored, TagsSet
from gittrack.core.ids import is_key, new_run_id
from gittrack.core.records import STATUSES, Artifact, Input, Run, Source
from gittrack.core.series import Series, summarise

TIMES = st.integers(0, 4_000_000_000_000)
TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
KEYS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(is_key)
HEX = st.sampled_from("0123456789abcdef")
OIDS = st.text(HEX, min_size=40, max_size=40) | st.text(HEX, min_size=64, max_size=64)
DIGESTS = st.text(HEX, min_size=64, max_size=64)
INTS = st.integers(-(2**63), 2**63 - 1)
SIZES = st.integers(0, 2**60)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | INTS | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=4,
)
SAFE_NAMES = st.text("abcXYZ019_-é ", min_size=1, max_size=8)
PATHS = st.lists(SAFE_NAMES, min_size=1, max_size=3).map("/".join)
SOURCES = st.builds(
    Source,
    commit=st.none() | OIDS,
    dirty=st.booleans(),
    snapshot=st.none() | OIDS,
    branch=st.none() | NAMES,
    remote=st.none() | NAMES,
    directory=st.none() | NAMES,
    left_out=st.dictionaries(NAMES, TEXT, max_size=2),
    missing=st.none() | NAMES,
)
ARTIFACTS = st.builds(
    Artifact, path=PATHS, sha256=DIGESTS, size=SIZES, kind=st.sampled_from(["file", "directory"])
)
INPUTS = st.builds(
    Input,
    name=NAMES,
    uri=TEXT,
    sha256=st.none() | DIGESTS,
    size=st.none() | SIZES,
    version=st.none() | NAMES,
    kind=st.none() | st.sampled_from(["file", "array"]),
    context=st.none() | NAMES,
    shape=st.lists(SIZES, max_size=2).map(tuple),
    columns=st.dictionaries(NAMES, TEXT, max_size=2),
    kept=st.booleans(),
)
POINTS = st.lists(st.tuples(INTS, st.floats(), TIMES), min_size=1, max_size=5)
EDITS = (
    st.builds(TagsSet, tags=st.dictionaries(NAMES, st.none() | TEXT, max_size=3))
    | st.builds(Noted, note=TEXT)
    | st.builds(Renamed, name=TEXT)
    | st.builds(Deleted)
    | st.builds(Restored)
)


@st.composite
def series(draw: st.DrawFn) -> list[Series]:
    """The points of a run."""
    found = []
    for key, rank in draw(st.lists(st.tuples(KEYS, st.integers(0, 2)), max_size=3, unique=True)):
        one = Series(key, rank)
        for step, value, time in draw(POINTS):
            one.append(step, value, time)
        found.append(one)
    return found


@st.composite
def runs(draw: st.DrawFn) -> tuple[Run, list[Series]]:
    """A run and its points."""
    start = draw(TIMES)
    points = draw(series())
    status = draw(st.sampled_from(STATUSES))
    run = Run(
        id=new_run_id(start),
        experiment=draw(NAMES),
        name=draw(TEXT),
        status=status,
        start_time=start,
        end_time=None if status in {"queued", "running"} else start + draw(st.integers(0, 10**9)),
        exit_code=draw(st.none() | st.integers(0, 255)),
        signal=draw(st.none() | NAMES),
        command=tuple(draw(st.lists(TEXT, max_size=3))),
        user=draw(st.none() | NAMES),
        host=draw(st.none() | NAMES),
        source=draw(SOURCES),
        params=draw(st.dictionaries(TEXT, VALUES, max_size=3)),
        tags=draw(st.dictionaries(TEXT, TEXT, max_size=3)),
        note=draw(TEXT),
        inputs=tuple(draw(st.lists(INPUTS, max_size=2, unique_by=lambda item: item.name))),
        artifacts=tuple(draw(st.lists(ARTIFACTS, max_size=2, unique_by=lambda item: item.path))),
        peak_memory=draw(st.none() | SIZES),
        attempt=draw(st.integers(1, 3)),
    )
    return dataclasses.replace(run, metrics=summarise(points)), points
