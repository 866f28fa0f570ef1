"""Crates of R, see `r`."""

from __future__ import annotations

from gittrack.models.flavors.r import CRATE as FLAVOR

__all__ = ["FLAVOR"]
