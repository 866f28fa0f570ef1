"""Comments of a pull request on GitHub, notes of a merge request on GitLab: read, written, changed.

Sources: docs.github.com/rest (issues/comments, pulls), docs.gitlab.com/api (notes, merge_requests).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from gittrack.ci.web import Api, ApiError
from gittrack.core.errors import GitTrackError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_REPOSITORY = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that is there.

    Attributes:
        id: its number.
        body: its text.
        own: whether it was written with our token.
    """

    id: int
    body: str
    own: bool


class Host(Protocol):
    """What is asked of a host about one pull request."""

    def head(self) -> str | None:
        """The commit at its head, None when it is closed."""

    def comments(self) -> Iterator[Comment]:
        """Its comments, the oldest first."""

    def create(self, body: str) -> None:
        """Write a comment."""

    def change(self, comment: Comment, body: str) -> None:
        """Change one."""


class GitHub:
    """A pull request on GitHub.

    Args:
        api: begins at the API, `https://api.github.com`.
        repository: `owner/name`.
        number: of the pull request.

    Raises:
        GitTrackError: the repository is no name for one.
    """

    def __init__(self, api: Api, repository: str, number: int) -> None:
        if not _REPOSITORY.fullmatch(repository):
            msg = f"not a repository: {repository[:80]!r}"
            raise GitTrackError(msg)
        self._api = api
        self._repository = f"/repos/{repository}"
        self._number = number

    def head(self) -> str | None:
        """The commit at its head, None when it is closed."""
        found = self._api.ask("GET", f"{self._repository}/pulls/{self._number}")
        return str(found["head"]["sha"]) if found["state"] == "open" else None

    def comments(self) -> Iterator[Comment]:
        """Its comments, the oldest first."""
        login = self._login()
        for one in self._api.pages(f"{self._repository}/issues/{self._number}/comments"):
            author = one.get("user") or {}
            own = author.get("login") == login if login else author.get("type") == "Bot"
            yield Comment(int(one["id"]), one.get("body") or "", own)

    def create(self, body: str) -> None:
        """Write a comment."""
        self._api.ask("POST", f"{self._repository}/issues/{self._number}/comments", {"body": body})

    def change(self, comment: Comment, body: str) -> None:
        """Change one."""
        self._api.ask("PATCH", f"{self._repository}/issues/comments/{comment.id}", {"body": body})

    def _login(self) -> str | None:
        """Who the token is of; a job's own token is of a bot and may not ask."""
        try:
            return str(self._api.ask("GET", "/user")["login"])
        except ApiError as error:
            if error.status in {401, 403, 404}:
                return None
            raise


class GitLab:
    """A merge request on GitLab.

    Args:
        api: begins at the API, `https://gitlab.com/api/v4`.
        project: number of the project.
        number: of the merge request in it.
    """

    def __init__(self, api: Api, project: int, number: int) -> None:
        self._api = api
        self._place = f"/projects/{project}/merge_requests/{number}"

    def head(self) -> str | None:
        """The commit at its head, None when it is closed."""
        found = self._api.ask("GET", self._place)
        return str(found["sha"]) if found["state"] == "opened" else None

    def comments(self) -> Iterator[Comment]:
        """Its notes."""
        me = self._api.ask("GET", "/user")["id"]
        for one in self._api.pages(f"{self._place}/notes"):
            author = one.get("author") or {}
            yield Comment(int(one["id"]), one.get("body") or "", author.get("id") == me)

    def create(self, body: str) -> None:
        """Write a note."""
        self._api.ask("POST", f"{self._place}/notes", {"body": body})

    def change(self, comment: Comment, body: str) -> None:
        """Change one."""
        self._api.ask("PUT", f"{self._place}/notes/{comment.id}", {"body": body})


def host_of(environ: Mapping[str, str], number: int | None) -> Host:
    """The pull request that a job is about.

    Args:
        environ: the variables that GitHub Actions or GitLab CI set, and the token: `GITHUB_TOKEN`, or
            `GITTRACK_GITLAB_TOKEN`.
        number: of the pull request, where the variables do not say.

    Raises:
        GitTrackError: something of it is missing.
    """
    if environ.get("GITLAB_CI"):
        token = _need(environ, "GITTRACK_GITLAB_TOKEN", "a project access token with the scope `api`")
        api = Api(_need(environ, "CI_API_V4_URL"), {"PRIVATE-TOKEN": token})
        request = number if number is not None else _number(_need(environ, "CI_MERGE_REQUEST_IID"))
        return GitLab(api, _number(_need(environ, "CI_PROJECT_ID")), request)
    token = _need(environ, "GITHUB_TOKEN", "give the step `env: {GITHUB_TOKEN: ${{ github.token }}}`")
    headers: dict[str, Any] = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    api = Api(environ.get("GITHUB_API_URL") or "https://api.github.com", headers)
    if number is None:
        msg = "which pull request?"
        raise GitTrackError(msg, hint="give --pull-request NUMBER, or the folder of a report")
    return GitHub(api, _need(environ, "GITHUB_REPOSITORY"), number)


def _need(environ: Mapping[str, str], name: str, hint: str | None = None) -> str:
    value = environ.get(name)
    if not value:
        msg = f"{name} is not set"
        raise GitTrackError(msg, hint=hint or "this is for a job of GitHub Actions or GitLab CI")
    return value


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:  # noqa: PLR2004  fits 64 bits
        msg = f"not a number: {text[:80]!r}"
        raise GitTrackError(msg)
    return int(text)
