"""What a project is, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@dataclass(frozen=True, slots=True)
class Param:
    """A declared param.

    Attributes:
        name: of it.
        type: as it is written; `path` and `uri` have a meaning, `float`, `int` and `integer` are checked.
        default: None without one, else what YAML 1.1 makes of it.
        line: where it is declared, None where that is not known.
    """

    name: str
    type: str = "string"
    default: Any = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """What can be run.

    Attributes:
        name: of it.
        command: the template of a command for a shell, None where it is missing.
        params: those declared, by name, in order.
        line: where it is declared, None for one that is not.
        command_line: where its command stands, the same.
    """

    name: str
    command: str | None
    params: Mapping[str, Param] = field(default_factory=dict)
    line: int | None = None
    command_line: int | None = None


@dataclass(frozen=True, slots=True)
class DockerEnv:
    """A container to run in.

    Attributes:
        image: its image, empty where a Dockerfile is given.
        volumes: `/on/host:/in/container`.
        environment: variables to copy from the host.
        variables: variables to set.
        dockerfile: what the image is built from, relative to the project; None without one. MLflow has no
            such key and passes it over.
    """

    image: str
    volumes: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    dockerfile: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "image": self.image,
            "volumes": list(self.volumes),
            "environment": list(self.environment),
            "variables": [list(pair) for pair in self.variables],
            "dockerfile": self.dockerfile,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> DockerEnv:
        """What :meth:`to_json` wrote.

        Raises:
            KeyError: it is something else.
        """
        return cls(
            document["image"],
            tuple(document["volumes"]),
            tuple(document["environment"]),
            tuple((name, value) for name, value in document["variables"]),
            document["dockerfile"],
        )


@dataclass(frozen=True, slots=True)
class Project:
    """What an MLproject file says.

    Attributes:
        name: of the project.
        python_env: a file, relative to the project; at most one of the three is there.
        conda_env: the same.
        docker_env: a container.
        entry_points: by name, in order.
        environment_line: where the environment is named, None without one.
    """

    name: str | None = None
    python_env: str | None = None
    conda_env: str | None = None
    docker_env: DockerEnv | None = None
    entry_points: Mapping[str, EntryPoint] = field(default_factory=dict)
    environment_line: int | None = None


class Problem(NamedTuple):
    """Something that is wrong with a project.

    Attributes:
        message: what, in one line.
        hint: what to do about it, None where that is plain.
        line: where, None where that is not known.
        kind: `fatal` where nothing of the project can be run, `error`, or `warning`.
    """

    message: str
    hint: str | None = None
    line: int | None = None
    kind: str = "error"


def nearest(word: str, known: Collection[str]) -> str | None:
    """The hint that names what was probably meant, None where nothing is near."""
    import difflib  # only a mistake needs it

    near = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean {near[0]!r}?" if near else None
