"""A real Slurm on this machine: munged, slurmctld and slurmd of one node, all on 127.0.0.1."""

from __future__ import annotations

import getpass
import os
import platform
import shutil
import subprocess
from pathlib import Path

from tests.support.servers.base import HOST, Process, free_port

_PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol")
_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
_HOST = platform.node().partition(".")[0]


class Slurm:
    """One node, two processors, two partitions: `test`, and `down`, where nothing starts."""

    name = "slurm"

    def __init__(self) -> None:
        self._processes: list[Process] = []
        self.conf = Path()

    def missing(self) -> str | None:
        """Why it cannot be started here, None when it can."""
        gone = [name for name in _PROGRAMS if shutil.which(name, path=_PATH) is None]
        return f"{gone[0]} is not installed: run .ci/parts" if gone else None

    def start(self, folder: Path) -> None:
        """Start it with its files in a folder, and wait until its node is idle."""
        self.conf = folder / "slurm.conf"
        self._munge(folder)
        self._configure(folder)
        for name, more in (("slurmctld", ()), ("slurmd", ("-N", _HOST))):
            command = [str(shutil.which(name, path=_PATH)), "-D", "-f", self.conf, *more]
            self._processes.append(Process(command, folder, SLURM_CONF=str(self.conf)))
        self._processes[-1].wait_until(lambda: "idle" in self.ask("sinfo", "--noheader", "--format=%T"))

    def _munge(self, folder: Path) -> None:
        key, socket = folder / "munge.key", folder / "munge.socket"
        key.write_bytes(os.urandom(64))
        key.chmod(0o400)
        program = str(shutil.which("munged", path=_PATH))
        files = [f"--{name}-file={folder / f'munge.{name}'}" for name in ("key", "pid", "log", "seed")]
        munged = Process([program, "--foreground", "--force", f"--socket={socket}", *files], folder)
        self._processes.append(munged)
        munged.wait_until(socket.exists)

    def _configure(self, folder: Path) -> None:
        user, host = getpass.getuser(), _HOST
        for name in ("state", "spool"):
            (folder / name).mkdir()
        (folder / "cgroup.conf").write_text("CgroupAutomount=no\n")
        self.conf.write_text(
            f"""ClusterName=test
SlurmctldHost={host}({HOST})
SlurmctldPort={free_port()}
SlurmdPort={free_port()}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
KillWait=5
SchedulerParameters=defer_batch,sched_min_interval=100000,batch_sched_delay=0
NodeName={host} NodeAddr={HOST} CPUs={os.cpu_count()} State=UNKNOWN
PartitionName=test Nodes={host} Default=YES MaxTime=10 State=UP OverSubscribe=FORCE:8
PartitionName=down Nodes={host} MaxTime=10 State=DOWN
"""
        )

    def environment(self) -> dict[str, str]:
        """What its commands need to find it."""
        return {"SLURM_CONF": str(self.conf), "PATH": _PATH}

    def ask(self, *words: str) -> str:
        """What one of its commands prints."""
        env = os.environ | self.environment()
        return subprocess.run(words, capture_output=True, text=True, check=False, env=env).stdout

    def stop(self) -> None:
        """End it, and what its jobs left."""
        if self.conf.exists():
            self.ask("scancel", "--signal=KILL", "--batch", "--partition=test")
            self.ask("scontrol", "shutdown")
        for process in reversed(self._processes):
            process.kill()
