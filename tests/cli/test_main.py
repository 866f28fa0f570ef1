from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click
import pytest

from gittrack.cli import main

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = {
    "pandas",
    "git",
    "fsspec",
    "rich",
    "yaml",
    "orjson",
    "psutil",
    "plotext",
    "sqlite3",
    "shutil",
    "difflib",
}


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What was said on standard error."""
    return capsys.readouterr().err


def test_help_lists_all_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    """The help has every verb, in its section."""
    assert main.invoke(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in main.VERBS)
    assert (
        out.index("Record:")
        < out.index("Look:")
        < out.index("Change:")
        < out.index("Share:")
        < out.index("Care:")
    )


def test_help_imports_nothing_heavy() -> None:
    """`gittrack --help` pays for click alone."""
    code = (
        "import sys; from gittrack.cli.main import invoke; status = invoke(['--help']);"
        f"print(sorted({HEAVY!r} & set(sys.modules)), status, file=sys.stderr)"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stderr == "[] 0\n"


@pytest.mark.parametrize("name", main.VERBS)
def test_every_verb_is_there(name: str) -> None:
    """Each verb of the table has a module with a command, and a help of its own."""
    module = f"gittrack.cli.{main.VERBS[name].module}"
    command = import_module(module).command
    assert isinstance(command, click.Command)
    assert command.get_short_help_str(200)
    assert main.invoke([name, "--help"]) == 0


def test_unknown_verb(capsys: pytest.CaptureFixture[str]) -> None:
    """A verb that is none says which is near."""
    assert main.invoke(["shwo"]) == 2
    assert said(capsys) == "error: no such verb: 'shwo'\nhint: did you mean 'show'?\n"


def test_unknown_verb_far_from_all(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a near one, the help is named."""
    assert main.invoke(["zzzzz"]) == 2
    assert "hint: `gittrack --help`" in said(capsys)


def test_unknown_option(capsys: pytest.CaptureFixture[str]) -> None:
    """An option that is none is wrong usage."""
    assert main.invoke(["--nonsense"]) == 2
    assert said(capsys).startswith("error: no such option")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` says one line."""
    assert main.invoke(["--version"]) == 0
    assert capsys.readouterr().out.startswith("gittrack ")


def test_no_verb_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Alone, `gittrack` shows what there is and says that it did nothing."""
    assert main.invoke([]) == 2
    assert "Record:" in "".join(capsys.readouterr())


def test_other_folder_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`-C` to a folder that is not there is wrong usage."""
    assert main.invoke(["-C", str(tmp_path / "nope"), "ls"]) == 2
    assert "cannot work in" in said(capsys)


def test_not_a_repository(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of a repository a verb says so, with what to do."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert main.invoke(["-C", str(tmp_path), "ls"]) == 1
    assert said(capsys).startswith("error: not a Git repository")


def test_completion_of_verbs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Verbs are completed without importing them."""
    monkeypatch.setenv("_GITTRACK_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "gittrack re")
    monkeypatch.setenv("COMP_CWORD", "1")
    with pytest.raises(SystemExit):
        main.invoke([])
    found = ["reproduce", "rename", "restore", "report", "readme"]
    assert capsys.readouterr().out.split() == [f"plain,{name}" for name in found]


def test_completion_of_options(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Options of the group are completed too."""
    monkeypatch.setenv("_GITTRACK_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "gittrack --ver")
    monkeypatch.setenv("COMP_CWORD", "1")
    with pytest.raises(SystemExit):
        main.invoke([])
    assert capsys.readouterr().out.split() == ["plain,--version"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each shell has its script."""
    assert main.invoke(["completion", shell]) == 0
    assert "_GITTRACK_COMPLETE" in capsys.readouterr().out


def test_module_runs() -> None:
    """`python -m gittrack` is the command."""
    done = subprocess.run(
        [sys.executable, "-m", "gittrack", "--version"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout[:9]) == (0, "gittrack ")
