"""The demo's sandbox Shopify: the calls that reached it, and the ways to break it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import requests

from orderdesk import sessions

from .exchanges import Exchange, Record, now
from .stack import Stack


class Trouble(NamedTuple):
    """A way to break Shopify: the button's label, what to expect, and the sandbox's faults."""

    name: str
    label: str
    watch: str
    faults: tuple[dict[str, Any], ...]


TROUBLES = (
    Trouble("none", "Works", "Shopify works normally.", ()),
    Trouble(
        "slow",
        "Slow",
        "Each answer takes two seconds. Actions still finish well within the helpdesk's limit of 15 seconds.",
        ({"kind": "slow", "seconds": 2.0},),
    ),
    Trouble(
        "down",
        "Down",
        "Shopify can't be reached. Profiles are empty, and an action says that nothing was changed.",
        ({"kind": "refused"},),
    ),
    Trouble(
        "lost",
        "Answers lost",
        "Shopify does what it is asked, but its answer is lost. The agent is told that we are checking the outcome. "
        "The timeline shows it within two minutes.",
        ({"kind": "reset_after", "document": "mutations"},),
    ),
    Trouble(
        "hangs",
        "Hangs",
        "Shopify does what it is asked and never answers. After about 12 seconds the agent is told that we are "
        "checking the outcome.",
        ({"kind": "no_answer", "document": "mutations", "seconds": 30.0, "done": True},),
    ),
    Trouble(
        "pending",
        "Refunds take days",
        "The payment provider accepts refunds but has not paid them out yet. The agent is told that the money is on "
        "its way. It arrives once Shopify works normally and the refund is set to SUCCESS.",
        ({"kind": "refund_status", "transaction_status": "PENDING"},),
    ),
    Trouble(
        "unknown",
        "Refunds unclear",
        "Shopify does not know whether the provider paid a refund. The agent is not told that it failed, and can't "
        "refund the same money a second time.",
        ({"kind": "refund_status", "transaction_status": "UNKNOWN"},),
    ),
    Trouble(
        "declined",
        "Refunds declined",
        "The payment provider declines refunds. The agent is told that no money went back.",
        ({"kind": "refund_status", "transaction_status": "FAILURE"},),
    ),
    Trouble(
        "hidden",
        "Customers hidden",
        "Shopify does not let Orderdesk see customers. The profile shows the rest, and agents can't act on an order "
        "if its customer is hidden.",
        ({"kind": "denied", "path": "Customer"},),
    ),
)


class Sandbox:
    """The sandbox, over HTTP."""

    def __init__(self, stack: Stack) -> None:
        self._url = f"{stack.shopify}/_sandbox"
        self.http = sessions.plain()
        self.http.headers["X-Shopify-Access-Token"] = stack.shopify_token
        self._lock = threading.Lock()
        self._seen = self._under_way = 0
        self._unasked: list[dict[str, Any]] = []
        self._newest()

    @contextmanager
    def watching(self, exchange: Exchange) -> Iterator[None]:
        """Record on the exchange the calls that reach Shopify while it is under way."""
        with self._lock:
            if not self._under_way:
                self._unasked += self._newest()
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1
                exchange.shopify = self._newest()

    def unasked(self, record: Record) -> None:
        """Record the calls that reached Shopify between the desk's requests: from the reconciler or from someone
        else."""
        with self._lock:
            if not self._under_way:
                self._unasked += self._newest()
            calls, self._unasked = self._unasked, []
        if calls:
            record.add(Exchange("others", "", "", {}, "", at=now(), shopify=calls))

    def trouble(self) -> str:
        """The name of the trouble that is on; `other` if someone has set different faults."""
        faults = self._get("faults")["faults"]
        if not faults:
            return "none"
        return next((t.name for t in TROUBLES if _same(t.faults, faults)), "other")

    def put(self, name: str) -> str:
        """Replace the current trouble. Raises KeyError if the name is unknown."""
        trouble = {t.name: t for t in TROUBLES}[name]
        answer = self.http.put(f"{self._url}/faults", json={"faults": list(trouble.faults)}, timeout=5)
        answer.raise_for_status()
        return name

    def _newest(self) -> list[dict[str, Any]]:
        """The calls since the last look."""
        try:
            received = self._get(f"received?after={self._seen}")["received"]
        except requests.RequestException:
            return []
        self._seen = max([self._seen, *(r["number"] for r in received)])
        return [
            {
                "name": r["name"],
                "document": r["text"],
                "variables": r["variables"],
                "requestedCost": r["requestedQueryCost"],
                "actualCost": r["actualQueryCost"],
                "milliseconds": round(r["seconds"] * 1000, 1),
                "errors": r["errors"],
            }
            for r in received
        ]

    def _get(self, path: str) -> Any:
        answer = self.http.get(f"{self._url}/{path}", timeout=5)
        answer.raise_for_status()
        return answer.json()


def _same(ours: tuple[dict[str, Any], ...], listed: list[dict[str, Any]]) -> bool:
    """True if these faults are on, for the documents that they are for."""
    return len(ours) == len(listed) and all(
        {"document": "*", **one}.items() <= {k: v for k, v in other.items() if not isinstance(v, dict)}.items()
        for one, other in zip(ours, listed, strict=True)
    )
