"""Our frozen dataclasses are those of the standard library, made faster."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any, cast

import pytest

from gittrack.core.value import dataclass, field


@dataclass(frozen=True, slots=True)
class Ours:
    """A value."""

    name: str
    size: int = 3
    more: dict[str, int] = field(default_factory=dict)

    @property
    def twice(self) -> int:
        """A property."""
        return 2 * self.size


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    """A value."""

    name: str
    size: int = 3
    more: dict[str, int] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class One:
    """A value of one field."""

    name: str


CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    (("a",), {}),
    (("a", 4), {}),
    (("a", 4, {"x": 1}), {}),
    ((), {"name": "a", "more": {"y": 2}}),
    (("a",), {"size": 5}),
]


@pytest.mark.parametrize(("args", "given"), CALLS)
def test_values(args: tuple[Any, ...], given: dict[str, Any]) -> None:
    """They are made, shown, compared and taken apart like those."""
    ours, theirs = Ours(*args, **given), Theirs(*args, **given)
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert ours == Ours(*args, **given)
    assert ours != Ours("other")
    assert ours != cast("object", theirs)
    assert dataclasses.replace(ours, size=9) == Ours(ours.name, 9, ours.more)
    assert pickle.loads(pickle.dumps(ours)) == copy.deepcopy(ours) == ours  # noqa: S301  our own
    assert [(one.name, one.type) for one in dataclasses.fields(ours)] == [
        (one.name, one.type) for one in dataclasses.fields(theirs)
    ]


@pytest.mark.parametrize(
    ("args", "given"), [((), {}), (("a", 1, {}, 2), {}), (("a",), {"name": "b"}), (("a",), {"color": 1})]
)
def test_wrong_calls(args: tuple[Any, ...], given: dict[str, Any]) -> None:
    """What the others do not take, they do not take."""
    with pytest.raises(TypeError):
        Theirs(*args, **given)
    with pytest.raises(TypeError):
        Ours(*args, **given)


def test_frozen() -> None:
    """No field changes, and there is no other."""
    one = Ours("a")
    for name in ("name", "other"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(one, name, "b")
    with pytest.raises(dataclasses.FrozenInstanceError):
        del one.name
    assert not hasattr(one, "__dict__")


def test_hashes() -> None:
    """Equal values are one key."""
    assert {One("a"), One("a"), One("b")} == {One("b"), One("a")}


def test_own_members() -> None:
    """Properties and patterns work; defaults are not shared."""
    match Ours("a", 4):
        case Ours(name, size):
            assert (name, size) == ("a", 4)
    assert Ours("a").twice == 6
    assert Ours("a").more is not Ours("a").more
    assert dataclasses.is_dataclass(Ours)


@dataclass(slots=True)
class Changing:
    """One that can change."""

    name: str
    count: int = 0


def test_one_that_can_change() -> None:
    """It can, and is no key."""
    one = Changing("a")
    one.count += 2
    assert one == Changing("a", 2)
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


def test_other_options() -> None:
    """A class without slots is for the other one."""
    with pytest.raises(TypeError, match="take dataclasses"):
        dataclass(slots=False)
