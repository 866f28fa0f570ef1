"""R: a file with a function `predict`, or a crate as MLflow's R package writes it; run by `Rscript`.

Both are programs, and are run by consent. MLflow for Python cannot read crates; what gittrack writes has a
loader beside it, with which it can.
"""

from __future__ import annotations

import shutil
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError, InvalidValue
from gittrack.models.flavors import r_process
from gittrack.models.flavors.base import CannotSave, MissingLibrary, Written, check_options
from gittrack.models.flavors.files import CODE, inside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gittrack.models.flavors.base import Consent, Predict

_LOADER = "gittrack_r"
_DRIVER = "r_driver.R"
_FOLDER = "r"
_CRATE = "crate.bin"


class StoppedInR(GitTrackError):
    """The code of R said no, or its process ended."""


class RFile:
    """The path of an `.R` file that defines `predict(data, …)`."""

    name = "r"
    options: Mapping[str, str] = MappingProxyType({"files": "what the file reads, kept in its folder"})

    def takes(self, model: object) -> bool:
        """Whether it is the path of such a file."""
        return isinstance(model, (str, PurePath)) and PurePath(model).suffix in {".R", ".r"}

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401  a path
        """Keep the file, and those that it reads, in the folder `r`."""
        check_options(self, options)
        source = _source(self, model)
        (folder / _FOLDER).mkdir()
        for path in (source, *map(Path, options.get("files") or ())):
            if not path.is_file():
                msg = f"no such file: {path}"
                raise InvalidValue(msg, hint="`files` names files that the R file reads from its folder")
            shutil.copyfile(path, folder / _FOLDER / path.name)
        return _written({"source": f"{_FOLDER}/{source.name}"}, f"{_FOLDER}/{source.name}", folder)

    def read(self, folder: Path, config: Mapping[str, Any], consent: Consent) -> Any:  # noqa: ANN401
        """A process that has run the file."""
        return _start(inside(folder, config, "source"), consent)

    def predictor(self, model: Any, config: Mapping[str, Any]) -> Predict:  # noqa: ANN401, ARG002  needs none of it
        """Its `predict`; a vector of R becomes an array, a data frame a table."""
        process = model if isinstance(model, r_process.RProcess) else _said(r_process.RProcess, Path(model))
        return lambda data, params: _said(process.predict, data, params)


class Crate(RFile):
    """The same as a crate, which MLflow's R package loads; asked for by `flavor="crate"`."""

    name = "crate"
    options: Mapping[str, str] = MappingProxyType({})

    def takes(self, model: object) -> bool:  # noqa: ARG002  the file itself is the better copy
        """No: packages that the file attaches are not part of a crate."""
        return False

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401  a path
        """Run the file and write its function as `crate.bin`."""
        check_options(self, options)
        try:
            _said(r_process.write_crate, _source(self, model), folder / _CRATE)
        except StoppedInR as error:
            raise CannotSave(error.message, hint="run the file with Rscript") from error
        return _written({"version": "0.1.0", "model": _CRATE}, _CRATE, folder)

    def read(self, folder: Path, config: Mapping[str, Any], consent: Consent) -> Any:  # noqa: ANN401
        """A process that has the function."""
        return _start(inside(folder, config, "model"), consent)


def _source(flavor: RFile, model: Any) -> Path:  # noqa: ANN401
    if (
        isinstance(model, (str, PurePath))
        and PurePath(model).suffix in {".R", ".r"}
        and Path(model).is_file()
    ):
        return Path(model)
    msg = f"the flavor {flavor.name} takes the path of an .R file, and not {str(model)[:80]!r}"
    raise CannotSave(msg, hint="name a file that defines predict(data)")


def _written(config: Mapping[str, Any], data: str, folder: Path) -> Written:
    (folder / CODE).mkdir(exist_ok=True)
    own = Path(r_process.__file__)
    shutil.copyfile(own, folder / CODE / f"{_LOADER}.py")
    shutil.copyfile(own.with_name(_DRIVER), folder / CODE / _DRIVER)
    return Written(config, {"loader_module": _LOADER, "data": data, "code": CODE}, frozenset({"pandas"}))


def _start(path: Path, consent: Consent) -> r_process.RProcess:
    consent.require(f"running the R code of {path.name}")
    process: r_process.RProcess = _said(r_process.RProcess, path)
    return process


def _said(function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401
    """What a function gives, with the errors of R as ours."""
    try:
        return function(*arguments)
    except r_process.RFailed as error:
        msg = f"R: {error}"
        raise StoppedInR(msg, hint="see the R file of the model") from error
    except FileNotFoundError as error:
        msg = "R is not installed: there is no Rscript"
        raise MissingLibrary(
            msg, hint="apt-get install r-base-core, or see https://cran.r-project.org"
        ) from error


FLAVOR = RFile()
CRATE = Crate()
