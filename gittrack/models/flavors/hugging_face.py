"""What directories of Hugging Face's libraries would do when they are loaded; nothing is loaded here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.artifacts.manifest import is_safe
from gittrack.core.errors import MalformedFile
from gittrack.core.text import load_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gittrack.models.flavors.base import Consent

_PICKLES = {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"}
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json")  # read rather than pickles beside them
_OWN = ("sentence_transformers.", "transformers.")
_LARGEST = 100_000_000  # bytes of a configuration


def agreed(folder: Path, consent: Consent) -> bool:
    """Ask for consent where loading a directory would run code.

    Args:
        folder: with configurations and weights.
        consent: asked for pickled weights without a file of safetensors beside them, for Python files, and
            for configurations that name code (`auto_map`) or modules of others.

    Returns:
        Whether it holds code, which `trust_remote_code` lets run.

    Raises:
        NotTrusted: nobody has agreed.
        MalformedFile: a configuration cannot be read.
    """
    pickle = next(_pickles(folder), None)
    if pickle is not None:
        consent.require(f"unpickling {pickle.name}")
    code = next(_code(folder), None)
    if code is not None:
        consent.require(f"running its {code}")
    return code is not None


def _pickles(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in _PICKLES and not any(path.with_name(name).is_file() for name in _WEIGHTS):
            yield path


def _code(folder: Path) -> Iterator[str]:
    yield from (f"file {path.name}" for path in sorted(folder.rglob("*.py")))
    for path in sorted(folder.rglob("*.json")):
        if path.stat().st_size > _LARGEST:
            raise MalformedFile(path.name, f"larger than {_LARGEST:,} bytes")
        try:
            document = load_json(path.read_bytes())
        except ValueError as error:
            raise MalformedFile(path.name, f"not JSON: {error}") from error
        if isinstance(document, dict) and (document.get("auto_map") or document.get("custom_pipelines")):
            yield f"code that {path.name} names"
        if path.name == "modules.json" and isinstance(document, list):
            yield from _modules(document, path.name)


def _modules(document: list[Any], name: str) -> Iterator[str]:
    """The modules of a sentence transformer that are not the library's."""
    for module in document:
        entry = module if isinstance(module, dict) else {}
        kind, path = str(entry.get("type")), entry.get("path") or ""
        if path and not is_safe(str(path)):
            raise MalformedFile(name, f"a module of it leads out of the model: {str(path)[:80]!r}")
        if not kind.startswith(_OWN):
            yield f"module {kind}"


def texts_of(data: Any) -> Any:  # noqa: ANN401  see Returns
    """What goes to a model of texts.

    Returns:
        A list for a Series, an array or a table (its first column); anything else as it is.
    """
    import numpy as np
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        return data.iloc[:, 0].tolist()
    return data.tolist() if isinstance(data, (pd.Series, np.ndarray)) else data
