"""The record of what was asked of Orderdesk and answered: the requests behind what one sees on the page."""

import threading
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

_KEPT = 200


@dataclass
class Exchange:
    """One request and its reply.

    `kind`: `lookup`, `form`, `submit` or `timeline`; `scopes` for the desk's own question to Shopify, `others` for
    what Shopify was asked outside the desk. `headers` have no secret in them. `reply` is JSON, or text where it was
    none. `status` is None where no answer came, and `problem` then says so. `shopify` are the calls that it caused,
    known in the demo alone. `times`: how often the same was asked and answered in a row.
    """

    kind: str
    method: str
    url: str
    headers: dict[str, str]
    body: str
    conversation: str = ""
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
    """The newest exchanges. Numbers go up with each, versions with each change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[Exchange] = deque(maxlen=_KEPT)
        self._number = self._version = 0

    def add(self, exchange: Exchange) -> Exchange:
        """Keep an exchange. A timeline that has not changed since is counted rather than kept once more."""
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
        """The exchange of a number, while it is kept."""
        with self._lock:
            return next((e for e in self._kept if e.number == number), None)


def now() -> str:
    """This moment, ISO 8601 in UTC to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
