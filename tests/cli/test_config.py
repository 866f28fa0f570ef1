"""`gittrack config`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from gittrack.core.config_keys import KEYS
from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("repo")


def out(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the command prints, when it succeeds."""
    assert invoke(["config", *words]) == 0
    return capsys.readouterr().out


def failure(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Exit status and messages of a command that fails."""
    status = invoke(["config", *words])
    return status, capsys.readouterr().err


def test_lists_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key, every setting has a line with its value and origin."""
    lines = out(capsys).splitlines()
    assert lines[0].split() == ["key", "value", "origin"]
    assert [one.split()[0] for one in lines[1:]] == list(KEYS)


def test_lists_json(capsys: pytest.CaptureFixture[str], repo: Path) -> None:
    """JSON has the values with their types, and what cannot be read."""
    (repo / "gittrack.yaml").write_text("monitor:\n  interval: soon\nredact:\n  keys: [a]\n")
    settings = {one["key"]: one for one in json.loads(out(capsys, "--json", "--list"))}
    assert settings["redact.keys"]["value"] == ["a"]
    assert settings["redact.keys"]["origin"] == "gittrack.yaml line 4"
    assert "not a number of seconds" in settings["monitor.interval"]["problem"]


def test_list_shows_problems(capsys: pytest.CaptureFixture[str], repo: Path) -> None:
    """A value that cannot be read is shown as such."""
    (repo / "gittrack.yaml").write_text("code:\n  push: some\n")
    assert "code.push is not one of all, committed, none: 'some'" in out(capsys)


@pytest.mark.parametrize(
    ("key", "text", "shown"),
    [
        ("experiment", "a", "a\n"),
        ("snapshot.enabled", "false", "false\n"),
        ("redact.keys", "[a, b]", "a\nb\n"),
        ("metrics", "{acc: {goal: max}}", '{"acc":{"goal":"max"}}\n'),
        ("repo", "", ""),
    ],
)
def test_one_value(capsys: pytest.CaptureFixture[str], repo: Path, key: str, text: str, shown: str) -> None:
    """One value is printed for scripts."""
    (repo / "gittrack.yaml").write_text(f"{key}: {text}\n")
    assert out(capsys, key) == shown


def test_one_value_as_json(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON says the origin too."""
    monkeypatch.setenv("GITTRACK_CODE_PUSH", "none")
    found = json.loads(out(capsys, "code.push", "--json"))
    assert found == {"key": "code.push", "value": "none", "origin": "GITTRACK_CODE_PUSH"}


def test_repo_option(capsys: pytest.CaptureFixture[str]) -> None:
    """`--repo` is an option like any other; the repository need not exist."""
    found = json.loads(out(capsys, "repo", "--json", "--repo", "/nowhere"))
    assert (found["value"], found["origin"]) == ("/nowhere", "option")


def test_unknown_key(capsys: pytest.CaptureFixture[str]) -> None:
    """A key that does not exist is wrong usage, with the nearest one."""
    assert failure(capsys, "code.pus") == (
        2,
        "error: no such setting: 'code.pus'\nhint: did you mean code.push?\n",
    )
    assert "lists them" in failure(capsys, "qqqqqq")[1]


def test_set_in_file(capsys: pytest.CaptureFixture[str], repo: Path) -> None:
    """A value is written to gittrack.yaml, comments stay."""
    (repo / "gittrack.yaml").write_text("# ours\nexperiment: a  # for now\n")
    assert str(repo / "gittrack.yaml") in out(capsys, "experiment", "b")
    out(capsys, "snapshot.max_file_size", "20MB")
    text = (repo / "gittrack.yaml").read_text()
    assert text == '# ours\nexperiment: "b"  # for now\nsnapshot:\n  max_file_size: "20MB"\n'
    assert out(capsys, "snapshot.max_file_size") == "20000000\n"


def test_set_list(capsys: pytest.CaptureFixture[str], repo: Path) -> None:
    """A list is given with commas."""
    out(capsys, "redact.keys", "a,b")
    assert (repo / "gittrack.yaml").read_text() == 'redact:\n  keys: ["a", "b"]\n'


def test_unset(capsys: pytest.CaptureFixture[str], repo: Path) -> None:
    """A value is taken out again."""
    (repo / "gittrack.yaml").write_text("experiment: a\nrepo: b\n")
    out(capsys, "experiment", "--unset")
    assert (repo / "gittrack.yaml").read_text() == "repo: b\n"


def test_set_wrong_value(capsys: pytest.CaptureFixture[str], repo: Path) -> None:
    """What is no value is refused, and nothing is written."""
    status, message = failure(capsys, "snapshot.max_file_size", "big")
    assert (status, message.splitlines()[0]) == (1, "error: snapshot.max_file_size is not a size: 'big'")
    assert not (repo / "gittrack.yaml").exists()


def test_set_mapping(capsys: pytest.CaptureFixture[str]) -> None:
    """A mapping is edited in the file."""
    assert failure(capsys, "metrics", "x")[1].endswith("hint: edit gittrack.yaml\n")
    assert failure(capsys, "metrics", "x", "--git")[1].endswith("hint: edit gittrack.yaml\n")


@pytest.mark.parametrize("value", ["b", "--global", "-x"])
def test_set_in_git(capsys: pytest.CaptureFixture[str], repo: Path, value: str) -> None:
    """A value is written to Git's configuration, whatever it looks like."""
    out(capsys, "--git", "--", "experiment", value)
    assert git_run("config", "--local", "gittrack.experiment", cwd=repo) == value
    assert not (repo / "gittrack.yaml").exists()


def test_set_list_in_git(capsys: pytest.CaptureFixture[str], repo: Path) -> None:
    """A list is several values there, and replaces what was."""
    out(capsys, "--git", "redact.keys", "x")
    out(capsys, "--git", "redact.keys", "a,b")
    assert git_run("config", "--get-all", "gittrack.redact.keys", cwd=repo) == "a\nb"
    assert out(capsys, "redact.keys") == "a\nb\n"
    out(capsys, "--git", "redact.keys", "--unset")
    assert out(capsys, "redact.keys") == ""


def test_set_bool_in_git(capsys: pytest.CaptureFixture[str], repo: Path) -> None:
    """A bool is written as Git writes it."""
    out(capsys, "--git", "snapshot.enabled", "no")
    assert git_run("config", "--type=bool", "gittrack.snapshot.enabled", cwd=repo) == "false"


def test_contradictions(capsys: pytest.CaptureFixture[str]) -> None:
    """Options that contradict each other are wrong usage."""
    assert failure(capsys, "experiment", "a", "--unset")[0] == 2
    assert failure(capsys, "--list", "--unset")[0] == 2


def test_outside_of_a_repository(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside, values are shown; there is nothing to write them to."""
    monkeypatch.chdir(tmp_path)
    assert out(capsys, "experiment") == "default\n"
    assert failure(capsys, "experiment", "a")[0] == 1


def test_bare_repository(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bare repository has no gittrack.yaml, only Git's configuration."""
    monkeypatch.chdir(make_repo(tmp_path / "bare.git", "--bare", commit=False))
    assert "no work tree" in failure(capsys, "experiment", "a")[1]
    out(capsys, "--git", "experiment", "a")
    assert out(capsys, "experiment") == "a\n"


def test_completion() -> None:
    """The shell completes names of settings."""
    from click.shell_completion import ShellComplete

    from gittrack.cli.main import group

    found = ShellComplete(group, {}, "gittrack", "_GITTRACK_COMPLETE").get_completions(
        ["config"], "snapshot.m"
    )
    assert [one.value for one in found] == ["snapshot.max_file_size", "snapshot.max_total_size"]


def test_url_with_credentials(capsys: pytest.CaptureFixture[str], repo: Path) -> None:
    """A URL with credentials is not written, and not shown."""
    status, text = failure(capsys, "artifacts.url", "s3://AKID:hunter2@bucket/x")
    assert status == 1
    assert "must not hold credentials" in text
    assert "hunter2" not in text
    assert not (repo / "gittrack.yaml").exists()


def test_url_without_driver(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is said where the driver is missing; the URL is set, as others may have it."""
    monkeypatch.setitem(sys.modules, "paramiko", None)
    monkeypatch.delitem(sys.modules, "gittrack.artifacts.drivers.sftp", raising=False)
    assert invoke(["config", "artifacts.url", "sftp://host/x"]) == 0
    assert "pip install 'gittrack[sftp]'" in capsys.readouterr().err
    assert out(capsys, "artifacts.url") == "sftp://host/x\n"


@pytest.mark.parametrize(
    ("url", "hint"),
    [("s4://bucket/x", "did you mean s3://?"), ("qqqqq://x", "give a URL"), ("zip://x", "give a URL")],
)
def test_a_protocol_that_nobody_speaks(
    repo: Path, capsys: pytest.CaptureFixture[str], url: str, hint: str
) -> None:
    """Is refused with the nearest that is known, and nothing is written."""
    status, text = failure(capsys, "artifacts.url", url)
    assert status == 1
    assert hint in text
    assert not (repo / "gittrack.yaml").exists()


def test_url_with_driver(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Nothing is said where the driver is here."""
    assert invoke(["config", "artifacts.url", str(tmp_path)]) == 0
    assert capsys.readouterr().err == ""


def test_options_of_the_store(capsys: pytest.CaptureFixture[str], repo: Path) -> None:
    """They are a mapping in the file."""
    (repo / "gittrack.yaml").write_text("artifacts:\n  options:\n    region: eu-west-1\n")
    assert out(capsys, "artifacts.options") == '{"region":"eu-west-1"}\n'
