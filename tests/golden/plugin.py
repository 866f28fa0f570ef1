"""`--update` and the fixture `golden`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent / "screens"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that writes golden files anew."""
    parser.addoption("--update", action="store_true", help="write golden files anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden(name, text)`: the text is what the file of that name says; blanks at ends of lines apart."""

    def check(name: str, text: str) -> None:
        path = FOLDER / f"{name}.txt"
        tidy = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
        if request.config.getoption("--update", default=False):
            path.parent.mkdir(exist_ok=True)
            path.write_text(tidy, encoding="utf-8")
        assert tidy == path.read_text(encoding="utf-8"), f"{path} differs; `pytest --update` accepts it"

    return check
