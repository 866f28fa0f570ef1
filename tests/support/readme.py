"""The README's blocks: what they say, and what really comes out.

`python -m tests.support.readme` writes the output of the session in the README anew.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    from collections.abc import Iterable

README = Path(__file__).parents[2] / "README.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-hjkmnp-tv-z]{8}")
_VARYING = (
    (re.compile(r"\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}\b"), "COMMIT"),
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?"), "TIME"),
    (re.compile(r"(just now|\d+(\.\d+)? ?(ms|s|m|min|h)( ago)?)\b"), "SPAN"),
    (re.compile(r"[─━═-]{3,}"), "RULE"),
    (re.compile(r"[ \t]+"), " "),
)


@dataclass(frozen=True)
class Said:
    """One command of a session and what it printed."""

    command: str
    output: str


def blocks(language: str, text: str | None = None) -> list[str]:
    """The code blocks of a language, in order."""
    text = README.read_text(encoding="utf-8") if text is None else text
    return [body for name, body in _BLOCK.findall(text) if name == language]


def session(block: str) -> list[Said]:
    """The commands of a console block with their output."""
    said = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        said.append(Said(command, output.rstrip()))
    return said


def shapes(said: list[Said]) -> list[tuple[str, str]]:
    """The commands of a session, each with the shape of its output."""
    ids = _ID.findall("\n".join(one.output for one in said))
    return [(one.command, shape(one.output, ids)) for one in said]


def shape(output: str, ids: Iterable[str] = ()) -> str:
    """Output without what differs from run to run: run ids and their ends, commits, times, widths."""
    output = _ID.sub("RUN", output)
    for run_id in ids:
        output = output.replace(run_id.rsplit("-", 1)[1], "RUN")
    for pattern, word in _VARYING:
        output = pattern.sub(word, output)
    return "\n".join(line.strip() for line in output.splitlines())


def environment() -> dict[str, str]:
    """Variables of a session: this Python and its commands first, 80 plain columns."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return os.environ | {"PATH": path, "COLUMNS": "90", "NO_COLOR": "1", "PYTHONUTF8": "1"}


def play(commands: list[str], folder: Path) -> list[Said]:
    """What each command prints in a fresh repository with the README's `train.py` and a remote."""
    remote = make_repo(folder / "remote.git", "--bare", commit=False)
    repo = make_repo(folder / "project")
    (repo / "train.py").write_text(blocks("python")[0], encoding="utf-8")
    git_run("commit", "-q", "-a", "-m", "train", cwd=repo)
    git_run("remote", "add", "origin", str(remote), cwd=repo)
    git_run("push", "-q", "-u", "origin", "main", cwd=repo)
    said = []
    for command in commands:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=repo,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            msg = f"{command}: exit {done.returncode}\n{done.stdout}"
            raise AssertionError(msg)
        plain = done.stdout.replace(str(folder), "..")
        said.append(Said(command, "\n".join(line.rstrip() for line in plain.splitlines()).strip("\n")))
    return said


def rewrite(folder: Path) -> None:
    """Play the session and put what it prints into the README."""
    text = README.read_text(encoding="utf-8")
    block = blocks("console")[0]
    fresh = play([one.command for one in session(block)], folder)
    body = "".join(f"$ {one.command}\n{one.output}".rstrip() + "\n" for one in fresh)
    README.write_text(text.replace(block, body), encoding="utf-8")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        os.environ |= {"GIT_CONFIG_GLOBAL": f"{place}/config"}
        Path(place, "config").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
        rewrite(Path(place))
