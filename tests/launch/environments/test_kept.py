from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gittrack.launch.environments.cache import Cache
from gittrack.launch.environments.kept import EnvironmentInUse, NoSuchEnvironment, kept, prune, remove

if TYPE_CHECKING:
    from pathlib import Path

A, B = "a" * 40, "b" * 40
ABOUT: dict[str, Any] = {
    "tool": "uv",
    "asked": {"source": "requirements.txt", "dependencies": ["six==1"], "conda": {"dependencies": ["zlib"]}},
    "installed": {"python": "3.11.7", "packages": {"six": "1"}, "conda": {"zlib": "1=0"}},
    "created": "2026-11-24T00:00:00.000Z",
}


@pytest.fixture
def there(cache: Path) -> Cache:
    """Two environments; `b` was used last."""
    found = Cache(cache)
    for digest, about in ((A, ABOUT), (B, {"asked": "damaged"})):
        with found.alone(digest), found.beside(digest) as folder:
            (folder / "env").mkdir()
            found.put(digest, folder, {key: value for key, value in about.items() if key != "python"})
    found.touch(B)
    return found


def test_list(there: Cache) -> None:
    """What each is; a damaged description hides nothing."""
    first, second = kept(there.folder)
    assert (first.digest, first.wants, first.packages, first.python) == (B, (), 0, None)
    assert (second.manager, second.source, second.wants) == ("uv", "requirements.txt", ("zlib", "six==1"))
    assert (second.python, second.packages, second.in_use) == ("3.11.7", 2, False)
    assert second.to_json()["wants"] == ["zlib", "six==1"]
    assert second.path == str(there.folder / A / "env")


def test_remove(there: Cache) -> None:
    """By the first digits; those that are gone are given."""
    assert [one.digest for one in remove(["aaaa", A[:8]], there.folder)] == [A]
    assert [one.digest for one in kept(there.folder)] == [B]


@pytest.mark.parametrize("name", ["aaa", "cccc", "", "../x"])
def test_no_such(there: Cache, name: str) -> None:
    """Nothing is removed when a name means none."""
    with pytest.raises(NoSuchEnvironment, match="no environment begins"):
        remove([B, name], there.folder)
    assert len(kept(there.folder)) == 2


def test_in_use(there: Cache) -> None:
    """What runs somewhere stays."""
    there.hold(A)
    assert [one.in_use for one in kept(there.folder)] == [False, True]
    with pytest.raises(EnvironmentInUse, match="aaaaaaaaaaaa is in use"):
        remove([A], there.folder)
    assert [one.digest for one in prune(max_size=0, folder=there.folder)] == [B]


def test_prune(there: Cache) -> None:
    """The least recently used goes first."""
    assert [one.digest for one in prune(keep=1, folder=there.folder)] == [A]
    assert prune(unused_for=3600, folder=there.folder) == []
