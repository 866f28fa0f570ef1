"""Models read from a branch that anybody may have written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.checks.run_files import validate_branch, validate_files
from gittrack.core.errors import InvalidValue
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.doctor.checkup import diagnose
from gittrack.store.registry.document import LARGEST_FILE, alias_file, version_file
from gittrack.store.registry.read import ModelNotFound, all_models, known, model
from gittrack.store.registry.resolve import version_of
from gittrack.store.runs import RunStore
from gittrack.tracking import edit
from tests.store.registry.test_fold import files, moved, stamp, version
from tests.support.git import git_run, make_repo
from tests.support.registry import record_model, registered
from tests.support.remotes import where

if TYPE_CHECKING:
    from pathlib import Path

PATH = f".models/churn/versions/{stamp(9)}.yaml"


def put(store: RunStore, found: dict[str, bytes]) -> None:
    """Commit files to the runs branch."""
    branch.submit(store.git, Changes("by hand", found))


def doctors(store: RunStore) -> list[str]:
    """What `doctor` says of models."""
    return [one.what for one in diagnose(store) if one.check == "models"]


def test_no_models(store: RunStore) -> None:
    """Before anything was registered, or recorded."""
    assert all_models(store.git) == []
    assert model(store.git, "churn").versions == ()
    assert doctors(store) == []
    with pytest.raises(ModelNotFound, match="no model 'churn'") as caught:
        version_of(store, "models:/churn/1")
    assert "gittrack model ls" in (caught.value.hint or "")


def test_models_by_name(store: RunStore) -> None:
    """Of names with any characters."""
    for name in ("zeta", "Größe (2)", "alpha"):
        registered(store, name)
    assert [one.name for one in all_models(store.git)] == ["Größe (2)", "alpha", "zeta"]
    assert doctors(store) == ["3 registered models, all versions have their run"]
    assert list(validate_branch(store.git)) == []


def test_near_name(store: RunStore) -> None:
    """A typing error is recognised."""
    registered(store)
    with pytest.raises(ModelNotFound) as caught:
        known(store, "chrun")
    assert caught.value.hint == "did you mean 'churn'?"


def test_resolve(store: RunStore) -> None:
    """By number, alias, latest; what is missing is said with what there is."""
    first, second = registered(store, alias="champion"), registered(store, content=b"2")
    found = [version_of(store, f"models:/churn{text}").id for text in ("/1", "@champion", "/latest", "/v2")]
    assert found == [first.id, first.id, second.id, second.id]
    assert version_of(store, "churn").id == second.id
    for text, hint in (("/7", "it has 1, 2"), ("@prod", "it has champion")):
        with pytest.raises(ModelNotFound) as caught:
            version_of(store, f"models:/churn{text}")
        assert caught.value.hint == hint


def test_no_alias_yet(store: RunStore) -> None:
    """The hint says how to set one."""
    registered(store)
    with pytest.raises(ModelNotFound, match="no alias 'prod'") as caught:
        version_of(store, "churn@prod")
    assert "promote churn ALIAS" in (caught.value.hint or "")


def test_hostile_files(store: RunStore, tmp_path: Path) -> None:
    """Links, huge files, nonsense: each is named, none hides the model."""
    registered(store)
    huge = f".models/churn/edits/{stamp(8)}.yaml"
    put(
        store,
        {PATH: b"schema: [", huge: b"x" * (LARGEST_FILE + 1), ".models/churn/NEWS": b"of a later version"},
    )
    tree = tmp_path / "tree"
    git_run("worktree", "add", "-q", str(tree), "gittrack/runs", cwd=where(store))
    (tree / f".models/churn/versions/{stamp(7)}.yaml").symlink_to("/etc/passwd")
    git_run("add", "-A", cwd=tree)
    git_run("commit", "-q", "-m", "a link", cwd=tree)
    found = known(store, "churn")
    assert len(found.versions) == 1
    named = {line.partition(":")[0] for line in found.problems}
    assert named == {PATH, huge, f".models/churn/versions/{stamp(7)}.yaml"}
    assert doctors(store)[0].startswith("3 files of models cannot be read")
    problems = {one.path: one for one in validate_branch(store.git)}
    assert [problems[path].severity for path in (PATH, huge, ".models/churn/NEWS")] == ["error"] * 2 + [
        "warning"
    ]
    assert "mode 120000" in problems[f".models/churn/versions/{stamp(7)}.yaml"].message


def test_two_folders_of_one_name(store: RunStore) -> None:
    """A folder that only decodes to a name does not stand for it."""
    one = registered(store)
    path, content = version_file(version(5))
    put(store, {path.replace("/churn/", "/%63hurn/"): content})
    found = {each.name: each for each in all_models(store.git)}
    assert found["churn"].versions == (one,)
    assert "belongs to another model" in found["%63hurn"].problems[0]
    assert version_of(store, "models:/churn/latest") == one


def test_sha256(tmp_path: Path) -> None:
    """In a repository of the other object format."""
    store = RunStore.open(make_repo(tmp_path / "repo", "--object-format=sha256"))
    one = registered(store, alias="champion")
    assert version_of(store, "models:/churn@champion") == one


def test_version_without_its_run(store: RunStore) -> None:
    """`doctor` names it."""
    put(store, dict([version_file(version(1))]))
    assert doctors(store) == ["1 version of models whose run is not here: churn/1"]


def test_what_no_file_tells_alone(store: RunStore) -> None:
    """One number claimed twice, an alias of nothing, files from the future."""
    registered(store)
    put(store, files(version(3), moved(4, stamp(99)), version(4_102_444_800_000, 7)))
    said = [(one.severity, one.message[:28]) for one in validate_branch(store.git)]
    assert said == [
        ("warning", "2 versions claim the number "),
        ("error", "names a version that is not "),
        ("warning", "1 files are dated more than "),
    ]


def test_files_on_disk(tmp_path: Path) -> None:
    """A checked-out runs branch can be validated, and a file by its place."""
    path, content = alias_file("churn", moved(2, stamp(1)), 1)
    target = tmp_path / path
    target.parent.mkdir(parents=True)
    target.write_bytes(content)
    assert list(validate_files([tmp_path])) == []
    target.write_bytes(content.replace(b'alias: "champion"', b'alias: "other"'))
    assert [one.message for one in validate_files([target])] == ["alias: not that of its folder"]


def test_run_of_a_model_is_not_hidden(store: RunStore) -> None:
    """But by force, and the version stays."""
    version_ = registered(store, alias="champion")
    with pytest.raises(InvalidValue, match=r"made a registered model: churn/1 \(champion\)"):
        edit.hide(store, [version_.run_id])
    other = record_model(store, b"other")
    edit.hide(store, [other])
    edit.hide(store, [version_.run_id], force=True)
    assert store.get(version_.run_id).deleted
    assert version_of(store, "models:/churn@champion").run_id == version_.run_id
