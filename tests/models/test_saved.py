"""Models are saved, logged and loaded again, and code of others runs by consent only."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import gittrack
from gittrack.core.errors import GitTrackWarning, InvalidValue, MalformedFile
from gittrack.core.yaml_reader import read_yaml, write_yaml
from gittrack.models.digest import model_digest
from gittrack.models.flavors.base import CannotSave, MissingLibrary, NotTrusted
from gittrack.models.saved import load_folder, read_model
from gittrack.models.signature.failures import DoesNotFit
from gittrack.models.trust import trust, trust_file, trusted

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore

TABLE = pd.DataFrame({"a": [0.0, 1, 2, 3], "b": [1.0, 0, 1, 0]})
CLASSES = [0, 0, 1, 1]


class Plus:
    """A model of no library."""

    def predict(self, data: Any, more: int = 1) -> Any:
        """Add to a column."""
        return data["a"] + more


def fitted() -> Any:
    """A pipeline of scikit-learn."""
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(TABLE, CLASSES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a model goes."""
    return tmp_path / "models" / "one"


def forget() -> None:
    """Be another user, who has made and trusted nothing."""
    trust_file().unlink(missing_ok=True)


def test_the_files(folder: Path) -> None:
    """MLmodel, environment, example and the model itself; signature and requirements come from it."""
    described = gittrack.save_model(fitted(), folder, input_example=TABLE, metadata={"team": "nlp"})
    names = "MLmodel conda.yaml input_example.json model.skops python_env.yaml requirements.txt"
    assert sorted(path.name for path in folder.iterdir()) == [*names.split(), "serving_input_example.json"]
    assert read_model(folder) == described
    wanted = (folder / "requirements.txt").read_text().split()
    assert [line.partition("==")[0] for line in wanted] == ["numpy", "scikit-learn", "skops"]
    request = json.loads((folder / "serving_input_example.json").read_text())
    assert request["dataframe_split"]["columns"] == ["a", "b"]
    assert described.signature is not None
    assert described.metadata == {"team": "nlp"}


def test_what_is_safe_loads_freely(folder: Path) -> None:
    """A file of skops with known types needs nobody's word."""
    gittrack.save_model(fitted(), folder)
    forget()
    loaded = gittrack.load_model(folder)
    assert (loaded.flavor, loaded.predict(TABLE).tolist()) == ("sklearn", CLASSES)
    assert isinstance(loaded.native[-1], LogisticRegression)


@pytest.mark.parametrize("form", ["pickle", "cloudpickle"])
def test_pickles_want_consent(folder: Path, form: str) -> None:
    """Who made it may load it; others say so, or trust its digest."""
    gittrack.save_model(fitted(), folder, serialization_format=form)
    assert gittrack.load_model(folder).predict(TABLE).tolist() == CLASSES
    forget()
    with pytest.raises(NotTrusted, match=r"unpickling model\.pkl") as caught:
        gittrack.load_model(folder)
    assert f"gittrack model trust {model_digest(folder)[:16]}" in str(caught.value.hint)
    assert gittrack.load_model(folder, trust=True).predict(TABLE).tolist() == CLASSES
    trust(model_digest(folder), "reviewed\nby me")
    assert gittrack.load_model(folder).predict(TABLE).tolist() == CLASSES
    assert list(trusted().values()) == ["reviewed by me"]


def test_a_changed_model_is_another_one(folder: Path) -> None:
    """A byte more, and the trust is gone."""
    gittrack.save_model(fitted(), folder, serialization_format="pickle")
    (folder / "note.txt").write_text("x")
    with pytest.raises(NotTrusted):
        gittrack.load_model(folder)


def test_types_that_skops_does_not_know(folder: Path) -> None:
    """The list in the model itself, which MLflow goes by, is no reason to trust them."""
    model = make_pipeline(FunctionTransformer(np.sqrt), LogisticRegression()).fit(TABLE, CLASSES)
    model.steps.insert(0, ("own", Plus()))
    gittrack.save_model(model, folder)
    document = read_yaml((folder / "MLmodel").read_bytes())
    assert f"{Plus.__module__}.Plus" in document["flavors"]["sklearn"]["skops_trusted_types"]
    forget()
    with pytest.raises(NotTrusted, match="making objects of"):
        gittrack.load_model(folder)


def test_an_object_with_predict(folder: Path) -> None:
    """Any will do; params go to it."""
    gittrack.save_model(Plus(), folder, input_example=TABLE, params={"more": 1})
    loaded = gittrack.load_model(folder)
    assert loaded.predict(TABLE).tolist() == [1, 2, 3, 4]
    assert loaded.predict(TABLE, {"more": 2}).tolist() == [2, 3, 4, 5]
    with pytest.raises(DoesNotFit, match="param 'more' is 'x', and the model takes long"):
        loaded.predict(TABLE, {"more": "x"})
    forget()
    with pytest.raises(NotTrusted, match="importing from its folder code"):
        gittrack.load_model(folder)


def test_data_is_held_against_the_signature(folder: Path) -> None:
    """A column too many is left out, one that is missing is named."""
    gittrack.save_model(fitted(), folder, input_example=TABLE)
    loaded = gittrack.load_model(folder)
    with pytest.warns(GitTrackWarning, match="'c': left out"):
        assert loaded.predict(TABLE.assign(c=1)).tolist() == CLASSES
    with pytest.raises(DoesNotFit, match="the model wants the column 'b'"):
        loaded.predict(TABLE[["a"]])


def test_a_model_of_a_run(store: RunStore) -> None:
    """It is one artifact, knows its run and is loaded by its address."""
    with gittrack.start_run() as run:
        logged = gittrack.log_model(fitted(), "clf", input_example=TABLE)
    assert logged.uri == f"runs:/{run.run_id}/clf"
    assert (logged.mlmodel.run_id, logged.mlmodel.artifact_path) == (run.run_id, "clf")
    found = store.get(run.run_id).artifacts
    assert [(one.path, one.kind) for one in found] == [("clf", "directory")]
    assert gittrack.load_model("runs:/@last/clf").predict(TABLE).tolist() == CLASSES


def test_a_logged_model_keeps_its_digest(repo: Path, tmp_path: Path) -> None:
    """So what was trusted as a folder is trusted as an artifact."""
    with gittrack.start_run():
        logged = gittrack.log_model(fitted(), serialization_format="pickle")
    assert gittrack.load_model(logged.uri, dst_path=tmp_path / "here").predict(TABLE).tolist() == CLASSES
    assert len(trusted()) == 1
    assert repo.is_dir()


def test_code_comes_along(folder: Path, tmp_path: Path) -> None:
    """What the model imports is kept with it, and imported by consent."""
    (tmp_path / "added.py").write_text("def more(table):\n    return table + 1\n")
    script = f"""
import sys; sys.path.insert(0, {str(tmp_path)!r})
import added, gittrack, pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
table = pd.DataFrame({{"a": [1.0]}})
model = make_pipeline(FunctionTransformer(added.more)).fit(table)
gittrack.save_model(
    model, {str(folder)!r}, code_paths=[{str(tmp_path / "added.py")!r}], serialization_format="pickle"
)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
    (tmp_path / "added.py").unlink()
    load = f"""
import gittrack, numpy
print(gittrack.load_model({str(folder)!r}, trust=True).native.transform(numpy.ones((1, 1))))
"""
    done = subprocess.run([sys.executable, "-c", load], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[[2.]]"
    assert [path.name for path in (folder / "code").iterdir()] == ["added.py"]  # no bytecode: the same digest
    forget()
    with pytest.raises(NotTrusted, match="importing from its folder code"):
        gittrack.load_model(folder)


def test_bad_choices(folder: Path) -> None:
    """Each is an error that says what there is; nothing is left behind."""
    with pytest.raises(InvalidValue, match=r"no flavor for a model of builtins\.object"):
        gittrack.save_model(object(), folder)
    with pytest.raises(InvalidValue, match="there is no flavor 'sklern'") as caught:
        gittrack.save_model(fitted(), folder, flavor="sklern")
    assert caught.value.hint == "did you mean 'sklearn'?"
    with pytest.raises(InvalidValue, match="has no option 'form'"):
        gittrack.save_model(fitted(), folder, form="skops")
    with pytest.raises(CannotSave, match="no such serialization_format"):
        gittrack.save_model(fitted(), folder, serialization_format="json")
    with pytest.raises(CannotSave, match="cannot be written as pickle"):
        gittrack.save_model(
            FunctionTransformer(lambda x: x).fit([[1]]), folder, serialization_format="pickle"
        )
    with pytest.raises(InvalidValue, match="no such file or folder"):
        gittrack.save_model(fitted(), folder, code_paths=["gone.py"])
    assert list(folder.parent.iterdir()) == []
    folder.mkdir()
    (folder / "x").touch()
    with pytest.raises(InvalidValue, match="is there already"):
        gittrack.save_model(fitted(), folder)
    with pytest.raises(InvalidValue, match="no model at gone"):
        gittrack.load_model("gone")


def changed(folder: Path, **sklearn: Any) -> None:
    """Write other words into the flavor."""
    document = read_yaml((folder / "MLmodel").read_bytes())
    document["flavors"]["sklearn"] |= sklearn
    (folder / "MLmodel").write_bytes(write_yaml(document))


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "gone", 7, "", "a/../../b"])
def test_a_model_names_only_files_of_its_own(folder: Path, name: Any) -> None:
    """Whatever its MLmodel says."""
    gittrack.save_model(fitted(), folder)
    (folder.parent / "outside").touch()
    changed(folder, pickled_model=name)
    with pytest.raises(MalformedFile):
        gittrack.load_model(folder, trust=True)


def test_a_link_out_of_the_model(folder: Path, tmp_path: Path) -> None:
    """It is followed by nobody."""
    gittrack.save_model(fitted(), folder)
    (tmp_path / "outside").write_bytes(pickle.dumps(1))
    (folder / "link").symlink_to(tmp_path / "outside")
    changed(folder, pickled_model="link", serialization_format="pickle")
    with pytest.raises(MalformedFile, match="leads out of the model"):
        gittrack.load_model(folder, trust=True)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"flavors: 1\n", "no mapping `flavors`"),
        (b"flavors: {sklearn: 1}\n", "no mapping `flavors`"),
        (b"flavors: {}\nsignature: 1\n", "`signature` is not a mapping"),
        (b"flavors: {}\nrun_id: [1]\n", "`run_id` is not a text"),
        (b"flavors: {}\nsignature: {inputs: '[{'}\n", "inputs is not JSON"),
        (b'flavors: {}\nsignature: {inputs: \'[{"type": "int"}]\'}\n', "no such type: int"),
        (b"flavors: {}\nsignature: {inputs: '[]'}\n", "no columns"),
        (b"{", "MLmodel"),
    ],
)
def test_malformed(folder: Path, content: bytes, reason: str) -> None:
    """What is wrong with a file is said."""
    folder.mkdir(parents=True)
    (folder / "MLmodel").write_bytes(content)
    with pytest.raises(MalformedFile, match=reason):
        gittrack.load_model(folder)


def test_no_model_at_all(folder: Path) -> None:
    """A folder without MLmodel."""
    folder.mkdir(parents=True)
    with pytest.raises(MalformedFile, match="not in"):
        gittrack.load_model(folder)


def test_a_flavor_that_is_not_known(folder: Path) -> None:
    """It is named."""
    folder.mkdir(parents=True)
    (folder / "MLmodel").write_bytes(b"flavors: {fastai: {data: x}}\n")
    with pytest.raises(InvalidValue, match="none of the model's flavors is known") as caught:
        gittrack.load_model(folder)
    assert caught.value.hint == "it has: fastai"
    with pytest.raises(InvalidValue, match="has no flavor 'onnx'"):
        load_folder(folder, flavor="onnx")


def test_a_library_that_is_missing(folder: Path) -> None:
    """The error says what to install."""
    folder.mkdir(parents=True)
    (folder / "MLmodel").write_bytes(b"flavors: {python_function: {loader_module: surely_not_there.x}}\n")
    with pytest.raises(MissingLibrary, match="not installed") as caught:
        gittrack.load_model(folder, trust=True)
    assert caught.value.hint == "pip install surely_not_there"


def test_keys_of_others_are_kept(folder: Path) -> None:
    """What this version does not know comes back as it was."""
    content = {"flavors": {"sklearn": {"x": 1}}, "prompts": ["a"], "mlflow_version": "3.17.2"}
    folder.mkdir(parents=True)
    (folder / "MLmodel").write_bytes(write_yaml(content))
    described = read_model(folder)
    assert (described.extra, described.mlflow_version) == ({"prompts": ["a"]}, "3.17.2")


def test_a_skops_file_with_a_huge_schema(folder: Path) -> None:
    """It is refused before it is read."""
    from gittrack.models.flavors import files

    folder.mkdir(parents=True)
    path = folder / "model.skops"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("schema.json", "w") as file,
    ):
        for _ in range(101):
            file.write(b" " * 1_000_000)
    with pytest.raises(MalformedFile, match="too large"):
        files.modules_of_skops(path)
