"""One thread that predicts: what has come while it was busy is predicted together.

A library takes nearly as long for one row as for a hundred, so under load this answers many times as many
requests, and a request that comes alone waits for nobody. Only rows of the same columns and without params
go together, and only for models that look at each row by itself. When a batch fails, each of its requests
is predicted alone, so that only the wrong ones fail.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.models.serving.typed import as_data
from gittrack.models.serving.values import Payload, like, merged, rows_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gittrack.models.loaded import LoadedModel

ROW_BY_ROW = frozenset({"sklearn", "xgboost", "lightgbm", "onnx"})
"""Flavors whose models look at each row by itself."""


class _Asked(NamedTuple):
    payload: Payload
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class Engine:
    """Predicts in a thread of its own, one batch after the other.

    Args:
        model: to predict with.
        batch: rows at most in one batch, 1 for no batches; None for 1,000 where the flavor of the model
            looks at each row by itself, else 1.
        counted: called with the number of rows of each batch.
    """

    def __init__(
        self,
        model: LoadedModel,
        batch: int | None = None,
        counted: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.model = model
        self._counted = counted
        self.batch = batch if batch is not None else (1000 if model.flavor in ROW_BY_ROW else 1)
        self._schema = model.signature.inputs if model.signature is not None else None
        self._asked: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._left: _Asked | None = None
        self._thread = threading.Thread(target=self._work, name="gittrack-predict", daemon=True)
        self._thread.start()

    async def predict(self, payload: Payload) -> Any:  # noqa: ANN401  of any model
        """The predictions for a payload.

        Raises:
            Exception: what the model raised.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._asked.put(_Asked(payload, loop, future))
        return await future

    def close(self) -> None:
        """End the thread once it has answered what was asked; one that hangs is left to the process."""
        self._asked.put(None)
        self._thread.join(2)

    def _work(self) -> None:
        while (first := self._next()) is not None:
            batch = self._together(first)
            try:
                answers: Sequence[Any] = self._predict(batch)
            except BaseException as error:  # noqa: BLE001  it is the answer, also where the model would exit
                answers = [_sayable(error)] if len(batch) == 1 else [self._alone(one) for one in batch]
            _answer(batch, answers)

    def _next(self) -> _Asked | None:
        """What comes next and is still wanted: its client may have gone, or its time may be over."""
        while True:
            left, self._left = self._left, None
            asked = left or self._asked.get()
            if asked is None or not asked.future.cancelled():
                return asked

    def _together(self, first: _Asked) -> list[_Asked]:
        """The first, and what waits and can go with it."""
        batch, data = [first], first.payload.data
        count = rows_in(data)
        if self.batch == 1 or not count or first.payload.params:
            return batch
        while count < self.batch:
            try:
                other = self._asked.get_nowait()
            except queue.Empty:
                break
            if other is None or other.payload.params or not like(data, other.payload.data):
                self._left = other
                if other is None:
                    self._asked.put(None)
                break
            batch.append(other)
            count += rows_in(other.payload.data)
        return batch

    def _predict(self, batch: Sequence[_Asked]) -> Sequence[Any]:
        sizes = [rows_in(one.payload.data) for one in batch]
        self._counted(sum(sizes))
        if len(batch) == 1:
            return [self._one(batch[0].payload)]
        data = merged([one.payload.data for one in batch])
        return _cut(self.model.predict(as_data(data, self._schema)), sizes)

    def _one(self, payload: Payload) -> Any:  # noqa: ANN401
        return self.model.predict(as_data(payload.data, self._schema), payload.params)

    def _alone(self, asked: _Asked) -> Any:  # noqa: ANN401
        try:
            return self._one(asked.payload)
        except BaseException as error:  # noqa: BLE001  the same
            return _sayable(error)


def _sayable(error: BaseException) -> Exception:
    """An error that a future can hold."""
    if isinstance(error, Exception) and not isinstance(error, (StopIteration, asyncio.CancelledError)):
        return error
    return RuntimeError(f"the model ended with {type(error).__name__}")


def _cut(found: Any, counts: Sequence[int]) -> list[Any]:  # noqa: ANN401
    """The predictions of each request.

    Raises:
        ValueError: there is not one for each row.
    """
    parts, start = [], 0
    rows = found.iloc if hasattr(found, "iloc") else found
    if isinstance(found, dict) or len(found) != sum(counts):
        msg = "the model does not give one prediction for each row"
        raise ValueError(msg)
    for count in counts:
        parts.append(rows[start : start + count])
        start += count
    return parts


def _answer(batch: Sequence[_Asked], answers: Sequence[Any]) -> None:
    for asked, found in zip(batch, answers, strict=True):
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            asked.loop.call_soon_threadsafe(_set, asked.future, found)


def _set(future: asyncio.Future[Any], found: Any) -> None:  # noqa: ANN401
    if future.done():  # its client has gone, or it took too long
        return
    if isinstance(found, Exception):
        future.set_exception(found)
    else:
        future.set_result(found)
