"""Names, and `models:/…`."""

from __future__ import annotations

import pytest

from gittrack.core.errors import InvalidValue
from gittrack.store.registry.names import (
    Wanted,
    check_alias,
    check_name,
    folder_name,
    is_alias,
    is_name,
    parse,
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("models:/churn/3", Wanted("churn", 3)),
        ("models:/churn/v3", Wanted("churn", 3)),
        ("models:churn/3", Wanted("churn", 3)),
        ("models:///churn/3", Wanted("churn", 3)),
        ("models:/churn/latest", Wanted("churn")),
        ("models:/churn/Latest", Wanted("churn")),
        ("models:/churn@champion", Wanted("churn", alias="champion")),
        ("models:/My model (b)/12", Wanted("My model (b)", 12)),
        ("models:/churn/v1.2.3-rc.1", Wanted("churn", "v1.2.3-rc.1")),
        ("churn", Wanted("churn")),
        ("churn/3", Wanted("churn", 3)),
        ("churn@champion", Wanted("churn", alias="champion")),
    ],
)
def test_parse(text: str, wanted: Wanted) -> None:
    """As in MLflow; the scheme may be left out where a model is meant anyway."""
    assert parse(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "models:/",
        "models:/churn",
        "models:/churn/",
        "models:/churn/Production",
        "models:/churn/0",
        "models:/churn/-1",
        "models:/churn/3/4",
        "models:/churn/12345678901",
        "models:/churn@",
        "models:/churn@latest",
        "models:/churn@v3",
        "models:/@champion",
        "models:/../3",
        "models:/a b\n/3",
        "",
        "--help",
        "models:/--help/3",
    ],
)
def test_no_model(text: str) -> None:
    """What names no version is refused, with a hint."""
    if text == "models:/../3":
        assert folder_name(parse(text).name) not in {"..", "."}
        return
    with pytest.raises(InvalidValue) as caught:
        parse(text)
    assert caught.value.hint


@pytest.mark.parametrize("name", ["churn", "Churn v2", "ché", "a" * 100, "..", ".git", "con", "a.lock"])
def test_names(name: str) -> None:
    """A name is free; its folder is harmless whatever it is."""
    assert check_name(name) == name
    folder = folder_name(name)
    assert "/" not in folder
    assert not folder.startswith((".", "-"))
    assert not folder.endswith((".", ".lock"))


@pytest.mark.parametrize(
    "name", ["", " ", "a/b", "a:b", "a@b", "a#b", "a?b", "a%b", "a\\b", "-a", " a", "a\nb", "a" * 101]
)
def test_no_names(name: str) -> None:
    """What a path, a URI or a command line would take for something else is none."""
    assert not is_name(name)
    with pytest.raises(InvalidValue, match="not a name for a model"):
        check_name(name)


@pytest.mark.parametrize(
    "alias", ["", "latest", "LATEST", "3", "v3", "V12", "-a", "a b", "a/b", "a.b", "é", "a" * 101]
)
def test_no_aliases(alias: str) -> None:
    """As in MLflow, and nothing that looks like a version or an option."""
    assert not is_alias(alias)
    with pytest.raises(InvalidValue, match="not a name for an alias"):
        check_alias(alias)


def test_shown() -> None:
    """For messages."""
    assert [parse(text).shown for text in ("a/3", "a@b", "a")] == ["a/3", "a@b", "a/latest"]
