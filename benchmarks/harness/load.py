"""Requests to a server of a model, from a process of its own.

`python load.py PORT CONNECTIONS SECONDS [RATE]`

Without RATE each connection sends its next request when it has the answer to the last. With it requests
are due at even times, all connections together, and their time counts from when they were due. Prints JSON:
requests a second, and the median and 99th percentile of the answers in milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

_BODY = json.dumps({"dataframe_split": {"columns": list("abcdefgh"), "data": [[0.1] * 8]}}).encode()
_HEAD = f"Host: x\r\nContent-Type: application/json\r\nContent-Length: {len(_BODY)}\r\n\r\n"
_REQUEST = b"POST /invocations HTTP/1.1\r\n" + _HEAD.encode() + _BODY


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(_REQUEST)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert b" 200 " in head.partition(b"\r\n")[0], head
    length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.partition(b":")[2]))


async def _connection(port: int, until: float, due: list[float] | None, times: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while True:
        began = time.perf_counter() if due is None else due.pop() if due else until
        if began >= until:
            break
        await asyncio.sleep(max(0.0, began - time.perf_counter()))
        await _ask(reader, writer)
        times.append(time.perf_counter() - began)
    writer.close()


async def load(port: int, connections: int, seconds: float, rate: float | None) -> dict[str, float]:
    """What came of it."""
    await _connection(port, time.perf_counter() + 1.0, None, [])  # what is slow once, is slow here
    times: list[float] = []
    began = time.perf_counter()
    due = None if rate is None else [began + number / rate for number in range(int(rate * seconds))][::-1]
    until = began + seconds
    await asyncio.gather(*(_connection(port, until, due, times) for _ in range(connections)))
    spent = time.perf_counter() - began
    times.sort()
    found = {"rate": len(times) / spent, "p50": times[len(times) // 2], "p99": times[int(len(times) * 0.99)]}
    return {name: value if name == "rate" else value * 1000 for name, value in found.items()}


if __name__ == "__main__":
    asked = sys.argv[1:]
    given = float(asked[3]) if len(asked) > 3 else None
    print(json.dumps(asyncio.run(load(int(asked[0]), int(asked[1]), float(asked[2]), given))))
