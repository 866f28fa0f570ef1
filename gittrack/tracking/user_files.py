"""Files of the user's own programs: JSON, JSON lines, YAML, TOML and tables, as plain values."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_LARGEST = 200_000_000  # bytes; more is no file of params or metrics

_DEEPEST = 50


def read(path: Path) -> bytes:
    """The content of a file.

    Raises:
        UsageError: there is none, it cannot be read, or is far too large.
    """
    try:
        if path.stat().st_size > _LARGEST:
            msg = f"{path} is larger than {_LARGEST:,} bytes"
            raise UsageError(msg, hint="name a file of params or metrics; log_artifact keeps large files")
        return path.read_bytes()
    except FileNotFoundError:
        msg = f"no such file: {path}"
        raise UsageError(msg, hint="a relative path starts at the current folder") from None
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}"
        raise UsageError(msg, hint="name a file that you may read") from error


def parse(data: bytes, path: Path) -> Any:  # noqa: ANN401  a JSON-like value
    """The value in a file: TOML and JSON by suffix (NaN and infinities allowed), else YAML.

    Raises:
        MalformedFile: it is not what its suffix says.
    """
    suffix = path.suffix.lower()
    try:
        if suffix == ".toml":
            return _toml(data)
        if suffix == ".json":
            return _json(data)
        from gittrack.core.yaml_reader import read_yaml

        return read_yaml(data, anchors=True)
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        kind = {".toml": "TOML", ".json": "JSON"}.get(suffix, "YAML")
        raise MalformedFile(str(path), reason if kind in reason else f"not {kind}: {reason}") from error


def flatten(value: Mapping[Any, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Nested names joined by dots, and what is no mapping: `model.lr`, 0.1.

    An empty mapping is a value, and so is what is nested far too deep (anchors may build rings).
    """
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, dict) and item and depth < _DEEPEST:
            yield from flatten(item, f"{name}.", depth + 1)
        else:
            yield name, item


def _json(data: bytes) -> Any:  # noqa: ANN401
    import json  # what other programs write has NaN, which orjson refuses

    return json.loads(data.decode("utf-8-sig") or "null")


def _toml(data: bytes) -> Any:  # noqa: ANN401
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    return tomllib.loads(data.decode("utf-8-sig"))
