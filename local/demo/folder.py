"""The folder of a deployment on this machine: logs, the local AWS's files, and the ids of its processes.

It is removed with the deployment. A deployment that was killed leaves its folder behind; the lock on the file
`running`, which ends with its process, shows which folders are in use.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "orderdesk-demo-"


class Folder:
    """A new folder, locked while this process runs."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        starting = self.path / "starting"
        self._lock = starting.open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        starting.rename(self.path / "running")  # Lock it before another process can mistake it for one left behind.

    def note(self, child: subprocess.Popen[bytes]) -> None:
        """Note that a child, the leader of its process group, belongs to this deployment."""
        self._lock.write(f"{child.pid} {_command(child.pid)}\n")
        self._lock.flush()

    def remove(self) -> None:
        """Remove the folder and its contents."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def clean_up() -> None:
    """Remove the folders of deployments that were killed, and stop their remaining processes."""
    for running in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/running"):
        with suppress(OSError), running.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for line in lock:
                pid, _, command = line.strip().partition(" ")
                _end_left(int(pid), command)
            shutil.rmtree(running.parent, ignore_errors=True)


def _end_left(pid: int, command: str) -> None:
    """Stop a process group if its leader still runs the noted command: process ids are reused."""
    if command and _command(pid) == command:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _command(pid: int) -> str:
    """The command line of a process; empty if it has ended or `ps` is missing."""
    try:
        shown = subprocess.run(
            ["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return " ".join(shown.stdout.split())
