from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import gittrack
from gittrack.core.errors import UsageError
from gittrack.query.compare.side_by_side import compare
from tests.cli.recorded import record

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


@pytest.fixture(autouse=True)
def _runs(store: RunStore) -> None:
    """Five runs with a learning rate."""
    for number in range(5):
        record(store, name=f"r{number}", params={"lr": number % 2, "seed": number})


def test_compare_group_and_explain(store: RunStore) -> None:
    """The functions of the face say what those below say."""
    found = gittrack.compare_runs("r0", "r1")
    assert found == compare(found.runs, store.config.get("metrics"))
    assert [one.name for one in gittrack.group_runs("param:lr", "attributes.status = 'finished'").groups] == [
        *("0", "1"),
    ]
    assert gittrack.param_importance("loss", "attributes.status = 'finished'") == []  # all are the same


@pytest.mark.parametrize(
    ("against", "parallel"),
    [(None, False), ("lr", False), (None, True)],
    ids=["curves", "dots", "rails"],
)
def test_draw(tmp_path: Path, against: str | None, *, parallel: bool) -> None:
    """What is drawn is shown by a notebook and written by its suffix."""
    drawing = gittrack.plot_runs("loss", "r0", "r1", against=against, parallel=parallel)
    assert drawing._repr_svg_().startswith("<svg")
    drawing.save(tmp_path / "a.svg")
    drawing.save(tmp_path / "a.PNG")
    assert (tmp_path / "a.svg").read_text() == drawing.svg()
    assert (tmp_path / "a.PNG").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(UsageError, match=r"a\.gif"):
        drawing.save(tmp_path / "a.gif")


def test_the_last_run_is_drawn() -> None:
    """Without runs it is the last one."""
    assert "r4" in gittrack.plot_runs("loss").svg()
