"""Requests to SageMaker, and descriptions for Azure ML; pure.

Sources: docs.aws.amazon.com/sagemaker/latest/APIReference (CreateModel, CreateEndpointConfig,
CreateEndpoint); learn.microsoft.com/azure/machine-learning, reference-yaml-endpoint-online and
reference-yaml-deployment-managed-online.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.models.manifests.facts import PORT

if TYPE_CHECKING:
    from gittrack.models.manifests.facts import Facts

_SCHEMAS = "https://azuremlschemas.azureedge.net/latest"


def sagemaker(facts: Facts) -> dict[str, dict[str, Any]]:
    """Bodies of three requests, in this order: `aws sagemaker create-model --cli-input-json file://…`."""
    name = f"{facts.name}-{facts.version}"
    tags = [{"Key": key, "Value": value} for key, value in facts.about.items()]
    return {
        "create-model.json": {
            "ModelName": name,
            "PrimaryContainer": {"Image": facts.image, "Mode": "SingleModel"},
            "ExecutionRoleArn": facts.role,
            "EnableNetworkIsolation": True,
            "Tags": tags,
        },
        "create-endpoint-config.json": {
            "EndpointConfigName": name,
            "ProductionVariants": [
                {
                    "VariantName": "AllTraffic",
                    "ModelName": name,
                    "InitialInstanceCount": facts.replicas,
                    "InstanceType": facts.instance or "ml.m5.large",
                }
            ],
            "Tags": tags,
        },
        "create-endpoint.json": {
            "EndpointName": facts.name,
            "EndpointConfigName": name,
            "Tags": tags,
        },
    }


def azureml(facts: Facts) -> dict[str, dict[str, Any]]:
    """File names to documents: `az ml online-endpoint create -f …`, then `az ml online-deployment create`."""
    endpoint = facts.name[:32].rstrip("-")
    route = {"port": PORT, "path": "/ping"}
    return {
        "endpoint.yaml": {
            "$schema": f"{_SCHEMAS}/managedOnlineEndpoint.schema.json",
            "name": endpoint,
            "auth_mode": "key",
            "tags": facts.about,
        },
        "deployment.yaml": {
            "$schema": f"{_SCHEMAS}/managedOnlineDeployment.schema.json",
            "name": f"v{facts.version}"[:32],
            "endpoint_name": endpoint,
            "environment": {
                "image": facts.image,
                "inference_config": {
                    "liveness_route": route,
                    "readiness_route": route,
                    "scoring_route": {"port": PORT, "path": "/invocations"},
                },
            },
            "instance_type": facts.instance or "Standard_DS3_v2",
            "instance_count": facts.replicas,
            "request_settings": {"request_timeout_ms": 60000},
            "tags": facts.about,
        },
    }
