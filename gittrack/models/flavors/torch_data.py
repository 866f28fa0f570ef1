"""What a module of PyTorch is given and gives: tables and arrays outside, tensors inside."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from gittrack.models.flavors.base import CannotPredict
from gittrack.models.flavors.files import library

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def arguments(data: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:  # noqa: ANN401  see Args
    """Arguments of `forward`, as tensors.

    Args:
        data: a table, of which the numbers become one float32 tensor, as MLflow does it; an array or tensor;
            a tuple of these, one for each argument; a mapping, with their names.

    Raises:
        CannotPredict: it is something else.
    """
    if isinstance(data, dict):
        return (), {name: _tensor(value) for name, value in data.items()}
    if isinstance(data, tuple):
        return tuple(map(_tensor, data)), {}
    return (_tensor(data),), {}


def predict(module: Any, data: Any, params: Mapping[str, Any]) -> Any:  # noqa: ANN401  of any kind
    """What a module makes of data: a table of a table, else an array, a tuple or a mapping of arrays.

    Raises:
        CannotPredict: it cannot take the data, or gives something else.
    """
    import pandas as pd

    torch = library("torch")
    positional, named = arguments(data)
    device = _device(module)
    with torch.no_grad(), _evaluating(module):
        found = module(
            *(one.to(device) for one in positional),
            **{name: one.to(device) for name, one in named.items()},
            **params,
        )
    result = _plain(found)
    return pd.DataFrame(result, index=data.index) if isinstance(data, pd.DataFrame) else result


def _tensor(data: Any) -> Any:  # noqa: ANN401
    import numpy as np
    import pandas as pd

    torch = library("torch")
    if isinstance(data, pd.DataFrame):
        data = data.to_numpy(dtype=np.float32)
    if isinstance(data, np.ndarray):
        return torch.from_numpy(np.require(data, requirements=["C", "W"]))
    if isinstance(data, torch.Tensor):
        return data
    msg = f"a module takes no {type(data).__qualname__}"
    raise CannotPredict(msg, hint="give a DataFrame, an array, or a tuple or mapping of arrays")


def _plain(found: Any) -> Any:  # noqa: ANN401
    if isinstance(found, (tuple, list)):
        return tuple(map(_plain, found))
    if isinstance(found, dict):
        return {name: _plain(value) for name, value in found.items()}
    if not hasattr(found, "detach"):
        msg = f"the module gives a {type(found).__qualname__}"
        raise CannotPredict(msg, hint="its forward must give tensors")
    return found.detach().cpu().numpy()


def _device(module: Any) -> Any:  # noqa: ANN401
    for tensor in (*module.parameters(), *module.buffers()):
        return tensor.device
    return "cpu"


@contextlib.contextmanager
def _evaluating(module: Any) -> Iterator[None]:  # noqa: ANN401
    """Keep a module that is being trained from learning or forgetting: dropout, running means."""
    training = [one for one in module.modules() if one.training]
    with contextlib.suppress(NotImplementedError):  # an exported one is as it was exported
        module.eval()
    try:
        yield
    finally:
        for one in training:
            one.training = True
