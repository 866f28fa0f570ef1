"""A Deployment and a Service of Kubernetes, and an InferenceService of KServe; pure.

Sources: kubernetes.io/docs/reference/kubernetes-api (apps/v1, core/v1); the "restricted" profile of
kubernetes.io/docs/concepts/security/pod-security-standards; kserve.github.io, custom predictors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.models.manifests.facts import PORT

if TYPE_CHECKING:
    from gittrack.models.manifests.facts import Facts

_USER = 10001  # of the image
_GRACE = 30  # seconds; the server gives requests 25


def kubernetes(facts: Facts) -> dict[str, dict[str, Any]]:
    """File names to documents."""
    return {"deployment.yaml": _deployment(facts), "service.yaml": _service(facts)}


def kserve(facts: Facts) -> dict[str, dict[str, Any]]:
    """The same for KServe, which brings routes and scaling itself."""
    container = _container(facts, "kserve-container")  # the name that KServe looks for
    document = {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": _metadata(facts),
        "spec": {
            "predictor": {
                "minReplicas": facts.replicas,
                "timeout": 60,
                **_pod(container),
            }
        },
    }
    return {"inferenceservice.yaml": document}


def _deployment(facts: Facts) -> dict[str, Any]:
    metadata = _metadata(facts)
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {
            "replicas": facts.replicas,
            "selector": {"matchLabels": _selector(facts)},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": {
                "metadata": {"labels": metadata["labels"], "annotations": metadata["annotations"]},
                "spec": {**_pod(_container(facts, "model")), "terminationGracePeriodSeconds": _GRACE},
            },
        },
    }


def _service(facts: Facts) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(facts),
        "spec": {
            "selector": _selector(facts),
            "ports": [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}],
        },
    }


def _pod(container: dict[str, Any]) -> dict[str, Any]:
    return {
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": 0,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
    }


def _container(facts: Facts, name: str) -> dict[str, Any]:
    ping = {"httpGet": {"path": "/ping", "port": PORT}}
    return {
        "name": name,
        "image": facts.image,
        "ports": [{"name": "http", "containerPort": PORT, "protocol": "TCP"}],
        "startupProbe": {**ping, "periodSeconds": 2, "failureThreshold": 60},
        "readinessProbe": {**ping, "periodSeconds": 5, "timeoutSeconds": 2},
        "livenessProbe": {**ping, "periodSeconds": 15, "timeoutSeconds": 5},
        "resources": {
            "requests": {"cpu": facts.cpu, "memory": facts.memory},
            "limits": {"memory": facts.memory},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108  in the container
    }


def _metadata(facts: Facts) -> dict[str, Any]:
    labels = {**_selector(facts), "app.kubernetes.io/version": facts.version}
    return {
        "name": facts.name,
        "labels": {**labels, "app.kubernetes.io/managed-by": "gittrack"},
        "annotations": facts.about,
    }


def _selector(facts: Facts) -> dict[str, str]:
    return {"app.kubernetes.io/name": facts.name}
