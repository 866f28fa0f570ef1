"""Building and pushing an image of a model, by docker, podman or buildah."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.core.config import Config
from gittrack.core.errors import GitTrackError
from gittrack.core.value import dataclass
from gittrack.launch.containers import failures
from gittrack.launch.containers.engine import Engine, candidates, silent
from gittrack.launch.containers.failures import NoEngine
from gittrack.models.images.pins import check_name
from gittrack.store.runs import RunStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gittrack.models.images.context import Context

    Say = Callable[[str], None]

_PUSHED = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)


class PushFailed(failures.ContainerFailed):
    """A registry does not take an image."""


@dataclass(frozen=True, slots=True)
class Built:
    """An image that was built.

    Attributes:
        name: that it has.
        id: `sha256:` and 64 digits, as the engine counts.
        digest: what the registry knows it by; None where it was not pushed.
    """

    name: str
    id: str
    digest: str | None = None

    def to_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {"name": self.name, "id": self.id, "digest": self.digest}


def engines(repo: str | os.PathLike[str] | None = None) -> list[Engine]:
    """What may build: `containers.engine`, else docker, podman and buildah, where they are.

    Raises:
        NoEngine: there is none.
    """
    try:
        config = RunStore.open(None if repo is None else os.fspath(repo)).config
    except GitTrackError:
        config = Config.load(None, os.environ, dict)
    try:
        found = candidates(config, os.environ)
    except NoEngine:
        if config.get("containers.engine") or shutil.which("buildah") is None:
            msg = "there is neither docker, podman nor buildah to build with"
            raise NoEngine(msg, hint="install one, or build the folder elsewhere: -o DIR") from None
        return [Engine("podman", ("buildah",))]
    return [*found, *([Engine("podman", ("buildah",))] if shutil.which("buildah") else [])]


def build(able: Sequence[Engine], context: Context, name: str, say: Say) -> tuple[Engine, Built]:
    """An image from a folder.

    Args:
        able: engines, the first one first; the next is asked where one does not answer.
        context: the folder.
        name: of the image.
        say: called with each line of the build.

    Raises:
        NoEngine: none answers.
        BuildFailed: it cannot be built.
        InvalidValue: the name is none.
    """
    check_name(name)
    said = []
    for engine in able:
        with tempfile.TemporaryDirectory(prefix="gittrack-build-") as folder:
            noted = Path(folder) / "id"
            options = (*engine.build_options, f"--iidfile={noted}", f"--tag={name}")
            answer = engine.tell(("build", *options, "--file=Dockerfile", "."), say, context.folder)
            if answer.status == 0 and noted.is_file():
                return engine, Built(name, noted.read_text().strip())
        if failures.unreachable(answer.err) is None:
            raise failures.no_build(engine.name, name, answer.err)
        said.append((engine, answer.err))
    raise silent(said)


def push(engine: Engine, image: Built, say: Say) -> Built:
    """Send an image to the registry that its name says.

    Raises:
        PushFailed: it does not take it.
    """
    with tempfile.TemporaryDirectory(prefix="gittrack-push-") as folder:
        noted = Path(folder) / "digest"
        option = (f"--digestfile={noted}",) if engine.kind == "podman" else ()
        answer = engine.tell(("push", *option, image.name), say)
        if answer.status:
            msg = f"{engine.name} cannot push {image.name}: {failures.last_lines(answer.err, 1)}"
            raise PushFailed(
                msg, hint=f"log in (`{engine.name} login`), and see that the name is one of yours"
            )
        text = noted.read_text() if noted.is_file() else answer.err
    found = _PUSHED.findall(text)
    return Built(image.name, image.id, found[-1] if found else None)
