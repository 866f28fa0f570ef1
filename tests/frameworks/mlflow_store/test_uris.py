from __future__ import annotations

import pytest

from gittrack.mlflow.uris import artifact_root, place_of, repository_of, run_within


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("gittrack:", "."),
        ("gittrack:.", "."),
        ("gittrack:sub/dir", "sub/dir"),
        ("gittrack:/srv/a", "/srv/a"),
        ("gittrack:///srv/a", "/srv/a"),
        ("gittrack:/srv/a%20b", "/srv/a b"),
        ("gittrack:https://example.org/r.git", "https://example.org/r.git"),
        ("gittrack:/@artifacts/0", "/"),
    ],
)
def test_repository(uri: str, path: str) -> None:
    """What a tracking URI names."""
    assert repository_of(uri) == path


def test_place_below_a_root() -> None:
    """The address of an artifact is its repository and the path below the root of artifacts."""
    place = place_of(artifact_root("/srv/a b") + "/0/R/artifacts/x/y.txt")
    assert place == ("/srv/a b", "0/R/artifacts/x/y.txt")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("0/R/artifacts", ("R", "")),
        ("0/R/artifacts/a/b", ("R", "a/b")),
        ("0/models/M/artifacts/MLmodel", ("M", "MLmodel")),
        ("0/R", None),
        ("", None),
    ],
)
def test_run_within(path: str, found: tuple[str, str] | None) -> None:
    """The run and the path in it."""
    assert run_within(path) == found
