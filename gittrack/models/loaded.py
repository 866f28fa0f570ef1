"""A model that was loaded: it checks what it is given, and predicts."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackWarning
from gittrack.models.signature.enforce import enforce
from gittrack.models.signature.params import enforce_params

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gittrack.models.flavors.base import Predict
    from gittrack.models.mlmodel import MLModel
    from gittrack.models.signature.specs import Signature


class LoadedModel:
    """A model in memory.

    Attributes:
        native: the model in the classes of its library.
        flavor: how it was read.
        mlmodel: what its `MLmodel` says.
    """

    def __init__(
        self,
        mlmodel: MLModel,
        flavor: str,
        native: Any,  # noqa: ANN401  of any library
        predictor: Callable[[Any, Mapping[str, Any]], Predict],
        config: Mapping[str, Any],
    ) -> None:
        self.mlmodel = mlmodel
        self.flavor = flavor
        self.native = native
        self._predictor = predictor
        self._config = config
        self._predict: Predict | None = None

    def __repr__(self) -> str:
        return f"LoadedModel(flavor={self.flavor!r}, native={type(self.native).__qualname__})"

    @property
    def signature(self) -> Signature | None:
        """What it takes and gives, None where that is not known."""
        return self.mlmodel.signature

    def predict(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401  see Args
        """Predict.

        Args:
            data: a DataFrame, an array, a mapping of arrays, or what the model takes; held against the
                signature where there is one. Columns too many are left out.
            params: of `predict`; held against the signature too.

        Returns:
            What the model gives.

        Raises:
            DoesNotFit: the data or a param is not what the signature asks for; names the column.
            CannotPredict: the model has nothing that predicts.
        """
        if self._predict is None:
            self._predict = self._predictor(self.native, self._config)
        signature, values = self.mlmodel.signature, dict(params or {})
        extra: list[str] = []
        if signature is not None:
            values, extra = enforce_params(params, signature.params)
            if signature.inputs is not None:
                data, more = enforce(data, signature.inputs)
                extra = [*more, *extra]
        if extra:
            names = ", ".join(map(repr, extra[:10]))
            warnings.warn(f"the model does not know {names}: left out", GitTrackWarning, stacklevel=2)
        return self._predict(data, values)
