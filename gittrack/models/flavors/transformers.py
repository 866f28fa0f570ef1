"""Hugging Face transformers: pipelines as directories of safetensors and JSON.

Nothing is fetched from the Hub. Pickled weights and code that came with the model are read by consent.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import InvalidValue, MalformedFile
from gittrack.models.flavors.base import Written, check_options, comes_from
from gittrack.models.flavors.files import inside, library
from gittrack.models.flavors.hugging_face import agreed, texts_of
from gittrack.models.mlmodel import FILE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.models.flavors.base import Consent, Predict

_MODEL = "model"
_COMPONENTS = "components"
_PARTS = {
    "tokenizer": "AutoTokenizer",
    "feature_extractor": "AutoFeatureExtractor",
    "image_processor": "AutoImageProcessor",
}
"""What a pipeline has besides its model, and the class that reads it where it is not one of the library."""
_TEXTS = {
    "text-generation": "generated_text",
    "text2text-generation": "generated_text",
    "translation": "translation_text",
    "summarization": "summary_text",
    "question-answering": "answer",
    "table-question-answering": "answer",
    "automatic-speech-recognition": "text",
    "fill-mask": "token_str",
}
"""Task to the text in its answers that MLflow gives."""


class Transformers:
    """`transformers.Pipeline`."""

    name = "transformers"
    options: Mapping[str, str] = MappingProxyType({})

    def takes(self, model: object) -> bool:
        """Whether it is a pipeline."""
        return comes_from(model, "transformers") and hasattr(model, "task") and hasattr(model, "model")

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401  a pipeline
        """Write the directories `model` and `components`."""
        check_options(self, options)
        version = library("transformers").__version__
        model.model.save_pretrained(folder / _MODEL)
        parts = {name: getattr(model, name, None) for name in _PARTS}
        there = {name: part for name, part in parts.items() if part is not None}
        for name, part in there.items():
            part.save_pretrained(folder / _COMPONENTS / name)
        config = {
            "transformers_version": version,
            "task": model.task,
            "instance_type": type(model).__name__,
            "pipeline_model_type": type(model.model).__name__,
            "source_model_name": str(model.model.name_or_path),
            "model_binary": _MODEL,
            "components": list(there),
            **{f"{name}_type": type(part).__name__ for name, part in there.items()},
        }
        needed = frozenset({"transformers", "torch", "numpy"})
        return Written(config, {"loader_module": "mlflow.transformers"}, needed)

    def read(self, folder: Path, config: Mapping[str, Any], consent: Consent) -> Any:  # noqa: ANN401
        """The pipeline."""
        _check_complete(config)
        path = inside(folder, {"model_binary": "pipeline", **config}, "model_binary")
        code = agreed(path, consent)
        transformers = library("transformers")
        choices = {"trust_remote_code": code, "local_files_only": True}
        kind = _class(transformers, config.get("pipeline_model_type"), "AutoModel")
        parts = {_MODEL: kind.from_pretrained(str(path), **choices)}
        for name in config.get("components") or []:
            if name not in _PARTS:
                raise MalformedFile(FILE, f"no such component of a pipeline: {str(name)[:40]!r}")
            part = inside(folder, {"path": f"{_COMPONENTS}/{name}"}, "path")
            trusted = {**choices, "trust_remote_code": agreed(part, consent)}
            kind = _class(transformers, config.get(f"{name}_type"), _PARTS[name])
            parts[name] = kind.from_pretrained(str(part), **trusted)
        return transformers.pipeline(task=config.get("task"), **parts)

    def predictor(self, model: Any, config: Mapping[str, Any]) -> Predict:  # noqa: ANN401, ARG002  needs none of it
        """Texts, records or tables to what MLflow gives: tables of labels, texts, or arrays."""
        return lambda data, params: _plain(model.task, model(_input(data), **params))


def _check_complete(config: Mapping[str, Any]) -> None:
    """See that all of the model is in its directory."""
    if config.get("peft_adaptor") or config.get("local_base_model_path"):
        msg = "the model is an adapter (PEFT) for another one"
        raise InvalidValue(msg, hint="with mlflow and peft installed: flavor='python_function', and trust")
    if config.get("source_model_revision") and not config.get("model_binary"):
        msg = f"the weights are not in the model but on the Hub: {str(config.get('source_model_name'))[:80]}"
        raise InvalidValue(msg, hint="save it again with mlflow's save_pretrained=True")


def _class(transformers: Any, name: object, otherwise: str) -> Any:  # noqa: ANN401
    """The class of the library that a model names; the one for any where it has no such class."""
    found = getattr(transformers, name, None) if isinstance(name, str) and name.isidentifier() else None
    return found if hasattr(found, "from_pretrained") else getattr(transformers, otherwise)


def _input(data: Any) -> Any:  # noqa: ANN401
    """One column as texts, several as records."""
    if hasattr(data, "to_dict") and getattr(data, "ndim", 1) == 2 and len(data.columns) > 1:  # noqa: PLR2004  a table
        return data.to_dict(orient="records")
    return texts_of(data)


def _plain(task: str, found: Any) -> Any:  # noqa: ANN401
    import numpy as np
    import pandas as pd

    kind = "translation" if task.startswith("translation") else task
    if kind in {"text-classification", "sentiment-analysis", "image-classification", "audio-classification"}:
        return pd.DataFrame(found)
    if kind == "feature-extraction":
        arrays = [np.array(one[0]) for one in found]
        return arrays[0] if len(arrays) == 1 else arrays
    answers = found if isinstance(found, list) and found and isinstance(found[0], list) else [found]
    if kind in {"token-classification", "ner"}:
        return [",".join(str(one.get("entity_group") or one.get("entity")) for one in row) for row in answers]
    if kind not in _TEXTS:
        return found
    if answers[0] is found and isinstance(found, list) and kind != "fill-mask":
        answers = [[one] for one in found]  # an answer for each text, not several for one
    return [_text(row, _TEXTS[kind]) for row in answers]


def _text(answer: Any, key: str) -> str:  # noqa: ANN401
    """The text of the best answer; of a mask in each place, the first of them."""
    while isinstance(answer, list):
        answer = answer[0]
    return str(answer[key]).strip()


FLAVOR = Transformers()
