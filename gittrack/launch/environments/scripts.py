"""Scripts that name their own packages: inline metadata.

Format: https://packaging.python.org/en/latest/specifications/inline-script-metadata/ (PEP 723).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from gittrack.core.errors import MalformedFile
from gittrack.launch.environments.python_env import texts
from gittrack.launch.environments.toml import load_toml
from gittrack.launch.environments.versions import normal

_BLOCK = re.compile(r"(?m)^# /// script$\s(?P<content>(^#(| .*)$\s)+)^# ///$")  # as the specification has it


class Script(NamedTuple):
    """What a script asks for.

    Attributes:
        python: which Python, None for any.
        dependencies: requirement lines.
        block: the text of the block.
    """

    python: str | None
    dependencies: tuple[str, ...]
    block: str


def parse(text: str, *, where: str) -> Script | None:
    """The metadata of a script, None when it has none.

    Raises:
        MalformedFile: there are several blocks, or one that is no such metadata.
        InvalidValue: `requires-python` is no version.
    """
    if "# /// script" not in text:
        return None
    found = list(_BLOCK.finditer(text.replace("\r\n", "\n") + "\n"))
    if not found:
        return None
    if len(found) > 1:
        raise MalformedFile(where, "more than one block of script metadata")
    block = "".join(
        line[2:] if line.startswith("# ") else line[1:]
        for line in found[0]["content"].splitlines(keepends=True)
    )
    document = load_toml(block, where=where)
    return Script(
        normal(document.get("requires-python"), where=where),
        texts(document.get("dependencies"), "dependencies", where),
        block,
    )
