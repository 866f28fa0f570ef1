"""Any YAML, read by PyYAML's safe loader with the scalar rules of YAML 1.2's core schema.

Source of the rules: https://yaml.org/spec/1.2.2/#1032-tag-resolution (integers in base 10 only).
"""

from __future__ import annotations

import re
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as _Base
except ImportError:  # a PyYAML built without libyaml
    from yaml import SafeLoader as _Base  # type: ignore[assignment]  # the same interface

_MAX_DEPTH = 50


class _Loader(_Base):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  the name and type are PyYAML's


def _resolve(tag: str, pattern: str, first: str) -> None:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))  # type: ignore[no-untyped-call]


_resolve("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF")
_resolve("null", r"^(?:~|null|Null|NULL|)$", "~nN")
_resolve("null", r"^$", "")
_Loader.yaml_implicit_resolvers.setdefault("", []).append(("tag:yaml.org,2002:null", re.compile(r"^$")))
_resolve("int", r"^[-+]?[0-9]+$", "-+0123456789")
_resolve("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+0123456789.")
_resolve("float", r"^[-+]?\.(?:inf|Inf|INF)$", "-+.")
_resolve("float", r"^\.(?:nan|NaN|NAN)$", ".")


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    return int(loader.construct_scalar(node))


def _float(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    text = str(loader.construct_scalar(node)).lower()
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


_Loader.add_constructor("tag:yaml.org,2002:int", _decimal)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)


def read_yaml(data: bytes) -> Any:  # noqa: ANN401  a YAML value
    """The value of the one document in `data`.

    Raises:
        ValueError: it is not YAML, has more than one document, or uses anchors, aliases or tags.
    """
    try:
        _refuse_tricks(data)
        return yaml.load(data, Loader=_Loader)  # noqa: S506  a safe loader with fewer types
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        msg = f"not YAML: {error.problem}{place}"
        raise ValueError(msg) from error
    except (yaml.YAMLError, RecursionError) as error:
        msg = f"not YAML: {error}".splitlines()[0]
        raise ValueError(msg) from error


def _refuse_tricks(data: bytes) -> None:
    depth = 0
    for event in yaml.parse(data, Loader=_Loader):
        if getattr(event, "anchor", None) is not None:
            msg = f"anchors and aliases are not allowed (line {event.start_mark.line + 1})"
            raise ValueError(msg)
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            msg = f"tags are not allowed (line {event.start_mark.line + 1})"
            raise ValueError(msg)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            msg = f"nested deeper than {_MAX_DEPTH} levels"
            raise ValueError(msg)


def write_yaml(value: Any) -> bytes:  # noqa: ANN401  a JSON value
    """Block-style YAML of a JSON value, keys in the order given, for people to read."""
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=False)
    return text.encode()
