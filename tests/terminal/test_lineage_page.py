"""Lineages as trees of text."""

from __future__ import annotations

from gittrack.core.records import Input, Run
from gittrack.query.lineage import Lineage, Link, Step
from gittrack.terminal.lineage_page import page
from gittrack.terminal.page import plain_page

RAW = Input("raw.csv", "s3://bucket/raw.csv", "cd" * 32)
PREP = Step(
    Run("20261124-050000-k3f9a2x0", name="prep", status="finished"),
    (Link("x.csv", "train", "ab" * 32), Link("y", "y", "cd" * 32)),
    (Step(Run("20261124-040000-k3f9a2x0", status="failed"), (Link("r", "raw", "ef" * 32),), repeated=True),),
    (RAW,),
)
SAME = Step(Run("20261124-055000-k3f9a2x0", name="again", deleted=True), more=1200)
TRAIN = Run("20261124-060000-k3f9a2x0", name="train", status="finished")
FOUND = Lineage(Step(TRAIN, (), (PREP, SAME), (Input("labels", "labels"),)), Step(TRAIN))


def drawn(found: Lineage, *, unicode: bool = True) -> list[str]:
    """The page as plain text."""
    return list(plain_page(page(found, unicode=unicode)))


def test_a_lineage() -> None:
    """Runs that made inputs, each with what links it to the run below which it stands, and other inputs."""
    assert drawn(FOUND) == [
        "Run",
        "  train 20261124-060000-k3f9a2x0, finished",
        "",
        "Made from",
        "  ├─ prep 20261124-050000-k3f9a2x0, finished: x.csv → train, y",
        "  │  ├─ 20261124-040000-k3f9a2x0, failed: r → raw (see above)",
        "  │  └─ raw.csv (s3://bucket/raw.csv) cdcdcdcdcdcd",
        "  ├─ again 20261124-055000-k3f9a2x0 (removed), running",
        "  │  └─ and 1,200 more",
        "  └─ labels",
        "",
        "Used by",
        "  nothing that is known here",
    ]


def test_without_lines_to_draw_with() -> None:
    """A terminal that has ASCII only gets ASCII."""
    text = "\n".join(drawn(FOUND, unicode=False))
    assert text.isascii()
    assert "|  `- raw.csv" in text


def test_many_links() -> None:
    """A few are shown, the others counted."""
    links = tuple(Link(str(number), str(number), "ab" * 32) for number in range(5))
    found = Lineage(Step(TRAIN, (), (Step(TRAIN, links),)), Step(TRAIN))
    assert "finished: 0, 1, 2 and 2 more" in drawn(found)[4]


def test_hostile_text() -> None:
    """Names of others cannot break a line or move the cursor."""
    bad = "\x1b[2Jx\ny"
    step = Step(
        Run(TRAIN.id, name=bad), (Link(bad, bad + "2", "ab" * 32),), (), (Input(bad, bad + "2", None),)
    )
    lines = drawn(Lineage(Step(TRAIN, (), (step,)), Step(TRAIN)))
    assert all(one.isprintable() for one in lines)
    assert len(lines) == 9
