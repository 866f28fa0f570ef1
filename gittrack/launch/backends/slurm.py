"""Slurm: one batch job a run, by the commands of Slurm itself.

submitit was read for this and does not fit: it submits pickled Python functions to a process of its own, asks
`sacct` alone for states (which needs accounting, and answers nothing without), wraps the job in `srun` and
shows its script through private functions only. Commands and fields: https://slurm.schedmd.com/sbatch.html,
scontrol.html, sacct.html, scancel.html, and "JOB STATE CODES" in squeue.html.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from gittrack.launch.backends.base import (
    EngineError,
    EngineUnreachable,
    Handle,
    Option,
    Phase,
    Rejected,
    State,
    Ticket,
)
from gittrack.launch.backends.job_files import INLINE, LOG, inline, words
from gittrack.launch.backends.tail import tail

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LIMIT = 60.0  # seconds for one command of Slurm
_WAITING = frozenset(
    ("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "RESV_DEL_HOLD")
)
_PHASES: Mapping[str, Phase] = {
    "COMPLETED": "finished",
    "FAILED": "failed",
    "TIMEOUT": "failed",
    "OUT_OF_MEMORY": "failed",
    "DEADLINE": "failed",
    "BOOT_FAIL": "failed",
    "PREEMPTED": "failed",
    "CANCELLED": "cancelled",
    "REVOKED": "cancelled",
    "NODE_FAIL": "lost",
}
_WHY = {
    "TIMEOUT": "it reached its time limit",
    "OUT_OF_MEMORY": "it ran out of memory",
    "DEADLINE": "it missed its deadline",
    "BOOT_FAIL": "its node did not start",
    "PREEMPTED": "it made room for another job",
    "NODE_FAIL": "its node failed",
}
_SBATCH = (
    Option("partition", "text", "partition, or several with commas"),
    Option("account", "text", "account that is charged"),
    Option("qos", "text", "quality of service"),
    Option("time", "text", "time limit: minutes, or 'HOURS:MINUTES:SECONDS' in quotes"),
    Option("nodes", "text", "number of nodes"),
    Option("ntasks", "text", "number of tasks"),
    Option("ntasks_per_node", "text", "tasks on a node"),
    Option("cpus_per_task", "text", "processors for a task"),
    Option("mem", "text", "memory of a node: 4G"),
    Option("mem_per_cpu", "text", "memory for a processor"),
    Option("gpus", "text", "number of GPUs, or TYPE:NUMBER"),
    Option("gpus_per_node", "text", "GPUs on a node"),
    Option("gres", "text", "generic resources: gpu:1"),
    Option("constraint", "text", "features that nodes must have"),
    Option("nodelist", "text", "nodes to use"),
    Option("exclude", "text", "nodes to avoid"),
    Option("reservation", "text", "reservation to use"),
    Option("licenses", "text", "licences it needs"),
    Option("dependency", "text", "jobs to wait for: afterok:123"),
    Option("begin", "text", "not before: now+1hour"),
    Option("nice", "text", "lower its priority by that"),
    Option("comment", "text", "comment on the job"),
    Option("export", "text", "environment variables to pass on: ALL, NONE, or names"),
    Option("exclusive", "bool", "no other job on its nodes"),
    Option("requeue", "bool", "start it again when its node fails"),
)


class Slurm:
    """Jobs of `sbatch`."""

    NAME: ClassVar[str] = "slurm"
    OPTIONS: ClassVar[tuple[Option, ...]] = (
        *_SBATCH,
        Option("setup", "list", "lines of shell to run first: module load cuda"),
        Option("environment", "mapping", "environment variables for the job"),
        Option("python", "text", "Python with gittrack in it; this one when not given"),
        Option("shared", "bool", "whether nodes see this file system; true when not given"),
    )

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = dict(options)

    def shares(self, nonce: str) -> bool:  # noqa: ARG002  a job could look, and that takes a place in the queue
        """What was said of it."""
        return bool(self._options.get("shared", True))

    def submit(self, ticket: Ticket) -> Handle:
        """Hand the script to `sbatch`.

        Raises:
            Rejected: Slurm refuses it.
            EngineError: there is no Slurm here.
        """
        done = _slurm("sbatch", "--parsable", stdin=self.preview(ticket))
        if done.returncode:
            raise _refusal(done.stderr)
        number, _, cluster = done.stdout.strip().partition(";")
        return {"id": number, "cluster": cluster or None, "folder": ticket.folder}

    def status(self, handle: Handle) -> State:
        """What the controller says, else the accounts."""
        done = _slurm("scontrol", *_cluster(handle), "--oneliner", "show", "job", handle["id"])
        if not done.returncode:
            fields = dict(re.findall(r"(\w+)=(\S*)", done.stdout))
            return _state(fields.get("JobState", ""), fields.get("ExitCode", ""), fields.get("Reason", ""))
        if "Invalid job id" not in done.stderr:
            raise _unreachable(done.stderr)
        words = (
            "--noheader",
            "--parsable2",
            "--allocations",
            "--format=State,ExitCode",
            "--jobs",
            handle["id"],
        )
        accounts = _slurm("sacct", *_cluster(handle), *words)
        state, _, code = accounts.stdout.strip().partition("\n")[0].partition("|")
        if accounts.returncode or not state:
            return State("lost", None, "Slurm does not know the job any more")
        return _state(state, code, "")

    def cancel(self, handle: Handle) -> None:
        """`scancel`: it gets a signal, and is killed where it does not end."""
        done = _slurm("scancel", *_cluster(handle), handle["id"])
        if done.returncode and "Invalid job id" not in done.stderr:
            raise _unreachable(done.stderr)

    def logs(self, handle: Handle) -> Iterator[str]:
        """What the job prints."""
        return tail(Path(handle["folder"]) / LOG)

    def preview(self, ticket: Ticket) -> str:
        """The script for `sbatch`."""
        told = {
            "job_name": ticket.name,
            "output": str(Path(ticket.folder) / LOG).replace("%", "%%") if ticket.shared else "/dev/null",
            "open_mode": "append",
            **{one.name: self._options[one.name] for one in _SBATCH if one.name in self._options},
        }
        variables = {**ticket.variables, **self._options.get("environment", {})}
        if not ticket.shared:
            variables[INLINE] = inline(ticket)
        return "\n".join(
            [
                "#!/bin/bash",
                *(line for name, value in told.items() for line in _directive(name, value)),
                *(f"export {_name(key)}={shlex.quote(str(value))}" for key, value in variables.items()),
                *map(str, self._options.get("setup", ())),
                f"exec {shlex.join(words(ticket))}",
                "",
            ]
        )


def _directive(name: str, value: object) -> list[str]:
    if value is False:
        return ["#SBATCH --no-requeue"] if name == "requeue" else []
    option = name.replace("_", "-")
    return [f"#SBATCH --{option}" if value is True else f"#SBATCH --{option}={shlex.quote(str(value))}"]


def _name(key: object) -> str:
    """The name of an environment variable.

    Raises:
        Rejected: it is none, and would be a command in the script.
    """
    if not re.fullmatch(r"[A-Za-z_]\w*", str(key), re.ASCII):
        msg = f"not the name of an environment variable: {str(key)[:60]!r}"
        raise Rejected(msg, hint="letters, digits and underscores")
    return str(key)


def _cluster(handle: Handle) -> tuple[str, ...]:
    return ("--clusters", handle["cluster"]) if handle.get("cluster") else ()


def _state(name: str, code: str, reason: str) -> State:
    """A state as Slurm writes it: `CANCELLED by 0`, `RUNNING+`, exit code `3:0` or, for a signal, `0:9`."""
    word = re.split(r"[\s+]", name, maxsplit=1)[0]
    if word in _WAITING:
        return State("queued", None, "" if reason in {"", "None"} else reason)
    if word not in _PHASES:
        return State("running")
    status, _, signal = code.partition(":")
    number = int(status) if status.isdecimal() else None
    if signal.isdecimal() and int(signal):
        number = None
    return State(_PHASES[word], number, _WHY.get(word, ""))


def _slurm(program: str, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    path = shutil.which(program)
    if path is None:
        msg = f"there is no Slurm here: `{program}` is not on PATH"
        raise EngineError(msg, hint="run this where `sbatch` works, such as a login node of the cluster")
    try:
        return subprocess.run(
            [path, *words], input=stdin, capture_output=True, text=True, check=False, timeout=_LIMIT
        )
    except subprocess.TimeoutExpired as error:
        msg = f"Slurm does not answer: `{program}` took more than {_LIMIT:.0f} s"
        raise EngineUnreachable(msg, hint="`sinfo` shows whether it is up") from error


def _said(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if line.strip()]
    last = lines[-1] if lines else "it gave no reason"
    return re.sub(r"^\w+: (?:error: )?(?:Batch job submission failed: )?", "", last)


def _refusal(stderr: str) -> EngineError:
    if "Unable to contact" in stderr or "Connection refused" in stderr:
        return _unreachable(stderr)
    return Rejected(f"Slurm refuses the job: {_said(stderr)}", hint="`sinfo` shows partitions and nodes")


def _unreachable(stderr: str) -> EngineUnreachable:
    return EngineUnreachable(f"Slurm does not answer: {_said(stderr)}", hint="`sinfo` shows whether it is up")
