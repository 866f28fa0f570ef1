"""A model that gittrack and MLflow both load, and their servers of it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from harness.environments import ROOT, Tool, prepare
from harness.measure import Failed, spend

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.context import Context

GITTRACK = Tool(
    "gittrack", "", "gittrack-models", (f"{ROOT}[serve,models]", "scikit-learn==1.9.1"), "gittrack"
)
MLFLOW = Tool("mlflow", "", "mlflow-models", ("mlflow==3.17.2", "scikit-learn==1.9.1", "skops"), "mlflow")
COLUMNS = "abcdefgh"
_LOAD = Path(__file__).with_name("load.py")
_TRAIN = f"""
import gittrack, numpy, pandas, sys
from sklearn.linear_model import LinearRegression
values = numpy.random.default_rng(0).random((1000, {len(COLUMNS)}))
table = pandas.DataFrame(values, columns=list({COLUMNS!r}))
gittrack.save_model(LinearRegression().fit(table, table.sum(axis=1)), sys.argv[1], input_example=table[:2])
"""
_PATIENCE = 120.0


def tools(context: Context) -> list[Tool]:
    """gittrack, and MLflow where it is asked for; those whose environment cannot be made are left out."""
    peers = any(tool.environment == "mlflow" for tool in context.tools)
    wanted = [*([GITTRACK] if context.ours else []), *([MLFLOW] if peers else [])]
    ready = []
    for tool in wanted:
        reason = prepare(tool)
        if reason:
            print(f"  {tool.name} is left out: {reason}", file=sys.stderr)
        else:
            ready.append(tool)
    return ready


def saved(context: Context) -> Path:
    """The model: a linear regression of scikit-learn, eight columns, saved by gittrack."""
    folder = context.scratch / "model"
    if not folder.exists():
        if not GITTRACK.python.exists():
            prepare(GITTRACK)
        spend([GITTRACK.python, "-c", _TRAIN, str(folder)], context.scratch, GITTRACK.environ(context.home))
    return folder


def serving_words(tool: Tool, model: Path, port: int) -> list[str]:
    """The command that serves a model with one worker, in the environment as it is."""
    own = [str(tool.script(tool.name)), *(["model"] if tool is GITTRACK else ["models"]), "serve"]
    if tool is GITTRACK:
        return [*own, str(model), "--port", str(port)]
    return [*own, "-m", str(model), "--port", str(port), "--env-manager", "local", "--workers", "1"]


@contextlib.contextmanager
def served(tool: Tool, context: Context) -> Iterator[tuple[int, float]]:
    """A server: its port, and the seconds from its start to its first prediction."""
    model, port = saved(context), _free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        serving_words(tool, model, port),
        cwd=context.scratch,
        env=tool.environ(context.home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # MLflow starts a shell that starts the server
    )
    try:
        _first_answer(port, process)
        yield port, time.perf_counter() - began
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def ask(port: int, connections: int, seconds: float, rate: float | None = None) -> dict[str, float]:
    """What a load generator in a process of its own measures."""
    words = [sys.executable, str(_LOAD), str(port), str(connections), str(seconds)]
    done = subprocess.run(
        [*words, *([] if rate is None else [str(rate)])], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Failed(done.stderr[-600:])
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _first_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    body = json.dumps(
        {"dataframe_split": {"columns": list(COLUMNS), "data": [[0.1] * len(COLUMNS)]}}
    ).encode()
    url, kind = f"http://127.0.0.1:{port}/invocations", {"Content-Type": "application/json"}
    until = time.perf_counter() + _PATIENCE
    while time.perf_counter() < until:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError):
            urllib.request.urlopen(urllib.request.Request(url, body, kind), timeout=30).read()
            return
        time.sleep(0.02)
    msg = "the server gives no answer"
    raise Failed(msg)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
