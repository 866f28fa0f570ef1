from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from gittrack.core.records import Run, Source
from tests.cli.recorded import ENVIRONMENT, record
from tests.support.git import git_run

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


@pytest.fixture
def runs(repo: Path, store: RunStore) -> tuple[Run, Run]:
    """Two runs of different code, params and packages."""
    first = git_run("rev-parse", "HEAD", cwd=repo)
    (repo / "train.py").write_text("print('training more')\n")
    git_run("commit", "-q", "-am", "more", cwd=repo)
    second = git_run("rev-parse", "HEAD", cwd=repo)
    packages = {**ENVIRONMENT, "packages": {"numpy": "2.1"}}
    return (
        record(store, name="base", params={"lr": 0.1, "seed": 1}, source=Source(first, snapshot=first)),
        record(
            store,
            name="more",
            params={"lr": 0.2, "seed": 1},
            source=Source(second, snapshot=second),
            environment=packages,
        ),
    )


def out_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What `diff` prints."""
    assert invoke(["diff", *words]) == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("runs")
def test_only_what_differs(capsys: pytest.CaptureFixture[str]) -> None:
    """Params, packages and code that differ; nothing else."""
    out = out_of(capsys, "base", "more")
    assert "lr  0.1  →  0.2" in out
    assert "numpy  2.0  →  2.1" in out
    assert "seed" not in out
    assert "-print('training')" in out
    assert "+print('training more')" in out


@pytest.mark.usefixtures("runs")
def test_all(capsys: pytest.CaptureFixture[str]) -> None:
    """`--all` has what is the same, too."""
    assert "seed  1    →  1" in out_of(capsys, "base", "more", "--all")


@pytest.mark.usefixtures("runs")
def test_stat(capsys: pytest.CaptureFixture[str]) -> None:
    """`--stat` names the files only."""
    out = out_of(capsys, "base", "more", "--stat")
    assert "train.py | 2 +-" in out
    assert "+print" not in out


@pytest.mark.usefixtures("runs")
def test_no_code(capsys: pytest.CaptureFixture[str]) -> None:
    """`--no-code` says that it differs, not how."""
    assert "train.py" not in out_of(capsys, "base", "more", "--no-code")


@pytest.mark.usefixtures("runs")
def test_coloured(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the patch has Git's colours."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[32m+" in out_of(capsys, "base", "more")


def test_json(runs: tuple[Run, Run], capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` has the changes by section."""
    body = json.loads(out_of(capsys, "base", "more", "--json"))
    assert (body["before"], body["after"]) == tuple(run.id for run in runs)
    assert body["code"]["differs"] is True
    assert body["params"] == [
        {"key": "lr", "before": 0.1, "after": 0.2, "delta": 0.1, "ratio": 1.0, "better": None}
    ]


@pytest.mark.usefixtures("runs")
def test_same(capsys: pytest.CaptureFixture[str]) -> None:
    """A run and itself: no difference, and no failure."""
    assert "no difference" in out_of(capsys, "base", "base")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Source("1" * 40), "commit 1111111111 is not in this clone"),
        (Source(), "was not recorded"),
    ],
)
def test_code_that_is_not_here(
    source: Source, said: str, runs: tuple[Run, Run], store: RunStore, capsys: pytest.CaptureFixture[str]
) -> None:
    """Code that is missing, or no commit at all, is said; the rest is shown."""
    other = record(store, name="other", source=source)
    assert invoke(["diff", runs[0].id, other.id]) == 0
    captured = capsys.readouterr()
    assert said in captured.err
    assert "lr" in captured.out


@pytest.mark.usefixtures("runs")
def test_a_range_of_branches(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`A..B` stands for the newest finished runs of both, and says which."""
    git_run("branch", "old", "HEAD~1", cwd=repo)
    out = out_of(capsys, "old..main")
    assert "newest finished run of" in out
    assert "lr  0.1  →  0.2" in out


def test_against_the_work_tree(repo: Path, runs: tuple[Run, Run], capsys: pytest.CaptureFixture[str]) -> None:
    """`RUN .` compares with the code as it is now, untracked files included; nothing is touched."""
    (repo / "new.py").write_text("1\n")
    before = git_run("status", "--porcelain", cwd=repo)
    out = out_of(capsys, "more", ".")
    assert "work tree" in out
    assert "new.py | 1 +" in out
    assert git_run("status", "--porcelain", cwd=repo) == before
    assert out_of(capsys, runs[1].id, "--work-tree", "--only", "code").count("new.py") > 1


@pytest.mark.usefixtures("runs")
def test_three_runs(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """The first against each of the others, side by side; JSON is a list then."""
    record(store, name="third", params={"lr": 0.3, "seed": 1})
    rows = [line.split() for line in out_of(capsys, "base", "more", "third").splitlines()]
    assert ["lr", "0.1", "0.2", "0.3"] in rows
    bodies = json.loads(out_of(capsys, "base", "more", "third", "--json"))
    assert [one["params"][0]["after"] for one in bodies] == [0.2, 0.3]


@pytest.mark.usefixtures("runs")
def test_only(capsys: pytest.CaptureFixture[str]) -> None:
    """One part, nothing else."""
    out = out_of(capsys, "base", "more", "--only", "packages")
    assert "numpy" in out
    assert "lr" not in out
    assert "train.py" not in out


@pytest.mark.usefixtures("runs")
def test_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    """For a pull request: headings, tables, the patch as code."""
    out = out_of(capsys, "base", "more", "--md")
    assert "### Params" in out
    assert "| lr | 0.1 | → | 0.2 |" in out
    assert "```diff" in out
    assert "+print('training more')" in out
    assert "no difference" in out_of(capsys, "base", "base", "--md")


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("words", "status"),
    [(["base"], 2), (["base", "more", "--only", "x"], 2), (["base..nope"], 1), (["@last..@last~9"], 1)],
)
def test_what_cannot_be_compared(words: list[str], status: int) -> None:
    """One side, a part there is none of, and a revision there is none of."""
    assert invoke(["diff", *words]) == status


def test_nothing_heavy_is_loaded(repo: Path, runs: tuple[Run, Run]) -> None:
    """A diff in a pipe loads no pandas, numpy, YAML, Rich, GitPython or fsspec."""
    script = (
        "import sys; from gittrack.cli.main import invoke; "
        f"status = invoke(['diff', {runs[0].id!r}, {runs[1].id!r}]); "
        "heavy = {'pandas', 'numpy', 'yaml', 'rich', 'git', 'fsspec', 'psutil'} & set(sys.modules); "
        "sys.exit(status or f'loaded {heavy}' if heavy else status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=repo, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.usefixtures("runs")
def test_html(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--html` writes a page with the same, and says where; nothing is printed."""
    assert out_of(capsys, "base", "more", "--html", str(tmp_path / "diff.html")) == ""
    page = (tmp_path / "diff.html").read_text(encoding="utf-8")
    assert "more against base" in page
    assert '<span class="del">-print(' in page


@pytest.mark.usefixtures("runs")
def test_html_of_branches(repo: Path, tmp_path: Path) -> None:
    """It says which runs stand for them; `--stat` leaves the patch out."""
    git_run("branch", "old", "HEAD~1", cwd=repo)
    assert invoke(["diff", "old..main", "--stat", "--html", str(tmp_path / "diff.html")]) == 0
    page = (tmp_path / "diff.html").read_text(encoding="utf-8")
    assert "newest finished run of" in page
    assert 'class="patch"' not in page


@pytest.mark.usefixtures("runs")
def test_html_against_the_work_tree(repo: Path, tmp_path: Path) -> None:
    """The work tree is one of the sides."""
    (repo / "train.py").write_text("print('now')\n")
    assert invoke(["diff", "more", ".", "--html", str(tmp_path / "diff.html")]) == 0
    page = (tmp_path / "diff.html").read_text(encoding="utf-8")
    assert "work tree" in page
    assert '<span class="add">+print(' in page
