"""The description of a model for a place where it is to run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import InvalidValue
from gittrack.core.text import dump_json, load_json
from gittrack.core.yaml_reader import write_yaml
from gittrack.models.images.context import checked_digest, image_name
from gittrack.models.images.pins import check_name
from gittrack.models.manifests.clouds import azureml, sagemaker
from gittrack.models.manifests.facts import Facts, name_of
from gittrack.models.manifests.kubernetes import kserve, kubernetes
from gittrack.models.provenance.located import locate

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

PLACES: dict[str, Callable[[Facts], dict[str, dict[str, Any]]]] = {
    "kubernetes": kubernetes,
    "kserve": kserve,
    "sagemaker": sagemaker,
    "azureml": azureml,
}
_QUANTITY = re.compile(r"\d+(?:\.\d+)?(?:m|[kMGT]i?)?", re.ASCII)
_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[A-Za-z0-9+=,.@_/-]+", re.ASCII)
_INSTANCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,99}", re.ASCII)


def describe_model(
    uri: str,
    place: str,
    *,
    image: str | None = None,
    repo: str | os.PathLike[str] | None = None,
    **choices: Any,  # noqa: ANN401  see Args
) -> dict[str, dict[str, Any]]:
    """What a cluster or cloud is told to run a model.

    Args:
        uri: as `load_model` takes it.
        place: `kubernetes`, `kserve`, `sagemaker` or `azureml`.
        image: of the model; as `gittrack model image` calls it when None.
        repo: the repository, a path or a Git URL; as configured when None.
        choices: `replicas`, `cpu`, `memory`, `role` and `instance` of `facts.Facts`; None for as it is there.

    Returns:
        File names to documents, in the order in which they are to be sent.

    Raises:
        InvalidValue: there is no such place, or a choice is not in its form.
        Changed: the model is not what its run or the registry recorded.
        GitTrackError, OSError: the model cannot be had.
    """
    if place not in PLACES:
        msg = f"there is no place {place[:80]!r}"
        raise InvalidValue(msg, hint=f"one of: {', '.join(PLACES)}")
    given = {key: value for key, value in choices.items() if value is not None}
    for key, form in (("cpu", _QUANTITY), ("memory", _QUANTITY), ("role", _ARN), ("instance", _INSTANCE)):
        if key in given and not form.fullmatch(str(given[key])):
            msg = f"{key} is not in its form: {str(given[key])[:80]!r}"
            raise InvalidValue(msg, hint="cpu: 250m or 2; memory: 1Gi; role: arn:aws:iam::…:role/NAME")
    found = locate(uri, repo)
    digest = checked_digest(found)
    version = str(found.version.version) if found.version else digest[:12]
    run_id = found.run.id if found.run else None
    own = found.version.record.uri if found.version else (f"runs:/{run_id}/{found.path}" if run_id else None)
    name = check_name(image or image_name(found, digest))
    return PLACES[place](Facts(name_of(found), version, name, digest, own, run_id, **given))


def texts(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, bytes]:
    """File names to contents: YAML, or JSON by the name."""
    # through JSON: PyYAML writes what is there twice as a reference
    return {
        name: dump_json(document) + b"\n"
        if name.endswith(".json")
        else write_yaml(load_json(dump_json(document)))
        for name, document in documents.items()
    }
