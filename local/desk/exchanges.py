"""The record of requests and answers that the page shows."""

import threading
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

_KEPT = 200


@dataclass
class Exchange:
    """One request and its reply.

    `kind`: `lookup`, `form`, `submit` or `timeline`; `scopes` for the desk's own request to Shopify, `others` for calls
    to Shopify from outside the desk. `headers` contain no secrets. `reply` is JSON, or text if it is not JSON. If no
    answer came, `status` is None and `problem` says why. `shopify` are the calls that it caused (demo only). `times`:
    how often the same request got the same answer in a row.
    """

    kind: str
    method: str
    url: str
    headers: dict[str, str]
    body: str
    conversation: str = ""
    agent: str = ""
    status: int | None = None
    reply: Any = None
    problem: str = ""
    milliseconds: int = 0
    at: str = ""
    number: int = 0
    version: int = 0
    times: int = 1
    shopify: list[dict[str, Any]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """As JSON, for the page."""
        return asdict(self)


class Record:
    """The newest exchanges. Each has a number, and each change a version; both only grow."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[Exchange] = deque(maxlen=_KEPT)
        self._number = self._version = 0

    def add(self, exchange: Exchange) -> Exchange:
        """Keep an exchange. If a timeline has not changed, only its count goes up."""
        with self._lock:
            self._version += 1
            same = self._same(exchange) if exchange.kind == "timeline" else None
            if same:
                same.times, same.version, same.at = same.times + 1, self._version, exchange.at
                same.milliseconds = exchange.milliseconds
                return same
            self._number += 1
            exchange.number, exchange.version = self._number, self._version
            self._kept.append(exchange)
            return exchange

    def _same(self, exchange: Exchange) -> Exchange | None:
        latest = next((e for e in reversed(self._kept) if e.kind == exchange.kind and e.url == exchange.url), None)
        same = latest and (latest.status, latest.reply, latest.problem) == (
            exchange.status,
            exchange.reply,
            exchange.problem,
        )
        return latest if same else None

    def since(self, version: int) -> list[Exchange]:
        """What was added or changed after a version, oldest first."""
        with self._lock:
            return [e for e in self._kept if e.version > version]

    def get(self, number: int) -> Exchange | None:
        """The exchange with a number, if it is still kept."""
        with self._lock:
            return next((e for e in self._kept if e.number == number), None)


def now() -> str:
    """The current time, ISO 8601 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
