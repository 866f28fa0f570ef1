"""Registered models of ours as entities of MLflow, and what MLflow names as their source."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from mlflow.entities.model_registry import (
    ModelVersion,
    ModelVersionTag,
    RegisteredModel,
    RegisteredModelTag,
)
from mlflow.store.entities.paged_list import PagedList
from mlflow.utils.search_utils import SearchUtils

from gittrack.core.errors import RunNotFound
from gittrack.mlflow import marks
from gittrack.mlflow.failures import invalid
from gittrack.mlflow.uris import SCHEME, place_of, run_within
from gittrack.mlflow.view import read_json

if TYPE_CHECKING:
    from gittrack.mlflow.opened import Opened
    from gittrack.store.registry.records import Model, Version

MODEL_FOLDER = "model"
"""Where a logged model is among the artifacts of its run."""
_TAKES = inspect.signature(ModelVersion.__init__).parameters
_MODELS = "models:/"
_NO_PROMPTS = "tags.`mlflow.prompt.is_prompt`"


def source_of(opened: Opened, source: str, run_id: str | None, model_id: str | None) -> tuple[str, str]:
    """What our registry takes for a source of MLflow, and the run that it is of.

    Raises:
        MlflowException: it is no model of a run of this repository.
    """
    named = model_id or source.removeprefix(_MODELS).strip("/")
    if marks.is_model_id(named) and (model_id or source.startswith(_MODELS)):
        return f"runs:/{named}/{MODEL_FOLDER}", named
    if source.startswith(_MODELS):
        name, _, version = source.removeprefix(_MODELS).rpartition("/")
        from gittrack.store.registry.resolve import version_of

        known = version_of(opened.store, f"{_MODELS}{name}/{version}")
        return f"runs:/{known.run_id}/{known.path}", known.run_id
    within = None
    if source.startswith("runs:/"):
        of, _, path = source.removeprefix("runs:/").strip("/").partition("/")
        within = of, path
    elif "/artifacts" in source:
        tail = place_of(source).within if source.startswith(f"{SCHEME}:") else source.split("://", 1)[-1]
        within = run_within(tail) or run_within("/".join(tail.split("/")[-4:]))
    if within is not None and marks.is_model_id(within[0]):
        return f"runs:/{within[0]}/{MODEL_FOLDER}", within[0]
    if within is None or not within[1] or (run_id and run_id != within[0]):
        msg = f"gittrack registers models of its own runs, and {source!r} is none: give runs:/RUN/PATH"
        raise invalid(msg)
    return f"runs:/{within[0]}/{within[1]}", within[0]


def version_entity(opened: Opened, version: Version) -> ModelVersion:
    """A version."""
    run_id, source, more = _plain_source(version)
    if marks.is_model_id(version.run_id):
        source = f"{_MODELS}{version.run_id}"
        more = {"model_id": version.run_id} if "model_id" in _TAKES else {}
        try:
            tags = opened.store.get(version.run_id).tags
        except RunNotFound:
            tags = {}
        run_id = read_json(tags.get(marks.MODEL)).get("source_run_id") or ""
    if "aliases" in _TAKES:
        more["aliases"] = list(version.aliases)
    return ModelVersion(
        name=version.name,
        version=str(version.number),
        creation_timestamp=version.time,
        last_updated_timestamp=version.time,
        description=version.note or None,
        user_id=version.author or None,
        current_stage="None",
        source=source,
        run_id=run_id,
        tags=[ModelVersionTag(key, value) for key, value in version.tags.items()],
        **more,
    )


def _plain_source(version: Version) -> tuple[str, str, dict[str, Any]]:
    return version.run_id, f"runs:/{version.run_id}/{version.path}", {}


def model_entity(opened: Opened, model: Model) -> RegisteredModel:
    """A model, with its latest version."""
    latest = [version_entity(opened, model.versions[-1])] if model.versions else []
    times = [one.time for one in model.edits] + [one.time for one in model.moves]
    times += [one.time for one in model.versions]
    found: Any = RegisteredModel(
        name=model.name,
        creation_timestamp=min(times, default=0),
        last_updated_timestamp=max(times, default=0),
        description=model.note or None,
        latest_versions=latest,
        tags=[RegisteredModelTag(key, value) for key, value in model.tags.items() if not marks.is_mark(key)],
    )
    for alias, number in model.aliases.items():
        found._add_alias(_alias(alias, str(number)))  # noqa: SLF001  as MLflow's stores do
    return found


def _alias(alias: str, version: str) -> Any:  # noqa: ANN401  of MLflow
    from mlflow.entities.model_registry import RegisteredModelAlias

    return RegisteredModelAlias(alias, version)


def check_most(max_results: Any, most: int) -> None:  # noqa: ANN401  whatever came
    """Raise for a number of results that cannot be."""
    if max_results is None:
        return
    if not isinstance(max_results, int) or max_results < 1:
        msg = f"Invalid value for max_results. It must be a positive integer, but got {max_results}"
        raise invalid(msg)
    if max_results > most:
        msg = (
            "Invalid value for request parameter max_results. It must be at most "
            f"{most}, but got value {max_results}"
        )
        raise invalid(msg)


def without_prompts(filter_string: str | None) -> str | None:
    """The filter without what MLflow 3 adds to leave prompts out: there are none."""
    if not filter_string or _NO_PROMPTS not in filter_string:
        return filter_string
    parts = [one for one in filter_string.split(" AND ") if _NO_PROMPTS not in one]
    return " AND ".join(parts) or None


def page(found: list[Any], most: int, page_token: str | None) -> PagedList[Any]:
    """One page of what was found."""
    offset = SearchUtils.parse_start_offset_from_page_token(page_token)
    token = SearchUtils.create_page_token(offset + most) if len(found) > offset + most else None
    return PagedList(found[offset : offset + most], token)
