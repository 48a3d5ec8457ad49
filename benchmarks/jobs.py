"""An agent's jobs as requests to the store's base address: the same for a function in this process and for a deployed
API."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from local.examples import EXAMPLES

#: Sends a request to the store's base address and returns the reply's status and JSON body.
Send = Callable[[str, str, Any], tuple[int, dict[str, Any]]]

_numbers = count(1)


@dataclass
class Agent:
    """An agent at a helpdesk: `send` sends the requests, `customer` is the number of the customer who wrote in."""

    send: Send
    customer: str

    def auto_link(self) -> dict[str, Any]:
        """Look up a customer by email address and phone number."""
        query = {"emails": ["martha.williams@example.com"], "phones": ["+15013299800"]}
        return self._asked("POST", "", {"lookupLevel": "BASIC", "query": query})

    def profile(self) -> dict[str, Any]:
        """The linked customer with the ten newest orders."""
        query = {"externalCustomerId": self.customer}
        return self._asked("POST", "", {"lookupLevel": "DETAILED", "query": query})

    def form(self, action: str, order: str = "") -> str:
        """Open an action's form (`refund-order`); returns its `actionUrl`."""
        about = f"order={order}" if order else f"customer={self.customer}"
        return str(self._asked("GET", f"/actions/{action}?{about}", None)["actionUrl"])

    def submit(self, action: str, url: str) -> dict[str, Any]:
        """Submit an action's form with new values."""
        return self._asked("POST", url, self.values(action))

    def timeline(self, limit: int = 25) -> dict[str, Any]:
        """The customer's timeline."""
        return self._asked("GET", f"/timeline?customer={self.customer}&limit={limit}", None)

    def values(self, action: str) -> dict[str, Any]:
        """What an agent enters."""
        return EXAMPLES[action].numbered(next(_numbers))

    def _asked(self, method: str, url: str, body: Any) -> dict[str, Any]:
        status, reply = self.send(method, url, body)
        if status != 200:
            raise AssertionError(f"{method} {url}: {status} {json.dumps(reply)[:300]}")
        return reply


@dataclass
class Orders:
    """Orders of the agent's customer: `make` makes as many of a case of `local.sandbox.cases`, and gives their
    numbers."""

    agent: Agent
    make: Callable[[int, str], list[str]]

    def new(self, action: str) -> str:
        """The number of a new order that the action is offered on; "" if it is about a customer."""
        if not ACTIONS[action]:
            return ""
        needed = EXAMPLES[action].order
        [order] = self.make(1, needed if needed == "outstanding" else "paid")
        if needed == "held":
            # By the app itself: only its own holds are released.
            self.agent.submit("hold-fulfillment", self.agent.form("hold-fulfillment", order))
        return order


#: Each action, and whether it is about an order.
ACTIONS = {slug: example.action.about == "order" for slug, example in EXAMPLES.items()}
