"""The leaky bucket that Shopify keeps for an app and a store, and the answers when it is empty."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .cost import MAXIMUM

PACE = {"latency": 3600, "size": 10**12, "restore": 10**12, "available": 10**12}
"""The settings of the pace, in seconds and in points, and their largest values."""


@dataclass
class Bucket:
    """The bucket: at most `size` points, `restore` points per second. Defaults as recorded from a standard store."""

    size: float = 2000.0
    restore: float = 100.0
    available: float = 2000.0
    at: datetime | None = None

    def refusal(self, requested: int, now: datetime) -> dict[str, Any] | None:
        """The answer to a query that costs too much, ever or now; None if it may run."""
        if self.at:
            self.available = min(self.size, self.available + (now - self.at).total_seconds() * self.restore)
        self.at = now
        if requested > MAXIMUM:
            message = f"Query cost is {requested}, which exceeds the single query max cost limit {MAXIMUM}."
            extensions = {"code": "MAX_COST_EXCEEDED", "cost": requested, "maxCost": MAXIMUM}
            return {"errors": [{"message": message, "extensions": extensions}]}
        if requested > self.available:
            throttled = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            return {"errors": [throttled], "extensions": {"cost": self._cost(requested, None)}}
        return None

    def charged(self, requested: int, actual: int) -> dict[str, Any]:
        """`extensions.cost` of a query that ran; takes its actual cost from the bucket."""
        self.available -= actual
        return self._cost(requested, actual)

    def _cost(self, requested: int, actual: int | None) -> dict[str, Any]:
        status = {
            "maximumAvailable": self.size,
            "currentlyAvailable": int(self.available),
            "restoreRate": self.restore,
        }
        return {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}
