"""The one comment of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.ci.comment import inert, post, read_report
from gittrack.ci.hosts import Host, host_of
from gittrack.ci.web import Api, ApiError
from gittrack.core.errors import GitTrackError
from tests.support.host_api import BOT, STRANGER, TOKEN, HostApi, host_api

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REPORT = "<!-- gittrack:report:default -->\n### ✅ better\n"


@pytest.fixture
def api() -> Iterator[HostApi]:
    """A host."""
    with host_api() as found:
        yield found


def _github(api: HostApi) -> Host:
    variables = {"GITHUB_API_URL": api.url, "GITHUB_REPOSITORY": "ada/digits", "GITHUB_TOKEN": TOKEN}
    return host_of(variables, 7)


def _gitlab(api: HostApi) -> Host:
    api.login = "project_3_bot"
    variables = {
        "GITLAB_CI": "true",
        "CI_API_V4_URL": api.url,
        "CI_PROJECT_ID": "3",
        "CI_MERGE_REQUEST_IID": "7",
        "GITTRACK_GITLAB_TOKEN": TOKEN,
    }
    return host_of(variables, None)


@pytest.mark.parametrize("host", [_github, _gitlab])
def test_one_comment(api: HostApi, host: object) -> None:
    """The first report makes a comment, later ones change it, the same one asks for nothing."""
    assert callable(host)
    assert post(host(api), REPORT) == "created"
    assert post(host(api), REPORT) == "unchanged"
    assert post(host(api), REPORT.replace("better", "worse"), head=api.head) == "updated"
    assert [one["body"] for one in api.comments.values()] == [REPORT.replace("better", "worse")]


def test_the_comments_of_others(api: HostApi) -> None:
    """A comment of somebody else that bears our mark is left alone; many comments are looked through."""
    theirs = api.add(REPORT + "hijacked", STRANGER)
    for _ in range(120):
        api.add("talk", STRANGER)
    ours = api.add(REPORT)
    assert post(_github(api), REPORT + "new\n") == "updated"
    assert api.comments[theirs]["body"] == REPORT + "hijacked"
    assert api.comments[ours]["body"] == REPORT + "new\n"


def test_a_token_of_a_person(api: HostApi) -> None:
    """With a personal token the comments of that person count, not those of any bot."""
    api.login = "ada"
    bots = api.add(REPORT, BOT)
    assert post(_github(api), REPORT + "new\n") == "created"
    assert api.comments[bots]["body"] == REPORT
    assert post(_github(api), REPORT + "newer\n") == "updated"


def test_reports_of_two_names(api: HostApi) -> None:
    """Each name has its comment."""
    other = REPORT.replace(":default", ":nightly")
    assert [post(_github(api), text) for text in (REPORT, other)] == ["created", "created"]


def test_another_head(api: HostApi) -> None:
    """A report of a commit that is no longer the head, or of a closed pull request, is not posted."""
    assert post(_github(api), REPORT, head="b" * 40) == "outdated"
    api.state = "closed"
    assert post(_github(api), REPORT, head=api.head) == "outdated"
    assert api.comments == {}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@ada", "@\u200bada"),
        ("&#64;ada &commat;ada", "&#64;\u200bada &commat;\u200bada"),
        ("#12 !3 GH-4", "#\u200b12 !\u200b3 GH-\u200b4"),
        ("![x](https://evil/x.png)", "!\u200b[x](https://evil/x.png)"),
        ("<img src=x>", "&lt;img src=x>"),
        ("<details><summary>x</summary>", "<details><summary>x</summary>"),
        ("a <!-- gittrack:report:other -->", "a &lt;!-- gittrack:report:other -->"),
        ("### Metrics", "### Metrics"),
        ("a&#124;b", "a&#124;b"),
    ],
)
def test_inert(text: str, shown: str) -> None:
    """Nobody is told, nothing is referred to or fetched, and the report looks as before."""
    assert inert(REPORT + text) == REPORT + shown


def test_without_a_marker() -> None:
    """A text that no report is gets the default one."""
    assert inert("hello") == "<!-- gittrack:report:default -->\nhello"


def test_too_long() -> None:
    """What GitHub would refuse is cut, and says so."""
    found = inert(REPORT + "x" * 100_000)
    assert len(found) == 65_000
    assert "does not fit" in found


def test_read_a_file_and_a_folder(tmp_path: Path) -> None:
    """A folder has the number beside the text."""
    (tmp_path / "comment.md").write_text(REPORT)
    assert read_report(tmp_path / "comment.md") == (REPORT, None)
    (tmp_path / "pull-request").write_text("7\n")
    assert read_report(tmp_path) == (REPORT, 7)


@pytest.mark.parametrize("number", ["", "7; rm -rf", "../7", "\u0667", "1" * 13])
def test_numbers_that_are_none(tmp_path: Path, number: str) -> None:
    """What an untrusted job wrote must be a number."""
    (tmp_path / "comment.md").write_text(REPORT)
    (tmp_path / "pull-request").write_text(number)
    with pytest.raises(GitTrackError, match="not the number of a pull request"):
        read_report(tmp_path)


def test_a_folder_without_a_report(tmp_path: Path) -> None:
    """It is named."""
    with pytest.raises(GitTrackError, match="cannot read"):
        read_report(tmp_path)


def test_a_token_that_may_not(api: HostApi) -> None:
    """The answer of the host is said, with what helps."""
    variables = {"GITHUB_API_URL": api.url, "GITHUB_REPOSITORY": "ada/digits", "GITHUB_TOKEN": "wrong"}
    with pytest.raises(ApiError, match="401 Bad credentials") as caught:
        post(host_of(variables, 7), REPORT, head=api.head)
    assert "token" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("variables", "number", "message"),
    [
        ({}, 7, "GITHUB_TOKEN is not set"),
        ({"GITHUB_TOKEN": "x"}, None, "which pull request"),
        ({"GITHUB_TOKEN": "x"}, 7, "GITHUB_REPOSITORY is not set"),
        ({"GITHUB_TOKEN": "x", "GITHUB_REPOSITORY": "a/../b"}, 7, "not a repository"),
        ({"GITHUB_TOKEN": "x", "GITHUB_API_URL": "http://evil.example"}, 7, "not an HTTPS address"),
        ({"GITLAB_CI": "true"}, 7, "GITTRACK_GITLAB_TOKEN is not set"),
        (
            {
                "GITLAB_CI": "1",
                "GITTRACK_GITLAB_TOKEN": "x",
                "CI_API_V4_URL": "https://x",
                "CI_PROJECT_ID": "../3",
            },
            7,
            "not a number",
        ),
    ],
)
def test_what_is_missing(variables: dict[str, str], number: int | None, message: str) -> None:
    """What the job does not say is named."""
    with pytest.raises(GitTrackError, match=message):
        host_of(variables, number)


def test_a_busy_host(api: HostApi) -> None:
    """It is asked again, three times at most; anything else is said at once."""
    one = Api(api.url, {"Authorization": TOKEN}, pause=0)
    api.failing = [503, 502]
    assert one.ask("GET", "/repos/ada/digits/pulls/7")["state"] == "open"
    api.failing = [503] * 3
    with pytest.raises(ApiError, match="503 try later"):
        one.ask("GET", "/user")
    assert api.failing == []


def test_redirects_are_not_followed(api: HostApi) -> None:
    """The token stays here."""
    api.failing = [302]
    with pytest.raises(ApiError, match="302"):
        Api(api.url, {"Authorization": TOKEN}).ask("GET", "/user")
    assert api.asked == ["GET /user"]


def test_nobody_there() -> None:
    """A host that cannot be reached is said."""
    with pytest.raises(ApiError, match="GET /user") as caught:
        Api("http://127.0.0.1:9", {}).ask("GET", "/user")
    assert caught.value.status == 0
