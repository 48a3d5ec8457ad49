"""The demo's sandbox Shopify as the desk sees it: the calls that reached it, and the ways to break it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import requests

from .exchanges import Exchange, Record, now
from .stack import Stack


class Trouble(NamedTuple):
    """A way in which Shopify may break: what the button says, what one can watch, and the sandbox's own faults."""

    name: str
    label: str
    watch: str
    faults: tuple[dict[str, Any], ...]


TROUBLES = (
    Trouble("none", "Works", "Shopify answers at once.", ()),
    Trouble(
        "slow",
        "Slow",
        "Each answer takes two seconds. Actions still end well within the helpdesk's fifteen.",
        ({"kind": "slow", "seconds": 2.0},),
    ),
    Trouble(
        "down",
        "Down",
        "Nobody answers. Profiles are empty, and an action says that nothing was changed.",
        ({"kind": "refused"},),
    ),
    Trouble(
        "lost",
        "Answers lost",
        "Shopify does what it is asked, and the answer is lost. The agent hears that the outcome is being checked; "
        "the timeline says within two minutes how it ended.",
        ({"kind": "reset_after", "document": "mutations"},),
    ),
    Trouble(
        "hangs",
        "Hangs",
        "Shopify does it and never answers. After some 12 seconds the agent hears that the outcome is being checked.",
        ({"kind": "no_answer", "document": "mutations", "seconds": 30.0, "done": True},),
    ),
    Trouble(
        "pending",
        "Refunds take days",
        "The payment provider takes refunds on and has not paid them out yet. The agent hears that the money is on its "
        "way. It arrives once Shopify works again and the refund is set to SUCCESS.",
        ({"kind": "refund_status", "transaction_status": "PENDING"},),
    ),
    Trouble(
        "unknown",
        "Refunds unclear",
        "Shopify does not know whether the provider paid a refund out. The agent does not hear that it failed, and is "
        "offered no second refund of the same money.",
        ({"kind": "refund_status", "transaction_status": "UNKNOWN"},),
    ),
    Trouble(
        "declined",
        "Refunds declined",
        "The payment provider turns refunds down. The agent hears that no money went back.",
        ({"kind": "refund_status", "transaction_status": "FAILURE"},),
    ),
    Trouble(
        "hidden",
        "Customers hidden",
        "Shopify does not let Orderdesk see customers. The profile shows what may be seen, and nothing is done on an "
        "order whose owner cannot be read.",
        ({"kind": "denied", "path": "Customer"},),
    ),
)


class Sandbox:
    """The sandbox, over HTTP."""

    def __init__(self, stack: Stack) -> None:
        self._url = f"{stack.shopify}/_sandbox"
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers["X-Shopify-Access-Token"] = stack.shopify_token
        self._lock = threading.Lock()
        self._seen = self._under_way = 0
        self._unasked: list[dict[str, Any]] = []
        self._newest()

    @contextmanager
    def watching(self, exchange: Exchange) -> Iterator[None]:
        """Gives the exchange the calls that reach Shopify meanwhile."""
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
        """Put on record what reached Shopify while no request of this desk's was under way: by the reconciler, or by
        somebody else."""
        with self._lock:
            if not self._under_way:
                self._unasked += self._newest()
            calls, self._unasked = self._unasked, []
        if calls:
            record.add(Exchange("others", "", "", {}, "", at=now(), shopify=calls))

    def trouble(self) -> str:
        """The name of the trouble that is on; `other` where somebody has set faults of their own."""
        faults = self._get("faults")["faults"]
        if not faults:
            return "none"
        return next((t.name for t in TROUBLES if _same(t.faults, faults)), "other")

    def put(self, name: str) -> str:
        """Switch a trouble on in place of what was on. Raises KeyError where there is none of that name."""
        trouble = {t.name: t for t in TROUBLES}[name]
        answer = self.http.put(f"{self._url}/faults", json={"faults": list(trouble.faults)}, timeout=5)
        answer.raise_for_status()
        return name

    def _newest(self) -> list[dict[str, Any]]:
        """The calls that came since the last look."""
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
    """Whether the faults that are on are these, for the documents that these are for."""
    return len(ours) == len(listed) and all(
        {"document": "*", **one}.items() <= {k: v for k, v in other.items() if not isinstance(v, dict)}.items()
        for one, other in zip(ours, listed, strict=True)
    )
