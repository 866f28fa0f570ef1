from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import MalformedFile
from gittrack.tracking.metric_files import read_metrics

if TYPE_CHECKING:
    from pathlib import Path

CASES: list[tuple[str, str, list[tuple[str, float, int | None]]]] = [
    ("m.json", '{"acc": 0.9, "n": 3, "ok": true, "name": "x"}', [("acc", 0.9, None), ("n", 3.0, None)]),
    ("m.json", '{"test": {"acc": 0.9}, "step": 7}', [("test.acc", 0.9, 7)]),
    ("m.json", '{"loss": [0.3, 0.2]}', [("loss", 0.3, 0), ("loss", 0.2, 1)]),
    (
        "m.json",
        '[{"epoch": 1, "loss": 0.3}, {"epoch": 2, "loss": 0.2}]',
        [("loss", 0.3, 1), ("loss", 0.2, 2)],
    ),
    (
        "m.json",
        '{"history": [{"loss": 0.3}, {"loss": 0.2}]}',
        [("history.loss", 0.3, 0), ("history.loss", 0.2, 1)],
    ),
    ("m.json", '{"a": []}', []),
    ("m.json", '{"step": 1, "a": 1}\n{"step": 2, "a": 2}\n', [("a", 1.0, 1), ("a", 2.0, 2)]),
    (
        "m.jsonl",
        '{"step": 1, "a": {"b": 1}}\n\n{"step": 2, "a": {"b": 2}}',
        [("a.b", 1.0, 1), ("a.b", 2.0, 2)],
    ),
    ("m.yaml", "acc: 0.9\ntest: {f1: 1e-1}\n", [("acc", 0.9, None), ("test.f1", 0.1, None)]),
    ("m.toml", "acc = 0.9\n", [("acc", 0.9, None)]),
    ("m.csv", "epoch,loss,note\n1,0.3,a\n2,0.2,b\n", [("loss", 0.3, 1), ("loss", 0.2, 2)]),
    ("m.csv", "loss;acc\n0.3;0.5\n;0.6\n", [("loss", 0.3, 0), ("acc", 0.5, 0), ("acc", 0.6, 1)]),
    ("m.csv", "\ufeffstep, epoch, loss\r\n10, 1, 0.3\r\n", [("epoch", 1.0, 10), ("loss", 0.3, 10)]),
    ("m.csv", "epoch,step,loss\n1,10,0.3\n", [("epoch", 1.0, 10), ("loss", 0.3, 10)]),
    ("m.csv", "Epoch,val\n1.0,0.5\n", [("val", 0.5, 1)]),
    ("m.csv", "a,a_b\n1_000,2\n", [("a_b", 2.0, 0)]),
    ("m.csv", "", []),
    ("m.tsv", "step\tloss\n3\t0.1\n", [("loss", 0.1, 3)]),
]


@pytest.mark.parametrize(("name", "text", "expected"), CASES)
def test_formats(tmp_path: Path, name: str, text: str, expected: list[tuple[str, float, int | None]]) -> None:
    """Numbers become points, rows become steps, what is no number is passed over."""
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    assert [tuple(point) for point in read_metrics(tmp_path / name)] == expected


def test_not_finite(tmp_path: Path) -> None:
    """NaN and infinities as other programs write them are numbers."""
    (tmp_path / "m.json").write_text('{"a": NaN, "b": -Infinity}')
    first, second = read_metrics(tmp_path / "m.json")
    assert math.isnan(first.value)
    assert second.value == -math.inf


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.json", "3"),
        ("m.json", "[1, 2]"),
        ("m.json", "nothing"),
        ("m.yaml", "a: [1"),
        ("m.jsonl", '{"a": 1}\n{"a": \n'),
        ("m.jsonl", "[1]\n"),
        ("m.csv", 'a,b\n"' + "x" * 200_000 + '",1\n'),
    ],
)
def test_broken(tmp_path: Path, name: str, text: str) -> None:
    """A file that cannot be read is named."""
    (tmp_path / name).write_text(text)
    with pytest.raises(MalformedFile, match=name):
        read_metrics(tmp_path / name)
