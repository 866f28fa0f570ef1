"""Train, register, serve and ask a model: `python examples/serving/main.py [--torch]`.

The run and the registry are in the repository that this folder is in. The server ends with this program.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
GITTRACK = (sys.executable, "-m", "gittrack")


def gittrack(*words: str) -> None:
    print(f"\n$ gittrack {' '.join(words)}", flush=True)
    subprocess.run([*GITTRACK, *words], check=True, cwd=HERE)


def ask(url: str, document: object) -> dict[str, object]:
    body = json.dumps(document).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310  our server
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  the same
        return json.loads(answer.read())


def served(name: str) -> tuple[subprocess.Popen[str], str]:
    """The server, once it has said its address."""
    words = ["model", "serve", f"models:/{name}@champion", "--port", "0"]
    print(f"\n$ gittrack {' '.join(words)}", flush=True)
    server = subprocess.Popen([*GITTRACK, *words], cwd=HERE, stderr=subprocess.PIPE, text=True)
    line = server.stderr.readline()
    print(line, end="", flush=True)
    return server, line.split()[-1]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--torch", action="store_true", help="a network of PyTorch")
    name, script = ("sums", "train_torch.py") if parser.parse_args().torch else ("wines", "train.py")
    subprocess.run([sys.executable, str(HERE / script)], check=True, cwd=HERE)
    gittrack("model", "register", "runs:/@last/model", name, "--alias", "champion")
    gittrack("model", "ls", name)
    server, url = served(name)
    try:
        about = ask_about(f"{url}/v2/models/{name}")
        print("inputs:", ", ".join(one["name"] for one in about["inputs"]))
        for what, answer in answers(url, name, about).items():
            print(f"{what}: {answer}")
    finally:
        server.terminate()
        server.wait(60)


def ask_about(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310  our server
        return json.loads(answer.read())


def answers(url: str, name: str, about: dict[str, object]) -> dict[str, object]:
    """Two rows in both protocols."""
    columns = [one["name"] for one in about["inputs"]]
    if len(columns) > 1:
        rows = [[1.0] * len(columns), [2.0] * len(columns)]
        scoring = {"dataframe_split": {"columns": columns, "data": rows}}
        tensors = [
            {"name": column, "shape": [2], "datatype": "FP64", "data": [1.0, 2.0]} for column in columns
        ]
    else:
        rows = [[0.1, 0.2, 0.3, 0.4], [1.0, 1.0, 1.0, 1.0]]
        scoring = {"inputs": rows}
        tensors = [{"name": columns[0], "shape": [2, 4], "datatype": "FP32", "data": rows}]
    inferred = ask(f"{url}/v2/models/{name}/infer", {"inputs": tensors})
    return {
        "/invocations": ask(f"{url}/invocations", scoring)["predictions"],
        f"/v2/models/{name}/infer": inferred["outputs"][0]["data"],
    }


if __name__ == "__main__":
    main()
