"""The generated tables of the docs; `python -m tests.support.tables` writes them anew."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

from gittrack.core.config_keys import KEYS, Key
from gittrack.core.schema import Name, schema

DOCS = Path(__file__).resolve().parents[2] / "docs"
_BLOCK = re.compile(r"(<!-- table: ([a-z .]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_REFS = {
    "run_id": "run id",
    "time": "time",
    "oid": "commit id",
    "sha256": "SHA-256, hexadecimal",
    "number": "float",
    "source": "mapping",
    "metric": "mapping",
    "input": "mapping",
    "artifact": "mapping",
    "event": "mapping",
    "python": "mapping",
    "platform": "mapping",
    "hardware": "mapping",
    "gpu": "mapping",
    "stamp": "name of a file",
}
_TYPES = {"string": "text", "integer": "integer", "boolean": "bool", "object": "mapping", "null": "null"}
_KINDS = {"seconds": "number", "list": "list of text", "lines": "list of text"}


def table(what: str) -> str:
    """The table of a schema (`run`), of a part of one (`run.source`), or of the settings."""
    if what == "settings":
        head = "| key | type | default | variable | Git | what it does |\n|---|---|---|---|---|---|\n"
        return head + "".join(map(_setting_row, KEYS.values()))
    name, _, part = what.partition(".")
    assert name in get_args(Name)
    whole = schema(name)
    body = whole["$defs"][part] if part else whole
    required = body.get("required", [])
    head = "| field | type | unit | what it is | example |\n|---|---|---|---|---|\n"
    return head + "".join(_row(key, item, key in required) for key, item in body["properties"].items())


def tables_of(text: str) -> dict[str, str]:
    """The tables in a page, by what they are of."""
    return {
        match[2]: match[0].removeprefix(match[1]).removesuffix(match[3]) for match in _BLOCK.finditer(text)
    }


def written(text: str) -> str:
    """The page with its tables made anew."""
    return _BLOCK.sub(lambda match: match[1] + table(match[2]) + match[3], text)


def _row(key: str, item: dict[str, Any], required: bool) -> str:  # noqa: FBT001  a helper
    name = f"**`{key}`**" if required else f"`{key}`"
    example = json.dumps(item["examples"][0], ensure_ascii=False).replace("|", "\\|")
    return f"| {name} | {_type(item)} | {item.get('unit', '')} | {item['description']} | `{example}` |\n"


def _type(item: dict[str, Any]) -> str:
    if "const" in item:
        return "text"
    if "enum" in item:
        return ", ".join(f"`{one}`" for one in item["enum"])
    if "$ref" in item:
        return _REFS[item["$ref"].rpartition("/")[2]]
    if item["type"] == "array":
        return f"list of {_type(item['items'])}"
    if item["type"] == "object" and "additionalProperties" in item:
        return f"mapping to {_type(item['additionalProperties'])}"
    kinds = item["type"] if isinstance(item["type"], list) else [item["type"]]
    return " or ".join(_TYPES[kind] for kind in kinds)


def _setting_row(key: Key) -> str:
    kind = ", ".join(f"`{choice}`" for choice in key.choices) or _KINDS.get(key.kind, key.kind)
    default = "" if key.default in (None, (), {}) else f"`{_default(key)}`"
    places = [f"`{place}`" if place else "" for place in (key.variable, key.git_name)]
    return f"| `{key.name}` | {kind} | {default} | {places[0]} | {places[1]} | {key.help} |\n"


def _default(key: Key) -> str:
    if key.kind == "size":
        return f"{key.default // 1_000_000}MB"
    return str(key.default).lower() if isinstance(key.default, bool) else str(key.default)


if __name__ == "__main__":
    for page in DOCS.glob("*.md"):
        page.write_text(written(page.read_text()))
