from __future__ import annotations

import pytest

from gittrack.tracking.scheduler import launch_key, rank, tags_of, world_size

_TORCHRUN = {
    "RANK": "3",
    "LOCAL_RANK": "1",
    "WORLD_SIZE": "4",
    "MASTER_ADDR": "node1",
    "MASTER_PORT": "29500",
    "TORCHELASTIC_RUN_ID": "none",
    "TORCHELASTIC_RESTART_COUNT": "0",
}
_SLURM = {"SLURM_JOB_ID": "77", "SLURM_STEP_ID": "0", "SLURM_NTASKS": "8", "SLURM_PROCID": "5"}
_OPENMPI = {"OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_SIZE": "3", "PMIX_NAMESPACE": "prterun-1"}
_MPICH = {"PMI_RANK": "1", "PMI_SIZE": "2"}


@pytest.mark.parametrize(
    ("environ", "number", "size"),
    [
        ({}, 0, 1),
        (_TORCHRUN, 3, 4),
        (_SLURM, 5, 8),
        (_OPENMPI, 2, 3),
        (_MPICH, 1, 2),
        ({"RANK": "first", "WORLD_SIZE": "-2"}, 0, 1),
        ({"RANK": "9" * 5000}, 0, 1),
        ({"WORLD_SIZE": "0"}, 0, 1),
        ({**_SLURM, "SLURM_STEP_ID": "4294967291", "SLURM_PROCID": "0"}, 0, 1),  # the batch script itself
        ({"SLURM_JOB_ID": "77", "SLURM_NTASKS": "8"}, 0, 1),  # salloc
    ],
)
def test_rank_and_size(environ: dict[str, str], number: int, size: int) -> None:
    """Each launcher says which process this is and how many there are; nonsense says nothing."""
    assert (rank(environ), world_size(environ)) == (number, size)


@pytest.mark.parametrize("environ", [_TORCHRUN, _SLURM, _OPENMPI, _MPICH])
def test_ranks_share_their_launch(environ: dict[str, str]) -> None:
    """All ranks of one launch have one key."""
    names = ("RANK", "LOCAL_RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK")
    other = environ | {name: "0" for name in names if name in environ}
    assert launch_key(environ, 10) == launch_key(other, 10)
    assert launch_key(environ, 10)


@pytest.mark.parametrize(
    "change",
    [{"TORCHELASTIC_RESTART_COUNT": "1"}, {"MASTER_PORT": "29501"}, {"TORCHELASTIC_RUN_ID": "x"}],
)
def test_torchrun_again(change: dict[str, str]) -> None:
    """A restart or another torchrun is another launch."""
    assert launch_key(_TORCHRUN | change, 10) != launch_key(_TORCHRUN, 10)


@pytest.mark.parametrize("environ", [_TORCHRUN, _MPICH])
def test_launcher_is_another_process(environ: dict[str, str]) -> None:
    """Two launches with equal settings differ by their launcher."""
    assert launch_key(environ, 10) != launch_key(environ, 11)


@pytest.mark.parametrize("environ", [_SLURM, _SLURM | {"RANK": "5", "WORLD_SIZE": "8"}])
def test_slurm_tasks_have_parents_of_their_own(environ: dict[str, str]) -> None:
    """Under srun the parent says nothing, also when the script sets RANK itself."""
    assert launch_key(environ, 10) == launch_key(environ, 11)


def test_slurm_step() -> None:
    """The next step of a job is another launch."""
    assert launch_key(_SLURM) != launch_key(_SLURM | {"SLURM_STEP_ID": "1"})


@pytest.mark.parametrize("environ", [{}, _SLURM | {"SLURM_NTASKS": "1"}, {"RANK": "0", "WORLD_SIZE": "1"}])
def test_process_on_its_own(environ: dict[str, str]) -> None:
    """One process is no launch."""
    assert launch_key(environ) is None


@pytest.mark.parametrize(
    ("environ", "tags"),
    [
        ({}, {}),
        (
            {"SLURM_JOB_ID": "77", "SLURM_ARRAY_TASK_ID": "3", "SLURM_JOB_NAME": "train"},
            {"slurm.job_id": "77", "slurm.array_task_id": "3", "slurm.job_name": "train"},
        ),
        ({"SLURM_JOBID": "77"}, {"slurm.job_id": "77"}),
        ({"PBS_JOBID": "1.host", "PBS_ARRAYID": "2"}, {"pbs.job_id": "1.host", "pbs.array_index": "2"}),
        ({"LSB_JOBID": "5"}, {"lsf.job_id": "5"}),
        ({"JOB_ID": "5"}, {}),
        ({"SGE_ROOT": "/sge", "JOB_ID": "5", "SGE_TASK_ID": "undefined"}, {"sge.job_id": "5"}),
        ({"SGE_ROOT": "/sge", "JOB_ID": "5", "SGE_TASK_ID": "2"}, {"sge.job_id": "5", "sge.task_id": "2"}),
        ({"TORCHELASTIC_RUN_ID": "x"}, {"torchelastic.run_id": "x"}),
        ({"RAY_JOB_ID": "01"}, {"ray.job_id": "01"}),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": "pod-1"}, {"kubernetes.pod": "pod-1"}),
        ({"POD_NAME": "p", "POD_NAMESPACE": "n"}, {"kubernetes.pod": "p", "kubernetes.namespace": "n"}),
        ({"SLURM_JOB_ID": "7\x1b[2J"}, {"slurm.job_id": "7 [2J"}),
    ],
)
def test_tags(environ: dict[str, str], tags: dict[str, str]) -> None:
    """Each scheduler's ids become tags; control characters do not."""
    assert tags_of(environ) == tags
