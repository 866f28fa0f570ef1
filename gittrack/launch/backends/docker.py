"""A container on this machine, by docker or podman: a detached job whose command runs in an image."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from gittrack.core.errors import UsageError
from gittrack.launch.backends import job_files
from gittrack.launch.backends.base import Option
from gittrack.launch.backends.local import Local
from gittrack.launch.projects.project_values import DockerEnv

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.launch.backends.base import Handle, Ticket


class Docker(Local):
    """Jobs of :class:`Local` in a container: that of the image given, else the one that the project names.

    What else `docker run` is given is for the user alone (`containers.run_options`): `gittrack.yaml`, which
    may name options of backends, comes with the code.
    """

    NAME: ClassVar[str] = "docker"
    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("image", "text", "what to run in, for a project that names no container"),
        Option("volumes", "list", "folders for it: /on/this/machine:/in/container"),
        Option("environment", "mapping", "environment variables in it"),
    )

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__({})
        self._options = options

    def submit(self, ticket: Ticket) -> Handle:
        """Start the process.

        Raises:
            UsageError: neither the project nor the options name an image.
            Rejected: it cannot be started.
        """
        told = self._told(ticket)
        job_files.write_ticket(told)
        return super().submit(told)

    def preview(self, ticket: Ticket) -> str:
        """The image, and the command of the process that starts the container."""
        work = self._told(ticket).work
        image = (work.get("container") or {}).get("image") or "as MLproject says"
        return f"image: {image}\n{super().preview(ticket)}"

    def _told(self, ticket: Ticket) -> Ticket:
        """The ticket with what the options say."""
        work, image = dict(ticket.work), self._options.get("image")
        if work["kind"] != "project":  # a repetition has the container of its run
            return ticket
        if not image and not work.get("contained"):
            msg = "the project names no container, and no image is given"
            raise UsageError(
                msg, hint="""-c '{"image": "python:3.12-slim"}', or `backends` in gittrack.yaml"""
            )
        if image:
            variables = self._options.get("environment", {}).items()
            env = DockerEnv(
                str(image),
                tuple(map(str, self._options.get("volumes", ()))),
                variables=tuple((name, str(value)) for name, value in variables),
            )
            work["container"] = env.to_json()
        return replace(ticket, work=work)
