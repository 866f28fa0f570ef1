"""What a project asks for of a container, and whether it may have it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import UsageError
from gittrack.launch.containers import grammar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.launch.containers.grammar import Mount
    from gittrack.launch.projects.project_values import DockerEnv
    from gittrack.store.runs import RunStore


@dataclass(frozen=True)
class Wanted:
    """What a project asks for, and the user besides.

    Attributes:
        env: `docker_env` of MLproject.
        directory: the project.
        name: of it.
        fetched: whether it came from elsewhere: then it gets no folders of this machine that nobody allows.
        arguments: for `docker run`, as `-A` has them.
        with_code: whether an image with the project in it is built.
    """

    env: DockerEnv
    directory: Path
    name: str = ""
    fetched: bool = False
    arguments: tuple[str, ...] = ()
    with_code: bool = False

    def to_record(self) -> dict[str, Any]:
        """What is asked for, as JSON has it; values of variables are left out."""
        env = self.env
        fields: dict[str, Any] = {
            "manager": "docker",
            "source": "MLproject",
            "image": env.image,
            "dockerfile": env.dockerfile,
            "volumes": list(env.volumes),
            "copied": list(env.environment),
            "variables": [name for name, _ in env.variables],
            "arguments": list(self.arguments),
            "build_image": self.with_code,
        }
        return {name: value for name, value in fields.items() if value}

    def check(self, store: RunStore) -> tuple[Mount, ...]:
        """See that what is asked for is allowed; gives its volumes.

        Raises:
            InvalidValue, UsageError: it is not.
        """
        if self.env.image:
            grammar.check_image(self.env.image)
        for name, _ in self.env.variables:
            grammar.check_variable(name)
        grammar.copied(self.env.environment, os.environ)
        grammar.arguments(self.arguments)
        mounts = tuple(grammar.mount(text, self.directory) for text in self.env.volumes)
        self.check_paths(store, [one.source for one in mounts if Path(one.source).is_absolute()])
        return mounts

    def check_paths(self, store: RunStore, paths: Sequence[str]) -> None:
        """See that a fetched project names no files of this machine that nobody allowed it.

        Raises:
            UsageError: it does.
        """
        if self.fetched:
            grammar.check_consent(paths, self.directory, store.config.get("containers.volumes"))


def refuse(manager: str | None) -> None:
    """See that nobody asks for another environment.

    Raises:
        UsageError: somebody does.
    """
    if manager not in {None, "docker", "local"}:
        msg = f"this project runs in a container, not in an environment of {manager[:40] if manager else ''}"
        raise UsageError(msg, hint="leave --env out, or take the environment as it is: --env local")
