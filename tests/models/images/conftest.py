"""Real podman, a registry, and a home without trust in anything."""

from __future__ import annotations

from tests.support.containers import docker, podman, podman_store
from tests.support.image_registry import image_registry

__all__ = ["docker", "image_registry", "podman", "podman_store"]
