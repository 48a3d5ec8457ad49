"""Fail a test that logs something private, such as an address or a secret."""

import json
import re
import sys
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import pytest

from local.sandbox.seed import believable
from local.sandbox.store import Store
from orderdesk.logs import logger
from tests.plugins.selection import all_tests

#: Patterns that are private in any data: addresses, numbers, signatures, tokens.
_SHAPES = {
    "an email address": re.compile(r"[\w.+'-]+@[\w-]+\.[A-Za-z]{2,}"),
    "a phone number": re.compile(r"(?<![\w.:])\+\d[\d ()-]{7,}"),
    "a signature": re.compile(r"Signature=|hmac-sha256", re.IGNORECASE),
    "a bearer token": re.compile(r"Bearer [\w-]+"),
    "an access token": re.compile(r"shp(at|ss|ca|pa)_\w+"),
}
#: Secrets of the tests' own stores.
_SECRETS = ("bearer-token-of-the-tests", "signing-key-of-the-tests", "sandbox-secret")

#: How many lines were read, and how many tests had a deployment, whose functions log.
lines = {"log": 0, "metric": 0, "desk": 0}


class _Stdout:
    """The current standard output: pytest replaces it for each test."""

    def write(self, text: str) -> None:
        sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


logger.registered_handler.setStream(_Stdout())


def _names() -> list[str]:
    store = Store(lambda: datetime.now(UTC))
    believable(store)
    whole = [c.name for c in store.customers] + ["Ann Lee", "12 Harbour Street"]
    return [w for w in whole if w.strip()]


_NAMES = re.compile("|".join(map(re.escape, _names())), re.IGNORECASE)


def private(text: str) -> list[str]:
    """The private texts in a log line."""
    found = [what for what, shape in _SHAPES.items() if shape.search(text)]
    found += ["a secret" for secret in _SECRETS if secret in text]
    return found + (["a name or address"] if _NAMES.search(text) else [])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Fail the phase of a test that logged something private."""
    report = yield
    # A phase's report includes the earlier phases' logs; the last one has all of them.
    if report.when != "teardown" or item.path.name == "test_logged.py":
        return report
    lines["desk"] += "desk" in getattr(item, "fixturenames", ())
    leaks = []
    for line in f"{report.capstdout}\n{report.capstderr}".splitlines():
        leaks += [f"{what} in: {line[:300]}" for what in private(line)]
        _count(line)
    if leaks and report.passed:
        report.outcome = "failed"
        report.longrepr = "This must not be in a log: " + "\n".join(leaks[:5])
    return report


def _count(line: str) -> None:
    try:
        said = json.loads(line)
    except ValueError:
        return
    if isinstance(said, dict):
        lines["metric" if "_aws" in said else "log"] += 1


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add what another process of this run has read."""
    for kind, count in getattr(node, "workeroutput", {}).get("read", {}).items():
        lines[kind] += count


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run of all tests in which no log was read: it has proved nothing."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["read"] = lines
    elif all_tests(session.config) and not (lines["log"] and lines["metric"]):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how much was read."""
    terminalreporter.write_line(
        f"Read {lines['log']} log lines and {lines['metric']} metrics of {lines['desk']} tests for private things."
    )
