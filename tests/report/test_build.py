"""The document of a review: what is in it, and in which order."""

from __future__ import annotations

from dataclasses import replace

from gittrack.query.review.curves import Curves, bands_of
from gittrack.query.review.rows import MetricRow
from gittrack.query.review.values import Change, CodeChange
from gittrack.report.build import document
from gittrack.report.document import Table
from gittrack.report.formats import rendered
from tests.support.reviews import large_review, made
from tests.support.runs import series


def test_order() -> None:
    """What matters comes first, the command to reproduce last."""
    review, curves = large_review(40)
    change = (Change("x", ("1",), ("2",)),)
    full = replace(
        review,
        code=CodeChange("1" * 40, "2" * 40, {"a.py": (1, 1)}),
        environment=change,
        data=change,
        artifacts=change,
        head=replace(review.head, runs=(made({}, note="a note"), *review.head.runs)),
    )
    names = [one.name for one in document(full, curves).sections]
    wanted = ["failures", "metrics", "params", "code", "environment", "data", "artifacts", "curves"]
    assert [name for name in names if name in wanted] == wanted
    assert names[-4:] == ["gates", "runs", "notes", "reproduce"]


def test_equal_code_and_many_files() -> None:
    """Said in words; of many files fifty are listed."""
    review, _ = large_review(1)
    same = rendered(replace(review, code=CodeChange("1" * 40, "1" * 40)), "md")
    assert "The code is the same." in same
    missing = rendered(replace(review, code=CodeChange(None, None, missing="not here")), "md")
    assert "not here" in missing
    files = {f"file{number}.py": (1, 1) for number in range(60)}
    many = rendered(replace(review, code=CodeChange("1" * 40, "2" * 40, files)), "md")
    assert "10 more files are not listed." in many
    assert "file49.py" in many
    assert "file50.py" not in many


def test_curves_of_some_runs() -> None:
    """How many were drawn is told."""
    review, _ = large_review(1)
    some = Curves("acc", bands_of([("new", [series("x", 1.0, 2.0)])]), of=1000)
    text = rendered(review, "md", [some])
    assert "Drawn from at most 40 runs a side, evenly chosen of up to 1,000." in text
    assert "at most 40 runs" in rendered(review, "html", [some])


def test_digests_are_short() -> None:
    """Of data that changed the first digits are enough."""
    review, _ = large_review(1)
    change = Change("train", ("a" * 64,), ("b" * 64,))
    text = rendered(replace(review, data=(change,)), "md")
    assert "sha256:aaaaaaaaaaaa…" in text
    assert "a" * 20 not in text


def test_all_metrics_apart_from_those_that_matter() -> None:
    """Metrics without a goal that did not change stand in a section of their own."""
    review, _ = large_review(1)
    rows = (*review.metrics, MetricRow("free", "same"), MetricRow("nan", "not a number"))
    sections = {one.name: one for one in document(replace(review, metrics=rows)).sections}
    block = sections["all-metrics"].blocks[0]
    assert isinstance(block, Table)
    assert len(block.rows) == len(rows)


def test_no_metric() -> None:
    """Says so."""
    review, _ = large_review(1)
    assert "No metric was logged." in rendered(replace(review, metrics=(), gates=()), "html")


def test_several_seeds() -> None:
    """Each by its name."""
    review, _ = large_review(1)
    head = replace(review.head, runs=(made({}, params={"seed": 1, "data.seed": 2}), *review.head.runs))
    assert "data.seed=2, seed=1" in rendered(replace(review, head=head), "md")


def test_runs_that_were_left_out() -> None:
    """By reason."""
    review, _ = large_review(1)
    left = {"a": "of the older commit 123", "b": "of the older commit 456", "c": "another configuration"}
    text = rendered(replace(review, head=replace(review.head, left_out=left)), "md")
    assert "Left out: 2 of the older commit; 1 another configuration." in text
