from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gittrack.launch.projects import parameters
from gittrack.launch.projects.mlproject import parse
from gittrack.launch.projects.parameters import WrongParam

ENTRY = parse(
    b"""
entry_points:
  main:
    parameters:
      alpha: {type: float, default: 0.5}
      rows: {type: int, default: 3}
      data: path
      link: {type: uri, default: "s3://b/x"}
    command: "t {alpha} {rows} {data} {link}"
"""
).entry_points["main"]


def choose(**given: Any) -> parameters.Given:
    """The params with `data` given."""
    return parameters.choose(ENTRY, {"data": "x", **given})


def test_defaults_and_extra() -> None:
    """What is given wins over defaults; the rest is extra."""
    chosen = choose(alpha="0.1", seed="1")
    assert chosen.declared == {"alpha": "0.1", "rows": 3, "data": "x", "link": "s3://b/x"}
    assert (chosen.extra, chosen.paths) == ({"seed": "1"}, ("data",))
    assert sorted(chosen.defaults) == ["link", "rows"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "needs the param data"),
        ({"data": "x", "alpha": "fast"}, "'alpha' is a number, not 'fast'"),
        ({"data": "x", "rows": "1.5"}, "'rows' is a whole number, not '1.5'"),
        ({"data": "x", "link": "x.csv"}, "'link' is a URI, not 'x.csv'"),
    ],
)
def test_wrong(given: dict[str, str], message: str) -> None:
    """A missing or mistyped param is named."""
    with pytest.raises(WrongParam, match=message):
        parameters.choose(ENTRY, given)


def test_several_missing() -> None:
    """All that are missing are named at once."""
    entry = parse(b"entry_points: {m: {parameters: {a: path, b: float}, command: x}}").entry_points["m"]
    with pytest.raises(WrongParam, match="needs the params a, b"):
        parameters.choose(entry, {})


def test_typo() -> None:
    """An extra param that is nearly a declared one is told, and passed on as MLflow does."""
    (note,) = choose(alhpa="1").notes
    assert "did you mean 'alpha'?" in note


def resolve(value: str, here: Path, project: Path | None = None) -> dict[str, str]:
    """The paths when `data` is given."""
    chosen = parameters.choose(ENTRY, {"data": value})
    return parameters.resolve(
        chosen, lambda url, at: Path("/got", str(at), url[-1]), here=here, project=project or here
    )


def test_paths(tmp_path: Path) -> None:
    """Paths become absolute, `file:` and `%20` are decoded, URLs are fetched."""
    (tmp_path / "a b").write_text("")
    here = str(tmp_path / "a b")
    for value in ("a b", "./a b", "a%20b", here, f"file://{here}", f"file://{here}".replace(" ", "%20")):
        assert resolve(value, tmp_path) == {"data": here}
    assert resolve("s3://b/k", tmp_path) == {"data": "/got/2/k"}


def test_percent_in_a_name(tmp_path: Path) -> None:
    """A file that is really called so is found."""
    (tmp_path / "50%25").write_text("")
    assert resolve("50%25", tmp_path) == {"data": str(tmp_path / "50%25")}


def test_no_such_file(tmp_path: Path) -> None:
    """The hint says where it was looked for."""
    with pytest.raises(WrongParam, match="names no file or folder: 'gone'") as caught:
        resolve("gone", tmp_path)
    assert str(tmp_path) in (caught.value.hint or "")


def test_default_path(tmp_path: Path) -> None:
    """A default may start at the project; what is given starts at the current folder."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "d.csv").write_text("")
    text = b"entry_points: {m: {parameters: {d: {type: path, default: d.csv}}, command: x}}"
    entry = parse(text).entry_points["m"]
    found = parameters.resolve(
        parameters.choose(entry, {}), lambda _, __: tmp_path, here=tmp_path, project=tmp_path / "in"
    )
    assert found == {"d": str(tmp_path / "in" / "d.csv")}
    with pytest.raises(WrongParam):
        parameters.resolve(
            parameters.choose(entry, {"d": "d.csv"}),
            lambda _, __: tmp_path,
            here=tmp_path,
            project=tmp_path / "in",
        )
