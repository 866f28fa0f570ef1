from __future__ import annotations

import dataclasses

import pytest

from gittrack.core.events import _NAMES
from gittrack.core.plain import _TAKE, from_plain, to_plain
from gittrack.core.records import Artifact, Input, Run, Source


def test_nested_values() -> None:
    """Dataclasses in dataclasses become mappings in mappings."""
    run = Run("a", source=Source(commit="c"), artifacts=(Artifact("p", "d", 1),), command=("x",))
    assert to_plain(run) == {
        "id": "a",
        "source": {"commit": "c"},
        "artifacts": [{"path": "p", "sha256": "d", "size": 1}],
        "command": ["x"],
    }
    assert from_plain(Run, to_plain(run)) == run


def test_no_two_runs_share_a_default() -> None:
    """An empty mapping of one is not that of another."""
    assert from_plain(Run, {"id": "a"}).params is not from_plain(Run, {"id": "b"}).params


def test_fields_of_other_types_are_left_to_their_default() -> None:
    """What has no check is not taken from outside."""

    @dataclasses.dataclass
    class Thing:
        odd: complex = 1j

    assert from_plain(Thing, {"odd": 2}) == Thing()


def test_no_mapping() -> None:
    """The message names what it should have been."""
    with pytest.raises(ValueError, match="run is not a mapping"):
        from_plain(Run, [1])


def test_every_field_has_a_check() -> None:
    """Nothing comes in unchecked, and nothing is left out by mistake."""
    kinds = [Run, Source, Artifact, Input, *_NAMES.values()]
    missing = {
        (kind.__name__, item.name)
        for kind in kinds
        for item in dataclasses.fields(kind)
        if str(item.type) not in _TAKE
    }
    assert missing == {("Run", "metrics")}  # summaries are computed
