from __future__ import annotations

from pathlib import Path

import pytest

from gittrack.launch.environments import from_record, prepare
from gittrack.launch.environments.recorded import unavailable

COMMIT = "0123456789012345678901234567890123456789"
HERE = Path()


def test_exactly_the_packages() -> None:
    """Versions from indexes, commits and archives."""
    plan = from_record(
        {
            "python": {"version": "3.11.7", "implementation": "CPython", "kind": "venv"},
            "packages": {"six": "1.17.0", "a": "1", "b": "2"},
            "direct_urls": {"a": f"git+https://h/a@{COMMIT}", "b": f"https://h/b.whl#sha256={'0' * 64}"},
        },
        directory=HERE,
    )
    assert plan.layers[0].lines == (
        f"a @ git+https://h/a@{COMMIT}",
        f"b @ https://h/b.whl#sha256={'0' * 64}",
        "six==1.17.0",
    )
    assert (plan.python, plan.exact, plan.missing, plan.notes) == ("3.11.7", True, (), ())


@pytest.mark.parametrize(
    ("name", "version", "url", "why"),
    [
        ("a", "1", "-e file:///x", "used in place"),
        ("a", "1", "file:///x", "installed from a folder"),
        ("a", "1", "git+https://h/a@", "commit is not known"),
        ("a", "1", "hg+https://h/a@12", "not from Git"),
        ("a", "1", "git+ext::sh -c x@1234567", "commit is not known"),
        ("a", "1", "https://h/a.whl\n--index-url x", "not a URL"),
        ("a", "", None, "version is not known"),
        ("a", "1\n-r x", None, "version is not known"),
        ("-r x", "1", None, "not the name"),
    ],
)
def test_what_cannot_be_had(name: str, version: str, url: str | None, why: str) -> None:
    """It is listed, with the reason."""
    document = {"packages": {name: version}, "direct_urls": {name: url} if url else {}}
    plan = from_record(document, directory=HERE)
    assert plan.layers[0].lines == ()
    assert why in plan.missing[0].why


def test_gittrack_itself_is_taken_from_where_it_is() -> None:
    """A run that calls it needs one."""
    document = {"packages": {"gittrack": "0.1"}, "direct_urls": {"gittrack": "-e file:///elsewhere"}}
    plan = from_record(document, directory=HERE)
    assert plan.layers[0].lines[0].startswith("gittrack @ file:") or plan.missing[0].name == "gittrack"


def test_notes_of_another_kind_of_place() -> None:
    """Conda, another implementation, another machine."""
    document = {"python": {"kind": "conda", "implementation": "PyPy"}, "platform": {"machine": "vax"}}
    notes = from_record(document, directory=HERE).notes
    assert [word in note for word, note in zip(("Conda", "PyPy", "vax"), notes, strict=True)] == [True] * 3


def test_a_record_that_is_nonsense() -> None:
    """It is untrusted."""
    assert (
        from_record({"python": 1, "packages": [], "direct_urls": None}, directory=HERE).layers[0].lines == ()
    )


def test_packages_that_uv_cannot_find_are_named() -> None:
    """By the words of its message."""
    plan = from_record({"packages": {"six": "99", "idna": "3.20", "no-such": "1"}}, directory=HERE)
    output = "Because no-such was not found in the package\n registry and there is no version of six==99"
    assert [one.name for one in unavailable(output, plan)] == ["no-such", "six"]


def test_an_environment_is_restored_without_what_is_gone(cache: Path) -> None:
    """The rest is there, the record says what is not."""
    plan = from_record({"packages": {"six": "1.17.0", "idna": "98.7"}}, directory=HERE)
    said: list[str] = []
    ready = prepare(plan, cache=cache, progress=said.append)
    assert ready.record["installed"]["packages"] == {"six": "1.17.0"}
    assert [one["name"] for one in ready.record["missing"]] == ["idna"]
    assert "going on without idna" in said


def test_another_patch_of_python_is_taken(cache: Path) -> None:
    """When the recorded one is not there."""
    import platform

    minor = platform.python_version().rpartition(".")[0]
    plan = from_record({"python": {"version": f"{minor}.99"}, "packages": {}}, directory=HERE)
    ready = prepare(plan, cache=cache)
    assert ready.record["missing"][0]["name"] == "python"
    assert ready.record["installed"]["python"].startswith(f"{minor}.")
