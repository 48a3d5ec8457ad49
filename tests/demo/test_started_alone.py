"""Each part of `local` starts by itself, without the paths that pytest adds."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = (
    "admin",
    "local.demo",
    "local.demo.sam_local",
    "local.desk",
    "local.openapi",
    "local.sandbox",
    "tests.faults.table",
)


@pytest.mark.parametrize("part", PARTS)
def test_module_started_alone_finds_its_imports(part):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", f"import importlib; importlib.import_module({part!r})"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
