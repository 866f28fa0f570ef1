"""What a model is does not depend on how its files came together."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from gittrack.store.registry.document import alias_file, edit_file, version_file
from gittrack.store.registry.fold import fold, numbers
from gittrack.store.registry.records import Edited, Moved, Version
from gittrack.store.registry.settle import unclaimed, wanted_numbers
from gittrack.store.sync.merge import File, union

if TYPE_CHECKING:
    from collections.abc import Mapping

WHO = "Ada <ada@example.org>"
RUN = "20261124-034313-k3f9a2x1"
DIGEST = "0123456789abcdef" * 4


def stamp(clock: int, writer: str = "abcdefghij") -> str:
    """An id."""
    return f"{clock:015d}-{writer}"


def version(clock: int, number: int = 1, writer: str = "abcdefghij") -> Version:
    """A version that claims a number."""
    return Version("churn", number, stamp(clock, writer), clock, WHO, RUN, "model", DIGEST)


def moved(clock: int, target: str | None, alias: str = "champion", after: str = "") -> Moved:
    """A move of an alias."""
    return Moved(stamp(clock), alias, target, after, clock, WHO)


def edited(clock: int, target: str = "", **what: object) -> Edited:
    """A later change."""
    return Edited(stamp(clock), target, clock, WHO, **what)  # type: ignore[arg-type]  # of any field


def files(*items: Version | Moved | Edited) -> dict[str, bytes]:
    """Path to content."""
    found = {}
    for one in items:
        if isinstance(one, Version):
            path, content = version_file(one)
        elif isinstance(one, Moved):
            path, content = alias_file("churn", one, 1)
        else:
            path, content = edit_file("churn", one)
        found[path] = content
    return found


_clocks = st.integers(1, 30)
_writers = st.sampled_from(["aaaa", "bbbb", "cccc"])
_ids = st.builds(stamp, _clocks, _writers)
_versions = st.builds(version, _clocks, st.integers(1, 4), _writers)
_moves = st.builds(
    lambda clock, writer, target, alias, after: Moved(stamp(clock, writer), alias, target, after, clock, WHO),
    _clocks,
    _writers,
    st.none() | _ids,
    st.sampled_from(["champion", "challenger"]),
    st.just("") | _ids,
)
_edits = st.builds(
    lambda clock, writer, target, number, tags, note: Edited(
        stamp(clock, writer), target, clock, WHO, number, tags, note
    ),
    _clocks,
    _writers,
    st.just("") | _ids,
    st.none() | st.integers(1, 6),
    st.dictionaries(st.sampled_from("ab"), st.none() | st.sampled_from("xy"), max_size=2),
    st.none() | st.sampled_from(["", "good"]),
)
_sides = st.lists(_versions | _moves | _edits, max_size=8).map(lambda items: files(*items))


def merged(ours: Mapping[str, bytes], theirs: Mapping[str, bytes]) -> dict[str, bytes]:
    """The union that a sync makes."""
    contents = {content.hex(): content for content in (*ours.values(), *theirs.values())}
    sides = [{path: File("100644", data.hex()) for path, data in one.items()} for one in (ours, theirs)]
    edits = union(sides[0], sides[1]).edits
    return {**ours, **{path: contents[file.oid] for path, file in edits.items() if file is not None}}


@given(st.lists(_sides, min_size=2, max_size=4))
def test_any_order_of_merges(sides: list[dict[str, bytes]]) -> None:
    """However clones are merged, in any order, all of them read the same model."""
    found = set()
    for order in itertools.permutations(sides):
        both: dict[str, bytes] = {}
        for side in order:
            both = merged(both, side)
        model = fold("churn", both)
        found.add(repr(model))
        assert fold("churn", dict(reversed(both.items()))) == model
    assert len(found) == 1


@given(_sides)
def test_numbers_are_unique(side: dict[str, bytes]) -> None:
    """Every version has a number of its own, and an alias names a version that is there."""
    model = fold("churn", side)
    assert len({one.number for one in model.versions}) == len(model.versions)
    assert all(model.version(number) for number in model.aliases.values())
    assert {alias: one.number for one in model.versions for alias in one.aliases} == dict(model.aliases)


@given(_sides, _sides)
def test_published_numbers_stay(mine: dict[str, bytes], published: dict[str, bytes]) -> None:
    """After a merge that is settled, what was published has the number that it had."""
    theirs, both = fold("churn", published), fold("churn", merged(published, mine))
    wanted = wanted_numbers(fold("churn", mine), theirs, both)
    settling = [
        Edited(stamp(100 + place), one, 0, WHO, number)
        for place, (one, number) in enumerate(sorted(unclaimed(both, wanted).items()))
    ]
    settled = fold("churn", {**merged(published, mine), **files(*settling)})
    after = {one.id: one.number for one in settled.versions}
    assert after == wanted
    clashes = {path for path in mine if path in published and mine[path] != published[path]}
    if not clashes:  # two files of one name, which nobody writes
        assert {one.id: after[one.id] for one in theirs.versions} == {
            one.id: one.number for one in theirs.versions
        }


def test_same_claim() -> None:
    """The earlier version keeps the number, the later one comes last."""
    assert numbers({stamp(2): 1, stamp(1): 1, stamp(3): 2}) == {stamp(1): 1, stamp(3): 2, stamp(2): 3}


def test_last_move_counts() -> None:
    """By the order of ids, which a slow clock does not change."""
    model = fold("churn", files(version(1), version(2, 2), moved(9, stamp(1)), moved(5, stamp(2))))
    assert model.aliases == {"champion": 1}
    assert [one.aliases for one in model.versions] == [("champion",), ()]


def test_removed_alias() -> None:
    """An alias that was taken away names nothing, and its moves are there."""
    model = fold("churn", files(version(1), moved(2, stamp(1)), moved(3, None)))
    assert (model.aliases, len(model.moves)) == ({}, 2)


def test_alias_of_a_version_that_is_not_here() -> None:
    """It names nothing yet."""
    assert fold("churn", files(version(1), moved(2, stamp(7)))).aliases == {}


def test_tags_and_notes() -> None:
    """Each of the model and of its versions; the last of a name counts."""
    edits = (
        edited(3, stamp(1), tags={"a": "1", "b": "2"}),
        edited(4, stamp(1), tags={"a": None}, note="old"),
        edited(5, stamp(1), note="new"),
        edited(6, note="whole", tags={"team": "x"}),
    )
    model = fold("churn", files(version(1), *edits))
    assert (model.versions[0].tags, model.versions[0].note) == ({"b": "2"}, "new")
    assert (model.tags, model.note) == ({"team": "x"}, "whole")


def test_what_cannot_be_read_is_named() -> None:
    """One bad file does not hide the others."""
    bad = ".models/churn/versions/000000000000009-abcdefghij.yaml"
    model = fold("churn", {**files(version(1)), bad: b"schema: [", ".models/churn/README": b"x"})
    assert len(model.versions) == 1
    assert [line.partition(":")[0] for line in model.problems] == [bad]
