"""Any YAML, read by PyYAML's safe loader with the scalar rules of YAML 1.2's core schema.

Source of the rules: https://yaml.org/spec/1.2.2/#1032-tag-resolution (integers in base 10 only).
Files of other tools are read by the rules that those tools have: :func:`read_yaml_1_1`.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from gittrack.core.canonical import DEEPEST

try:
    from yaml import CSafeLoader as _Base
except ImportError:  # a PyYAML built without libyaml
    from yaml import SafeLoader as _Base  # type: ignore[assignment]  # the same interface


class _Loader(_Base):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  the name and type are PyYAML's

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: ANN401, FBT001, FBT002  as PyYAML has it
        """A mapping whose keys are text, `no`, `1` and `null` too."""
        self.flatten_mapping(node)
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is not text", key.start_mark)
            key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep=deep)


def _resolve(tag: str, pattern: str, first: str) -> None:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


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


class _MergingLoader(_Loader):
    """With merge keys (`<<: *defaults`), which only make sense with anchors."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  PyYAML's signature
        """A mapping, what it merges included."""
        self.flatten_mapping(node)
        return super().construct_mapping(node, deep=deep)


_MergingLoader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"^<<$"), ["<"])


def read_yaml(data: bytes, *, anchors: bool = False) -> Any:  # noqa: ANN401  a YAML value
    """The value of the one document in `data`.

    Args:
        data: UTF-8 (or what its byte order mark says).
        anchors: allow anchors, aliases and merge keys: in a file of the user's own.

    Raises:
        ValueError: it is not YAML, has more than one document, uses tags, or anchors that are not allowed.
    """
    try:
        _refuse_tricks(data, anchors=anchors)
        loader = _MergingLoader if anchors else _Loader
        return yaml.load(data, Loader=loader)  # noqa: S506  a safe loader with fewer types
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        msg = f"not YAML: {error.problem}{place}"
        raise ValueError(msg) from error
    except (yaml.YAMLError, RecursionError) as error:
        msg = f"not YAML: {error}".splitlines()[0]
        raise ValueError(msg) from error


def _refuse_tricks(data: bytes, *, anchors: bool) -> None:
    depth = 0
    for event in yaml.parse(data, Loader=_Loader):
        line = 1 + (event.start_mark.line if event.start_mark else 0)
        if not anchors and getattr(event, "anchor", None) is not None:
            msg = f"anchors and aliases are not allowed (line {line})"
            raise ValueError(msg)
        if getattr(event, "tag", None) is not None:
            msg = f"tags are not allowed (line {line})"
            raise ValueError(msg)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            msg = f"nested deeper than {DEEPEST} levels"
            raise ValueError(msg)


_LARGEST = 100_000  # values of a file of another tool, what aliases repeat included


class _Loader11(_Base):
    """The rules of YAML 1.1, as `yaml.safe_load` has them, but keys are the text that was written."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: ANN401, FBT001, FBT002  as PyYAML has it
        """A mapping whose keys are text, `no`, `1` and `null` too."""
        self.flatten_mapping(node)
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is not text", key.start_mark)
            key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep=deep)


Lines = dict[tuple[str, ...], int]
"""Where a key stands: the keys on the way to it, to a line (from 1)."""


def read_yaml_1_1(data: bytes) -> tuple[Any, Lines]:
    """The value of a file that another tool reads with PyYAML's `safe_load`, and where its keys stand.

    Values are the ones which that tool gets (`yes` is true, `010` is 8, `1e-3` is text, dates are
    dates); keys are always text. Anchors, aliases, merge keys and the safe tags are allowed.

    Args:
        data: UTF-8 (or what its byte order mark says).

    Raises:
        ValueError: it is not YAML, has more than one document, or aliases make it huge or endless.
    """
    loader = _Loader11(data)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, {}
        lines: Lines = {}
        _measure(node, (), lines, [_LARGEST])
        return loader.construct_document(node), lines
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        msg = f"not YAML: {error.problem or error.context}{place}"
        raise ValueError(msg) from error
    except (yaml.YAMLError, RecursionError, OverflowError) as error:
        msg = f"not YAML: {error}".splitlines()[0]
        raise ValueError(msg) from error
    finally:
        loader.dispose()


def _measure(node: Any, path: tuple[str, ...], lines: Lines, left: list[int]) -> None:  # noqa: ANN401  a node
    """Note the lines of keys; stop at what is too deep or too much."""
    left[0] -= 1
    if left[0] < 0 or len(path) > DEEPEST:
        msg = f"more than {_LARGEST} values" if left[0] < 0 else f"nested deeper than {DEEPEST} levels"
        raise ValueError(msg)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = (*path, str(key.value))
            lines[name] = key.start_mark.line + 1
            _measure(value, name, lines, left)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            name = (*path, str(number))
            lines[name] = item.start_mark.line + 1
            _measure(item, name, lines, left)


def write_yaml(value: Any) -> bytes:  # noqa: ANN401  a JSON value
    """Block-style YAML of a JSON value, keys in the order given, for people to read."""
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=False)
    return text.encode()
