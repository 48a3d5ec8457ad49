"""How long the project's own commands run on this machine: `make test`, and `make demo` until an agent can work."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from local.demo.deployment import ROOT
from local.demo.ports import free

from .report import Goal, Table

#: How many seconds each may take before it is given up.
_TEST_AT_MOST, _DEMO_AT_MOST = 3600, 900


def measure() -> tuple[list[Table], list[Goal]]:
    """The table of times. They are no goals: they depend on the machine."""
    table = Table(
        "`make test` and `make demo`",
        ("", "seconds", ""),
        intro="Elapsed time, once each, with the environments already installed.",
    )
    seconds, said = _test()
    table.rows.append(("`make test`", f"{seconds:.0f}", said))
    built = "built and deployed, with what the build's cache has"
    table.rows.append(("`make demo`, until the agent desk answers", f"{_demo():.0f}", built))
    return [table], []


def _environment() -> dict[str, str]:
    """This process's own environment, without what the other parts have set for their servers."""
    kept = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
    # Nobody looks at the desk.
    return {name: os.environ[name] for name in kept if name in os.environ} | {"BROWSER": "true"}


def _test() -> tuple[float, str]:
    """Seconds of `make test`, and its last line. Raises RuntimeError, with the end of its output, if a test fails."""
    began = time.monotonic()
    done = subprocess.run(
        ["make", "test"],
        cwd=ROOT,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=_TEST_AT_MOST,
    )
    seconds = time.monotonic() - began
    if done.returncode:
        raise RuntimeError(f"make test failed: {done.stdout[-3000:]}")
    return seconds, ", ".join(re.findall(r"[0-9]+ (?:passed|skipped|xfailed)", done.stdout))


def _demo() -> float:
    """Seconds of `make demo` until it has written its addresses. Raises RuntimeError if it ends before that."""
    with TemporaryDirectory() as folder:
        file, log = Path(folder) / "demo.json", Path(folder) / "log"
        ports = {name: free(0, "127.0.0.1") for name in ("SHOPIFY_PORT", "AWS_PORT", "DESK_PORT")}
        command = ["make", "demo", f"DEMO_FILE={file}", *(f"{name}={port}" for name, port in ports.items())]
        began = time.monotonic()
        with log.open("wb") as output:
            demo = subprocess.Popen(
                command, cwd=ROOT, env=_environment(), stdout=output, stderr=output, start_new_session=True
            )
        try:
            while not file.exists():
                if demo.poll() is not None or time.monotonic() - began > _DEMO_AT_MOST:
                    raise RuntimeError(f"make demo did not start: {log.read_text('utf-8', 'replace')[-3000:]}")
                time.sleep(0.1)
            return time.monotonic() - began
        finally:
            if demo.poll() is None:
                # As Ctrl-C does: to make and to the demo, which stops its servers.
                os.killpg(demo.pid, signal.SIGINT)
                demo.wait(60)


if __name__ == "__main__":
    for one in measure()[0]:
        print(one.markdown(), "\n")
