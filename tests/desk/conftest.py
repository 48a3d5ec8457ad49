"""A demo of the tests' own, with an agent in a real browser before it; both only for tests marked `browser`."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The facts of a running demo: `make demo` at free ports. AGENT_DESK_DEMO names the file of one that runs."""
    if running := os.environ.get("AGENT_DESK_DEMO"):
        yield json.loads(Path(running).read_text())
        return
    folder = tmp_path_factory.mktemp("demo")
    file, log = folder / "demo.json", folder / "demo.log"
    ports = ["--shopify-port", "0", "--aws-port", "0", "--desk-port", "0"]
    with log.open("wb") as output:
        command = [sys.executable, "-m", "local.demo", *ports, "--file", str(file)]
        child = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    try:
        until = time.monotonic() + 300
        while not file.exists():
            if child.poll() is not None or time.monotonic() > until:
                pytest.fail(f"The demo did not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.3)
        yield json.loads(file.read_text())
    finally:
        child.terminate()
        child.wait(30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium: the one that CHROMIUM names, the system's, or Playwright's own."""
    from local.desk.chromium import chromium

    with chromium() as it:
        yield it


@pytest.fixture
def agent(demo: dict[str, Any], browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """An agent before the desk, in a window as large as `@pytest.mark.parametrize("agent", [{…}], indirect=True)`
    says. Whatever the browser complains of fails the test."""
    from tests.desk.playing import Agent

    it = Agent(demo, browser, **getattr(request, "param", {}))
    yield it
    complaints = it.leave()
    assert not complaints, complaints
