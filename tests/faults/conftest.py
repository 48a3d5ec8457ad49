from collections.abc import Iterator

import pytest

from tests.conftest import Desk
from tests.faults.clock import Clock


@pytest.fixture
def hurried(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk on whose clock waiting takes no time."""
    Clock(desk.clock, monkeypatch)
    yield desk
