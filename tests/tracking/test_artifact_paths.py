"""Names of artifacts."""

from __future__ import annotations

from pathlib import Path

import pytest

from gittrack.core.errors import InvalidValue
from gittrack.tracking.artifact_paths import artifact_path, place_of


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.txt", "a.txt"),
        ("plots/a.png", "plots/a.png"),
        ("./a", "a"),
        ("plots/", "plots"),
        (Path("a", "b"), "a/b"),
    ],
)
def test_good_names(name: str, expected: str) -> None:
    """Relative paths are names."""
    assert artifact_path(name) == expected


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../a", "a/../../b", "/etc/passwd", "a\x00b", "c:\\x", "a\nb"]
)
def test_bad_names(name: str) -> None:
    """What would leave the run's artifacts is refused."""
    with pytest.raises(InvalidValue, match="not a name for an artifact"):
        artifact_path(name)


def test_place_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file keeps its name, below a folder where one is given."""
    (tmp_path / "model.bin").touch()
    monkeypatch.chdir(tmp_path)
    assert place_of("model.bin", None)[1] == "model.bin"
    assert place_of(tmp_path / "model.bin", "models/best")[1] == "models/best/model.bin"
    assert place_of(".", None)[1] == tmp_path.name
    with pytest.raises(InvalidValue, match="no such file"):
        place_of("nothing", None)
