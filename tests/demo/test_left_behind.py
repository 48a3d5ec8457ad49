"""What the demo's processes leave behind: nothing, however it ends."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest

from local.demo import __main__ as command
from local.demo.folder import PREFIX, Folder, clean_up
from local.demo.processes import StepFailedError, run, start, stop

ROOT = Path(__file__).parents[2]
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
WITH_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {STUBBORN!r}])"
KILLED = """
import os, signal, tempfile
from subprocess import DEVNULL, Popen
from local.demo.folder import Folder
tempfile.tempdir = {folder!r}
here = Folder()
child = Popen(["sleep", "60"], start_new_session=True, stdout=DEVNULL, stderr=DEVNULL)
here.note(child)
print(child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def alive(pid: int) -> bool:
    """True if a process is running."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(shown.stdout.strip()) and not shown.stdout.startswith("Z")


def ended(pid: int) -> bool:
    """True if a process ends within five seconds."""
    until = time.monotonic() + 5
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(pid)


def group(leader: int) -> list[int]:
    """The running processes of a group."""
    shown = subprocess.run(["ps", "-eo", "pid=,pgid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in shown.splitlines()]
    return [int(pid) for pid, of, state in rows if int(of) == leader and not state.startswith("Z")]


def wait_for(text: str, log: Path) -> None:
    """Wait until a text is in the log."""
    until = time.monotonic() + 10
    while text not in log.read_text():
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.02)


def wait_until_gone(pid):
    """Wait for the end of a killed group: on a busy machine it is still listed for a moment."""
    until = time.monotonic() + 10
    while left := group(pid):
        assert time.monotonic() < until, left
        time.sleep(0.02)


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """A folder for the test's temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_server_that_ignores_sigterm_is_killed_with_its_children(tmp_path):
    child = start([sys.executable, "-c", WITH_CHILD], tmp_path / "log")
    wait_for("up", tmp_path / "log")
    assert len(group(child.pid)) == 2
    stop([child])
    assert child.returncode is not None
    wait_until_gone(child.pid)


def test_children_of_a_dead_server_are_killed(tmp_path):
    child = start([sys.executable, "-c", WITH_CHILD], tmp_path / "log")
    wait_for("up", tmp_path / "log")
    child.kill()
    child.wait()
    assert len(group(child.pid)) == 1
    stop([child])
    wait_until_gone(child.pid)


def test_failed_tool_shows_its_output():
    with pytest.raises(StepFailedError, match="sh -c") as failure:
        run(["sh", "-c", "echo why >&2; exit 3"])
    assert failure.value.output == "why\n"
    assert run(["sh", "-c", "echo $COLOUR"], COLOUR="red") == "red\n"


def test_tool_at_ctrl_c_is_stopped_with_its_children():
    script = "from local.demo.processes import run; run(['sh', '-c', 'sleep 61 & sleep 62'])"
    demo = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    tool: list[int] = []
    until = time.monotonic() + 10
    while len(tool) < 3 and time.monotonic() < until:
        shown = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        leaders = [int(pid) for pid, of in map(str.split, shown.splitlines()) if int(of) == demo.pid]
        tool = [one for leader in leaders for one in group(leader)]
        time.sleep(0.05)
    assert len(tool) == 3
    demo.send_signal(signal.SIGINT)
    demo.wait(10)
    assert all(ended(one) for one in tool)


def test_killed_demo_is_cleaned_up(temporary):
    code = KILLED.format(folder=str(temporary))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    pid = int(done.stdout)
    assert done.returncode == -signal.SIGKILL and [p.name for p in temporary.glob(f"{PREFIX}*/*")] == ["running"]
    assert alive(pid)
    clean_up()
    assert ended(pid) and list(temporary.iterdir()) == []


def test_running_demo_is_not_cleaned_up(temporary):
    folder = Folder()
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as child:
        folder.note(child)
        clean_up()
        assert folder.path.exists() and child.poll() is None
        child.kill()
    folder.remove()
    assert list(temporary.iterdir()) == []


def test_reused_process_id_is_not_killed(temporary):
    left = temporary / f"{PREFIX}left"
    left.mkdir()
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
        (left / "running").write_text(f"{other.pid} python -m local.sandbox\n")
        clean_up()
        assert other.poll() is None and not left.exists()
        other.kill()


@pytest.mark.parametrize(
    ("written", "stays"),
    [({"pid": os.getpid()}, True), ({"pid": 1}, True), ({"pid": 2**22 + 1}, False), ({"aws": "x"}, True)],
    ids=["a living demo's", "someone else's", "a killed demo's", "no demo's"],
)
def test_demo_file_of_a_killed_demo_is_removed(temporary, written, stays):
    file = temporary / "demo.json"
    file.write_text(json.dumps(written))
    command._forget_killed(file)
    assert file.exists() == stays


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--shopify-port", "70000"], "70000 is not a port: use 0 to 65535"),
        (["--desk-port", "no"], "no is not a port: use 0 to 65535"),
        (["--shopify-port", "5000", "--aws-port", "5000"], "the servers need different ports"),
    ],
)
def test_invalid_ports_are_refused(capsys, arguments, words):
    with pytest.raises(SystemExit) as ending, suppress(KeyboardInterrupt):
        command.main(arguments)
    assert ending.value.code == 2 and words in capsys.readouterr().err
