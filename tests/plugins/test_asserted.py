"""A test that checks nothing fails."""

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

@pytest.fixture
def checked():
    assert 1 + 1 == 2

def test_checks_with_a_checked_fixture(checked):
    assert 1 + 1 == 2

def test_leaves_all_checks_to_its_fixture(checked):
    pass

def test_fails_after_checks_that_held():
    assert 1 + 1 == 2
    assert 1 + 1 == 3
"""


def test_passing_test_without_an_executed_assertion_fails(tmp_path):
    (tmp_path / "test_it.py").write_text(CHECKS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.plugins.asserted", "-p", "no:cacheprovider"]
    # Without the summary at the end (`-rN`), which repeats whole messages where the environment says CI.
    options = ["-rN", "--override-ini=enable_assertion_pass_hook=true", "--rootdir", str(tmp_path), str(tmp_path)]
    run = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "3 failed, 3 passed" in run.stdout, run.stdout
    for name in ("test_checks_nothing", "test_leaves_all_checks_to_its_fixture"):
        assert f" {name} " in run.stdout, run.stdout
    assert run.stdout.count("This test passed without executing an assertion.") == 2
    assert "assert (1 + 1) == 3" in run.stdout
