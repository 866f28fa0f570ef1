"""Kubernetes: one Job a run, from an image that has gittrack in it.

A pod shares no files with the submitter: it gets the code from the Git remote of the runs and leaves its run
there: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/. Experimental: held
against the official schema and a small server of its API, not against a cluster.
"""

from __future__ import annotations

import copy
import json
import re
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar

from gittrack.core.errors import UsageError
from gittrack.launch.backends.base import (
    EngineError,
    EngineUnreachable,
    Handle,
    Option,
    Rejected,
    State,
    Ticket,
)
from gittrack.launch.backends.job_files import INLINE, inline, words
from gittrack.launch.backends.kubernetes_state import failed, pod, said, waiting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_GONE = 404


class Kubernetes:
    """Jobs of a Kubernetes cluster."""

    NAME: ClassVar[str] = "kubernetes"
    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("image", "text", "image with gittrack and Git in it: registry.example.org/train@sha256:…"),
        Option("namespace", "text", "namespace of the Job; that of the context when not given"),
        Option("context", "text", "context of the kubeconfig; the current one when not given"),
        Option("kubeconfig", "text", "path of the kubeconfig", personal=True),  # it may name programs to run
        Option("requests", "mapping", "resources to reserve: {cpu: 2, memory: 4Gi}"),
        Option("limits", "mapping", "most it may use: {nvidia.com/gpu: 1}"),
        Option("environment", "mapping", "environment variables for the job"),
        Option("service_account", "text", "service account of the pod"),
        Option("image_pull_policy", "text", "Always, IfNotPresent or Never"),
        Option("image_pull_secrets", "list", "names of the secrets to fetch the image with"),
        Option("node_selector", "mapping", "labels that the node must have"),
        Option("labels", "mapping", "labels for the Job and its pod"),
        Option("timeout", "int", "seconds that it may take"),
        Option("keep", "int", "seconds that the Job stays after its end; 86400 when not given"),
        Option("template", "mapping", "a Job manifest that all of this is laid over"),
        Option("python", "text", "Python with gittrack in it; python3 when not given"),
    )

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = dict(options)

    def shares(self, nonce: str) -> bool:  # noqa: ARG002  a pod has a file system of its own
        """Never."""
        return False

    def submit(self, ticket: Ticket) -> Handle:
        """Create the Job.

        Raises:
            Rejected: the cluster refuses it.
        """
        job = self.manifest(ticket)
        handle = {name: self._options.get(name) for name in ("context", "kubeconfig")}
        with _answering(handle) as (api, default):
            namespace = job["metadata"].get("namespace") or default
            try:
                api.BatchV1Api().create_namespaced_job(namespace, job)
            except api.ApiException as error:
                msg = f"Kubernetes refuses the job: {said(error)}"
                raise Rejected(msg, hint="`kubectl auth can-i create jobs` shows whether you may") from error
        return {"id": job["metadata"]["name"], "namespace": namespace, **handle}

    def status(self, handle: Handle) -> State:
        """What the cluster says of the Job and its pod."""
        with _answering(handle) as (api, _):
            try:
                job = api.BatchV1Api().read_namespaced_job_status(handle["id"], handle["namespace"])
            except api.ApiException as error:
                if error.status == _GONE:
                    return State("lost", None, "Kubernetes does not know the job any more")
                raise
            newest = pod(api, handle)
            for condition in job.status.conditions or ():
                if condition.status == "True" and condition.type == "Complete":
                    return State("finished", 0)
                if condition.status == "True" and condition.type == "Failed":
                    return failed(condition, newest)
            return waiting(newest)

    def cancel(self, handle: Handle) -> None:
        """Delete the Job and its pod: the job gets a signal, and half a minute."""
        with _answering(handle) as (api, _):
            try:
                api.BatchV1Api().delete_namespaced_job(
                    handle["id"], handle["namespace"], propagation_policy="Background"
                )
            except api.ApiException as error:
                if error.status != _GONE:
                    raise

    def logs(self, handle: Handle) -> Iterator[str]:
        """What the pod prints."""
        seen = 0
        while True:
            text = ""
            with _answering(handle) as (api, _):
                newest = pod(api, handle)
                if newest is not None and newest.status.phase != "Pending":
                    name = newest.metadata.name
                    text = str(api.CoreV1Api().read_namespaced_pod_log(name, handle["namespace"]))
            yield text[seen:]
            seen = max(seen, len(text))

    def preview(self, ticket: Ticket) -> str:
        """The manifest, for `kubectl create -f -` (JSON, which is YAML)."""
        return json.dumps(self.manifest(ticket), indent=2) + "\n"

    def manifest(self, ticket: Ticket) -> dict[str, Any]:
        """The Job.

        Raises:
            UsageError: nobody says which image.
        """
        told = self._options
        job = copy.deepcopy(told.get("template", {}))
        labels = {**told.get("labels", {}), "app.kubernetes.io/managed-by": "gittrack"}
        spec = _section(_section(_section(job, "spec"), "template"), "spec")
        containers = spec.setdefault("containers", [])
        if not containers:
            containers.append({})
        self._fill(containers[0], ticket)
        job |= {"apiVersion": "batch/v1", "kind": "Job"}
        _section(job, "metadata")["name"] = f"gittrack-{ticket.run_id}"
        for one in (job, job["spec"]["template"]):
            _section(_section(one, "metadata"), "labels").update(labels)
        _put(job["metadata"], namespace=told.get("namespace"))
        _put(job["spec"], activeDeadlineSeconds=told.get("timeout"))
        job["spec"]["backoffLimit"] = 0  # a run that fails has failed
        job["spec"].setdefault("ttlSecondsAfterFinished", 86400)
        _put(job["spec"], ttlSecondsAfterFinished=told.get("keep"))
        spec["restartPolicy"] = "Never"
        secrets = [{"name": name} for name in told.get("image_pull_secrets", ())]
        _put(
            spec,
            serviceAccountName=told.get("service_account"),
            nodeSelector=told.get("node_selector"),
            imagePullSecrets=secrets or None,
        )
        first: dict[str, Any] = {name: job[name] for name in ("apiVersion", "kind", "metadata", "spec")}
        return {**first, **job}

    def _fill(self, container: dict[str, Any], ticket: Ticket) -> None:
        told = self._options
        _put(container, image=told.get("image"), imagePullPolicy=told.get("image_pull_policy"))
        if not container.get("image"):
            msg = "which image the job runs in is not said"
            raise UsageError(
                msg, hint='-c \'{"image": "…"}\', or `backends.kubernetes.image` in gittrack.yaml'
            )
        container.setdefault("name", "gittrack")
        container["command"] = words(ticket)
        container.pop("args", None)
        variables = {**ticket.variables, **told.get("environment", {}), INLINE: inline(ticket)}
        kept = [one for one in container.get("env", ()) if one.get("name") not in variables]
        # `$(NAME)` in a value would be replaced; two dollars stand for one
        own = [{"name": name, "value": str(text).replace("$(", "$$(")} for name, text in variables.items()]
        container["env"] = [*kept, *own]
        for name in ("requests", "limits"):
            if name in told:
                amounts = {key: str(value) for key, value in told[name].items()}
                _section(_section(container, "resources"), name).update(amounts)


def _section(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document.setdefault(name, {})
    return found


def _put(document: dict[str, Any], **values: object) -> None:
    document.update({name: value for name, value in values.items() if value is not None})


@contextmanager
def _answering(handle: Handle) -> Iterator[tuple[Any, str]]:
    """The client, and the namespace of the context.

    Raises:
        EngineError: the client is not installed, or not configured.
        EngineUnreachable: the cluster does not answer.
    """
    if find_spec("kubernetes") is None:
        msg = "the client of Kubernetes is not installed"
        raise EngineError(msg, hint="pip install 'gittrack[kubernetes]'")
    from kubernetes import client, config
    from urllib3.exceptions import HTTPError

    try:
        namespace = _configure(config, handle)
        yield client, namespace
    except config.ConfigException as error:
        msg = f"Kubernetes is not configured: {error}"
        raise EngineError(msg, hint="`kubectl config get-contexts`; see `context` of the backend") from error
    except HTTPError as error:
        where = re.sub(r"\s+", " ", str(error))[:200]
        msg = f"Kubernetes does not answer: {where}"
        raise EngineUnreachable(msg, hint="`kubectl cluster-info` shows whether it is up") from error
    except client.ApiException as error:
        msg = f"Kubernetes refuses: {said(error)}"
        raise EngineError(msg, hint="`kubectl auth can-i --list` shows what you may do") from error


def _configure(config: Any, handle: Handle) -> str:  # noqa: ANN401  a module without types
    """Read the kubeconfig, or that of the pod that this process is in; gives the namespace."""
    named = {"config_file": handle.get("kubeconfig"), "context": handle.get("context")}
    try:
        config.load_kube_config(**named)
    except config.ConfigException:
        if any(named.values()):
            raise
        config.load_incluster_config()
        return "default"
    contexts, active = config.list_kube_config_contexts(named["config_file"])
    chosen = next((one for one in contexts if one["name"] == named["context"]), active)
    return str(chosen["context"].get("namespace") or "default")
