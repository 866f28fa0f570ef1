"""Sentence Transformers: safetensors and JSON; pickled weights and modules of others by consent."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.models.flavors.base import Written, check_options, comes_from
from gittrack.models.flavors.files import inside, library
from gittrack.models.flavors.hugging_face import agreed, texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.models.flavors.base import Consent, Predict

_FOLDER = "model.sentence_transformer"  # as MLflow names it


class SentenceTransformers:
    """`sentence_transformers.SentenceTransformer`."""

    name = "sentence_transformers"
    options: Mapping[str, str] = MappingProxyType({})

    def takes(self, model: object) -> bool:
        """Whether it makes embeddings."""
        return comes_from(model, "sentence_transformers") and hasattr(model, "encode")

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401  a model
        """Write the directory `model.sentence_transformer`."""
        check_options(self, options)
        version = library("sentence_transformers", "sentence-transformers").__version__
        model.save(str(folder / _FOLDER))
        config = {"sentence_transformers_version": version}
        pyfunc = {"loader_module": "mlflow.sentence_transformers", "data": _FOLDER}
        needed = frozenset({"sentence_transformers", "transformers", "torch", "numpy"})
        return Written(config, pyfunc, needed)

    def read(self, folder: Path, config: Mapping[str, Any], consent: Consent) -> Any:  # noqa: ANN401
        """The model."""
        path = inside(folder, {"data": _FOLDER, **config}, "data")
        code = agreed(path, consent)
        kind = library("sentence_transformers", "sentence-transformers").SentenceTransformer
        return kind(str(path), trust_remote_code=code, local_files_only=True)

    def predictor(self, model: Any, config: Mapping[str, Any]) -> Predict:  # noqa: ANN401, ARG002  needs none of it
        """Texts, or the first column of a table, to an array with a row for each."""
        return lambda data, params: model.encode(texts_of(data), **params)


FLAVOR = SentenceTransformers()
