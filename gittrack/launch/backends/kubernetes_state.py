"""What the objects of Kubernetes say of a job. They come from its client, which has no types."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gittrack.launch.backends.base import State

if TYPE_CHECKING:
    from gittrack.launch.backends.base import Handle

_STUCK = frozenset({"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "CreateContainerConfigError"})


def pod(api: Any, handle: Handle) -> Any:  # noqa: ANN401  the client has no types
    """The newest pod of a Job, None where there is none."""
    selector = f"job-name={handle['id']}"
    pods = api.CoreV1Api().list_namespaced_pod(handle["namespace"], label_selector=selector).items
    return max(pods, key=lambda pod: str(pod.metadata.creation_timestamp), default=None)


def _container(pod: Any) -> Any:  # noqa: ANN401  the same
    statuses = (pod.status.container_statuses or ()) if pod is not None else ()
    return statuses[0].state if statuses else None


def failed(condition: Any, pod: Any) -> State:  # noqa: ANN401  the same
    """Why a Job failed: its condition, and how the container of its pod ended."""
    state = _container(pod)
    ended = state.terminated if state is not None else None
    if ended is None:
        return State("failed", None, f"{condition.reason}: {condition.message}")
    reasons = {"OOMKilled": "it ran out of memory", "Error": ""}
    reason = "" if condition.reason == "BackoffLimitExceeded" else str(condition.message)
    return State("failed", ended.exit_code, reasons.get(ended.reason, ended.reason) or reason)


def waiting(pod: Any) -> State:  # noqa: ANN401  the same
    """Whether a Job runs, or what its pod waits for."""
    if pod is None:
        return State("queued")
    state = _container(pod)
    waits = state.waiting if state is not None else None
    if pod.status.phase != "Pending":
        return State("running")
    if waits is not None and waits.reason in _STUCK:
        return State("queued", None, f"{waits.reason}: {waits.message or ''}".rstrip(": "))
    blocked = [one for one in pod.status.conditions or () if one.status == "False" and one.message]
    return State("queued", None, str(blocked[0].message) if blocked else "")


def said(error: Any) -> str:  # noqa: ANN401  an ApiException
    """What the server says of a request that it refuses."""
    try:
        return str(json.loads(error.body)["message"])
    except (TypeError, ValueError, KeyError):
        return str(error.reason)
