from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gittrack.launch.environments.pip_settings import indexes

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Variables with a home in which pip has settings."""
    folder = tmp_path / ".config" / "pip"
    folder.mkdir(parents=True)
    (folder / "pip.conf").write_text(
        "[global]\nindex-url = https://me:secret@example.org/simple\n"
        "[install]\nextra_index_url =\n    https://a.example.org\n    https://b.example.org\n"
    )
    return {"HOME": str(tmp_path)}


def test_file(home: dict[str, str]) -> None:
    """The indexes go to uv, and no credentials into what is said."""
    found = indexes(home)
    assert found.variables == {
        "UV_DEFAULT_INDEX": "https://me:secret@example.org/simple",
        "UV_INDEX": "https://a.example.org https://b.example.org",
    }
    (note,) = found.notes
    assert note.startswith("index-url and extra-index-url of pip (")
    assert "secret" not in note


def test_variables_win(home: dict[str, str]) -> None:
    """As for pip."""
    found = indexes({**home, "PIP_INDEX_URL": "https://other.example.org"})
    assert found.variables["UV_DEFAULT_INDEX"] == "https://other.example.org"


@pytest.mark.parametrize(
    "environ",
    [{"UV_INDEX_URL": "https://x"}, {"UV_DEFAULT_INDEX": "https://x"}, {"PIP_CONFIG_FILE": os.devnull}],
)
def test_uv_decides(home: dict[str, str], environ: dict[str, str]) -> None:
    """Settings of uv come first; pip's can be switched off."""
    assert indexes({**home, **environ}).variables == {}


def test_a_file_of_uv(home: dict[str, str], tmp_path: Path) -> None:
    """The same where uv has a file."""
    (tmp_path / ".config" / "uv").mkdir()
    (tmp_path / ".config" / "uv" / "uv.toml").write_text("")
    assert indexes(home) == ({}, ())
    other = {"HOME": str(tmp_path / "other"), "UV_CONFIG_FILE": str(tmp_path / ".config" / "uv" / "uv.toml")}
    assert indexes(other) == ({}, ())


def test_a_named_file(tmp_path: Path) -> None:
    """`PIP_CONFIG_FILE` comes last; a damaged one is passed over, as is another section."""
    file = tmp_path / "mine.conf"
    file.write_text("[list]\nindex-url = https://x\n")
    environ = {"HOME": str(tmp_path), "APPDATA": str(tmp_path), "PIP_CONFIG_FILE": str(file)}
    assert indexes(environ).variables == {}
    file.write_text("no section")
    assert indexes(environ).variables == {}
    file.write_text("[global]\nindex-url = https://y\n")
    assert indexes(environ).variables == {"UV_DEFAULT_INDEX": "https://y"}
