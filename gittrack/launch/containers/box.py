"""A project in its container: from what MLproject asks for to the command that the wrapper runs."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError
from gittrack.launch.containers import engine as engines
from gittrack.launch.containers import grammar, images, inside, supervise
from gittrack.launch.containers.grammar import Mount
from gittrack.launch.containers.images import CODE
from gittrack.tracking.seeding import NAMES as SEEDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gittrack.core.redact import Redactor
    from gittrack.launch.containers.engine import Engine
    from gittrack.launch.containers.images import Image
    from gittrack.launch.containers.inside import Inside
    from gittrack.launch.containers.wanted import Wanted
    from gittrack.store.runs import RunStore
    from gittrack.tracking.wrap import Launch

    Say = Callable[[str], None]

_INIT = ("/usr/libexec/podman/catatonit", "/usr/lib/podman/catatonit")
_SELINUX = Path("/sys/fs/selinux/enforce")


@dataclass(frozen=True)
class Box:
    """A container that could be run.

    Attributes:
        engine: that runs it.
        image: what it is made from.
        inside: what is in that.
        mounts: volumes of the project.
        copied: variables that are copied from this machine.
        variables: those that are set.
        arguments: further words for `run`.
        directory: the project on this machine.
        asked: what was asked for, for the record.
    """

    engine: Engine
    image: Image
    inside: Inside
    mounts: tuple[Mount, ...]
    copied: tuple[str, ...]
    variables: tuple[tuple[str, str], ...]
    arguments: tuple[str, ...]
    directory: Path
    asked: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """Of the image: 64 hexadecimal digits."""
        return self.image.id.removeprefix("sha256:")

    def inner(self, command: str) -> tuple[str, ...]:
        """The words that run a command for a shell inside."""
        return (self.inside.shell, "-c", command) if self.inside.shell else tuple(shlex.split(command))

    def words(
        self, inner: Sequence[str], store: RunStore, paths: Sequence[str] = (), seeds: Sequence[str] = SEEDS
    ) -> tuple[str, ...]:
        """The whole command.

        Args:
            inner: the words to run inside.
            store: where the run goes.
            paths: files and folders that are mounted where they are, to be read.
            seeds: variables that are passed on where the wrapper sets them.
        """
        options = [*_user(self.engine), *_start(self.engine), f"--workdir={CODE}"]
        options += [supervise.bind(*one) for one in self._own_mounts(store, paths)]
        names = ("GITTRACK_RUN_ID", "GITTRACK_JOURNAL", *seeds, *self.copied)
        options += [f"--env={name}" for name in names]
        options += [f"--env={name}={value}" for name, value in self._variables(store).items()]
        options += [supervise.bind(*one) for one in self.mounts]
        words = (*self.engine.words, "run", "--rm", *options, *self.engine.run_options, *self.arguments)
        here = (sys.executable, "-I", str(Path(supervise.__file__)), str(len(self.engine.words)))
        return (*here, *words, self.image.id, *inner)

    def _variables(self, store: RunStore) -> dict[str, str]:
        own = {"GITTRACK_REPO": str(store.git.place.common_dir), "PYTHONUNBUFFERED": "1"}
        for key in ("redact.keys", "redact.patterns"):  # `gittrack.yaml` may be out of sight inside
            found = store.config.get(key)
            if found:
                own["GITTRACK_" + key.replace(".", "_").upper()] = "\n".join(found)
        if _uid():
            own["HOME"] = "/tmp"  # noqa: S108  inside: the user has no home there
        return own | dict(self.variables)

    def _own_mounts(self, store: RunStore, paths: Sequence[str]) -> list[Mount]:
        """The project, the repository to be read, what a run writes in it, and files that params name."""
        git = str(store.git.place.common_dir)
        objects = store.git.directory / "objects"
        objects.mkdir(parents=True, exist_ok=True)
        mounts = [] if self.image.code else [Mount(str(self.directory), CODE)]
        if (self.directory / ".git").is_dir() and not self.image.code:
            mounts.append(Mount(str(self.directory / ".git"), f"{CODE}/.git", "ro"))  # no hooks from inside
        mounts += [Mount(git, git, "ro"), Mount(str(objects), str(objects))]
        return mounts + [Mount(path, path, "ro") for path in dict.fromkeys(paths)]

    def record(self, redactor: Redactor) -> dict[str, Any]:
        """What `environment.yaml` has of it: `container`, `requested`, and what is in the image."""
        fields: dict[str, Any] = {
            "volumes": list(self.asked.get("volumes", ())),
            "copied": list(self.copied),
            "variables": {name: str(redactor.value(name, value)) for name, value in self.variables},
            "arguments": [redactor.text(word) for word in self.arguments],
        }
        known = {name: value for name, value in fields.items() if value}
        container = {"engine": self.engine.version(), **self.image.to_record(), **known}
        return {**self.inside.document, "container": container, "requested": {"asked": dict(self.asked)}}

    def launch(self, store: RunStore) -> Launch:
        """What the wrapper is told."""
        from gittrack.tracking.wrap import Launch

        given = {name: os.environ[name] for name in self.copied} | dict(self.variables)
        return Launch(environment=self.record(store.redactor), seen=given, host=self.host)

    def host(self, path: str) -> Path:
        """Where a file that the program named by its path inside is on this machine.

        Raises:
            GitTrackError: it is only in the container.
        """
        inner = PurePosixPath(CODE) / path
        own = [] if self.image.code else [(CODE, str(self.directory))]
        pairs = [*own, *((one.target, one.source) for one in self.mounts if one.source.startswith("/"))]
        for target, source in pairs:
            if inner.is_relative_to(target):
                found = (Path(source) / inner.relative_to(target)).resolve()
                if found.is_relative_to(Path(source).resolve()):
                    return found
        msg = f"{path} is only in the container"
        raise GitTrackError(msg, hint=f"write it below {CODE} or into a volume")


def ready(wanted: Wanted, store: RunStore, say: Say) -> Box:
    """Everything for a container: checked, pulled or built.

    Raises:
        InvalidValue, UsageError: what is asked for is none, or not allowed.
        NoEngine, NoImage, BuildFailed: it cannot be had.
    """
    found = wanted.check(store)
    engine, image = _image(wanted, engines.candidates(store.config, os.environ), say)
    return boxed(wanted, engine, image, found)


def boxed(wanted: Wanted, engine: Engine, image: Image, mounts: tuple[Mount, ...]) -> Box:
    """A container of an image that is here."""
    return Box(
        engine,
        image,
        inside.look(engine, image, _kept()),
        mounts,
        grammar.copied(wanted.env.environment, os.environ),
        wanted.env.variables,
        grammar.arguments(wanted.arguments),
        wanted.directory,
        wanted.to_record(),
    )


def _image(wanted: Wanted, candidates: Sequence[Engine], say: Say) -> tuple[Engine, Image]:
    name = f"gittrack/{_slug(wanted.name or wanted.directory.name)}"
    if wanted.env.dockerfile:
        engine, _ = images.look(candidates, name)
        image = images.built(engine, wanted.directory, wanted.env.dockerfile, name, say)
    else:
        engine, image = images.had(candidates, wanted.env.image, say)
    if wanted.with_code:
        return engine, images.with_code(engine, image.name, wanted.directory, name, say)
    return engine, image


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "project"


def _uid() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0


def _user(engine: Engine) -> list[str]:
    """Files that are written belong to who runs this."""
    if not hasattr(os, "getuid"):
        return []
    user = f"--user={os.getuid()}:{os.getgid()}"
    if os.getuid() == 0:
        return [user]
    if engine.kind == "podman":
        return ["--userns=keep-id", user]
    rootless = "rootless" in engine.ask("info", "--format={{json .SecurityOptions}}").out
    return ["--user=0:0"] if rootless else [user]  # root inside of a rootless one is the user outside


def _start(engine: Engine) -> list[str]:
    """How the first process starts, and what it may see."""
    label = ["--security-opt=label=disable"] if _SELINUX.exists() else []
    if engine.kind == "docker":
        return ["--init", *label]
    init = shutil.which("catatonit") or next(filter(os.path.exists, _INIT), None)  # not all have it
    return [*(["--init", f"--init-path={init}"] if init else []), *label]


def _kept() -> Path:
    from gittrack.launch.environments.cache import default_folder

    return default_folder(os.environ).parent / "images"
