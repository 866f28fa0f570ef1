"""Tables and arrays as inputs: their digest, shape and columns."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError, InvalidValue
from gittrack.core.records import Input
from gittrack.tracking.canonical_data import Content, content_of

if TYPE_CHECKING:
    from gittrack.artifacts.content import Stored
    from gittrack.store.runs import RunStore
    from gittrack.tracking.inputs import Wanted

_WIDEST = 200  # columns that are recorded by name
_HINT = "log_input takes a path, a URL, a DataFrame, a Series or an array; save other data to a file first"


def data_input(wanted: Wanted, store: RunStore) -> Input:
    """What is recorded of data in memory.

    Raises:
        InvalidValue: it is nothing whose content can be told.
        OSError: it cannot be kept.
    """
    kind = type(wanted.data)
    if kind.__module__.partition(".")[0] == "datasets":
        return _dataset(wanted)
    try:
        content = content_of(wanted.data)
        stored = content and (_keep(content, store) if wanted.keep else _digest(content))
    except (GitTrackError, OSError):
        raise
    except Exception as error:  # of a library whose data this is: the training goes on
        msg = f"the content of {kind.__name__} cannot be told: {error}"
        raise GitTrackError(msg, hint=_HINT) from error
    if content is None or stored is None:
        msg = f"not an input: {kind.__name__}"
        raise InvalidValue(msg, hint=_HINT)
    return Input(
        name=wanted.name or f"{content.kind}-{stored.sha256[:8]}",
        uri=wanted.source or f"python:{kind.__name__}",
        sha256=stored.sha256,
        size=stored.size,
        kind=content.kind,
        context=wanted.context,
        shape=content.shape,
        columns=dict(content.columns) if len(content.columns) <= _WIDEST else {},
        kept=wanted.keep,
    )


def _digest(content: Content) -> Stored:
    from gittrack.artifacts.content import Stored

    digest, size = hashlib.sha256(), 0
    for part in content.parts:
        digest.update(part)
        size += len(part)
    return Stored(digest.hexdigest(), size)


def _keep(content: Content, store: RunStore) -> Stored:
    with tempfile.TemporaryDirectory(prefix="gittrack-") as folder:
        path = Path(folder, "content")
        with path.open("xb") as file:
            file.writelines(content.parts)
        return store.objects.put_file(path)


def _dataset(wanted: Wanted) -> Input:
    """One of Hugging Face's `datasets`, by the fingerprint that the library gives it."""
    data = wanted.data
    if wanted.keep:
        msg = "a dataset of Hugging Face is not kept"
        raise InvalidValue(msg, hint="save it with save_to_disk and log that folder")
    splits = data if isinstance(data, dict) else {"": data}
    prints = {str(name): str(getattr(one, "_fingerprint", "")) for name, one in splits.items()}
    if not all(prints.values()):
        msg = f"{type(data).__name__} has no fingerprint"
        raise InvalidValue(msg, hint="save it with save_to_disk and log that folder")
    first: Any = next(iter(splits.values()))
    info = getattr(first, "info", None)
    known = getattr(info, "dataset_name", None) or getattr(info, "builder_name", None) or "dataset"
    split = "" if isinstance(data, dict) else str(getattr(data, "split", None) or "")
    features = getattr(first, "features", None) or {}
    return Input(
        name=wanted.name or f"{known}-{split}".strip("-"),
        uri=wanted.source or f"hf://datasets/{known}",
        version="fingerprint " + ", ".join(f"{name} {text}".strip() for name, text in prints.items()),
        kind="dataset",
        context=wanted.context,
        shape=() if isinstance(data, dict) else (int(data.num_rows), int(data.num_columns)),
        columns={str(key): str(getattr(one, "dtype", type(one).__name__)) for key, one in features.items()}
        if len(features) <= _WIDEST
        else {},
    )
