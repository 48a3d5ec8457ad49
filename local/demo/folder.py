"""The folder of a deployment on this machine: logs, what the local AWS unpacks, and which processes belong to it.

It goes with the deployment. One that was killed leaves it behind; the lock on its file `running`, which ends with the
process that holds it, tells the one from the other.
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
    """A new folder, locked for as long as this process lives."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        starting = self.path / "starting"
        self._lock = starting.open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        starting.rename(self.path / "running")  # locked before anybody can take it for one left behind

    def note(self, child: subprocess.Popen[bytes]) -> None:
        """Write down that a child, the leader of its process group, belongs here."""
        self._lock.write(f"{child.pid} {_command(child.pid)}\n")
        self._lock.flush()

    def remove(self) -> None:
        """Remove it with what is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def clean_up() -> None:
    """Remove the folders of deployments that were killed, and end what is left of their processes."""
    for running in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/running"):
        with suppress(OSError), running.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for line in lock:
                pid, _, command = line.strip().partition(" ")
                _end_left(int(pid), command)
            shutil.rmtree(running.parent, ignore_errors=True)


def _end_left(pid: int, command: str) -> None:
    """End a process group, if its leader still runs the command that was noted: numbers are used again."""
    if command and _command(pid) == command:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _command(pid: int) -> str:
    """The command line that a process runs; nothing where it has ended, or `ps` is missing."""
    try:
        shown = subprocess.run(
            ["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return " ".join(shown.stdout.split())
