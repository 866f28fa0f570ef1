"""ONNX, run by onnxruntime: a graph of operators, which is read without running code.

MXNet, CNTK and Caffe2, which nobody maintains any more, come in this way too: what their exporters wrote
is ONNX of an old version, which onnxruntime still runs.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.models.flavors.base import CannotPredict, Written, check_options, comes_from
from gittrack.models.flavors.files import inside, library

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.models.flavors.base import Consent, Predict

_FILE = "model.onnx"
_SPLIT_AT = 2**31 - 1  # bytes: what one file of protobuf can hold
_PROVIDERS = ["CUDAExecutionProvider", "CPUExecutionProvider"]


class Onnx:
    """`onnx.ModelProto`, also one that MXNet, CNTK or Caffe2 has exported."""

    name = "onnx"
    options: Mapping[str, str] = MappingProxyType(
        {"save_as_external_data": "whether weights are files of their own; decided by size when not given"}
    )

    def takes(self, model: object) -> bool:
        """Whether it is a graph."""
        return comes_from(model, "onnx") and type(model).__name__ == "ModelProto"

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401  a graph
        """Write `model.onnx`."""
        check_options(self, options)
        onnx = library("onnx")
        apart = options.get("save_as_external_data")
        apart = model.ByteSize() > _SPLIT_AT if apart is None else bool(apart)
        onnx.save_model(
            model,
            str(folder / _FILE),
            save_as_external_data=apart,
            all_tensors_to_one_file=True,
            location=f"{_FILE}.data" if apart else None,
        )
        config = {
            "onnx_version": onnx.__version__,
            "data": _FILE,
            "providers": _PROVIDERS,
            "onnx_session_options": None,
            "code": None,
        }
        pyfunc = {"loader_module": "mlflow.onnx", "data": _FILE}
        return Written(config, pyfunc, distributions=("onnx", "onnxruntime"))

    def read(self, folder: Path, config: Mapping[str, Any], consent: Consent) -> Any:  # noqa: ANN401, ARG002  runs no code
        """A session of onnxruntime, on what of its providers is there."""
        runtime = library("onnxruntime")
        path = inside(folder, config, "data")
        wanted = config.get("providers")
        there = runtime.get_available_providers()
        providers = [one for one in wanted if one in there] if isinstance(wanted, list) else []
        return runtime.InferenceSession(str(path), providers=providers or ["CPUExecutionProvider"])

    def predictor(self, model: Any, config: Mapping[str, Any]) -> Predict:  # noqa: ANN401, ARG002  needs none of it
        """Tables, arrays and mappings of arrays, as MLflow feeds them; gives name to array, or a table."""
        return lambda data, _: _run(model, data)


def _run(session: Any, data: Any) -> Any:  # noqa: ANN401
    import pandas as pd

    inputs = [one.name for one in session.get_inputs()]
    table = isinstance(data, pd.DataFrame)
    feed = _feed(session, inputs, data)
    outputs = [one.name for one in session.get_outputs()]
    found = dict(zip(outputs, session.run(outputs, feed), strict=True))
    if not table:
        return found
    flat = {name: value.reshape(-1) if hasattr(value, "reshape") else value for name, value in found.items()}
    if any(len(value) != len(data) for value in flat.values()):
        return found
    return pd.DataFrame(flat, index=data.index)


def _feed(session: Any, inputs: list[str], data: Any) -> dict[str, Any]:  # noqa: ANN401
    import pandas as pd

    if isinstance(data, dict):
        known = {one.name: one for one in session.get_inputs()}
        return {name: _as(known[name], value) if name in known else value for name, value in data.items()}
    if isinstance(data, pd.DataFrame):
        if len(inputs) == 1:
            return {inputs[0]: _as(session.get_inputs()[0], data.to_numpy())}
        if not set(inputs) <= set(data.columns):
            msg = f"the model takes {', '.join(map(repr, inputs))}"
            raise CannotPredict(msg, hint="give a column for each")
        return {one.name: _as(one, _column(one, data[one.name])) for one in session.get_inputs()}
    if len(inputs) != 1:
        msg = f"one array for {len(inputs)} inputs"
        raise CannotPredict(msg, hint=f"give a mapping of arrays: {', '.join(inputs)}")
    return {inputs[0]: _as(session.get_inputs()[0], data)}


def _column(wanted: Any, column: Any) -> Any:  # noqa: ANN401
    """A column as the input has it: one value a row, or rows of one value."""
    array = column.to_numpy()
    return array if len(wanted.shape) == 1 else array.reshape(-1, 1)


def _as(wanted: Any, array: Any) -> Any:  # noqa: ANN401
    """Doubles as floats where the input takes those: tables have doubles, graphs have floats."""
    doubles = getattr(array, "dtype", None) == "float64"
    return array.astype("float32") if doubles and wanted.type == "tensor(float)" else array


FLAVOR = Onnx()
