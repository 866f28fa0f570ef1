"""`gittrack check` and `gittrack report`, as people call them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from tests.support.git import git_run
from tests.support.reviews import commit, configure, record, seeds

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore

RULES = "metrics:\n  acc: {goal: max, atol: 0.002}\n"


@pytest.fixture
def branch(repo: Path, store: RunStore) -> str:
    """A branch with four seeds a side, on which `acc` got worse."""
    seeds(store, git_run("rev-parse", "HEAD", cwd=repo), "acc", [0.80, 0.81, 0.82, 0.83])
    git_run("checkout", "-q", "-b", "wider", cwd=repo)
    configure(repo, RULES)
    oid = commit(repo, "one\ntwo\n")
    seeds(store, oid, "acc", [0.70, 0.71, 0.72, 0.73])
    return oid


@pytest.mark.usefixtures("branch")
def test_check(capsys: pytest.CaptureFixture[str]) -> None:
    """A failed gate is exit status 1, and the page says which and why."""
    assert invoke(["check"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("1 of 1 gate failed · 1 metric worse\nwider@")
    assert "✗  acc must not get worse by more than 0.002  0.815 → 0.715, p = 0.029" in out


@pytest.mark.usefixtures("branch")
def test_check_that_holds(capsys: pytest.CaptureFixture[str]) -> None:
    """A requirement takes the place of the goal."""
    assert invoke(["check", "--require", "acc >= baseline - 0.2", "main..HEAD"]) == 0
    assert "✓  acc >= baseline - 0.2" in capsys.readouterr().out


@pytest.mark.usefixtures("branch")
def test_check_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """What the function returns."""
    assert invoke(["check", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["gates"][0]["status"] == "failed"


@pytest.mark.usefixtures("branch")
def test_check_writes_junit(tmp_path: Path) -> None:
    """Besides the page."""
    assert invoke(["check", "--junit", str(tmp_path / "junit.xml")]) == 1
    assert 'failures="1"' in (tmp_path / "junit.xml").read_text()


def test_no_baseline(repo: Path, store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """A status of its own, the reason and a hint; a report is written all the same."""
    git_run("checkout", "-q", "-b", "wider", cwd=repo)
    configure(repo, RULES)
    record(store, commit(repo, "x\n"), {"acc": 0.7}, name="only")
    assert invoke(["check"]) == 3
    err = capsys.readouterr().err
    assert "error: no comparable baseline: no finished run of the merge base with main" in err
    assert "hint: " in err
    assert invoke(["report"]) == 3
    assert "### ⚪ no baseline to compare with" in capsys.readouterr().out
    assert invoke(["report", "only"]) == 0


@pytest.mark.usefixtures("repo")
def test_nothing_to_review(capsys: pytest.CaptureFixture[str]) -> None:
    """On the default branch there is nothing that it brings."""
    assert invoke(["check"]) == 1
    assert "main..HEAD has no commit" in capsys.readouterr().err


@pytest.mark.usefixtures("branch")
def test_wrong_requirement(capsys: pytest.CaptureFixture[str]) -> None:
    """Is wrong usage, with an example."""
    assert invoke(["check", "--require", "acc == 1"]) == 2
    assert "hint: write for example" in capsys.readouterr().err


@pytest.mark.usefixtures("branch")
def test_annotations(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """In GitHub's CI: an error a failed gate, and what is printed of runs is no command of the workflow."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert invoke(["check"]) == 1
    out, err = capsys.readouterr()
    assert err.startswith("::error title=acc%3A gate failed::acc must not get worse")
    first, *_, last = out.strip().split("\n")
    assert first.startswith("::stop-commands::")
    assert last == f"::{first.removeprefix('::stop-commands::')}::"


def test_the_branch_of_the_pull_request(
    repo: Path, branch: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """CI names it; where this clone has it, the range starts there."""
    git_run("branch", "release", branch, cwd=repo)
    monkeypatch.setenv("GITHUB_BASE_REF", "release")
    assert invoke(["check"]) == 1
    assert "release..HEAD has no commit" in capsys.readouterr().err
    monkeypatch.setenv("GITHUB_BASE_REF", "nowhere")
    assert invoke(["check"]) == 1
    assert "1 metric worse" in capsys.readouterr().out
    assert invoke(["check", "--target", "release"]) == 1
    assert "release..HEAD has no commit" in capsys.readouterr().err


@pytest.mark.usefixtures("branch")
def test_report(capsys: pytest.CaptureFixture[str]) -> None:
    """Markdown on standard output; a failed gate does not fail it."""
    assert invoke(["report"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("<!-- gittrack:report:default -->\n### ❌ 1 of 1 gate failed")


@pytest.mark.usefixtures("branch")
def test_several_files(tmp_path: Path) -> None:
    """One form each, by the suffix."""
    names = ["a.md", "a.html", "a.xml", "a.json", "a.benchmark.json", "a.txt"]
    words = [word for name in names for word in ("-o", str(tmp_path / name))]
    assert invoke(["report", *words]) == 0
    starts = ["<!-- gittrack", "<!DOCTYPE html>", "<?xml", "{", "[", "# TYPE"]
    assert [
        (tmp_path / name).read_text().startswith(start) for name, start in zip(names, starts, strict=True)
    ] == [True] * 6


@pytest.mark.usefixtures("branch")
def test_a_form_for_a_file(tmp_path: Path) -> None:
    """`--format` decides, whatever the suffix is."""
    assert invoke(["report", "--format", "html", "-o", str(tmp_path / "report")]) == 0
    assert (tmp_path / "report").read_text().startswith("<!DOCTYPE html>")


@pytest.mark.usefixtures("branch")
def test_an_unknown_suffix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Is said before anything is read."""
    assert invoke(["report", "-o", str(tmp_path / "report.pdf")]) == 2
    assert "no form of a report has the suffix" in capsys.readouterr().err


@pytest.mark.usefixtures("branch")
def test_a_file_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Says why."""
    assert invoke(["report", "-o", str(tmp_path / "nowhere" / "a.md")]) == 2
    assert "cannot write" in capsys.readouterr().err


@pytest.mark.usefixtures("branch")
def test_a_group(capsys: pytest.CaptureFixture[str]) -> None:
    """All runs that match, against another group."""
    words = ["report", "--group", "metrics.acc < 0.75", "--base", "metrics.acc > 0.75", "--name", "mine"]
    assert invoke(words) == 0
    out = capsys.readouterr().out
    assert "gittrack:report:mine" in out
    assert "(4 runs) against baseline" in out


@pytest.mark.usefixtures("branch")
def test_the_function(capsys: pytest.CaptureFixture[str]) -> None:
    """`gittrack.make_report` gives what the command prints."""
    import gittrack

    assert invoke(["report", "--json"]) == 0
    assert gittrack.make_report(format="json") == capsys.readouterr().out
    assert gittrack.make_report(base="main", require="acc >= 0.1").startswith("<!--")


@pytest.mark.usefixtures("branch")
def test_a_link_is_followed(tmp_path: Path) -> None:
    """What a link leads to is written, as with `-o /dev/stdout`; the link stays."""
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    assert invoke(["report", "--format", "openmetrics", "-o", str(tmp_path / "link")]) == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text().endswith("# EOF\n")
