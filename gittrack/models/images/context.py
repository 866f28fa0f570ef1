"""The folder that an image is built from."""

from __future__ import annotations

import platform as machine
import shutil
from dataclasses import dataclass, field
from importlib import metadata
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from gittrack.core.errors import GitTrackError, InvalidValue
from gittrack.core.text import load
from gittrack.models.flavors import all_flavors
from gittrack.models.images import about, lock, pins
from gittrack.models.images.dockerfile import Plan, Target, dockerfile, ignored, serve_script
from gittrack.models.images.wheel import wheel
from gittrack.models.needs import PYTHON_ENV
from gittrack.models.provenance.files import digest_of, files_link, hashed, registry_link
from gittrack.models.provenance.located import locate
from gittrack.models.trust import is_trusted

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from pathlib import Path

    from gittrack.models.provenance.located import Located

Platform = Literal["linux/amd64", "linux/arm64"]
PLATFORMS: tuple[Platform, ...] = get_args(Platform)
_UV = {"linux/amd64": "x86_64-unknown-linux-gnu", "linux/arm64": "aarch64-unknown-linux-gnu"}
_BESIDES = {"r": "Rscript", "crate": "Rscript", "spark": "Java"}
_UV_IMAGE = "ghcr.io/astral-sh/uv"


class Wishes(NamedTuple):
    """How an image is to be.

    Attributes:
        target: see `dockerfile.TARGETS`.
        base: image that it begins with; `python:3.11-slim` with the Python of the model when None.
        uv: image that has `/uv`; that of uv's authors, in the version that is here, when None.
        platform: of the machines that it runs on; that of this one when None.
        trust: whether code that came with the model may run there.
        pin: whether names without a digest are given one, for which registries are asked.
    """

    target: Target = "slim"
    base: str | None = None
    uv: str | None = None
    platform: Platform | None = None
    trust: bool = False
    pin: bool = True


@dataclass(frozen=True)
class Context:
    """A folder that an image can be built from.

    Attributes:
        folder: with `Dockerfile`, `.dockerignore`, `requirements.lock`, the model and a wheel.
        name: what the image is called where nobody says otherwise.
        digest: of the model.
        labels: of the image.
        notes: what a person should know, a line each.
    """

    folder: Path
    name: str
    digest: str
    labels: dict[str, str]
    notes: tuple[str, ...] = field(default=())

    def to_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "folder": str(self.folder),
            "name": self.name,
            "model_digest": self.digest,
            "labels": self.labels,
            "notes": list(self.notes),
        }


def write_context(
    uri: str,
    folder: Path,
    wishes: Wishes = Wishes(),  # noqa: B008  immutable
    *,
    repo: str | os.PathLike[str] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Context:
    """Write what an image of a model is built from. Nothing is built, and nothing of the model is loaded.

    Args:
        uri: as `load_model` takes it.
        folder: where to; new or empty.
        wishes: how the image is to be.
        repo: the repository, a path or a Git URL; as configured when None.
        say: called with what is being done.

    Raises:
        InvalidValue: the folder is not empty, or a name of an image is none.
        Changed: the model is not what its run or the registry recorded.
        ToolMissing, EnvironmentFailed: the requirements cannot be locked.
        GitTrackError, OSError: the model cannot be had, or the folder cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        msg = f"{folder} is there already"
        raise InvalidValue(msg, hint="name a folder that is new or empty")
    for name in (wishes.base, wishes.uv):
        pins.check_name(name or "python")
    found = locate(uri, repo)
    digest = checked_digest(found)
    model = found.folder
    if model is None or found.described is None:  # pragma: no cover  `checked_digest` has raised
        raise InvalidValue(found.no_files)
    python = _python(model)
    say("locking what it needs")
    requirements = lock.locked(model, python, _UV[wishes.platform or _own_platform()], say)
    base, uv, notes = _images(wishes, python, say)
    name, content = wheel()
    labels = about.labels(found, digest, base)
    folder.mkdir(parents=True, exist_ok=True)
    _copy(model, folder / "model")
    trusted = wishes.trust or is_trusted(digest)
    files = {
        "Dockerfile": dockerfile(Plan(wishes.target, base, uv, name, labels)).encode(),
        ".dockerignore": ignored().encode(),
        "requirements.lock": requirements,
        "trusted": f"{digest} trusted when the image was written\n".encode() if trusted else b"",
        name: content,
        **({"serve": serve_script().encode()} if wishes.target == "sagemaker" else {}),
    }
    for own, data in files.items():
        (folder / own).write_bytes(data)
        (folder / own).chmod(0o755 if own == "serve" else 0o644)
    return Context(folder, image_name(found, digest), digest, labels, (*notes, *_besides(found)))


def image_name(found: Located, digest: str) -> str:
    """What an image is called where nobody says: `NAME:VERSION`, else by the digest of the model."""
    if found.version is not None:
        return f"{_slug(found.version.name)}:{found.version.version}"
    return f"{_slug(found.path or 'model')}:{digest[:12]}"


def checked_digest(found: Located) -> str:
    """The digest of a model, which is what was recorded as far as anything was.

    Raises:
        Changed: it is not.
        GitTrackError: its files cannot be had.
    """
    from gittrack.store.registry.content import Changed

    members = hashed(found)
    links = [files_link(found, members), *([registry_link(found, members)] if found.version else [])]
    broken = [one.what for one in links if one.mark == "broken"]
    if broken:
        msg = f"the model is not what was recorded: {broken[0]}"
        raise Changed(msg, hint="`gittrack model verify` shows what is wrong")
    if not members:
        msg = f"the model cannot be had: {found.no_files or 'it has no files'}"
        raise GitTrackError(msg, hint="`gittrack pull` fetches the runs of others")
    return digest_of(members)


def _python(model: Path) -> str:
    """The version of Python that the model was made with, without its last part."""
    file = model / PYTHON_ENV
    said = load(file.read_bytes(), where=PYTHON_ENV).get("python") if file.is_file() else None
    return about.python_of(str(said)) or ".".join(machine.python_version_tuple()[:2])


def _images(wishes: Wishes, python: str, say: Callable[[str], None]) -> tuple[str, str, list[str]]:
    uv = wishes.uv or f"{_UV_IMAGE}:{metadata.version('uv')}"
    names, notes = [], []
    for name in (wishes.base or f"python:{python}-slim", uv):
        digest = None
        if wishes.pin and "@" not in name and not name.startswith("localhost/"):
            say(f"asking for the digest of {name}")
            digest = pins.digest_of(name)
            if digest is None:
                notes.append(f"{name} is not pinned: its registry does not say its digest")
        names.append(f"{name}@{digest}" if digest else name)
    return names[0], names[1], notes


def _own_platform() -> Platform:
    return "linux/arm64" if machine.machine().lower() in {"arm64", "aarch64"} else "linux/amd64"


def _copy(model: Path, target: Path) -> None:
    """The model, readable for the user of the image."""
    shutil.copytree(model, target, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _besides(found: Located) -> list[str]:
    """What the flavor needs that no Python package brings."""
    name = all_flavors.of_file(found.described.flavors) if found.described else None
    besides = _BESIDES.get(name or "")
    return (
        [f"the model needs {besides}, which a plain base does not have: give one by --base"]
        if besides
        else []
    )


def _slug(text: str) -> str:
    import re

    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "model"
