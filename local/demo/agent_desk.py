"""The demo's agent desk: a server that prints its address in its first line."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from .processes import StepFailedError, start


class AgentDesk:
    """The desk on a port (0: a free one). `url`: its address, once it has started."""

    def __init__(self, port: int, folder: Path) -> None:
        self._port, self._log, self._facts = port, folder / "desk.log", folder / "desk.json"
        self.url = ""

    def start(self, facts: Mapping[str, str | None], keep: Callable[[subprocess.Popen[bytes]], None]) -> None:
        """Start it with the demo's addresses and secrets. `keep` is told of its process at once. Raises
        StepFailedError."""
        self._facts.touch(mode=0o600)
        self._facts.write_text(json.dumps(facts))
        command = [sys.executable, "-m", "local.desk", "--demo-file", str(self._facts), "--port", str(self._port)]
        child = start(command, self._log)
        keep(child)
        until = time.monotonic() + 20
        while time.monotonic() < until and child.poll() is None:
            lines = self._log.read_text(errors="replace").splitlines()
            if lines and lines[0].startswith("http://"):
                self.url = lines[0]
                return
            time.sleep(0.1)
        raise StepFailedError("The agent desk did not start", self._log.read_text())
