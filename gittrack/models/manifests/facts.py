"""What a description needs to know of a model, in the letters that its readers allow; values only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gittrack.models.provenance.located import Located

PORT = 8080


class Facts(NamedTuple):
    """What is to run.

    Attributes:
        name: lower case letters, digits and `-`, begins with a letter, at most 40 characters.
        version: number of a registered version, else the beginning of the digest.
        image: name of the image.
        digest: of the model.
        uri: of the model, None where it has no name.
        run_id: that made it; None where it is not known.
        replicas: how many at a time.
        cpu: cores that each asks for: `250m`, `2`.
        memory: that each asks for and may use: `1Gi`.
        role: ARN by which SageMaker acts.
        instance: type of the machines, of SageMaker and Azure ML; theirs when None.
    """

    name: str
    version: str
    image: str
    digest: str
    uri: str | None = None
    run_id: str | None = None
    replicas: int = 1
    cpu: str = "250m"
    memory: str = "1Gi"
    role: str = "arn:aws:iam::000000000000:role/SageMakerExecutionRole"
    instance: str | None = None

    @property
    def about(self) -> dict[str, str]:
        """What the model is, for those who look at what runs."""
        known = {"model": self.uri, "model-digest": f"sha256:{self.digest}", "run": self.run_id}
        return {f"gittrack.dev/{key}": value for key, value in known.items() if value}


def name_of(found: Located) -> str:
    """The name of a model in the letters of a DNS label (RFC 1035)."""
    text = found.version.name if found.version else found.path or "model"
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    plain = plain if plain[:1].isalpha() else f"model-{plain}".rstrip("-")
    return plain[:40].rstrip("-") if len(plain) > 2 else f"{plain}-model"  # noqa: PLR2004  Azure wants three
