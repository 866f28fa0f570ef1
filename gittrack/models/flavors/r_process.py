"""A function of R that predicts, in a process of its own; needs nothing but pandas and `Rscript`.

This file is kept with models of R too, as `code/gittrack_r.py`, so that MLflow predicts with them.
Tables go to R and back as CSV with a type for each column. What the function prints is left out.
"""

from __future__ import annotations

import contextlib
import pathlib
import secrets
import shutil
import subprocess
import tempfile
import threading
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_DRIVER = pathlib.Path(__file__).with_name("r_driver.R")
_KINDS = {"b": "logical", "i": "integer", "u": "integer", "f": "numeric"}
_INTEGERS = (-(2**31) + 1, 2**31 - 1)


class RFailed(RuntimeError):
    """R said no; its message says why."""


class RProcess:
    """The function `predict` of an R file, or that of a crate, ready to be called.

    Args:
        path: an `.R` file, which is run, or a `crate.bin` of MLflow's R package.

    Raises:
        RFailed: the function cannot be had.
        FileNotFoundError: R is not installed.
    """

    def __init__(self, path: str | pathlib.Path) -> None:
        self._lock = threading.Lock()
        self._token = f"gittrack-{secrets.token_hex(8)}"
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="gittrack-r-"))
        self._errors = self._folder / "errors.txt"
        try:
            with self._errors.open("wb") as errors:
                self._process: subprocess.Popen[str] = subprocess.Popen(
                    _words(path, self._token, str(self._folder)),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    encoding="utf-8",
                )
        except OSError:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self._requests, self._answers = _pipes(self._process)
        self.close = weakref.finalize(self, _end, self._process, self._folder)
        try:
            self._wait()
        except RFailed:
            self.close()
            raise

    def predict(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401  see Returns
        """Predict for a table, an array or a mapping of columns.

        Returns:
            An array for a vector of R, a DataFrame for a data frame or a matrix.

        Raises:
            RFailed: the function stopped, or R ended.
        """
        import pandas as pd

        with self._lock:
            self._write(pd.DataFrame(data), params or {})
            try:
                self._requests.write("\n")
                self._requests.flush()
            except OSError as error:
                raise self._ended() from error
            self._wait()
            table = self._read()
        return table["prediction"].to_numpy() if list(table.columns) == ["prediction"] else table

    def _write(self, table: Any, params: Mapping[str, Any]) -> None:  # noqa: ANN401  of pandas
        import pandas as pd

        kinds = [_kind(table[name]) for name in table.columns]
        (self._folder / "in.types").write_text("".join(f"{kind}\n" for kind in kinds), encoding="utf-8")
        shown = table.copy(deep=False)
        shown.columns = [f"V{name + 1}" if isinstance(name, int) else str(name) for name in table.columns]
        for name, kind in zip(shown.columns, kinds, strict=True):
            if kind == "logical":
                shown[name] = shown[name].map({True: "TRUE", False: "FALSE"})
        shown.to_csv(self._folder / "in.csv", index=False, na_rep=self._token, encoding="utf-8")
        rows = [
            (name, _kind(pd.Series([one])), one)
            for name, value in params.items()
            for one in (value if isinstance(value, (list, tuple)) else [value])
        ]
        given = pd.DataFrame(rows, columns=["name", "kind", "value"])
        given.to_csv(self._folder / "params.csv", index=False, encoding="utf-8")

    def _read(self) -> Any:  # noqa: ANN401  of pandas
        import pandas as pd

        kinds = (self._folder / "out.types").read_text(encoding="utf-8").splitlines()
        table = pd.read_csv(
            self._folder / "out.csv", keep_default_na=False, na_values=[self._token], dtype="str"
        )
        for name, kind in zip(table.columns, kinds, strict=True):
            table[name] = _typed(table[name], kind)
        return table

    def _wait(self) -> None:
        for line in self._answers:
            if line.startswith(self._token):
                word, _, text = line[len(self._token) + 1 :].rstrip().partition(" ")
                if word != "ok":
                    raise RFailed(text)
                return
        raise self._ended()

    def _ended(self) -> RFailed:
        words = " ".join(self._errors.read_text(encoding="utf-8", errors="replace").split())
        return RFailed(f"its process has ended: {words[-500:]}")


def write_crate(source: pathlib.Path, target: pathlib.Path) -> None:
    """Write the function `predict` of an R file as MLflow's R package keeps one; runs the file.

    Raises:
        RFailed: the file cannot be run, or has no such function.
        FileNotFoundError: R is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="gittrack-r-") as folder:
        done = subprocess.run(
            _words(source, "-", folder, str(target)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
    if done.returncode:
        raise RFailed(" ".join(done.stderr.split())[-500:])


def _words(path: str | pathlib.Path, *more: str) -> list[str]:
    return [
        "Rscript",
        "--vanilla",
        "--encoding=UTF-8",
        str(_DRIVER),
        str(pathlib.Path(path).resolve()),
        *more,
    ]


def _end(process: subprocess.Popen[str], folder: pathlib.Path) -> None:
    stdin, stdout = _pipes(process)
    with contextlib.suppress(OSError):
        stdin.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    stdout.close()
    shutil.rmtree(folder, ignore_errors=True)


def _pipes(process: subprocess.Popen[str]) -> tuple[Any, Any]:
    return process.stdin, process.stdout


def _kind(column: Any) -> str:  # noqa: ANN401  of pandas
    kind = _KINDS.get(column.dtype.kind, "character")
    low, high = _INTEGERS
    if kind == "integer" and len(column) and not (low <= column.min() and column.max() <= high):
        return "numeric"
    return kind


def _typed(column: Any, kind: str) -> Any:  # noqa: ANN401  of pandas
    import pandas as pd

    if kind == "logical":
        found = column.map({"TRUE": True, "FALSE": False})
        return found if found.isna().any() else found.astype(bool)
    if kind in {"integer", "double"}:
        numbers = pd.to_numeric(column.mask(column == "NaN"))
        return (
            numbers.astype("int64")
            if kind == "integer" and not numbers.isna().any()
            else numbers.astype("float64")
        )
    return column.astype(object).where(column.notna(), None)


def _load_pyfunc(path: str) -> RProcess:
    return RProcess(path)
