"""How much time a call has left. The helpdesk gives up after 15 s; the work in Shopify gets what is left of 12 s."""

import time

BUDGET = 12.0


class Deadline:
    """A moment on the monotonic clock, `seconds` from now."""

    def __init__(self, seconds: float = BUDGET) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left; zero when it has passed."""
        return max(0.0, self._at - time.monotonic())
