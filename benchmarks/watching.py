"""Watch what a job asks of Shopify, DynamoDB and SSM, in one process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from local.sandbox import Sandbox
from orderdesk import config, tables


@dataclass
class Asked:
    """The calls made while one job was done: Shopify's bodies in bytes, and points, also of each; AWS calls by name."""

    trips: int = 0
    sent: int = 0
    received: int = 0
    requested: int = 0
    actual: int = 0
    documents: list[str] = field(default_factory=list)
    costs: list[tuple[int, int]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def shown(self) -> tuple[str, str, str]:
        """Round trips, kilobytes sent and received, points requested and used."""
        return (
            str(self.trips),
            f"{self.sent / 1000:.1f} + {self.received / 1000:.1f}",
            f"{self.requested} ({self.actual})",
        )


@contextmanager
def watched(sandbox: Sandbox) -> Iterator[Asked]:
    """Watch all requests to a sandbox while the block runs."""
    asked, real, before = Asked(), sandbox.handle, len(sandbox.received)

    def handle(method: str, url: str, headers: dict[str, str], body: bytes) -> Any:
        answer = real(method, url, headers, body)
        asked.trips += 1
        asked.sent += len(body)
        asked.received += len(answer[2])
        return answer

    sandbox.handle = handle  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        sandbox.handle = real  # type: ignore[method-assign]
    for request in sandbox.received[before:]:
        cost = (request.answer.get("extensions") or {}).get("cost") or {}
        asked.documents.append(request.name)
        asked.costs.append((cost.get("requestedQueryCost") or 0, cost.get("actualQueryCost") or 0))
        asked.requested += asked.costs[-1][0]
        asked.actual += asked.costs[-1][1]


@contextmanager
def watched_aws() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Watch the calls to DynamoDB and SSM while the block runs, with their parameters."""
    calls: list[tuple[str, dict[str, Any]]] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        calls.append((model.name, params))

    clients = (tables.dynamodb(), config.ssm())
    for client in clients:
        client.meta.events.register("before-parameter-build", note)
    try:
        yield calls
    finally:
        for client in clients:
            client.meta.events.unregister("before-parameter-build", note)
