"""The JSON Schemas: what we write fits them, and our own check refuses what they refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gittrack.core.schema import Name, line_of, misfits, schema
from gittrack.core.text import dump, dump_json, load, load_json
from gittrack.store.format.file_checks import check_file, check_run, kind_of
from gittrack.store.format.layout import Edited, Stamp, edit_file, run_directory, run_files
from tests.support import arbitrary, tables

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.core.series import Series

NAMES: tuple[Name, ...] = get_args(Name)
ID = "20261124-034313-k3f9a2x1"
PATHS: dict[Name, str] = {
    "run": "run.yaml",
    "metrics": "metrics.jsonl",
    "environment": "environment.yaml",
    "edit": "001795492993123-k3f9a2x01b.yaml",
    "version": ".models/churn/versions/001795492993123-k3f9a2x01b.yaml",
    "alias": ".models/churn/aliases/champion/001795492993123-k3f9a2x01b.yaml",
    "modeledit": ".models/churn/edits/001795492993123-k3f9a2x01b.yaml",
}


def _is_whole(_checker: object, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_CHECKER = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole)
_Reference = jsonschema.validators.extend(jsonschema.Draft202012Validator, type_checker=_CHECKER)  # type: ignore[no-untyped-call]  # not in its stubs


def validator(name: Name) -> Any:
    """The reference implementation; 0.0 is no whole number to us, as it is to JSON Schema."""
    return _Reference(schema(name))


def documents(path: str, data: bytes) -> list[Any]:
    """What a file holds: one document, or one a line."""
    if path.endswith(".jsonl"):
        return [load_json(line) for line in data.splitlines()]
    return [load(data, where=path)]


def refused(path: str, data: bytes) -> list[str]:
    """Why the reference implementation refuses a file."""
    kind = kind_of(path)
    assert kind
    return [error.message for one in documents(path, data) for error in validator(kind).iter_errors(one)]


@pytest.mark.parametrize("name", NAMES)
def test_is_a_schema(name: Name) -> None:
    """Each schema is one of draft 2020-12."""
    jsonschema.Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", NAMES)
def test_examples(name: Name) -> None:
    """The example of each field is a value of it."""
    whole = schema(name)
    for part in [whole, *whole.get("$defs", {}).values()]:
        for field, body in part.get("properties", {}).items():
            for example in body["examples"]:
                checker = validator(name).evolve(schema={**body, "$defs": whole.get("$defs", {})})
                assert not list(checker.iter_errors(example)), field


@pytest.mark.parametrize("name", NAMES)
def test_every_field_says_what_it_is(name: Name) -> None:
    """Each field has a sentence about it."""
    whole = schema(name)
    for part in [whole, *whole.get("$defs", {}).values()]:
        assert all(body["description"].endswith(".") for body in part.get("properties", {}).values())


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(arbitrary.runs())
def test_what_is_written_fits(made: tuple[Run, list[Series]]) -> None:
    """Every file that a run is laid out in fits its schema, and our own check finds nothing."""
    run, series = made
    files = run_files(run, series, {"schema": "gittrack.environment/1"})
    for path, data in files.items():
        assert refused(path, data) == []
    directory = run_directory(run)
    assert check_run(directory, {path[len(directory) + 1 :]: data for path, data in files.items()}) == []


@settings(deadline=None, max_examples=60)
@given(st.lists(arbitrary.EDITS, max_size=3), arbitrary.TIMES)
def test_edits_fit(edits: list[Any], time: int) -> None:
    """So does every later change."""
    edited = Edited(Stamp(time, "k3f9a2x01b"), time, "Ada <ada@example.org>", tuple(edits))
    path, data = edit_file(f".runs/a/2026-11/24/{ID}", ID, edited)
    assert refused(path, data) == []
    assert check_file(path, data) == []


def test_captured_environment_fits() -> None:
    """So does the environment of this very machine."""
    from gittrack.core.config import Config
    from gittrack.tracking.environment import capture

    data = dump(capture(config=Config.load(None, {}, dict), environ={"OMP_NUM_THREADS": "1"}))
    assert refused("environment.yaml", data) == []
    assert check_file("environment.yaml", data) == []


def mutations(name: Name) -> st.SearchStrategy[Any]:
    """Documents that are nearly right: examples with a field missing or replaced."""
    whole = schema(name)
    good = {field: body["examples"][0] for field, body in whole["properties"].items()}
    fields = st.sampled_from(sorted(good))
    deep = st.sampled_from(
        [part for part in whole.get("$defs", {}).values() if "properties" in part] or [whole]
    )
    inner = deep.flatmap(
        lambda part: st.fixed_dictionaries(
            {},
            optional={
                field: st.just(body["examples"][0]) | arbitrary.VALUES
                for field, body in part["properties"].items()
            },
        )
    )
    replaced = st.builds(
        lambda field, value: {**good, field: value},
        fields,
        arbitrary.VALUES
        | inner
        | st.lists(inner, max_size=2)
        | st.dictionaries(st.just("k"), inner, max_size=1),
    )
    dropped = fields.map(lambda field: {key: value for key, value in good.items() if key != field})
    return replaced | dropped | arbitrary.VALUES


@pytest.mark.parametrize("name", NAMES)
@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=150)
@given(st.data())
def test_refuses_what_the_schema_refuses(name: Name, data: st.DataObject) -> None:
    """Our own check finds a misfit exactly where the reference implementation does."""
    # through JSON, as every document comes: NaN and lone surrogates do not survive it
    document = load_json(dump_json(data.draw(mutations(name))))
    expected = not validator(name).is_valid(document)
    assert any(misfits(name, document)) == expected or isinstance(document, float)
    if expected and isinstance(document, dict):
        content = dump_json(document) + b"\n" if name == "metrics" else dump(document)
        assert check_file(PATHS[name], content)


def test_line_of_a_field() -> None:
    """A misfit in a field of a block is on its line, in JSON inside of it on the block's."""
    text = 'schema: "x"\ntags:\n  a: "1"\n  "b c": 2\ncommand:\n  - "x"\n  - 3\nsource: {"dirty": 1}\n'
    lines = text.splitlines()
    document = load(text.encode(), where="x")
    found = {".".join(map(str, one.path)): line_of(one, lines) for one in misfits("run", document)}
    assert found == {"": None, "schema": 1, "tags.b c": 4, "command.1": 7, "source.dirty": 8}


def test_line_of_flow() -> None:
    """Where a block is written in another form, the line is that of its key."""
    text = "# x\ncommand: [1]\n"
    [one] = [one for one in misfits("run", {"command": [1]}) if one.path]
    assert line_of(one, text.splitlines()) == 2
    assert line_of(one, []) is None


def fenced(page: str, language: str) -> list[str]:
    """The examples in a page, in order."""
    blocks: list[str] = []
    inside = False
    for text in page.splitlines(keepends=True):
        if text.startswith("```"):
            inside = text.strip() == f"```{language}"
            blocks += [""] if inside else []
        elif inside:
            blocks[-1] += text
    return blocks


def test_examples_in_the_docs() -> None:
    """Every example in docs/format.md is a file without a problem, in the canonical form."""
    page = (tables.DOCS / "format.md").read_text()
    found = []
    for text in fenced(page, "yaml"):
        schema_name = load(text.encode(), where="format.md")["schema"]
        name = schema_name.partition("/")[0].removeprefix("gittrack.")
        found.append(name)
        assert check_file(PATHS[name], text.encode()) == []
    for text in fenced(page, "json"):
        found.append("metrics")
        assert check_file("metrics.jsonl", text.encode()) == []
    assert sorted(found) == sorted(NAMES)


@pytest.mark.parametrize("page", ["format.md", "configuration.md"])
def test_tables_in_the_docs(page: str) -> None:
    """The tables list exactly the fields that there are (`python -m tests.support.tables` writes them)."""
    found = tables.tables_of((tables.DOCS / page).read_text())
    assert found == {what: tables.table(what) for what in found}


def test_every_schema_has_its_tables() -> None:
    """Each schema, and each part of one that has fields, has a table."""
    wanted = set()
    for name in NAMES:
        parts = schema(name).get("$defs", {})
        wanted |= {name} | {f"{name}.{part}" for part, body in parts.items() if "properties" in body}
    assert set(tables.tables_of((tables.DOCS / "format.md").read_text())) == wanted
