"""What waits together is predicted together, and comes back to whom it belongs."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from gittrack.models.serving.engine import Engine
from gittrack.models.serving.values import Payload, Rows


class Held:
    """Stands where a loaded model does: it waits until it may predict, and notes what it was given."""

    flavor = "sklearn"
    signature = None

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()
        self.given: list[Any] = []

    def predict(self, data: Any, params: Any = None) -> Any:
        """Twice the first column."""
        self.begun.set()
        assert self.go.wait(60)
        self.given.append(data)
        values = np.asarray(data)[:, 0]
        if params or any(value < 0 for value in values):
            raise ValueError
        return values * 2


def answers(payloads: list[Payload], batch: int | None = None) -> tuple[list[Any], list[int]]:
    """What each payload is answered with, all but the first while the model is busy; the sizes of batches."""
    model, sizes = Held(), list[int]()

    async def ask() -> list[Any]:
        engine = Engine(cast("Any", model), batch, sizes.append)
        first = asyncio.ensure_future(engine.predict(payloads[0]))
        await asyncio.to_thread(model.begun.wait, 60)
        others = [asyncio.ensure_future(engine.predict(one)) for one in payloads[1:]]
        await asyncio.sleep(0)
        model.go.set()
        found = await asyncio.gather(first, *others, return_exceptions=True)
        await asyncio.to_thread(engine.close)
        return found

    return asyncio.run(ask()), sizes


def table(*values: float) -> Payload:
    """Rows of one column."""
    return Payload(pd.DataFrame({"a": [*values]}))


@pytest.mark.parametrize(
    "payload",
    [
        table,
        lambda *values: Payload(Rows(("a",), [[one] for one in values])),
        lambda *values: Payload(np.array([[one] for one in values])),
    ],
)
def test_rows_of_several_requests(payload: Any) -> None:
    """They are one table, and each gets its part."""
    found, sizes = answers([payload(1.0), payload(2.0), payload(3.0, 4.0), payload(5.0)])
    assert [list(one) for one in found] == [[2], [4], [6, 8], [10]]
    assert sizes == [1, 4]


def test_one_that_fails(recwarn: pytest.WarningsRecorder) -> None:
    """Fails alone."""
    found, _ = answers([table(1.0), table(2.0), table(-1.0)])
    assert [list(one) for one in found[:2]] == [[2], [4]]
    assert isinstance(found[2], ValueError)
    assert not recwarn


def test_what_does_not_go_together() -> None:
    """Other columns, other types, params."""
    other = Payload(pd.DataFrame({"b": [2.0]}))
    whole = Payload(pd.DataFrame({"a": [3]}))
    asked = Payload(pd.DataFrame({"a": [4.0]}), {"k": 1})
    found, sizes = answers([table(1.0), table(1.0), other, whole, asked, table(5.0)])
    assert sizes == [1, 1, 1, 1, 1, 1]
    assert isinstance(found[4], ValueError)
    assert list(found[5]) == [10]


def test_batches_are_bounded_and_can_be_off() -> None:
    """A batch ends where it has as many rows as are allowed."""
    assert answers([table(1.0)] + [table(2.0)] * 5, batch=2)[1] == [1, 2, 2, 1]
    assert answers([table(1.0)] + [table(2.0)] * 3, batch=1)[1] == [1, 1, 1, 1]
