"""A model as a directory: written, and read again."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
import uuid
import warnings
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError, GitTrackWarning, InvalidValue, MalformedFile
from gittrack.models import mlmodel, needs
from gittrack.models.digest import model_digest
from gittrack.models.example import example_of
from gittrack.models.flavors import all_flavors
from gittrack.models.flavors.base import CannotPredict
from gittrack.models.flavors.files import CODE, inside
from gittrack.models.loaded import LoadedModel
from gittrack.models.mlmodel import FILE, PYFUNC, MLModel
from gittrack.models.signature.infer import infer_signature
from gittrack.models.trust import Consent
from gittrack.models.trust import trust as trust_digest

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from gittrack.models.flavors.base import Flavor, Written
    from gittrack.models.signature.specs import Signature


def save_model(  # noqa: PLR0913  each is a choice of its own
    model: Any,  # noqa: ANN401  of any library
    path: str | os.PathLike[str],
    *,
    flavor: str | None = None,
    signature: Signature | None = None,
    input_example: Any = None,  # noqa: ANN401  see Args
    params: Mapping[str, Any] | None = None,
    requirements: Sequence[str] | None = None,
    extra_requirements: Sequence[str] = (),
    code_paths: Sequence[str | os.PathLike[str]] = (),
    metadata: Mapping[str, Any] | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    **options: Any,  # noqa: ANN401  of the flavor
) -> MLModel:
    """Write a model into a new directory, as gittrack and MLflow read it.

    Args:
        model: a fitted model of a known library, or any object with `predict`.
        path: the directory, which must be new or empty.
        flavor: how it is written; found by its class when None.
        signature: what it takes and gives; inferred from `input_example` when None.
        input_example: data that it predicts on, kept with it.
        params: of `predict`, with the values that hold where a caller gives none; part of the signature. A
            model with a signature takes no others.
        requirements: what it needs instead of what is inferred, as in `requirements.txt`.
        extra_requirements: what it needs besides that.
        code_paths: files and folders that it imports; kept with it.
        metadata: what else there is to know; JSON values.
        run_id: the run that made it.
        artifact_path: where it will be among the artifacts of that run.
        options: of the flavor, see `docs/models.md`.

    Returns:
        What its `MLmodel` says.

    Raises:
        InvalidValue: the directory is not empty, no flavor takes the model, or an option is not known.
        CannotSave: the model cannot be written so.
        MissingLibrary: a library is not installed.
        OSError: the directory cannot be written.
    """
    folder = _new(Path(path))
    chosen = all_flavors.get(flavor) if flavor else all_flavors.of_model(model)
    with tempfile.TemporaryDirectory(prefix=".gittrack-model-", dir=folder.parent) as temporary:
        work = Path(temporary) / folder.name
        work.mkdir()
        wrote = chosen.write(model, work, _with_example(chosen, options, input_example))
        code = _copy_code(code_paths, work)
        pinned = (
            needs.requirements_of(wrote.modules | needs.modules_of_code(work / CODE), wrote.distributions)
            if requirements is None
            else requirements
        )
        for name, content in needs.files_of([*pinned, *extra_requirements]).items():
            (work / name).write_bytes(content)
        described = MLModel(
            _flavors(chosen, wrote, code=code),
            signature or _inferred(chosen, model, wrote, input_example, params),
            run_id=run_id,
            artifact_path=artifact_path,
            utc_time_created=f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S.%f}",
            model_uuid=uuid.uuid4().hex,
            size=sum(file.stat().st_size for file in work.rglob("*") if file.is_file()),
            example=_keep_example(input_example, work),
            metadata=metadata or {},
        )
        (work / FILE).write_bytes(mlmodel.write(described))
        _trust_own(work, folder)
        if folder.exists():
            folder.rmdir()
        work.replace(folder)
    return described


def read_model(folder: Path) -> MLModel:
    """What the `MLmodel` in a folder says.

    Raises:
        MalformedFile: there is none, or it cannot be read.
    """
    path = folder / FILE
    try:
        return mlmodel.parse(path.read_bytes())
    except OSError as error:
        raise MalformedFile(FILE, f"not in {folder}: {error.strerror}") from error


def load_folder(folder: Path, *, trust: bool = False, flavor: str | None = None) -> LoadedModel:
    """The model in a folder.

    Args:
        folder: with its `MLmodel`.
        trust: whether code that came with it may run.
        flavor: which of its flavors; the best known one when None.

    Raises:
        NotTrusted: code would run, and nobody has agreed.
        MalformedFile: `MLmodel` cannot be read, or names what is not there.
        MissingLibrary: a library is not installed.
        InvalidValue: it has no such flavor, or none that is known.
    """
    described = read_model(folder)
    name = flavor or all_flavors.of_file(described.flavors)
    if name is None or name not in described.flavors:
        msg = f"the model has no flavor {flavor!r}" if flavor else "none of the model's flavors is known"
        raise InvalidValue(msg, hint=f"it has: {', '.join(described.flavors) or 'none'}")
    chosen = all_flavors.get(name)
    config = dict(described.flavors[name])
    consent = Consent(folder, given=trust)
    if config.get("code"):
        consent.require(f"importing from its folder {config['code']}")
        sys.path.insert(0, str(inside(folder, config, "code")))
    with _no_bytecode():
        native = chosen.read(folder, config, consent)
    config |= {key: value for key, value in described.flavors.get(PYFUNC, {}).items() if key == "predict_fn"}
    return LoadedModel(described, name, native, chosen.predictor, config)


@contextlib.contextmanager
def _no_bytecode() -> Iterator[None]:
    """Keep Python from adding files to a model, which would be another one then."""
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _with_example(chosen: Flavor, options: Mapping[str, Any], example: Any) -> Mapping[str, Any]:  # noqa: ANN401
    """The options, with the example for a flavor that must see the model at work to write it."""
    wanted = "example" in chosen.options and example is not None
    return {"example": example, **options} if wanted else options


def _new(folder: Path) -> Path:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        msg = f"{folder} is there already"
        raise InvalidValue(msg, hint="name a folder that is new or empty")
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder


def _flavors(chosen: Flavor, wrote: Written, *, code: str | None) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    if wrote.pyfunc is not None:
        environment = {"conda": needs.CONDA, "virtualenv": needs.PYTHON_ENV}
        python = ".".join(map(str, sys.version_info[:3]))
        own = {"env": environment, "python_version": python, **({"code": code} if code else {})}
        found[PYFUNC] = {**own, **wrote.pyfunc}
    if chosen.name != PYFUNC:
        found[chosen.name] = {**wrote.config, **({"code": code} if code else {})}
    return found


def _copy_code(paths: Sequence[str | os.PathLike[str]], work: Path) -> str | None:
    for source in map(Path, paths):
        target = work / CODE / source.name
        target.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".git"))
        elif source.is_file():
            shutil.copyfile(source, target)
        else:
            msg = f"no such file or folder: {source}"
            raise InvalidValue(msg, hint="code_paths names what the model imports")
    return CODE if paths else None


def _inferred(
    chosen: Flavor,
    model: Any,  # noqa: ANN401  of any library
    wrote: Written,
    example: Any,  # noqa: ANN401  see `save_model`
    params: Mapping[str, Any] | None,
) -> Signature | None:
    """The signature of an example and what the model predicts on it."""
    if example is None and not params:
        return None
    outputs = None
    try:
        if example is not None and chosen.name not in {"onnx", PYFUNC}:  # there something else predicts
            outputs = chosen.predictor(model, {**wrote.config, **(wrote.pyfunc or {})})(example, {})
        return infer_signature(example, outputs, params)
    except CannotPredict:
        return infer_signature(example, None, params)
    except GitTrackError as error:
        warnings.warn(f"the signature is not known: {error.message}", GitTrackWarning, stacklevel=3)
        return None


def _keep_example(data: Any, work: Path) -> dict[str, str] | None:  # noqa: ANN401
    if data is None:
        return None
    example = example_of(data)
    (work / example.info["artifact_path"]).write_bytes(example.data)
    (work / example.info["serving_input_path"]).write_bytes(example.request)
    return example.info


def _trust_own(work: Path, folder: Path) -> None:
    """What this user has made, this user may load; where that cannot be noted, it can be said each time."""
    try:
        trust_digest(model_digest(work), f"made here: {folder}")
    except OSError as error:
        warnings.warn(f"the model is not noted as trusted: {error}", GitTrackWarning, stacklevel=3)
