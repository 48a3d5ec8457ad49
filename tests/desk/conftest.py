"""A demo of the tests' own, with an agent in a real browser; both only for tests marked `browser`."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.desk import running


@pytest.fixture(scope="session")
def demo() -> Iterator[dict[str, Any]]:
    """The addresses and secrets of a running demo."""
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
    """An agent at the desk, in a window of the size given by `@pytest.mark.parametrize("agent", [{…}], indirect=True)`.
    A complaint of the browser fails the test."""
    from tests.desk.playing import Agent

    it = Agent(demo, browser, **getattr(request, "param", {}))
    yield it
    complaints = it.leave()
    assert not complaints, complaints
