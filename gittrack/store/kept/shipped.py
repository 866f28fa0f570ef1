"""What happened to artifacts, as a value."""

from __future__ import annotations

import dataclasses
from typing import Any

from gittrack.core.value import dataclass


@dataclass(frozen=True, slots=True)
class Shipped:
    """What happened to artifacts in a push or an upload.

    Attributes:
        url: of the store, without credentials; None without one.
        sent: contents that were sent.
        size: bytes of them.
        present: contents that were in the store already.
        stayed: contents that stayed on this machine only.
        stayed_size: bytes of them.
        received: contents that were fetched.
        received_size: bytes of them.
    """

    url: str | None = None
    sent: int = 0
    size: int = 0
    present: int = 0
    stayed: int = 0
    stayed_size: int = 0
    received: int = 0
    received_size: int = 0

    def __add__(self, other: Shipped) -> Shipped:
        """Both together."""
        counts = {
            name: getattr(self, name) + getattr(other, name) for name in self.__slots__ if name != "url"
        }
        return Shipped(url=self.url or other.url, **counts)

    def to_record(self) -> dict[str, Any]:
        """For `--json`."""
        return dataclasses.asdict(self)
