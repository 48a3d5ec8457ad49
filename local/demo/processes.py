"""Child processes of the demo: ended with it, however it ends."""

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1


class StepFailedError(Exception):
    """A step of the start did not work; the text says what to do, `output` what the tool printed."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output


def _end_with_parent() -> None:
    """In the child: leave the terminal's group, and get SIGTERM when the demo dies, even by kill -9 (Linux)."""
    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def start(command: list[str], log: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start a server that writes to `log`."""
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | environment,
            preexec_fn=_end_with_parent,
        )


def run(command: list[str], **environment: str) -> str:
    """Run a tool to its end and give what it printed. Raises StepFailedError."""
    done = subprocess.run(
        command,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        preexec_fn=_end_with_parent,
    )
    output = done.stdout + done.stderr
    if done.returncode:
        raise StepFailedError(f"“{Path(command[0]).name} {command[1]}” failed", output)
    return output


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    """End children and what they started."""
    for child in children:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
    for child in children:
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
