"""PyTorch: each form is written and read; only weights alone need nobody's word."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import torch

import gittrack
from gittrack.core.errors import MalformedFile
from gittrack.models.flavors.base import CannotPredict, CannotSave, MissingLibrary, NotTrusted
from gittrack.models.trust import trust_file
from tests.frameworks.torch.nets import Branching, Net, Odd, Pair

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings(
    r"ignore:.*torch\.jit.*:DeprecationWarning",
    "ignore:.*:FutureWarning:torch",
    "ignore:.*:UserWarning:torch",
)

ROWS = np.array([[1, 2], [3, 4], [5, 6]], dtype="float32")
TABLE = pd.DataFrame(ROWS, columns=["a", "b"], index=[7, 8, 9])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a model goes."""
    return tmp_path / "model"


@pytest.fixture
def net() -> Net:
    """A module that is still being trained."""
    torch.manual_seed(0)
    return Net()


def wanted(net: torch.nn.Module) -> Any:
    """What it gives when it is not trained."""
    net.eval()
    with torch.no_grad():
        found = net(torch.from_numpy(ROWS)).numpy()
    net.train()
    return found


def forget() -> None:
    """Be another user, who has made and trusted nothing."""
    trust_file().unlink(missing_ok=True)


FORMS = [
    ("pt2", {"input_example": ROWS[:1]}, "data/model.pt2", "running the graph"),
    ("pickle", {}, "data/model.pth", r"unpickling or running model\.pth"),
    (
        "state_dict",
        {"model_kwargs": {"width": 4}},
        "data/state_dict.pth",
        "importing .*nets and making a N",
    ),
]


@pytest.mark.parametrize(("form", "choices", "file", "consent"), FORMS, ids=[one[0] for one in FORMS])
def test_forms(folder: Path, net: Net, form: str, choices: dict[str, Any], file: str, consent: str) -> None:
    """Any number of rows, as the module gives them when it is not trained; others have to agree."""
    gittrack.save_model(net, folder, serialization_format=form, **choices)
    assert (folder / file).is_file()
    assert net.training
    loaded = gittrack.load_model(folder)
    np.testing.assert_allclose(loaded.predict(ROWS), wanted(net), rtol=1e-6)
    forget()
    with pytest.raises(NotTrusted, match=consent):
        gittrack.load_model(folder)
    np.testing.assert_allclose(gittrack.load_model(folder, trust=True).predict(ROWS), wanted(net), rtol=1e-6)


@pytest.mark.parametrize(
    ("choices", "file"), [({"input_example": ROWS}, "model.pt2"), ({}, "model.pth")], ids=["example", "none"]
)
def test_the_usual_form(folder: Path, net: Net, choices: dict[str, Any], file: str) -> None:
    """An exported graph where there is an example to trace with."""
    gittrack.save_model(net, folder, **choices)
    assert (folder / "data" / file).is_file()


def test_torchscript(folder: Path, net: Net) -> None:
    """In MLflow's file; it is a program."""
    gittrack.save_model(torch.jit.script(net.eval()), folder)
    np.testing.assert_allclose(gittrack.load_model(folder).predict(ROWS), wanted(net), rtol=1e-6)
    forget()
    with pytest.raises(NotTrusted, match="running model"):
        gittrack.load_model(folder)


def test_an_exported_program(folder: Path, net: Net) -> None:
    """It is kept as it is, and its signature is inferred like that of a module."""
    program = torch.export.export(net.eval(), (torch.from_numpy(ROWS),))
    described = gittrack.save_model(program, folder, input_example=ROWS)
    np.testing.assert_allclose(gittrack.load_model(folder).predict(ROWS), wanted(net), rtol=1e-6)
    assert described.signature is not None
    with pytest.raises(CannotSave, match="cannot be written as 'pickle'"):
        gittrack.save_model(program, folder.parent / "b", serialization_format="pickle")


def test_weights_load_freely(folder: Path, net: Net) -> None:
    """Nothing but tensors; they do not predict."""
    gittrack.save_model(net.state_dict(), folder, flavor="pytorch")
    forget()
    loaded = gittrack.load_model(folder)
    other = Net()
    other.load_state_dict(loaded.native)
    np.testing.assert_allclose(wanted(other), wanted(net))
    with pytest.raises(CannotPredict, match="weights alone"):
        loaded.predict(ROWS)
    assert list(gittrack.save_model(net.state_dict(), folder.parent / "b", flavor="pytorch").flavors) == [
        "pytorch"
    ]


class Evil:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (self.path,)


def test_weights_that_are_none(folder: Path, net: Net, tmp_path: Path) -> None:
    """A pickle in their place is not run."""
    gittrack.save_model(net.state_dict(), folder, flavor="pytorch")
    torch.save({"weight": Evil(str(tmp_path / "ran"))}, folder / "data" / "state_dict.pth")
    with pytest.raises(MalformedFile, match="something else than weights"):
        gittrack.load_model(folder, trust=True)
    assert not (tmp_path / "ran").exists()


def test_an_exported_graph_is_a_program(folder: Path, net: Net, tmp_path: Path) -> None:
    """Whoever writes the archive can have it run what they like: this is why it wants consent."""
    gittrack.save_model(net, folder, input_example=ROWS)
    forget()
    path, ran = folder / "data" / "model.pt2", tmp_path / "ran"
    _poison(path, ran)
    with pytest.raises(NotTrusted):
        gittrack.load_model(folder)
    assert not ran.exists()
    with contextlib.suppress(Exception):  # whatever PyTorch makes of such a sample
        gittrack.load_model(folder, trust=True)
    assert ran.exists()


def _poison(path: Path, ran: Path) -> None:
    """The sample inputs of the archive become a pickle that makes a folder."""
    buffer = io.BytesIO()
    torch.save(Evil(str(ran)), buffer)
    with zipfile.ZipFile(path) as archive:
        members = {one.filename: archive.read(one) for one in archive.infolist()}
    (name,) = [one for one in members if "sample_inputs" in one and one.endswith(".pt")]
    members[name] = buffer.getvalue()
    writer = torch._C.PyTorchFileWriter(str(path))
    for one, content in members.items():
        inner = one.partition("/")[2]
        if inner not in {"version", "byteorder"} and not inner.startswith(".data"):
            writer.write_record(inner, content, len(content))
    writer.write_end_of_file()


def test_tables(folder: Path, net: Net) -> None:
    """Numbers in, a table with the same rows out."""
    described = gittrack.save_model(net, folder, input_example=TABLE)
    found = gittrack.load_model(folder).predict(TABLE)
    np.testing.assert_allclose(found.to_numpy(), wanted(net), rtol=1e-6)
    assert list(found.index) == [7, 8, 9]
    assert described.signature is not None


def test_params_are_arguments(folder: Path, net: Net) -> None:
    """`forward` takes them."""
    gittrack.save_model(net, folder, params={"scale": 1.0})
    found = gittrack.load_model(folder).predict(ROWS, {"scale": 3.0})
    np.testing.assert_allclose(found, 3 * wanted(net), rtol=1e-6)


@pytest.mark.parametrize("form", ["pt2", "pickle"])
def test_several_inputs(folder: Path, form: str) -> None:
    """A mapping names them, and the outputs come as one."""
    data = {"a": ROWS, "b": ROWS + 1}
    gittrack.save_model(Pair(), folder, input_example=data, serialization_format=form)
    found = gittrack.load_model(folder).predict({name: value[:1] for name, value in data.items()})
    assert {name: value.tolist() for name, value in found.items()} == {
        "sum": [[3, 5]],
        "product": [[2, 6]],
    }


def test_arguments_in_order(folder: Path) -> None:
    """A tuple holds them."""
    gittrack.save_model(Pair(), folder)
    assert gittrack.load_model(folder).predict((ROWS, ROWS))["sum"].tolist() == (2 * ROWS).tolist()


def test_what_a_module_cannot_take_or_give(folder: Path) -> None:
    """Each is said."""
    gittrack.save_model(Odd(), folder)
    loaded = gittrack.load_model(folder)
    with pytest.raises(CannotPredict, match="takes no list"):
        loaded.predict([1])
    with pytest.raises(CannotPredict, match="gives a str"):
        loaded.predict(ROWS)


@pytest.mark.parametrize(
    ("model", "choices", "reason"),
    [
        (Net, {"serialization_format": "pt2"}, "must be seen at work"),
        (Net, {"serialization_format": "x"}, "cannot be written as 'x'"),
        (Branching, {"input_example": ROWS}, "cannot be exported"),
        (
            Net,
            {"serialization_format": "state_dict", "model_kwargs": {"b": 1}},
            "cannot be built again: .*'b'",
        ),
        (Net, {"serialization_format": "state_dict", "model_kwargs": {"width": 4j}}, "model_kwargs: "),
        (dict, {"flavor": "pytorch", "serialization_format": "pickle"}, "cannot be written as 'pickle'"),
        (list, {"flavor": "pytorch"}, "no model of PyTorch"),
    ],
)
def test_what_cannot_be_saved(folder: Path, model: Any, choices: dict[str, Any], reason: str) -> None:
    """The error says what would do."""
    with pytest.raises(CannotSave, match=reason):
        gittrack.save_model(model(), folder, **choices)
    assert not folder.exists()


def test_a_class_that_nobody_can_import(folder: Path) -> None:
    """It can be pickled, with its class in the pickle, but not be built again by its name."""

    class Local(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * 2

    with pytest.raises(CannotSave, match="cannot be imported by others"):
        gittrack.save_model(Local(), folder, serialization_format="state_dict")
    gittrack.save_model(Local(), folder)
    script = f"""
import gittrack, numpy
print(gittrack.load_model({str(folder)!r}).predict(numpy.ones((1, 1), "float32")))
"""
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[[2.]]"


def test_what_cannot_be_pickled(folder: Path, net: Net) -> None:
    """An open file, for one."""
    with (folder.parent / "open").open("w") as net.log, pytest.raises(CannotSave, match="cannot be pickled"):
        gittrack.save_model(net, folder)


@pytest.mark.parametrize(
    ("content", "error", "reason"),
    [
        ("[]", MalformedFile, "names no class"),
        ('{"module": "a;b", "name": "C"}', MalformedFile, "names no class"),
        ('{"module": "not_there.x", "name": "C"}', MissingLibrary, "no module not_there"),
    ],
)
def test_a_class_that_is_not_there(
    folder: Path, net: Net, content: str, error: type[Exception], reason: str
) -> None:
    """What is wrong with it is said."""
    gittrack.save_model(net, folder, serialization_format="state_dict")
    (folder / "data" / "model_class.json").write_text(content)
    with pytest.raises(error, match=reason):
        gittrack.load_model(folder, trust=True)


def test_no_file_at_all(folder: Path, net: Net) -> None:
    """The folder of the data is empty."""
    gittrack.save_model(net, folder)
    (folder / "data" / "model.pth").unlink()
    with pytest.raises(MalformedFile, match="holds none of"):
        gittrack.load_model(folder)


def test_code_comes_along(folder: Path, tmp_path: Path) -> None:
    """Weights with a class that only the model itself brings."""
    (tmp_path / "mine.py").write_text(
        "from torch import nn\n"
        "class Mine(nn.Linear):\n"
        "    def __init__(self, n):\n"
        "        super().__init__(n, 1)\n"
    )
    save = f"""
import sys; sys.path.insert(0, {str(tmp_path)!r})
import gittrack, mine
gittrack.save_model(mine.Mine(2), {str(folder)!r}, serialization_format="state_dict", model_kwargs={{"n": 2}},
                    code_paths=[{str(tmp_path / "mine.py")!r}])
"""
    subprocess.run([sys.executable, "-c", save], check=True)
    load = f"""
import gittrack, numpy
print(gittrack.load_model({str(folder)!r}).predict(numpy.ones((3, 2), "float32")).shape)
"""
    done = subprocess.run([sys.executable, "-c", load], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "(3, 1)"


def test_what_it_needs(folder: Path, net: Net) -> None:
    """Versions that an index has: no `+cpu`."""
    gittrack.save_model(net, folder)
    lines = (folder / "requirements.txt").read_text().split()
    assert "torch==2.13.0" in lines
    assert [line.partition("==")[0] for line in lines] == ["cloudpickle", "numpy", "torch"]
