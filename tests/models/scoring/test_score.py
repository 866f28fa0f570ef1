"""Files are scored row by row, whatever their format and length, by one process or several."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

import gittrack
from gittrack.core.errors import InvalidValue
from gittrack.models.scoring import parts, score
from gittrack.models.scoring.api import score_file
from gittrack.models.scoring.tables import as_table, json_document, read_part, write_part
from gittrack.models.signature.failures import DoesNotFit

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 2000
TABLE = pd.DataFrame({"a": range(ROWS), "b": [0.5] * ROWS})


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that gives a + 2 b."""
    folder = tmp_path_factory.mktemp("scoring") / "model"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITTRACK_TRUST_FILE", str(folder.parent / "trusted"))
        fitted = LinearRegression().fit(TABLE, TABLE["a"] + 2 * TABLE["b"])
        gittrack.save_model(fitted, folder, input_example=TABLE[:2])
    return folder


def expected() -> list[float]:
    """What it gives for the table."""
    return [number + 1.0 for number in range(ROWS)]


def written(path: Path) -> Path:
    """The table in a file of the format that its name says."""
    if path.suffix == ".csv":
        TABLE.to_csv(path, index=False)
    elif path.suffix == ".jsonl":
        TABLE.to_json(path, orient="records", lines=True)
    else:
        path.write_text(
            json.dumps({"dataframe_split": json.loads(TABLE.to_json(orient="split", index=False))})
        )
    return path


def read(path: Path) -> list[float]:
    """The predictions in a file."""
    if path.suffix == ".csv":
        values = pd.read_csv(path)["prediction"].tolist()
    elif path.suffix == ".jsonl":
        values = [json.loads(line)["prediction"] for line in path.read_text().splitlines()]
    else:
        values = json.loads(path.read_text())["predictions"]
    return [round(value, 9) for value in values]


@pytest.mark.parametrize("source", ["in.csv", "in.jsonl", "in.json"])
@pytest.mark.parametrize("target", ["out.csv", "out.jsonl", "out.json"])
def test_formats(model: Path, tmp_path: Path, source: str, target: str) -> None:
    """Each is read and written."""
    done = score_file(model, written(tmp_path / source), tmp_path / target, workers=1)
    assert (done.rows, read(tmp_path / target)) == (ROWS, expected())


def test_several_processes(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows stay in their order, and every byte is counted."""
    monkeypatch.setattr(parts, "PART", 1000)
    monkeypatch.setattr(score, "_FEW", 0)
    monkeypatch.setattr(parts.parts_of, "__defaults__", (1000,))
    counted: list[int] = []
    source = written(tmp_path / "in.csv")
    done = score_file(model, source, tmp_path / "out.csv", workers=2, progress=counted.append)
    assert done.parts > 10
    assert read(tmp_path / "out.csv") == expected()
    assert sum(counted) == source.stat().st_size


def test_a_failure_leaves_what_was_there(model: Path, tmp_path: Path) -> None:
    """The column and the part are named."""
    (tmp_path / "in.csv").write_text("a,b\n1,0.5\nx,1\n")
    (tmp_path / "out.csv").write_text("old")
    with pytest.raises(DoesNotFit, match=r"column 'a' cannot be read as int64.*part 1 of"):
        score_file(model, tmp_path / "in.csv", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("in.csv", "", "no header"),
        ("in.csv", "a,b\n1,2,3\n1,2,3,4\n", "not CSV"),
        ("in.csv", "a\n1\n", "wants the column 'b'"),
        ("in.jsonl", "{\n", "not jsonl"),
        ("in.json", "3", "no table"),
        ("in.json", "[", "not json"),
        ("in.txt", "", r"format of in\.txt is not known"),
    ],
)
def test_bad_input(model: Path, tmp_path: Path, name: str, content: str, reason: str) -> None:
    """Each is an error that says what is wrong."""
    (tmp_path / name).write_text(content)
    with pytest.raises(InvalidValue, match=reason):
        score_file(model, tmp_path / name, tmp_path / "out.csv", workers=1)
    with pytest.raises(InvalidValue, match="no such file"):
        score_file(model, tmp_path / "gone.csv")


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=5),
            min_size=2,
            max_size=2,
        ),
        min_size=1,
    ),
    st.integers(1, 40),
)
def test_parts_are_whole_rows(rows: list[list[str]], size: int) -> None:
    """Wherever a CSV file is cut, the parts have its rows, newlines and quotes in values included."""
    content = pd.DataFrame(rows, columns=["a", "b"]).to_csv(index=False).encode()
    found = list(parts.parts_of(io.BytesIO(content), "csv", size))
    assert sum(part.size for part in found) == len(content)
    tables = [
        pd.read_csv(io.BytesIO(part.head + part.body), dtype=str, keep_default_na=False) for part in found
    ]
    together = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["a", "b"])
    whole = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    assert together.to_numpy().tolist() == whole.to_numpy().tolist()


def test_a_quote_that_is_never_closed() -> None:
    """The rest of the file is one row, and a parser says so."""
    found = list(parts.parts_of(io.BytesIO(b'a\n"1\n2\n3\n'), "csv", 3))
    assert [part.body for part in found] == [b'"1\n2\n3\n']


@pytest.mark.parametrize(
    ("predictions", "columns"),
    [
        ([1, 2], ["prediction"]),
        (pd.Series([1], name="x"), ["x"]),
        (pd.Series([1]), ["prediction"]),
        ([[1, 2]], ["prediction_0", "prediction_1"]),
        (pd.DataFrame({"p": [1], "q": [2]}), ["p", "q"]),
        ({"p": [1], "q": [2]}, ["p", "q"]),
    ],
)
def test_predictions_are_columns(predictions: Any, columns: list[str]) -> None:
    """Of whatever form they come in."""
    assert list(as_table(predictions).columns) == columns


def test_predictions_that_are_no_rows() -> None:
    """Are refused."""
    with pytest.raises(InvalidValue, match=r"shape \(1, 1, 1\) are no rows"):
        as_table([[[1]]])


def test_texts() -> None:
    """The header comes once; JSON says what a server would."""
    table = pd.DataFrame({"prediction": [1.5, 2.0]})
    assert write_part(table, "csv", first=True) == b"prediction\n1.5\n2.0\n"
    assert write_part(table, "csv", first=False) == b"1.5\n2.0\n"
    assert json_document(write_part(table, "jsonl", first=True)) == b'{"predictions": [1.5, 2.0]}'
    split = parts.Part(b"", b'{"columns": ["a"], "data": [[1]]}', 1)
    assert read_part(split, "json", None).to_dict("list") == {"a": [1]}
