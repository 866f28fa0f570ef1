"""MLflow's model registry over ours (`gittrack.models.registry`).

A version is a model of a run of the same repository. Models and versions are files of the branch that are
never rewritten, so there is no way to take one back or to rename it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow.store.model_registry import abstract_store
from mlflow.utils import validation
from mlflow.utils.search_utils import SearchModelUtils, SearchModelVersionUtils

from gittrack.core.times import now_ms
from gittrack.mlflow import marks
from gittrack.mlflow.failures import exists, invalid, missing, not_kept, translated
from gittrack.mlflow.opened import opened
from gittrack.mlflow.registry_view import (
    check_most,
    model_entity,
    page,
    source_of,
    version_entity,
    without_prompts,
)
from gittrack.models.registry.changes import Change, demote, edit_files, promote
from gittrack.models.registry.register import register
from gittrack.store.registry import read
from gittrack.store.registry.write import Stamps, commit, turn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflow.entities.model_registry import ModelVersion, RegisteredModel
    from mlflow.store.entities.paged_list import PagedList

    from gittrack.store.registry.records import Model, Version

_MOST_MODELS, _MOST_VERSIONS = 1000, 200_000


class GitTrackRegistry(abstract_store.AbstractStore):  # type: ignore[misc]  # MLflow has no types here
    """The model registry of one repository; made by MLflow from its entry point.

    Args:
        store_uri: `gittrack:PATH`.
        tracking_uri: of the runs; not used, models are of runs of the same repository.
    """

    def __init__(self, store_uri: str | None = None, tracking_uri: str | None = None) -> None:
        try:
            super().__init__(store_uri, tracking_uri)
        except TypeError:  # before MLflow 2.3
            super().__init__()
        self.opened = opened(store_uri or "gittrack:.")

    # ---- models

    def create_registered_model(
        self,
        name: str,
        tags: Sequence[Any] | None = None,
        description: str | None = None,
        deployment_job_id: str | None = None,  # noqa: ARG002  of Databricks
    ) -> RegisteredModel:
        """Make a model without a version."""
        validation._validate_model_name(name)  # noqa: SLF001  MLflow's stores share these
        for tag in tags or ():
            validation._validate_registered_model_tag(tag.key, tag.value)  # noqa: SLF001  the same
        with translated():
            if self._find(name) is not None:
                msg = f"Registered Model (name={name}) already exists."
                raise exists(msg)
            named = {tag.key: tag.value for tag in tags or ()}
            self._edit(name, "", {marks.MODEL: str(now_ms()), **named}, note=description)
        return self.get_registered_model(name)

    def update_registered_model(
        self,
        name: str,
        description: str | None,
        deployment_job_id: str | None = None,  # noqa: ARG002  of Databricks
    ) -> RegisteredModel:
        """Describe a model anew."""
        self._model(name)
        with translated():
            self._edit(name, "", {}, note=description or "")
        return self.get_registered_model(name)

    def rename_registered_model(self, name: str, new_name: str) -> RegisteredModel:  # noqa: ARG002  as MLflow has it
        """Names stay."""
        what = "other names for registered models"
        raise not_kept(what)

    def delete_registered_model(self, name: str) -> None:  # noqa: ARG002  as MLflow has it
        """Models stay."""
        what = "deletions of registered models; it never forgets one, and so does not keep them"
        raise not_kept(what)

    def get_registered_model(self, name: str) -> RegisteredModel:
        """A model."""
        return model_entity(self.opened, self._model(name))

    def search_registered_models(
        self,
        filter_string: str | None = None,
        max_results: int | None = None,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[RegisteredModel]:
        """Models by filter, in pages."""
        check_most(max_results, _MOST_MODELS)
        with translated():
            models = [model_entity(self.opened, one) for one in read.all_models(self.opened.store.git)]
        found = SearchModelUtils.sort(
            SearchModelUtils.filter(models, without_prompts(filter_string)), order_by
        )
        return page(found, max_results or _MOST_MODELS, page_token)

    def get_latest_versions(self, name: str, stages: Sequence[str] | None = None) -> list[ModelVersion]:
        """The latest version; there are no stages but `None`."""
        model = self._model(name)
        wanted = stages is None or not stages or any(str(one).lower() == "none" for one in stages)
        return [self._entity(model.versions[-1])] if model.versions and wanted else []

    def set_registered_model_tag(self, name: str, tag: Any) -> None:  # noqa: ANN401  of MLflow
        """Set a tag of a model."""
        validation._validate_registered_model_tag(tag.key, tag.value)  # noqa: SLF001  MLflow's stores share it
        self._model(name)
        with translated():
            self._edit(name, "", {tag.key: tag.value})

    def delete_registered_model_tag(self, name: str, key: str) -> None:
        """Remove a tag of a model; nothing where there is none."""
        validation._validate_tag_name(key)  # noqa: SLF001  MLflow's stores share it
        if key in self._model(name).tags:
            with translated():
                self._edit(name, "", {}, [key])

    # ---- versions

    def create_model_version(  # noqa: PLR0913, PLR0917  as MLflow has it
        self,
        name: str,
        source: str,
        run_id: str | None = None,
        tags: Sequence[Any] | None = None,
        run_link: str | None = None,  # noqa: ARG002  as MLflow has it
        description: str | None = None,
        local_model_path: str | None = None,  # noqa: ARG002  the same
        model_id: str | None = None,
    ) -> ModelVersion:
        """Make a model of a run the next version of a name."""
        validation._validate_model_name(name)  # noqa: SLF001  MLflow's stores share these
        for tag in tags or ():
            validation._validate_model_version_tag(tag.key, tag.value)  # noqa: SLF001  the same
        self._model(name)
        with translated():
            uri, of = source_of(self.opened, source, run_id, model_id)
            self.opened.writing.settle(of)
            named = {tag.key: tag.value for tag in tags or ()}
            done = register(self.opened.store, uri, name, tags=named, note=description or "")
        return self._entity(done.version)

    def update_model_version(self, name: str, version: object, description: str | None) -> ModelVersion:
        """Describe a version anew."""
        known = self._version(name, version)
        with translated():
            self._edit(name, known.id, {}, note=description or "")
        return self._entity(self._version(name, version))

    def transition_model_version_stage(self, *args: Any, **kwargs: Any) -> ModelVersion:  # noqa: ANN401, ARG002  as MLflow has it
        """There are no stages."""
        what = "stages of models (MLflow gave them up; use aliases)"
        raise not_kept(what)

    def delete_model_version(self, name: str, version: object) -> None:  # noqa: ARG002  as MLflow has it
        """Versions stay."""
        what = "deletions of versions; it never forgets one, and so does not keep them"
        raise not_kept(what)

    def get_model_version(self, name: str, version: object) -> ModelVersion:
        """A version."""
        return self._entity(self._version(name, version))

    def get_model_version_download_uri(self, name: str, version: object) -> str:
        """Where the files of a version are."""
        known = self._version(name, version)
        from mlflow.utils.uri import append_to_uri_path

        experiment = self.opened.store.get(known.run_id).experiment
        ids = self.opened.experiments
        location = self.opened.location(ids.id_of_key(experiment))
        if marks.is_model_id(known.run_id):
            return str(append_to_uri_path(location, "models", known.run_id, "artifacts"))
        return str(append_to_uri_path(location, known.run_id, "artifacts", known.path))

    def search_model_versions(
        self,
        filter_string: str | None = None,
        max_results: int | None = None,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[ModelVersion]:
        """Versions by filter, in pages."""
        check_most(max_results, _MOST_VERSIONS)
        with translated():
            models = read.all_models(self.opened.store.git)
        versions = [self._entity(version) for one in models for version in one.versions]
        order = order_by or ["last_updated_timestamp DESC", "name ASC", "version_number DESC"]
        found = SearchModelVersionUtils.filter(versions, without_prompts(filter_string))
        return page(SearchModelVersionUtils.sort(found, order), max_results or _MOST_VERSIONS, page_token)

    def set_model_version_tag(self, name: str, version: object, tag: Any) -> None:  # noqa: ANN401  of MLflow
        """Set a tag of a version."""
        validation._validate_model_version_tag(tag.key, tag.value)  # noqa: SLF001  MLflow's stores share it
        known = self._version(name, version)
        with translated():
            self._edit(name, known.id, {tag.key: tag.value})

    def delete_model_version_tag(self, name: str, version: object, key: str) -> None:
        """Remove a tag of a version; nothing where there is none."""
        validation._validate_tag_name(key)  # noqa: SLF001  MLflow's stores share it
        known = self._version(name, version)
        if key in known.tags:
            with translated():
                self._edit(name, known.id, {}, [key])

    # ---- aliases

    def set_registered_model_alias(self, name: str, alias: str, version: object) -> None:
        """Let an alias name a version."""
        validation._validate_model_alias_name(alias)  # noqa: SLF001  MLflow's stores share it
        known = self._version(name, version)
        with translated():
            promote(self.opened.store, f"{name}/{known.number}", alias)

    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Take an alias away; nothing where there is none."""
        if alias in self._model(name).aliases:
            with translated():
                demote(self.opened.store, name, alias)

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """The version that an alias names."""
        number = self._model(name).aliases.get(alias)
        if number is None:
            msg = f"Registered model alias {alias} not found."
            raise invalid(msg)
        return self.get_model_version(name, number)

    # ---- inside

    def _find(self, name: str) -> Model | None:
        model = read.model(self.opened.store.git, name)
        return model if model.versions or model.edits else None

    def _model(self, name: str) -> Model:
        validation._validate_model_name(name)  # noqa: SLF001  MLflow's stores share it
        with translated():
            model = self._find(name)
        if model is None:
            msg = f"Registered Model with name={name} not found"
            raise missing(msg)
        return model

    def _version(self, name: str, version: object) -> Version:
        validation._validate_model_version(version)  # noqa: SLF001  MLflow's stores share it
        for one in self._model(name).versions:
            if one.number == int(str(version)):
                return one
        msg = f"Model Version (name={name}, version={version}) not found"
        raise missing(msg)

    def _entity(self, version: Version) -> ModelVersion:
        return version_entity(self.opened, version)

    def _edit(
        self,
        name: str,
        target: str,
        tags: dict[str, Any],
        remove: Sequence[str] = (),
        note: str | None = None,
    ) -> None:
        store = self.opened.store
        with turn(store.git):
            stamps = Stamps(store.git, read.model(store.git, name))
            files = edit_files(store, name, Change(target, tags, remove, note), stamps)
            if files:
                commit(store.git, f"gittrack: note on model {name}", files)
