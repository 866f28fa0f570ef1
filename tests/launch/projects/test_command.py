from __future__ import annotations

import pytest

from gittrack.core.errors import InvalidValue, UsageError
from gittrack.launch.projects import command


def test_fill() -> None:
    """Values are quoted; params that are not declared follow as options."""
    assert command.fill(
        "t {x}", {"x": "a b"}, {"lr": 0.1, "odd;": "$"}
    ) == "t 'a b' --lr 0.1 '--odd;' '$'".replace("'--odd;'", "--'odd;'")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{y}", "the command uses {y}"),
        ("{}", "the command is no template"),
        ("{", "the command is no template"),
        ("{x.nothing}", "the command is no template"),
        ("{x[a]}", "the command is no template"),
    ],
)
def test_no_template(template: str, message: str) -> None:
    """A template that cannot be filled is told."""
    with pytest.raises(InvalidValue, match=message.replace("{", r"\{").replace("}", r"\}")):
        command.fill(template, {"x": "1"}, {})


def test_names() -> None:
    """Each param that a template uses, those of format specifications too."""
    assert command.names("{a} {b!r} {a} {c:>{width}} {d.real} {e[0]} {{f}} {}") == [
        *("a", "b", "c", "width", "d", "e", "")
    ]


def test_quoted() -> None:
    """Params between quotes of the template."""
    assert command.quoted("a '{x}' \"{y} it's\" {z} '\"{x}\"'") == ["x", "y"]


def test_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bash where it is, else sh; without any it is said."""
    assert command.shell("true") == ("bash", "-c", "true")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UsageError, match="no shell"):
        command.shell("true")
