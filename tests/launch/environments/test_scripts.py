from __future__ import annotations

import pytest

from gittrack.core.errors import MalformedFile
from gittrack.launch.environments.scripts import parse

BLOCK = '# /// script\n# requires-python = ">=3.9"\n# dependencies = [\n#   "six",\n# ]\n# ///\n'


@pytest.mark.parametrize(
    "text", [BLOCK, f"#!/usr/bin/env python\n{BLOCK}import six\n", BLOCK.replace("\n", "\r\n")]
)
def test_the_block_of_a_script(text: str) -> None:
    """Wherever it stands, with either line ends."""
    found = parse(text, where="x.py")
    assert found is not None
    assert (found.python, found.dependencies) == (">=3.9", ("six",))


@pytest.mark.parametrize("text", ["print()\n", "# /// script\n# not closed\n"])
def test_a_script_without_a_block(text: str) -> None:
    """It asks for nothing."""
    assert parse(text, where="x.py") is None


@pytest.mark.parametrize("text", [BLOCK + "\n" + BLOCK, "# /// script\n# a = [\n# ///\n"])
def test_what_is_refused(text: str) -> None:
    """Two blocks, or one that is not TOML."""
    with pytest.raises(MalformedFile, match=r"^x\.py"):
        parse(text, where="x.py")
