"""A separate demo, while a block runs."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_SECONDS = 300


@contextmanager
def demo() -> Iterator[dict[str, Any]]:
    """The addresses and secrets of a demo on free ports. If AGENT_DESK_DEMO names the file of a running demo, that one
    is used.

    Raises RuntimeError with the output if it does not start.
    """
    if running := os.environ.get("AGENT_DESK_DEMO"):
        yield json.loads(Path(running).read_text())
        return
    with tempfile.TemporaryDirectory() as folder:
        file, log = Path(folder) / "demo.json", Path(folder) / "demo.log"
        ports = ["--shopify-port", "0", "--aws-port", "0", "--desk-port", "0"]
        with log.open("wb") as output:
            command = [sys.executable, "-m", "local.demo", *ports, "--file", str(file)]
            child = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        try:
            until = time.monotonic() + _SECONDS
            while not file.exists():
                if child.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"The demo did not start:\n{log.read_text()[-3000:]}")
                time.sleep(0.3)
            yield json.loads(file.read_text())
        finally:
            child.terminate()
            # It removes thousands of files, which takes long while the disk is busy.
            child.wait(180)
