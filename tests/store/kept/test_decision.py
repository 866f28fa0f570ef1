from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gittrack.store.kept.decision import Stored, decide

_NOW = 1_000_000.0
_DIGESTS = st.integers(0, 20).map(lambda number: f"{number:064x}")
_STORED = st.builds(Stored, _DIGESTS, st.integers(0, 100), st.none() | st.floats(0, 2 * _NOW))


@given(st.lists(_STORED, unique_by=lambda one: one.sha256), st.sets(_DIGESTS), st.floats(0, _NOW))
def test_nothing_named_or_young_goes(found: list[Stored], named: set[str], grace: float) -> None:
    """Whatever is in a store: only what nobody names and is known to be old goes, and all of that does."""
    result = decide(found, named, now=_NOW, grace=grace)
    for one in found:
        old = one.modified is not None and one.modified <= _NOW - grace
        assert (one.sha256 in result.removed) == (old and one.sha256 not in named)
    assert len(found) == len(result.removed) + result.named + result.young
    assert result.size == sum(one.size for one in found if one.sha256 in result.removed)


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), _DIGESTS),
        st.tuples(st.just("publish"), st.just("")),
        st.tuples(st.just("gc"), st.just("")),
        st.tuples(st.just("wait"), st.integers(1, 20).map(str)),
    ),
    max_size=40,
)


@given(_STEPS)
def test_a_pusher_and_a_collector(steps: list[tuple[str, str]]) -> None:
    """A pusher that skips what is young or named, and a collector: a published run has its objects.

    A publication takes at most half the grace period from the look at the store.
    """
    grace = 10.0
    now, store, published, waiting = 100.0, {}, set(), {}  # type: ignore[var-annotated]  # digests to times
    for what, argument in steps:
        if what == "send":
            young = argument in store and store[argument] > now - grace / 2
            if not young and not (argument in store and argument in published):
                store[argument] = now
            waiting[argument] = now
        elif what == "publish":
            published |= {one for one, since in waiting.items() if now - since <= grace / 2}
            waiting = {}
        elif what == "gc":
            objects = [Stored(one, 1, modified) for one, modified in store.items()]
            for one in decide(objects, published, now=now, grace=grace).removed:
                del store[one]
        else:
            now += float(argument)
        assert published <= store.keys()
