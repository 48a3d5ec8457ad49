"""A clock on which waiting takes no time: a call of sleep moves it on."""

import time
from datetime import timedelta
from typing import Any

import pytest


class Clock:
    """Replaces `time.sleep` and `time.monotonic`. The wall clock is time-machine's, and moves along."""

    def __init__(self, wall: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self._wall, self._ahead, self._real = wall, 0.0, time.monotonic
        monkeypatch.setattr(time, "sleep", self.sleep)
        monkeypatch.setattr(time, "monotonic", lambda: self._real() + self._ahead)

    def sleep(self, seconds: float) -> None:
        """Let this much time pass at once."""
        self._ahead += seconds
        self._wall.shift(timedelta(seconds=seconds))
