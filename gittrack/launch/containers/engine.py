"""The program that runs containers: docker or podman."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal, NamedTuple

from gittrack.launch.containers.failures import NoEngine, unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gittrack.core.config import Config

_KNOWN = ("docker", "podman")
_INSTALL = "install docker or podman, or run outside of a container: --env local"


class Answer(NamedTuple):
    """What an engine said.

    Attributes:
        status: its exit status.
        out: standard output.
        err: standard error.
    """

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Engine:
    """An engine that may be used.

    Attributes:
        kind: whose options it understands.
        words: its command, with options before the verb.
        run_options: further ones for `run`.
        build_options: further ones for `build`.
    """

    kind: Literal["docker", "podman"]
    words: tuple[str, ...]
    run_options: tuple[str, ...] = ()
    build_options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As it is called in messages."""
        return PurePath(self.words[0]).name

    def ask(self, *words: str) -> Answer:
        """Run one of its commands and hear what it says.

        Raises:
            NoEngine: it cannot be started.
        """
        try:
            done = subprocess.run(
                [*self.words, *words],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
            )
        except OSError as error:
            msg = f"{self.words[0]} cannot be started: {error.strerror}"
            raise NoEngine(msg, hint=_INSTALL) from error
        return Answer(done.returncode, done.stdout, done.stderr)

    def tell(self, words: Sequence[str], say: Callable[[str], None], cwd: Path | None = None) -> Answer:
        """The same for a command that takes its time: each line is passed on as it comes."""
        lines: list[str] = []
        with subprocess.Popen(
            [*self.words, *words],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process:
            try:
                for line in process.stdout or ():
                    lines.append(line)
                    if line.strip():
                        say(line.strip())
            except BaseException:
                process.kill()
                raise
        return Answer(process.returncode, "", "".join(lines))

    def version(self) -> str:
        """Its name and version, `podman 4.3.1`."""
        words = self.ask("--version").out.replace(",", "").split()
        return " ".join([self.kind, *[word for word in words if word[:1].isdigit()][:1]])


def candidates(config: Config, environ: Mapping[str, str]) -> list[Engine]:
    """The engines to try, the first one first.

    `containers.engine` decides; else docker, then podman, where they are on PATH.

    Raises:
        NoEngine: there is none.
    """
    options = (_words(config, "containers.run_options"), _words(config, "containers.build_options"))
    asked = _words(config, "containers.engine")
    if asked:
        kind: Literal["docker", "podman"] = "podman" if "podman" in PurePath(asked[0]).name else "docker"
        if shutil.which(asked[0], path=environ.get("PATH", os.defpath)) is None:
            msg = f"there is no {asked[0]}, which `containers.engine` names"
            raise NoEngine(msg, hint=_INSTALL)
        return [Engine(kind, asked, *options)]
    found = [name for name in _KNOWN if shutil.which(name, path=environ.get("PATH", os.defpath))]
    if not found:
        msg = "this project runs in a container, and there is neither docker nor podman"
        raise NoEngine(msg, hint=_INSTALL)
    return [Engine("podman" if name == "podman" else "docker", (name,), *options) for name in found]


def _words(config: Config, key: str) -> tuple[str, ...]:
    text = config.get(key) or ""
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        msg = f"{config.origin(key)}: {key} cannot be split into words: {error}"
        raise NoEngine(msg, hint="write it as in a shell") from error


def silent(said: Sequence[tuple[Engine, str]]) -> NoEngine:
    """The error for engines of which none answers.

    Args:
        said: each with what it said.
    """
    reasons = [(engine, unreachable(text) or text) for engine, text in said]
    msg = "; ".join(f"{engine.name} does not answer: {reason}" for engine, reason in reasons)
    if any("rights" in reason for _, reason in reasons):
        return NoEngine(
            msg, hint="add yourself to the group of the socket (`usermod -aG docker $USER`), or use podman"
        )
    return NoEngine(msg, hint="start it (`systemctl start docker`, Docker Desktop), or run with --env local")
