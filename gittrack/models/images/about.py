"""What an image says of its model: labels, which anybody can read without running it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from gittrack.core.ids import is_run_id
from gittrack.store.plumbing.git import is_oid
from gittrack.store.sync.remote import without_credentials

if TYPE_CHECKING:
    from gittrack.models.provenance.located import Located

_LONGEST = 500
_TITLE = "A model, served by gittrack"


def labels(found: Located, digest: str, base: str) -> dict[str, str]:
    """The labels: those of github.com/opencontainers/image-spec `annotations.md`, and gittrack's own.

    Args:
        found: the model.
        digest: of its files.
        base: name of the image below, with or without a digest.
    """
    run, version = found.run, found.version
    known = {
        "org.opencontainers.image.title": version.name if version else _TITLE,
        "org.opencontainers.image.version": str(version.version) if version else None,
        "org.opencontainers.image.created": created(found),
        "org.opencontainers.image.base.name": base.partition("@")[0],
        "org.opencontainers.image.base.digest": base.partition("@")[2] or None,
        "dev.gittrack.model": version.record.uri if version else None,
        "dev.gittrack.model-digest": f"sha256:{digest}",
    }
    described = found.described
    made_by = run.id if run else (described.run_id if described else None)
    if made_by and is_run_id(made_by):
        known["dev.gittrack.run"] = made_by
    if run is not None:
        commit = run.source.snapshot or run.source.commit
        known |= {
            "org.opencontainers.image.source": without_credentials(run.source.remote or "") or None,
            "org.opencontainers.image.revision": commit if commit and is_oid(commit) else None,
            "dev.gittrack.data": " ".join(f"sha256:{one.sha256}" for one in run.inputs if one.sha256) or None,
        }
    return {key: clean(value) for key, value in known.items() if value}


def clean(text: str) -> str:
    """One line of printable characters: a run may say anything."""
    return "".join(one for one in text if one.isprintable())[:_LONGEST]


def created(found: Located) -> str | None:
    """When the model was made, as RFC 3339; the image of one model is the same whenever it is built."""
    text = found.described.utc_time_created if found.described else None
    try:
        return f"{datetime.fromisoformat(text or ''):%Y-%m-%dT%H:%M:%SZ}"
    except ValueError:
        return None


def python_of(text: str | None) -> str | None:
    """`3.11` of `3.11.7`; None where it is no version of Python 3."""
    found = re.match(r"(3\.\d{1,2})(?:\.|$)", text or "", re.ASCII)
    return found[1] if found else None
