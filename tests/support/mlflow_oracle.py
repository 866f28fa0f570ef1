"""What MLflow makes of projects; run by a Python that has MLflow, see `tests/support/real_mlflow.py`.

One JSON object a line: `directory`, `entry_point`, `params` in; what MLflow computed out.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile


def answer(question: dict[str, object]) -> dict[str, object]:
    """The command, or how MLflow fails: it refuses with an error of its own, or crashes."""
    from mlflow.exceptions import MlflowException
    from mlflow.projects import _project_spec

    directory = str(question["directory"])
    os.chdir(directory)
    try:
        project = _project_spec.load_project(directory)
        entry = project.get_entry_point(question["entry_point"])
        with tempfile.TemporaryDirectory() as storage:
            command = entry.compute_command(question["params"], storage).replace(storage, "STORAGE")
    except MlflowException as error:
        return {"kind": "refused", "message": str(error)}
    except Exception as error:  # noqa: BLE001  what it does not foresee
        return {"kind": "crashed", "message": repr(error)}
    config = project.env_config_path
    return {
        "kind": "computed",
        "command": command,
        "name": project.name,
        "env": [project.env_type, os.path.relpath(config, directory) if config else None],
    }


def main() -> None:
    """Answer until there are no more questions."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
