"""Runs for tests: plain ones, and hypothesis strategies for any there can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from gittrack.artifacts.manifest import is_safe
from gittrack.core.ids import new_run_id
from gittrack.core.records import STATUSES, Artifact, Input, Run, Source
from gittrack.core.series import Series, summarise

if TYPE_CHECKING:
    from gittrack.core.text import Json

START = 1_795_492_993_123  # 2026-11-24T04:03:13.123Z
DIGEST = "0123456789abcdef" * 4


def series(key: str, *values: float, rank: int = 0, start: int = 0) -> Series:
    """Points at the steps from `start` on."""
    one = Series(key, rank)
    for index, value in enumerate(values):
        one.append(start + index, value, START + index)
    return one


def run(**fields: Any) -> Run:
    """A finished run with what the caller gives."""
    plain: dict[str, Any] = {"id": new_run_id(START), "status": "finished", "start_time": START}
    return Run(**(plain | {"end_time": START + 1000} | fields))


_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_keys = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20)
_times = st.integers(0, 4_000_000_000_000)
_optional = st.none() | _text.filter(bool)
_json: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=5,
)
_sources = st.builds(
    Source,
    commit=_optional,
    dirty=st.booleans(),
    snapshot=_optional,
    branch=_optional,
    remote=_optional,
    directory=_optional,
    left_out=st.dictionaries(_keys, _text, max_size=3),
    missing=_optional,
)


_digests = st.text("0123456789abcdef", min_size=64, max_size=64)
_artifacts = st.builds(Artifact, _keys.filter(is_safe), _digests, st.integers(0, 2**53))


@st.composite
def any_series(draw: st.DrawFn) -> list[Series]:
    """Series with any values, ranks and attempts."""
    keys = draw(st.lists(st.tuples(_keys, st.integers(0, 3)), unique=True, max_size=4))
    found = []
    for key, rank in keys:
        one = Series(key, rank)
        for value in draw(st.lists(st.floats(), min_size=1, max_size=6)):
            one.append(draw(st.integers(-(2**63), 2**63 - 1)), value, draw(_times))
        starts = draw(st.lists(st.integers(0, len(one)), max_size=2))
        one.attempts = tuple(sorted(starts))
        found.append(one)
    return found


@st.composite
def any_run(draw: st.DrawFn) -> Run:
    """Any run that can be recorded."""
    start = draw(_times)
    return Run(
        id=new_run_id(start),
        experiment=draw(_keys),
        name=draw(_text),
        status=draw(st.sampled_from(STATUSES)),
        start_time=start,
        end_time=draw(st.none() | _times),
        exit_code=draw(st.none() | st.integers(0, 255)),
        signal=draw(_optional),
        command=tuple(draw(st.lists(_text, max_size=3))),
        user=draw(_optional),
        host=draw(_optional),
        parent_id=draw(_optional),
        source=draw(_sources),
        params=draw(st.dictionaries(_keys, _json, max_size=4)),
        metrics=summarise(draw(any_series())),
        tags=draw(st.dictionaries(_keys, _text, max_size=3)),
        note=draw(_text),
        inputs=tuple(
            draw(
                st.lists(
                    st.builds(Input, _text, _text, _optional, st.none() | st.integers(0, 2**53)), max_size=2
                )
            )
        ),
        artifacts=tuple(draw(st.lists(_artifacts, max_size=2))),
        peak_memory=draw(st.none() | st.integers(0, 2**40)),
        attempt=draw(st.integers(1, 3)),
    )
