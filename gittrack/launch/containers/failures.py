"""What goes wrong with containers, and the messages of the engines made short."""

from __future__ import annotations

import re

from gittrack.core.errors import GitTrackError
from gittrack.core.redact import Redactor

_SHOWN = 3
_LONGEST = 600
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_NO_RIGHTS = re.compile(r"permission denied while trying to connect|dial unix .*permission denied", re.DOTALL)
_NO_DAEMON = re.compile(
    r"Cannot connect to the Docker daemon|Is the docker daemon running|error during connect"
    r"|failed to connect to the docker API|(?:[Uu]nable|failed) to connect to Podman|Cannot connect to Podman"
)
_NO_IMAGE = re.compile(
    r"manifest unknown|not found|no such image|image not known|pull access denied|unauthorized"
    r"|name unknown|repository does not exist|denied: ",
    re.IGNORECASE,
)
_NO_NETWORK = re.compile(r"no such host|dial tcp|connection refused|i/o timeout|TLS handshake", re.IGNORECASE)


class ContainerFailed(GitTrackError):
    """A container cannot be made or started."""


class NoEngine(ContainerFailed):
    """There is neither docker nor podman, or what is there does not answer."""


class NoImage(ContainerFailed):
    """An image is neither here nor to be had."""


class BuildFailed(ContainerFailed):
    """An image cannot be built."""


def unreachable(output: str) -> str | None:
    """Why an engine does not answer, in a few words; None where it does."""
    if _NO_RIGHTS.search(output):
        return "you have no rights on its socket"
    return "its daemon is not running" if _NO_DAEMON.search(output) else None


def no_pull(engine: str, image: str, output: str) -> NoImage:
    """The error for an image that could not be pulled."""
    msg = f"image {image} is not here and {engine} cannot pull it: {last_lines(output, 1)}"
    if _NO_NETWORK.search(output):
        return NoImage(msg, hint="check the network and the name of the registry")
    if _NO_IMAGE.search(output):
        return NoImage(msg, hint=f"check its name and tag; a private one needs `{engine} login` first")
    return NoImage(msg, hint=f"`{engine} pull {image}` says more")


def no_build(engine: str, what: str, output: str) -> BuildFailed:
    """The error for an image that could not be built."""
    return BuildFailed(
        f"{engine} cannot build {what}: {last_lines(output)}", hint="fix what its last step says"
    )


def last_lines(output: str, count: int = _SHOWN) -> str:
    """The last lines of what an engine said, in one, without secrets."""
    lines = [line.strip() for line in _COLOURS.sub("", output).splitlines()]
    text = Redactor().text(" | ".join([line for line in lines if line][-count:])) or "it does not say why"
    return text if len(text) <= _LONGEST else "…" + text[-_LONGEST + 1 :]
