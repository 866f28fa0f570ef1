from __future__ import annotations

import shlex
from typing import Any

import pytest

from gittrack.tracking.arguments import params_of

CASES: list[tuple[str, dict[str, Any]]] = [
    ("python train.py", {}),
    ("python train.py --lr 0.1", {"lr": 0.1}),
    ("python train.py --lr=0.1", {"lr": 0.1}),
    ("python train.py -lr 0.1", {"lr": 0.1}),
    ("python train.py -b 32", {"b": 32}),
    ("python train.py -j4", {"j": 4}),
    ("python train.py lr=0.1", {"lr": 0.1}),
    ("python train.py +model.lr=1e-3 ++db/kind=mysql", {"model.lr": 0.001, "db/kind": "mysql"}),
    ("python train.py ~model.dropout", {}),
    ("python train.py model.layers=[1,2,3]", {"model.layers": [1, 2, 3]}),
    ("python train.py --use-amp", {"use-amp": True}),
    ("python train.py --use-amp --lr 1", {"use-amp": True, "lr": 1}),
    ("python train.py --no-amp", {"no-amp": True}),
    ("python train.py --shift -0.5 --low -3", {"shift": -0.5, "low": -3}),
    ("python train.py --shift=-0.5", {"shift": -0.5}),
    ("python train.py --seed 1 --seed 2 --seed 3", {"seed": [1, 2, 3]}),
    ("python train.py -v -v", {"v": [True, True]}),
    ("python train.py --layers 64 128 --lr 1", {"layers": [64, 128], "lr": 1}),
    ("python train.py --data a.csv b.csv", {"data": "a.csv"}),
    ("python train.py data.csv --lr 0.1 -- --not 1", {"lr": 0.1}),
    ("python train.py --flag true --other None --name base", {"flag": True, "other": None, "name": "base"}),
    ("python train.py --version 1.2.3 --id 007", {"version": "1.2.3", "id": "007"}),
    ("python train.py --name=", {"name": ""}),
    ("python train.py --text 'two words'", {"text": "two words"}),
    ("python train.py s3://bucket/data?x=1 /data/a=b", {}),
    ("python train.py --input -", {"input": "-"}),
    ("python -u -W ignore train.py --lr 1", {"lr": 1}),
    ("python -m pkg.train --lr 1", {"lr": 1}),
    ("python3.11 -c 'print(1)' --lr 1", {"lr": 1}),
    ("/usr/bin/python3 -X dev train.py --lr 1", {"lr": 1}),
    ("torchrun --nproc_per_node 2 train.py --lr 0.1", {"lr": 0.1}),
    ("torchrun --standalone --nnodes=1 -m pkg.train --lr 0.1", {"lr": 0.1}),
    ("python -m torch.distributed.run --nproc-per-node 2 train.py --lr 0.1", {"lr": 0.1}),
    ("uv run train.py --lr 1", {"lr": 1}),
    ("uv run --with numpy python train.py --lr 1", {"lr": 1}),
    ("uv run -m pkg --lr 1", {"lr": 1}),
    ("uv pip --quiet", {"quiet": True}),
    ("accelerate launch --num_processes 2 --multi_gpu train.py --lr 1", {"lr": 1}),
    ("srun -n 4 --pty python train.py --lr 1", {"lr": 1}),
    ("srun -N2 --gres=gpu:1 -p gpu python train.py --lr 1", {"lr": 1}),
    ("mpirun -np 4 --mca btl tcp --oversubscribe python train.py --lr 1", {"lr": 1}),
    ("env -u X CUDA_VISIBLE_DEVICES=0 python train.py --lr 1", {"lr": 1}),
    ("timeout -k 5 10 nice -n 5 python train.py --lr 1", {"lr": 1}),
    ("conda run -n torch python train.py --lr 1", {"lr": 1}),
    ("bash x.sh --lr 1", {"lr": 1}),
    ("bash -c 'train --lr 2' name --lr 1", {"lr": 1}),
    ("Rscript --vanilla fit.R --alpha 0.5", {"alpha": 0.5}),
    ("java -Xmx4g -jar train.jar --depth 3", {"depth": 3}),
    ("./train --depth 3", {"depth": 3}),
    ("env -- python train.py --lr 1", {"lr": 1}),
    ("env A=1", {}),
    ("python", {}),
    ("uv", {}),
    ("python -m", {}),
]


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_params_of_command(line: str, expected: dict[str, Any]) -> None:
    """Params are what the command line gives to the program itself, typed."""
    assert params_of(shlex.split(line)) == expected


def test_types_are_exact() -> None:
    """A boolean is no number, and a whole number no float."""
    assert repr(params_of(["x", "--a", "1", "--b", "1.0", "--c", "true"])) == "{'a': 1, 'b': 1.0, 'c': True}"


def test_key_that_cannot_be_kept() -> None:
    """A key with control characters or beyond the limit is no param."""
    assert params_of(["x", "--a\x1bb", "1", "--" + "k" * 251, "2", "--ok", "3"]) == {"ok": 3}


def test_huge_value() -> None:
    """Data on the command line is no param."""
    assert params_of(["x", "--blob=" + "z" * 10_001]) == {}


def test_broken_json_is_text() -> None:
    """A value that only looks like a list stays text."""
    assert params_of(["x", "a=[1,"]) == {"a": "[1,"}
