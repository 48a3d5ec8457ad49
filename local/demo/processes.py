"""Child processes of the demo, which are stopped with it, however it ends."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1


class StepFailedError(Exception):
    """A step of the start failed; the text says what to do, `output` is the tool's output."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output


def _end_with_parent() -> None:
    """In the child: leave the terminal's group, accept Ctrl-C's signal even if the parent ignores it, and get SIGTERM
    when the demo dies, even by kill -9 (Linux)."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def start(command: list[str], log: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start a server that writes to `log`. Raises StepFailedError if it is not installed."""
    if not Path(command[0]).exists():
        raise StepFailedError(f"{command[0]} is not installed: `make demo` installs what it needs")
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | environment,
            preexec_fn=_end_with_parent,
        )


def run(command: list[str], **environment: str) -> str:
    """Run a tool and return its output. Raises StepFailedError. If interrupted, the tool is stopped, too."""
    with subprocess.Popen(
        command,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=_end_with_parent,
    ) as tool:
        try:
            output, _ = tool.communicate()
        except BaseException:
            _kill_group(tool.pid)
            raise
    if tool.returncode:
        raise StepFailedError(f"“{Path(command[0]).name} {command[1]}” failed", output)
    return output


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    """Stop children and what they started: the local AWS runs each function in its own process."""
    for child in children:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
    until = time.monotonic() + 5
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0, until - time.monotonic()))
        _kill_group(child.pid)
        child.wait()


def _kill_group(leader: int) -> None:
    """Kill what is left of a process group."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
