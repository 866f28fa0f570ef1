"""What a flavor does, and what it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from gittrack.core.errors import GitTrackError, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    Predict = Callable[[Any, Mapping[str, Any]], Any]
    """Takes data and params, gives predictions."""


class NotTrusted(GitTrackError):
    """Loading the model would run code that came with it, and nobody has agreed to that."""


class CannotSave(InvalidValue):
    """A model cannot be written in the way that was asked for."""


class MissingLibrary(GitTrackError):
    """The library of a flavor is not installed."""


class Consent(Protocol):
    """Whether code of the model may run."""

    def require(self, what: str) -> None:
        """Go on only where somebody has agreed.

        Args:
            what: would be done, for the message: `unpickling model.pkl`.

        Raises:
            NotTrusted: nobody has.
        """


class Written(NamedTuple):
    """What a flavor wrote.

    Attributes:
        config: what it needs to read it, for `MLmodel`.
        pyfunc: the `python_function` flavor with which MLflow predicts; None where the model cannot.
        modules: of Python, that the files name.
        distributions: that are needed besides those of the modules.
    """

    config: Mapping[str, Any]
    pyfunc: Mapping[str, Any] | None
    modules: frozenset[str] = frozenset()
    distributions: tuple[str, ...] = ()


class Flavor(Protocol):
    """Writes and reads the models of one library. Its name and files are those of MLflow's flavor."""

    name: str
    options: Mapping[str, str]
    """What :meth:`write` takes besides the model, each with a line of help."""

    def takes(self, model: object) -> bool:
        """Whether a model is one of the library's; imports nothing."""

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401  of any library
        """Write a model into a folder.

        Raises:
            CannotSave: it cannot be written so.
            MissingLibrary: a library is not installed.
        """

    def read(self, folder: Path, config: Mapping[str, Any], consent: Consent) -> Any:  # noqa: ANN401  the same
        """The model in a folder, in the classes of its library.

        Raises:
            NotTrusted: that would run code.
            MalformedFile: `config` says what cannot be.
            MissingLibrary: a library is not installed.
        """

    def predictor(self, model: Any, config: Mapping[str, Any]) -> Predict:  # noqa: ANN401  the same
        """What predicts with a model that was read.

        Raises:
            CannotPredict: the model cannot.
        """


class CannotPredict(GitTrackError):
    """The model has nothing that predicts."""


def comes_from(model: object, *libraries: str) -> bool:
    """Whether the class of an object, or one that it is made from, is of a library; imports nothing."""
    return any(kind.__module__.partition(".")[0] in libraries for kind in type(model).__mro__)


def check_options(flavor: Flavor, given: Iterable[str]) -> None:
    """See that a flavor knows all options.

    Raises:
        InvalidValue: it does not know one.
    """
    for name in given:
        if name not in flavor.options:
            known = ", ".join(flavor.options) or "none"
            msg = f"the flavor {flavor.name} has no option {name!r}"
            raise InvalidValue(msg, hint=f"it has: {known}")
