"""A demo of the tests' own, with an agent in a real browser before it; both only for tests marked `browser`."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.desk import running


@pytest.fixture(scope="session")
def demo() -> Iterator[dict[str, Any]]:
    """The facts of a running demo."""
    with running.demo() as facts:
        yield facts


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium: the one that CHROMIUM names, the system's, or Playwright's own."""
    from tests.desk.chromium import chromium

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
