"""Which models may run code of theirs when they are loaded.

Three ways lead to it: the model was made by this user on this machine (saving notes its digest), its
digest was trusted by `gittrack model trust`, or the caller says so each time. The list is a file of the
user, outside of any repository and any model, so that nobody else can write to it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.core.files import locked, write_atomic
from gittrack.models.digest import model_digest
from gittrack.models.flavors.base import NotTrusted

if TYPE_CHECKING:
    from collections.abc import Mapping


class Consent:
    """The consent to load one model.

    Args:
        folder: of the model.
        given: whether the caller has consented already.
    """

    def __init__(self, folder: Path, *, given: bool) -> None:
        self._folder = folder
        self._given = given

    def require(self, what: str) -> None:
        """Go on only where the model is trusted.

        Raises:
            NotTrusted: it is not; says what would be done, and how to trust it.
        """
        if self._given:
            return
        digest = model_digest(self._folder)
        if is_trusted(digest):
            self._given = True
            return
        msg = f"the model is not trusted, and loading it means {what}, which may run any code"
        hint = f"if you trust who made it: gittrack model trust {digest[:16]}… , --trust, or trust=True"
        raise NotTrusted(msg, hint=hint)


def trust_file(environ: Mapping[str, str] | None = None) -> Path:
    """Where the list is: in the folder where programs of this user keep what they know."""
    variables = os.environ if environ is None else environ
    if given := variables.get("GITTRACK_TRUST_FILE"):
        return Path(given)
    if sys.platform == "win32":
        return Path(variables.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "gittrack" / "trusted"
    base = variables.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local/state") / "gittrack" / "trusted"


def trusted() -> dict[str, str]:
    """Digest of each trusted model to why it is on the list."""
    try:
        lines = trust_file().read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {line.partition(" ")[0]: line.partition(" ")[2] for line in lines if line.strip()}


def is_trusted(digest: str) -> bool:
    """Whether a model is on the list."""
    return digest in trusted()


def trust(digest: str, why: str) -> None:
    """Put a model on the list.

    Args:
        digest: see `models.digest`.
        why: one line.

    Raises:
        OSError: the list cannot be written.
    """
    path = trust_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(path.with_name("trusted.lock")):
        known = trusted()
        if digest not in known:
            lines = [f"{one} {reason}" for one, reason in {**known, digest: " ".join(why.split())}.items()]
            write_atomic(path, "".join(f"{line}\n" for line in lines).encode())
