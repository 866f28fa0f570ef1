"""The gittrack that runs here as a wheel, so that an image serves with the very same one.

Formats: packaging.python.org, "Binary distribution format" and "Recording installed projects".
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from importlib import metadata
from pathlib import Path

_NAME = "gittrack"
_WHEEL = "Wheel-Version: 1.0\nGenerator: gittrack\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can hold: the same files are the same wheel
_SKIPPED = frozenset({"__pycache__"})


def wheel() -> tuple[str, bytes]:
    """Name and content of a wheel of what is running; the same each time.

    Raises:
        OSError: the package cannot be read.
    """
    version = metadata.version(_NAME)
    info = f"{_NAME}-{version}.dist-info"
    files = {**_package(), **_described(info)}
    files[f"{info}/WHEEL"] = _WHEEL.encode()
    files[f"{info}/RECORD"] = _record(files, f"{info}/RECORD")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return f"{_NAME}-{version}-py3-none-any.whl", out.getvalue()


def _package() -> dict[str, bytes]:
    top = Path(__file__).resolve().parents[2]
    found = (path for path in sorted(top.rglob("*")) if path.is_file() and not _SKIPPED & set(path.parts))
    return {f"{_NAME}/{path.relative_to(top).as_posix()}": path.read_bytes() for path in found}


def _described(info: str) -> dict[str, bytes]:
    known = metadata.distribution(_NAME)
    texts = {name: known.read_text(name) for name in ("METADATA", "entry_points.txt")}
    return {f"{info}/{name}": text.encode() for name, text in texts.items() if text}


def _record(files: dict[str, bytes], own: str) -> bytes:
    lines = [f"{name},sha256={_hash(content)},{len(content)}" for name, content in files.items()]
    return "".join(f"{line}\n" for line in [*lines, f"{own},,"]).encode()


def _hash(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
