"""What is in an image: its shell, its Python and the packages of that. Asked once for each image and kept."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gittrack.core.files import write_atomic
from gittrack.core.text import dump_json, load_json
from gittrack.launch.environments.failures import without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.launch.containers.engine import Engine
    from gittrack.launch.containers.images import Image

_MARK = "gittrack:"
_PYTHON = r"""
import json, platform, re, sys
import importlib.metadata as metadata
names, urls = {}, {}
for one in metadata.distributions():
    name = re.sub(r"[-_.]+", "-", one.metadata["Name"] or "").lower()
    if name and name not in names:
        names[name] = one.version
        try:
            about = json.loads(one.read_text("direct_url.json") or "{}")
        except Exception:
            about = {}
        if isinstance(about.get("url"), str):
            urls[name] = about["url"]
version = {"version": platform.python_version(), "implementation": platform.python_implementation()}
print("gittrack:" + json.dumps({"python": version, "packages": names, "direct_urls": urls}))
"""
_SCRIPT = """
if command -v bash >/dev/null 2>&1; then echo gittrack:bash; else echo gittrack:sh; fi
for name in python python3; do
  if command -v $name >/dev/null 2>&1; then exec $name -I -c "$1"; fi
done
"""


@dataclass(frozen=True)
class Inside:
    """What is in an image.

    Attributes:
        shell: `bash`, `sh`, or empty for none.
        document: `python`, `packages`, `direct_urls` as in `environment.yaml`, those that there are.
    """

    shell: str = ""
    document: Mapping[str, Any] = field(default_factory=dict)


def look(engine: Engine, image: Image, folder: Path) -> Inside:
    """What is in an image.

    Args:
        engine: that has it.
        image: the image.
        folder: where answers are kept.
    """
    kept = folder / f"{image.id.removeprefix('sha256:')}.json"
    with contextlib.suppress(OSError, ValueError):
        return _from(load_json(kept.read_bytes()))
    options = ("--rm", "--entrypoint=sh", *engine.run_options)
    answer = engine.ask("run", *options, image.id, "-c", _SCRIPT, "sh", _PYTHON)
    marked = [line[len(_MARK) :] for line in answer.out.splitlines() if line.startswith(_MARK)]
    shell = marked[0] if marked else ""
    found: dict[str, Any] = {"shell": shell}
    with contextlib.suppress(ValueError, IndexError):
        document = load_json(marked[1])
        found.update(document if isinstance(document, dict) else {})
    if marked:
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            write_atomic(kept, dump_json(found))
    return _from(found)


def _from(found: Mapping[str, Any]) -> Inside:
    shell = found.get("shell")
    urls = {name: without_credentials(url) for name, url in _texts(found, "direct_urls").items()}
    parts = {
        "python": _texts(found, "python"),
        "packages": dict(sorted(_texts(found, "packages").items())),
        "direct_urls": dict(sorted(urls.items())),
    }
    known = {name: part for name, part in parts.items() if part}
    return Inside(shell if shell in {"bash", "sh"} else "", known)


def _texts(found: Mapping[str, Any], key: str) -> dict[str, str]:
    """The texts under a key: an image may say anything of itself."""
    value = found.get(key)
    items = value.items() if isinstance(value, dict) else ()
    return {
        name: text
        for name, text in items
        if isinstance(text, str) and re.fullmatch(r"[\w.-]{1,200}", name) and text.isprintable()
    }
