"""The fixtures of a deployment: `desk`, and a function's environment for every test."""

from collections.abc import Iterator

import pytest

from local.in_process import ENVIRONMENT, Desk, deployment
from tests.clock import Clock


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A helpdesk in front of a whole deployment, with a clock on which waiting takes no time."""
    with deployment() as it:
        Clock(it.clock, monkeypatch)
        yield it


@pytest.fixture
def hurried(desk: Desk) -> Desk:
    """The desk, for tests in which much time passes."""
    return desk
