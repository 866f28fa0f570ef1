from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gittrack.core.errors import InvalidValue, MalformedFile, UsageError
from gittrack.tracking.param_files import read_params

if TYPE_CHECKING:
    from pathlib import Path

NESTED: dict[str, Any] = {"lr": 0.001, "model.layers": [1, 2], "model.name": "mlp", "amp": True, "seed": None}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.yaml", "lr: 1e-3\nmodel:\n  layers: [1, 2]\n  name: mlp\namp: true\nseed: null\n"),
        ("p.yml", "---\nlr: 0.001\nmodel: {layers: [1, 2], name: mlp}\namp: true\nseed: ~\n"),
        ("p.json", '{"lr": 1e-3, "model": {"layers": [1, 2], "name": "mlp"}, "amp": true, "seed": null}'),
        ("params", "lr: 0.001\nmodel: {layers: [1, 2], name: mlp}\namp: true\nseed:\n"),
    ],
)
def test_formats(tmp_path: Path, name: str, text: str) -> None:
    """Nested settings become params with dots; lists stay values."""
    (tmp_path / name).write_text(text)
    assert read_params(tmp_path / name) == NESTED


def test_toml(tmp_path: Path) -> None:
    """TOML, dates as text."""
    (tmp_path / "p.toml").write_text("day = 2026-11-24\n[opt]\nlr = 0.1\n[[steps]]\nn = 1\n")
    assert read_params(tmp_path / "p.toml") == {"day": "2026-11-24", "opt.lr": 0.1, "steps": [{"n": 1}]}


def test_yaml_with_anchors(tmp_path: Path) -> None:
    """Anchors and merge keys work: it is the user's own file."""
    (tmp_path / "p.yaml").write_text("base: &b {lr: 0.1, seed: 1}\nmine:\n  <<: *b\n  lr: 0.2\n")
    assert read_params(tmp_path / "p.yaml") == {
        "base.lr": 0.1,
        "base.seed": 1,
        "mine.lr": 0.2,
        "mine.seed": 1,
    }


@pytest.mark.parametrize("name", ["p.yaml", "p.toml"])
def test_empty(tmp_path: Path, name: str) -> None:
    """An empty file has no params."""
    (tmp_path / name).write_text("")
    assert read_params(tmp_path / name) == {}


def test_empty_mapping_is_a_value(tmp_path: Path) -> None:
    """An empty mapping is not lost."""
    (tmp_path / "p.yaml").write_text("a: {}\n")
    assert read_params(tmp_path / "p.yaml") == {"a": {}}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.yaml", "a: [1"),
        ("p.yaml", "- 1\n"),
        ("p.yaml", "a: !!python/object:os.system x\n"),
        ("p.json", "{"),
        ("p.toml", "a = "),
        ("p.json", "[" * 100_000),
        ("p.json", "\xff\xfe"),
    ],
)
def test_broken(tmp_path: Path, name: str, text: str) -> None:
    """A file that cannot be read is named."""
    (tmp_path / name).write_bytes(text.encode("latin-1"))
    with pytest.raises(MalformedFile, match=name):
        read_params(tmp_path / name)


def test_missing(tmp_path: Path) -> None:
    """A file that is not there is wrong usage."""
    with pytest.raises(UsageError, match="no such file"):
        read_params(tmp_path / "nothing.yaml")


def test_unreadable(tmp_path: Path) -> None:
    """A folder is no file."""
    with pytest.raises(UsageError, match="cannot read"):
        read_params(tmp_path)


def test_too_large(tmp_path: Path) -> None:
    """A huge file is refused before it is read."""
    with (tmp_path / "p.json").open("wb") as file:
        file.truncate(200_000_001)
    with pytest.raises(UsageError, match="larger than"):
        read_params(tmp_path / "p.json")


def test_too_many(tmp_path: Path) -> None:
    """A file of data is no file of params."""
    (tmp_path / "p.json").write_text("{" + ",".join(f'"k{n}":1' for n in range(10_001)) + "}")
    with pytest.raises(MalformedFile, match="more than 10,000"):
        read_params(tmp_path / "p.json")


def test_ring(tmp_path: Path) -> None:
    """A ring of anchors ends."""
    (tmp_path / "p.yaml").write_text("a: &a\n  b: *a\n")
    with pytest.raises((InvalidValue, MalformedFile)):
        read_params(tmp_path / "p.yaml")
