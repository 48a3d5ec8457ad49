"""The demo as people run it: its output works, two run at the same time, and none leaves anything behind."""

import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from .test_left_behind import alive, ended

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.enable_socket


class Demo:
    """`python -m local.demo`, with temporary files in its own folder."""

    def __init__(self, folder: Path, *, shopify: int = 0, aws: int = 0, desk: int = 0) -> None:
        folder.mkdir(exist_ok=True)
        self.file, self.log, self.folder = folder / "demo.json", folder / "demo.log", folder
        ports = [f"--shopify-port={shopify}", f"--aws-port={aws}", f"--desk-port={desk}", f"--file={self.file}"]
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                ["env", f"TMPDIR={folder}", sys.executable, "-m", "local.demo", *ports],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    def up(self) -> "Demo":
        """Wait until it is ready."""
        until = time.monotonic() + 240
        while "Ctrl-C ends it." not in self.printed():
            assert self.process.poll() is None and time.monotonic() < until, self.printed()
            time.sleep(0.2)
        self.facts = json.loads(self.file.read_text())
        return self

    def printed(self) -> str:
        """The output on the terminal."""
        return self.log.read_text()

    def ports(self) -> dict[str, int]:
        """The ports that it uses."""
        urls = {"shopify": "shopify_url", "aws": "aws_endpoint_url", "desk": "desk_url"}
        return {name: int(re.findall(r":(\d+)", self.facts[url])[0]) for name, url in urls.items()}

    def processes(self) -> list[int]:
        """Its processes, including the functions' own."""
        shown = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        parents = {int(pid): int(parent) for pid, parent in map(str.split, shown.splitlines())}
        found = [self.process.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found

    def finds_somebody(self) -> bool:
        """True if it answers a lookup."""
        query = {"lookupLevel": "BASIC", "query": {"emails": ["martha.williams@example.com"]}}
        headers = {"Authorization": f"Bearer {self.facts['bearer_token']}"}
        answer = requests.post(self.facts["base_url"], json=query, headers=headers, timeout=30)
        return bool(answer.status_code == 200 and len(answer.json()["results"]) == 1)

    def end(self, number: signal.Signals) -> None:
        """Send a signal, and wait."""
        self.process.send_signal(number)
        self.process.wait(30)

    def left(self) -> list[str]:
        """The files that are left."""
        return [p.name for p in self.folder.iterdir() if p != self.log]


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.parametrize("name", ["shopify", "aws", "desk"])
def test_port_in_use_is_reported_at_once(folder, name):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        demo = Demo(folder, **{name: taken})
        assert demo.process.wait(30) == 1
    told = f"The demo stopped: Port {taken} cannot be used (Address already in use). Choose another: make demo "
    assert told in demo.printed() and "Traceback" not in demo.printed()
    assert demo.left() == []


@pytest.mark.e2e
def test_ctrl_c_during_the_start_stops_everything(folder):
    demo = Demo(folder)
    until = time.monotonic() + 30
    while "starting" not in demo.printed():
        assert time.monotonic() < until, demo.printed()
        time.sleep(0.05)
    own = demo.processes()
    demo.end(signal.SIGINT)
    assert demo.process.returncode == 0 and "Traceback" not in demo.printed()
    assert all(ended(pid) for pid in own) and demo.left() == []


@pytest.fixture(scope="module")
def pair() -> Iterator[list[Demo]]:
    """Two demos, started at the same time."""
    with tempfile.TemporaryDirectory() as name:
        both = [Demo(Path(name) / which) for which in ("one", "two")]
        try:
            yield [demo.up() for demo in both]
        finally:
            for demo in both:
                if demo.process.poll() is None:
                    demo.end(signal.SIGTERM)


def asked(command: str) -> Any:
    """The output of a printed command."""
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, timeout=30)
    return json.loads(done.stdout)


@pytest.mark.e2e
def test_printed_commands_work(pair):
    found, shown, form, submitted = re.findall(r"^ +(curl .*)$", pair[0].printed(), re.MULTILINE)
    (customer,) = asked(found)["results"]
    assert customer["name"] == "Martha Williams"
    (profile,) = asked(shown)["results"]
    assert profile["externalCustomerId"] == customer["externalCustomerId"] and profile["transactions"]
    opened = asked(form)
    assert "Refund" in json.dumps(opened) and opened["actionUrl"]
    assert "refunded" in json.dumps(asked(submitted.replace("<actionUrl>", opened["actionUrl"]))).lower()


@pytest.mark.e2e
def test_two_demos_run_at_once_and_ctrl_c_stops_only_one(pair):
    one, two = pair
    assert one.finds_somebody() and two.finds_somebody()
    assert not set(one.ports().values()) & set(two.ports().values())
    own = two.processes()
    assert len(own) > 4
    two.end(signal.SIGINT)
    assert two.process.returncode == 0 and "Stopping the demo." in two.printed()
    assert all(ended(pid) for pid in own) and two.left() == []
    assert one.finds_somebody() and one.file.exists()


@pytest.mark.e2e
def test_demo_after_kill_9_starts_on_the_same_ports(pair):
    one, ports = pair[0], pair[0].ports()
    own = one.processes()
    one.end(signal.SIGKILL)
    assert all(ended(pid) for pid in own)
    left = one.left()
    assert "demo.json" in left and len(left) == 2
    again = Demo(one.folder, **ports)
    try:
        again.up()
        assert again.ports() == ports and again.finds_somebody()
        assert len(again.left()) == 2 and not set(again.left()) & (set(left) - {"demo.json"})
    finally:
        again.end(signal.SIGTERM)
    assert again.left() == [] and not any(alive(pid) for pid in own)
