"""Fail a test that passes without having checked anything: it proves nothing."""

from collections.abc import Generator
from typing import Any

import pytest
from _pytest.assertion import util

#: Modules that check on behalf of tests: their assertions count, too.
CHECKERS = ("tests.faults.truth", "tests.faults.acting", "local.in_process", "tests.desk.playing")

_checks = 0
_in_test = False
_raises = pytest.raises


def _counted_raises(*arguments: Any, **options: Any) -> Any:
    """`pytest.raises`, which counts as a check."""
    _count()
    return _raises(*arguments, **options)


def _count() -> None:
    global _checks
    _checks += 1


pytest.raises = _counted_raises  # type: ignore[assignment]
pytest.register_assert_rewrite(*CHECKERS)


def pytest_assertion_pass() -> None:
    """An assertion was executed, and held (`enable_assertion_pass_hook`).

    A test's first is enough. pytest would write out what each of them compares, which took a tenth of the fault tests'
    time, so it is not told of the others; it sets its hook again for the next test.
    """
    _count()
    if _in_test:
        util._assertion_pass = None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail a test that came to its end without a check. A fixture's assertions are not the test's."""
    global _in_test
    before, _in_test = _checks, True
    try:
        answer = yield
    finally:
        _in_test = False
    # In a browser test, Playwright's `expect` checks.
    if _checks == before and not item.get_closest_marker("browser"):
        pytest.fail("This test passed without executing an assertion.", pytrace=False)
    return answer
