"""Images by digest: what a tag means today, asked of the engine that has it or of its registry.

Source: github.com/opencontainers/distribution-spec `spec.md` ("Pulling manifests"), and for tokens
docs.docker.com/registry/spec/auth/token.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from gittrack.core.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?/)?"
_REFERENCE = re.compile(
    rf"(?P<host>{_HOST})(?P<path>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_ACCEPT = (
    "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
)
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_SECONDS = 20
_HUB = "registry-1.docker.io"
_LOCAL = frozenset({"localhost", "127.0.0.1"})


def check_name(text: str) -> str:
    """The name of an image, as it came.

    Raises:
        InvalidValue: it is none.
    """
    if not _REFERENCE.fullmatch(text):
        msg = f"not the name of an image: {text[:200]!r}"
        raise InvalidValue(msg, hint="NAME, NAME:TAG or NAME@sha256:…, in lower case")
    return text


def digest_of(name: str) -> str | None:
    """The digest that a name has in its registry now; None where it is not there or cannot be asked.

    Args:
        name: see :func:`check_name`; one that has a digest is not asked for.
    """
    found = _REFERENCE.fullmatch(name)
    if found is None or found["digest"]:
        return found["digest"] if found else None
    host, path = _where(found["host"].rstrip("/"), found["path"])
    scheme = "http" if host.partition(":")[0] in _LOCAL else "https"
    url = f"{scheme}://{host}/v2/{path}/manifests/{found['tag'] or 'latest'}"
    try:
        return _asked(url, {})
    except urllib.error.HTTPError as error:
        token = _token(error.headers.get("WWW-Authenticate") or "", path) if error.code == 401 else None  # noqa: PLR2004
    except (OSError, ValueError):
        return None
    try:
        return _asked(url, {"Authorization": f"Bearer {token}"}) if token else None
    except (OSError, ValueError):
        return None


def _where(host: str, path: str) -> tuple[str, str]:
    """Host and repository; a first part without a dot or port is no host (docs.docker.com, image names)."""
    if not host or not ("." in host or ":" in host or host in _LOCAL):
        path, host = f"{host}/{path}" if host else path, ""
    if not host or host == "docker.io":
        return _HUB, path if "/" in path else f"library/{path}"
    return host, path


def _asked(url: str, headers: Mapping[str, str]) -> str | None:
    request = urllib.request.Request(url, headers={"Accept": _ACCEPT, **headers}, method="HEAD")  # noqa: S310  see `digest_of`
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
        said = answer.headers.get("Docker-Content-Digest") or ""
    return said if _DIGEST.fullmatch(said) else None


def _token(challenge: str, path: str) -> str | None:
    """An anonymous token for pulling; None where the registry gives none."""
    asked = dict(_CHALLENGE.findall(challenge))
    realm = asked.get("realm", "")
    if not challenge.lower().startswith("bearer ") or not realm.startswith(("https://", "http://127.0.0.1:")):
        return None
    query = urlencode({"service": asked.get("service", ""), "scope": f"repository:{path}:pull"})
    try:
        with urllib.request.urlopen(f"{realm}?{query}", timeout=_SECONDS) as answer:  # noqa: S310
            document = json.loads(answer.read(1 << 20))
    except (OSError, ValueError):
        return None
    token = document.get("token") or document.get("access_token") if isinstance(document, dict) else None
    return token if isinstance(token, str) and token.isascii() and token.isprintable() else None
