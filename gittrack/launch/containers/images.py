"""Images: found, pulled, built, and what they are by digest."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import InvalidValue
from gittrack.core.text import load_json
from gittrack.launch.containers import failures
from gittrack.launch.containers.engine import Engine, silent
from gittrack.launch.containers.failures import ContainerFailed, NoImage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Say = Callable[[str], None]

CODE = "/mlflow/projects/code"
"""Where a project is in its container, as in MLflow."""
_ID = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.ASCII)
_DIGEST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]*@sha256:[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class Image:
    """An image that is here.

    Attributes:
        name: as it was asked for.
        id: `sha256:` and 64 digits: of its configuration, or of its manifest, as the engine counts.
        digests: where a registry has it: `NAME@sha256:…`.
        system: `linux/amd64`.
        dockerfile: name and SHA-256 of the file that it was built from, None for one that was not.
        code: whether the project is in it.
    """

    name: str
    id: str
    digests: tuple[str, ...] = ()
    system: str = ""
    dockerfile: tuple[str, str] | None = None
    code: bool = False

    def to_record(self) -> dict[str, Any]:
        """As `environment.yaml` has it."""
        fields: dict[str, Any] = {
            "image": self.name,
            "id": self.id,
            "digests": list(self.digests),
            "system": self.system,
            "dockerfile": dict(zip(("path", "sha256"), self.dockerfile, strict=True))
            if self.dockerfile
            else None,
            "code": self.code,
        }
        return {name: value for name, value in fields.items() if value}


def look(engines: Sequence[Engine], name: str) -> tuple[Engine, Image | None]:
    """The first engine that answers, and its image of a name, None where it has none.

    Raises:
        NoEngine: none answers; says why.
    """
    said = []
    for engine in engines:
        answer = engine.ask("image", "inspect", name)
        if answer.status == 0:
            return engine, _read(name, answer.out)
        if failures.unreachable(answer.err) is None:
            return engine, None
        said.append((engine, answer.err))
    raise silent(said)


def had(engines: Sequence[Engine], name: str, say: Say) -> tuple[Engine, Image]:
    """An image, pulled where it is not here.

    Raises:
        NoEngine: no engine answers.
        NoImage: it is not here and cannot be pulled.
    """
    engine, found = look(engines, name)
    return engine, found or pulled(engine, name, say)


def pulled(engine: Engine, name: str, say: Say) -> Image:
    """An image from its registry.

    Raises:
        NoImage: it cannot be had.
    """
    say(f"pulling {name}")
    answer = engine.tell(("pull", name), say)
    found = look([engine], name)[1] if answer.status == 0 else None
    if found is None:
        raise failures.no_pull(engine.name, name, answer.err)
    return found


def by_digest(engine: Engine, wanted: str, digests: Iterable[str], say: Say | None) -> Image | None:
    """Exactly the image that a run had: the one that is here, else pulled by digest; None without any.

    Args:
        engine: which is asked.
        wanted: its id.
        digests: where registries had it.
        say: called with what is done; None to pull nothing.
    """
    names = [name for name in (wanted, *digests) if _ID.fullmatch(name) or _DIGEST.fullmatch(name)]
    for name in names:
        found = look([engine], name)[1]
        if found is not None:
            return found
    for name in (one for one in names if _DIGEST.fullmatch(one) and say is not None):
        try:
            return pulled(engine, name, say or _silent)
        except NoImage:
            continue
    return None


def check_file(directory: Path, file: str) -> Path:
    """A Dockerfile of a project.

    Raises:
        InvalidValue: there is no such file in the project.
    """
    path = (directory / file).resolve()
    if not path.is_relative_to(directory.resolve()) or not path.is_file():
        msg = f"no such Dockerfile in the project: {file[:200]}"
        raise InvalidValue(msg, hint="`dockerfile` in docker_env is a file, relative to MLproject")
    return path


def built(engine: Engine, directory: Path, file: str, name: str, say: Say) -> Image:
    """An image from a Dockerfile of a project.

    Args:
        engine: which builds.
        directory: the project.
        file: the Dockerfile, relative to it.
        name: what the image is called.
        say: called with each line of the build.

    Raises:
        InvalidValue: there is no such file in the project.
        BuildFailed: it cannot be built.
    """
    path = check_file(directory, file)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return _build(engine, path, directory, name, say, dockerfile=(file, digest), what=file)


def with_code(engine: Engine, base: str, directory: Path, name: str, say: Say) -> Image:
    """An image with the files of the project on top of another one, as `mlflow run --build-image` has it.

    Raises:
        BuildFailed: it cannot be built.
    """
    with tempfile.TemporaryDirectory(prefix="gittrack-build-") as folder:
        context = Path(folder)
        shutil.copytree(directory, context / "project", symlinks=True, ignore=shutil.ignore_patterns(".git"))
        file = context / "Dockerfile"
        file.write_text(f"FROM {base}\nCOPY project/ {CODE}/\nWORKDIR {CODE}/\n")
        return _build(engine, file, context, name, say, code=True, what=f"an image on {base}")


def _build(
    engine: Engine,
    file: Path,
    context: Path,
    name: str,
    say: Say,
    *,
    what: str,
    **about: Any,  # noqa: ANN401
) -> Image:
    say(f"building {name}")
    with tempfile.TemporaryDirectory(prefix="gittrack-build-") as folder:
        noted = Path(folder) / "id"
        options = (*engine.build_options, f"--iidfile={noted}", f"--file={file}")
        answer = engine.tell(("build", *options, str(context)), say)
        if answer.status or not noted.is_file():
            raise failures.no_build(engine.name, what, answer.err)
        found = look([engine], noted.read_text().strip())[1]
    if found is None:
        raise failures.no_build(engine.name, what, answer.err)
    tag = f"{name}:{found.id.removeprefix('sha256:')[:12]}"
    engine.ask("tag", found.id, tag)  # what has no name is pruned
    return Image(tag, found.id, (), found.system, **about)


def _read(name: str, text: str) -> Image:
    try:
        document = load_json(text)[0]
        identity = _ID.fullmatch(document["Id"])
        digests = [one for one in document.get("RepoDigests") or () if _DIGEST.fullmatch(one)]
        system = f"{document.get('Os', '')}/{document.get('Architecture', '')}"
        if identity is not None:
            return Image(name, f"sha256:{identity[1]}", tuple(sorted(digests)), system)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        pass
    msg = f"what the engine says of image {name} is not understood"
    raise ContainerFailed(
        msg, hint="`containers.engine` has to name docker, podman or one that speaks like them"
    )


def _silent(_text: str) -> None:
    pass
