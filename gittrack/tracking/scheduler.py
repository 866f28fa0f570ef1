"""What started this process: Slurm, torchrun, MPI and the like, read from the environment variables.

Every function takes the variables, so that it says the same about any process.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TAGS = {
    "slurm.job_id": ("SLURM_JOB_ID", "SLURM_JOBID"),
    "slurm.job_name": ("SLURM_JOB_NAME",),
    "slurm.array_job_id": ("SLURM_ARRAY_JOB_ID",),
    "slurm.array_task_id": ("SLURM_ARRAY_TASK_ID",),
    "slurm.step_id": ("SLURM_STEP_ID",),
    "slurm.partition": ("SLURM_JOB_PARTITION",),
    "slurm.nodes": ("SLURM_JOB_NUM_NODES",),
    "slurm.tasks": ("SLURM_NTASKS",),
    "slurm.restarts": ("SLURM_RESTART_COUNT",),
    "pbs.job_id": ("PBS_JOBID",),
    "pbs.job_name": ("PBS_JOBNAME",),
    "pbs.array_index": ("PBS_ARRAY_INDEX", "PBS_ARRAYID"),
    "pbs.queue": ("PBS_QUEUE",),
    "lsf.job_id": ("LSB_JOBID",),
    "lsf.job_name": ("LSB_JOBNAME",),
    "lsf.array_index": ("LSB_JOBINDEX",),
    "lsf.queue": ("LSB_QUEUE",),
    "torchelastic.run_id": ("TORCHELASTIC_RUN_ID",),
    "torchelastic.restart_count": ("TORCHELASTIC_RESTART_COUNT",),
    "ray.job_id": ("RAY_JOB_ID",),
    "kubernetes.namespace": ("POD_NAMESPACE",),
    "kubernetes.pod": ("POD_NAME",),
    "kubernetes.index": ("JOB_COMPLETION_INDEX",),
}
_GRID_ENGINE = {
    "sge.job_id": "JOB_ID",
    "sge.job_name": "JOB_NAME",
    "sge.task_id": "SGE_TASK_ID",
    "sge.queue": "QUEUE",
}
_RANKS = ("RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "MV2_COMM_WORLD_RANK")
_SIZES = (
    *("WORLD_SIZE", "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"),
    *("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE"),
)
_MPI_JOBS = ("PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid", "PMI_JOBID")
_TORCHRUN = (
    *("TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT"),
    *("MASTER_ADDR", "MASTER_PORT", "WORLD_SIZE"),
)
_SLURM = ("SLURM_JOB_ID", "SLURM_STEP_ID", "SLURM_RESTART_COUNT")
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_LONGEST = 500


def tags_of(environ: Mapping[str, str]) -> dict[str, str]:
    """Tags that name the job: `slurm.job_id`, `torchelastic.run_id` and the like; none without a job."""
    found = {}
    for tag, names in _TAGS.items():
        value = next((environ[name] for name in names if environ.get(name)), None)
        if value is not None:
            found[tag] = value
    if environ.get("SGE_ROOT") and environ.get("JOB_ID"):  # too common a name without the first
        found |= {tag: environ[name] for tag, name in _GRID_ENGINE.items() if environ.get(name)}
    if environ.get("KUBERNETES_SERVICE_HOST") and "kubernetes.pod" not in found and environ.get("HOSTNAME"):
        found["kubernetes.pod"] = environ["HOSTNAME"]
    if found.get("sge.task_id") == "undefined":
        del found["sge.task_id"]
    return {tag: _clean(value) for tag, value in found.items()}


def rank(environ: Mapping[str, str]) -> int:
    """The number of this process among those of its launch; 0 for one on its own."""
    return _first(environ, _known(environ, _RANKS), 0)


def world_size(environ: Mapping[str, str]) -> int:
    """How many processes its launch has; 1 for one on its own."""
    return max(1, _first(environ, _known(environ, _SIZES), 1))


def launch_key(environ: Mapping[str, str], parent: int | None = None) -> str | None:
    """What all processes of one launch on one machine have in common and no other launch has.

    Args:
        environ: variables of the process.
        parent: id of its parent process; of this process when None.

    Returns:
        The key; None for a process on its own.
    """
    if world_size(environ) <= 1:
        return None
    # All ranks of a machine are children of one launcher, except srun's: those have a parent of their own.
    launcher = str(os.getppid() if parent is None else parent)
    if "RANK" in environ and "WORLD_SIZE" in environ:
        beneath = _in_step(environ) and "TORCHELASTIC_RUN_ID" not in environ
        return _key("torchrun", environ, _TORCHRUN, "" if beneath else launcher)
    if _in_step(environ):
        return _key("slurm", environ, _SLURM, "")
    return _key("mpi", environ, _MPI_JOBS, "" if any(map(environ.get, _MPI_JOBS)) else launcher)


def _in_step(environ: Mapping[str, str]) -> bool:
    """Whether `srun` started it: a batch script sees the job's size too, but is one process."""
    if not environ.get("SLURM_JOB_ID") or "SLURM_PROCID" not in environ:
        return False
    return environ.get("SLURM_STEP_ID", "") not in {"", "4294967291", "4294967290"}  # batch, interactive


def _known(environ: Mapping[str, str], names: tuple[str, ...]) -> tuple[str, ...]:
    """The variables that speak of this process: Slurm's only below `srun`."""
    return names if _in_step(environ) else tuple(name for name in names if not name.startswith("SLURM_"))


def _first(environ: Mapping[str, str], names: tuple[str, ...], default: int) -> int:
    for name in names:
        value = environ.get(name, "")
        if _NUMBER.fullmatch(value):
            return int(value)
    return default


def _key(launcher: str, environ: Mapping[str, str], names: tuple[str, ...], parent: str) -> str:
    return "\n".join([launcher, *(environ.get(name, "") for name in names), parent])


def _clean(value: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in value[:_LONGEST])
