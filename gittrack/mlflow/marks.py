"""Tags that carry what MLflow knows of a run and our runs have no word for; MLflow does not see them."""

from __future__ import annotations

import re

PREFIX = "gittrack.mlflow."
RUN = PREFIX + "run"
"""The run was made by MLflow: nothing is added to its tags."""
INFO = PREFIX + "info"
"""JSON: status and end time where they do not follow from ours."""
HIDDEN = PREFIX + "hidden"
"""`1`: deleted, while the run is not committed."""
LATEST = PREFIX + "latest"
"""JSON: metric to value, step and time of the newest point by step, where it is not the last one."""
DATASET = PREFIX + "dataset."
"""JSON: a dataset with its tags; the rest of the key is a digest of its name and digest."""
MODEL_INPUT = PREFIX + "input."
"""A logged model that the run used; the rest of the key is its id."""
MODEL_OUTPUT = PREFIX + "output."
"""The step at which the run made a logged model; the rest of the key is its id."""
MODEL = PREFIX + "model"
"""JSON: what a logged model is."""
MODEL_STATE = PREFIX + "state"
"""JSON: its status, and when it changed last."""
POINT = PREFIX + "point."
"""JSON: a metric of a logged model, with the run and the dataset that it was measured on."""

_MODEL_ID = re.compile(r"m-[0-9a-f]{32}", re.ASCII)


def is_model_id(run_id: str) -> bool:
    """Whether a run is a logged model."""
    return _MODEL_ID.fullmatch(run_id) is not None


def is_mark(key: str) -> bool:
    """Whether a tag is one of these."""
    return key.startswith(PREFIX)
