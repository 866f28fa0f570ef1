"""What `docker_env` may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from gittrack.core.errors import InvalidValue, UsageError
from gittrack.launch.containers.grammar import (
    Mount,
    arguments,
    check_consent,
    check_image,
    check_variable,
    copied,
    mount,
)

HERE = Path("/project")


@pytest.mark.parametrize(
    "name", ["python:3.12-slim", "localhost/a/b:1", "r.example.org:5000/x@sha256:" + "0" * 64, "0d0cb7732fc"]
)
def test_image(name: str) -> None:
    """Names, tags, digests and ids."""
    assert check_image(name) == name


@pytest.mark.parametrize("name", ["", "--privileged", "-v", "a b", "a\nb", "$(id)", "x" * 501])
def test_no_image(name: str) -> None:
    """Nothing that an engine takes for an option."""
    with pytest.raises(InvalidValue, match="not the name of an image"):
        check_image(name)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/data:/data", Mount("/data", "/data")),
        ("/data:/data:ro", Mount("/data", "/data", "ro")),
        ("./data:/in", Mount("/project/data", "/in")),
        ("../data:/in:ro,z", Mount("/data", "/in", "ro,z")),
        ("cache:/root/.cache", Mount("cache", "/root/.cache")),
        ("/scratch", Mount("", "/scratch")),
        ("$DATA/x:/in", Mount("/from/variable/x", "/in")),
    ],
)
def test_volume(text: str, found: Mount, monkeypatch: pytest.MonkeyPatch) -> None:
    """As docker writes them; relative ones start at the project."""
    monkeypatch.setenv("DATA", "/from/variable")
    assert mount(text, HERE) == found


def test_volume_in_the_home() -> None:
    """The shell of MLflow replaces `~`."""
    assert mount("~/x:/in", HERE).source == str(Path.home() / "x")


@pytest.mark.parametrize(
    "text",
    ["", "data", "a:b", "/a:/b:ro:x", "/a:/b:--privileged", "--privileged:/b", "sub/x:/in", "/a:/b: ro"],
)
def test_no_volume(text: str) -> None:
    """What docker would take for something else."""
    with pytest.raises(InvalidValue, match="not a volume"):
        mount(text, HERE)


def test_consent(tmp_path: Path) -> None:
    """A fetched project has its own files, and what somebody allowed."""
    check_consent([str(tmp_path / "x"), "/data/big/1"], tmp_path, ["/data/*"])
    with pytest.raises(UsageError, match=r"wants /etc of this machine") as caught:
        check_consent(["/etc"], tmp_path, ["/data/*"])
    assert caught.value.hint is not None
    assert "gittrack.containers.volumes '/etc'" in caught.value.hint


def test_consent_follows_links(tmp_path: Path) -> None:
    """A link in the project is what it leads to."""
    (tmp_path / "link").symlink_to("/etc")
    with pytest.raises(UsageError):
        check_consent([str(tmp_path / "link")], tmp_path, [])


def test_variables() -> None:
    """Names are checked; a variable that is not set is told, as in MLflow."""
    assert copied(["A"], {"A": "1"}) == ("A",)
    with pytest.raises(UsageError, match="not set: B"):
        copied(["A", "B"], {"A": "1"})
    for name in ("", "A=B", "A*", "--x", "a b"):
        with pytest.raises(InvalidValue, match="not the name of an environment variable"):
            check_variable(name)


def test_arguments() -> None:
    """As MLflow makes words of them."""
    assert arguments(["gpus=all", "t", "v=/a:/b", "init"]) == ("--gpus", "all", "-t", "-v", "/a:/b", "--init")
    assert arguments(["memory="]) == ("--memory", "")


@pytest.mark.parametrize("given", [["=x"], ["--gpus=all"], [""], ["a b"], ["t", "t"]])
def test_no_arguments(given: list[str]) -> None:
    """One without a name, and one that is there twice."""
    with pytest.raises(UsageError):
        arguments(given)
