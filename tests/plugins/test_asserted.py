"""A test that checks nothing is found."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHECKS = """
import pytest

def test_checks():
    assert 1 + 1 == 2

def test_expects_an_error():
    with pytest.raises(ValueError):
        int("x")

def test_checks_nothing():
    for number in []:
        assert number
"""


def test_a_test_without_an_executed_assertion_fails(tmp_path):
    (tmp_path / "test_it.py").write_text(CHECKS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.plugins.asserted", "-p", "no:cacheprovider"]
    options = ["--override-ini=enable_assertion_pass_hook=true", "--rootdir", str(tmp_path), str(tmp_path)]
    run = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "1 failed, 2 passed" in run.stdout, run.stdout
    assert "test_checks_nothing" in run.stdout
