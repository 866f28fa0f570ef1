"""A scikit-learn model behind HTTP beside MLflow's server: start, requests a second, latency under load."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from harness.models import ask, served, tools
from harness.results import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.context import Context
    from harness.environments import Tool

_CONNECTIONS = 8
_NOTE = "one worker, one row a request"


def measure(context: Context) -> Iterator[Measured]:
    """Starts, then full load, then half of the load that the slowest can take; ratios at the end."""
    seconds = max(2.0, 10 * context.scale)
    found: dict[str, dict[str, float]] = {}
    for tool in tools(context):
        values = context.attempt(_full, context, tool, seconds)
        if values is not None:
            found[tool.name] = values
    if not found:
        return
    half = min(one["rate"] for one in found.values()) / 2
    for tool in tools(context):
        if tool.name in found:
            found[tool.name]["half"] = context.attempt(_half, context, tool, seconds, half) or 0.0
    for figure, key, unit in (
        ("serve, start to first answer", "start", "s"),
        ("serve, requests a second", "rate", "/s"),
        ("serve, p50 at full load", "p50", "ms"),
        ("serve, p99 at full load", "p99", "ms"),
        (f"serve, p99 at {half:,.0f} requests a second", "half", "ms"),
    ):
        for name, values in found.items():
            yield Measured(figure, name, values[key], unit, "", _NOTE)
    if {"gittrack", "mlflow"} <= found.keys():
        yield from _ratios(found["gittrack"], found["mlflow"])


def _full(context: Context, tool: Tool, seconds: float) -> dict[str, float]:
    starts = []
    for _ in range(context.times(5) - 1):
        with served(tool, context) as (_, start):
            starts.append(start)
    with served(tool, context) as (port, start):
        loaded = ask(port, _CONNECTIONS, seconds)
    return {**loaded, "start": statistics.median([*starts, start])}


def _half(context: Context, tool: Tool, seconds: float, rate: float) -> float:
    with served(tool, context) as (port, _):
        return ask(port, _CONNECTIONS, seconds, rate)["p99"]


def _ratios(ours: dict[str, float], theirs: dict[str, float]) -> Iterator[Measured]:
    for figure, value, limit in (
        ("serve, requests a second over mlflow's", ours["rate"] / theirs["rate"], ">= 5"),
        ("serve, p99 at half load over mlflow's", ours["half"] / (theirs["half"] or 1), "<= 0.333"),
        ("serve, start over mlflow's", ours["start"] / theirs["start"], "<= 0.333"),
    ):
        yield Measured(figure, "gittrack", value, "", limit, _NOTE)
