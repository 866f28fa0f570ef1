"""Holds a document against the classes of what reads it; run by the Python of `.ci/parts` that has these.

`deploying_check.py KIND FILE`: prints what is wrong, one line each, and nothing where all is well.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
import types
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def kserve(path: Path) -> list[str]:
    """An InferenceService, by the OpenAPI classes of the package `kserve`."""
    stub = types.ModuleType("kserve")  # its own `__init__` wants what serves models
    spec = find_spec("kserve")
    stub.__path__ = list(spec.submodule_search_locations or []) if spec else []
    sys.modules["kserve"] = stub
    own = importlib.import_module("kserve.models")
    theirs = importlib.import_module("kubernetes.client.models")
    return list(_unlike(_yaml(path), "V1beta1InferenceService", (own, theirs), "$"))


def _unlike(value: Any, kind: str, places: tuple[Any, ...], where: str) -> Any:
    if found := re.fullmatch(r"[Ll]ist\[(.*)\]", kind):
        items = value if isinstance(value, list) else [None]
        for number, one in enumerate(items):
            yield from _unlike(one, found[1], places, f"{where}[{number}]")
        return
    if found := re.fullmatch(r"[Dd]ict[(\[]str, (.*)[)\]]", kind):
        for key, one in value.items():
            yield from _unlike(one, found[1], places, f"{where}.{key}")
        return
    plain = {"str": str, "int": int, "bool": bool, "float": float}
    if kind in plain:
        if type(value) is not plain[kind]:
            yield f"{where}: not {kind}: {value!r}"
        return
    if kind in {"object", "K8sIoApimachineryPkgUtilIntstrIntOrString"}:
        return
    yield from _unlike_class(value, kind, places, where)


def _unlike_class(value: Any, kind: str, places: tuple[Any, ...], where: str) -> Any:
    model = next((getattr(place, kind) for place in places if hasattr(place, kind)), None)
    if model is None:
        yield f"{where}: there is no class {kind}"
        return
    names = {there: here for here, there in model.attribute_map.items()}
    for key, one in value.items():
        if key not in names:
            yield f"{where}: {kind} has no {key}"
        else:
            yield from _unlike(one, model.openapi_types[names[key]], places, f"{where}.{key}")
    try:
        model(**{names[key]: one for key, one in value.items() if key in names})
    except ValueError as error:
        yield f"{where}: {error}"


def azure(path: Path) -> list[str]:
    """An online endpoint or deployment, by the loaders of `azure-ai-ml`."""
    from azure.ai.ml import load_online_deployment, load_online_endpoint

    load = load_online_endpoint if path.name == "endpoint.yaml" else load_online_deployment
    try:
        load(source=path)
    except Exception as error:  # noqa: BLE001  of whatever class
        return [str(error)]
    return []


def statement(path: Path) -> list[str]:
    """An in-toto statement with SLSA provenance, by the messages of `in-toto-attestation`."""
    from google.protobuf.json_format import Parse, ParseDict
    from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
    from in_toto_attestation.v1 import statement_pb2
    from in_toto_attestation.v1.statement import Statement

    try:
        text = path.read_text()
        Statement.copy_from_pb(Parse(text, statement_pb2.Statement())).validate()
        ParseDict(json.loads(text)["predicate"], provenance_pb2.Provenance())
    except Exception as error:  # noqa: BLE001  of whatever class
        return [str(error)]
    return []


def _yaml(path: Path) -> Any:
    import yaml

    return yaml.safe_load(path.read_text())


KINDS = {"kserve": kserve, "azure": azure, "statement": statement}

if __name__ == "__main__":
    print("\n".join(KINDS[sys.argv[1]](Path(sys.argv[2]))))  # noqa: T201  this is what it is for
