"""Real podman, and docker on its socket."""

from __future__ import annotations

from tests.support.containers import docker, podman, podman_store

__all__ = ["docker", "podman", "podman_store"]
