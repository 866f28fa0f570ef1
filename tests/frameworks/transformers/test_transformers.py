"""Hugging Face's libraries on tiny models made from their configuration, and MLflow in both directions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import mlflow
import numpy as np
import pandas as pd
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForSequenceClassification,
    BertForTokenClassification,
    BertModel,
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedTokenizerFast,
    pipeline,
)

import gittrack
from gittrack.core.errors import InvalidValue, MalformedFile
from gittrack.core.yaml_reader import read_yaml, write_yaml
from gittrack.models.flavors.base import NotTrusted
from gittrack.models.trust import trust_file

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)
TEXTS = ["the cat sat", "a dog sat on the mat"]
MARKS = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
WORDS = [*MARKS.values(), "the", "cat", "sat", "a", "dog", "on", "mat"]
BERT = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks the Hub."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    torch.manual_seed(1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a model goes."""
    return tmp_path / "model"


def tokenizer() -> Any:
    """Of a dozen words."""
    words = Tokenizer(WordLevel({word: place for place, word in enumerate(WORDS)}, MARKS["unk_token"]))
    words.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=words, model_max_length=32, **MARKS)


def piped(task: str) -> Any:
    """A pipeline with a small model that has learned nothing."""
    config = BertConfig(vocab_size=len(WORDS), max_position_embeddings=32, **BERT)
    kinds = {
        "text-classification": BertForSequenceClassification,
        "token-classification": BertForTokenClassification,
        "fill-mask": BertForMaskedLM,
        "feature-extraction": BertModel,
    }
    if task == "text-generation":
        small = GPT2Config(
            vocab_size=len(WORDS),
            n_embd=8,
            n_layer=1,
            n_head=2,
            n_positions=64,
            bos_token_id=2,
            eos_token_id=3,
        )
        model: Any = GPT2LMHeadModel(small)
    else:
        model = kinds[task](config)
    return pipeline(task, model=model.eval(), tokenizer=tokenizer())


INPUTS = {
    "text-classification": TEXTS,
    "token-classification": TEXTS,
    "fill-mask": ["the [MASK] sat", "a dog sat on the [MASK]"],
    "feature-extraction": TEXTS[:1],
    "text-generation": TEXTS,
}


def same(one: Any, other: Any) -> bool:
    """Whether predictions are equal, numbers nearly so."""
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
        return True
    if isinstance(one, np.ndarray):
        np.testing.assert_allclose(one, other, rtol=1e-5)
        return True
    return bool(one == other)


def changed(folder: Path, **words: Any) -> None:
    """Write other words into the flavor."""
    document = read_yaml((folder / "MLmodel").read_bytes())
    document["flavors"]["transformers"] |= words
    document["flavors"]["transformers"] = {
        key: value for key, value in document["flavors"]["transformers"].items() if value is not None
    }
    (folder / "MLmodel").write_bytes(write_yaml(document))


@pytest.mark.parametrize("task", INPUTS)
def test_a_pipeline_loads_freely_and_mlflow_predicts_equally(folder: Path, task: str) -> None:
    """Each task gives what MLflow gives."""
    described = gittrack.save_model(piped(task), folder)
    trust_file().unlink()
    loaded = gittrack.load_model(folder)
    assert [*described.flavors] == ["python_function", "transformers"]
    found = loaded.predict(INPUTS[task])
    theirs = mlflow.pyfunc.load_model(str(folder)).predict(INPUTS[task])
    if task == "text-generation":  # it draws lots
        assert [len(found), type(found[0])] == [len(theirs), type(theirs[0])]
    else:
        assert same(found, theirs)


@pytest.mark.parametrize("task", ["text-classification", "fill-mask"])
def test_a_pipeline_of_mlflow(folder: Path, task: str) -> None:
    """It loads freely too, tables included."""
    model = piped(task)
    mlflow.transformers.save_model(model, str(folder), pip_requirements=[])
    found = gittrack.load_model(folder).predict(pd.DataFrame({"text": INPUTS[task]}))
    theirs = mlflow.pyfunc.load_model(str(folder)).predict(INPUTS[task])
    assert same(found, theirs)


def test_generated_text_takes_params(folder: Path) -> None:
    """One text for each, and the same without lots."""
    gittrack.save_model(piped("text-generation"), folder)
    loaded = gittrack.load_model(folder)
    params = {"do_sample": False, "max_new_tokens": 3, "return_full_text": False}
    found = loaded.predict(TEXTS, params)
    assert len(found) == 2
    assert all(len(text.split()) <= 3 for text in found)


def test_pickled_weights_want_consent(folder: Path) -> None:
    """Weights that are no safetensors."""
    gittrack.save_model(piped("text-classification"), folder)
    weights = folder / "model" / "model.safetensors"
    from safetensors.torch import load_file

    torch.save(load_file(weights), weights.with_name("pytorch_model.bin"))
    weights.unlink()
    with pytest.raises(NotTrusted, match=r"unpickling pytorch_model\.bin"):
        gittrack.load_model(folder)
    assert len(gittrack.load_model(folder, trust=True).predict(TEXTS)) == 2


def test_code_wants_consent(folder: Path) -> None:
    """Configurations that name code, and Python files."""
    gittrack.save_model(piped("text-classification"), folder)
    path = folder / "model" / "config.json"
    before = path.read_text()
    path.write_text(json.dumps({**json.loads(before), "auto_map": {"AutoModel": "evil.Model"}}))
    with pytest.raises(NotTrusted, match=r"code that config\.json names"):
        gittrack.load_model(folder)
    path.write_text(before)
    (folder / "components" / "tokenizer" / "evil.py").touch()
    with pytest.raises(NotTrusted, match=r"file evil\.py"):
        gittrack.load_model(folder)
    path.write_text("{")
    with pytest.raises(MalformedFile, match="not JSON"):
        gittrack.load_model(folder)


def test_what_is_not_all_there(folder: Path) -> None:
    """Weights on the Hub, adapters and components that are none."""
    gittrack.save_model(piped("text-classification"), folder)
    changed(folder, components=["tokenizer", "../x"])
    with pytest.raises(MalformedFile, match="no such component"):
        gittrack.load_model(folder)
    changed(folder, model_binary=None, source_model_revision="1234", source_model_name="bert-base")
    with pytest.raises(InvalidValue, match="on the Hub: bert-base"):
        gittrack.load_model(folder)
    changed(folder, peft_adaptor="peft")
    with pytest.raises(InvalidValue, match="an adapter"):
        gittrack.load_model(folder)


def test_unknown_classes_and_tasks(folder: Path) -> None:
    """A class that the library has not is read by the one for any; a task's own answer is left as it is."""
    model = piped("text-classification")
    gittrack.save_model(model, folder)
    changed(folder, tokenizer_type="os.system")
    loaded = gittrack.load_model(folder)
    loaded.native.task = "something-else"
    assert [sorted(one) for one in loaded.predict(TEXTS)] == [["label", "score"]] * 2
    assert len(loaded.predict(pd.DataFrame({"text": TEXTS, "text_pair": TEXTS}))) == 2


def embedder(tmp_path: Path) -> Any:
    """A sentence transformer that has learned nothing."""
    path = tmp_path / "bert"
    BertModel(BertConfig(vocab_size=len(WORDS), max_position_embeddings=32, **BERT)).save_pretrained(path)
    tokenizer().save_pretrained(path)
    words = Transformer(str(path))
    return SentenceTransformer(modules=[words, Pooling(8)], device="cpu")


def test_sentences_both_ways(folder: Path, tmp_path: Path) -> None:
    """Embeddings load freely and are equal, from texts and tables."""
    model = embedder(tmp_path)
    described = gittrack.save_model(model, folder)
    assert [*described.flavors] == ["python_function", "sentence_transformers"]
    trust_file().unlink()
    loaded = gittrack.load_model(folder)
    np.testing.assert_allclose(loaded.predict(TEXTS), model.encode(TEXTS), rtol=1e-5)
    theirs = mlflow.pyfunc.load_model(str(folder)).predict(TEXTS)
    np.testing.assert_allclose(loaded.predict(pd.DataFrame({"text": TEXTS})), theirs, rtol=1e-5)
    mlflow.sentence_transformers.save_model(model, str(tmp_path / "theirs"), pip_requirements=[])
    again = gittrack.load_model(tmp_path / "theirs")
    np.testing.assert_allclose(again.predict(pd.Series(TEXTS)), theirs, rtol=1e-5)


def test_modules_of_others_want_consent(folder: Path, tmp_path: Path) -> None:
    """They would be imported by their names."""
    gittrack.save_model(embedder(tmp_path), folder)
    path = folder / "model.sentence_transformer" / "modules.json"
    modules = json.loads(path.read_text())
    modules[1]["type"] = "evil.Module"
    path.write_text(json.dumps(modules))
    with pytest.raises(NotTrusted, match=r"module evil\.Module"):
        gittrack.load_model(folder)
    modules[1]["path"] = "../elsewhere"
    path.write_text(json.dumps(modules))
    with pytest.raises(MalformedFile, match="leads out of the model"):
        gittrack.load_model(folder, trust=True)
