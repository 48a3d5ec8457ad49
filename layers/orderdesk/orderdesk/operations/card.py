"""What the card of an order shows of an operation while it has no end.

An open operation has two attributes more: `open_for`, whose it is, which puts it into the sparse index
`open_by_customer`, and `open_as`, what is shown, which is all that the index carries.
"""

import json
from collections.abc import Mapping
from typing import Any

from .. import actions
from .model import Subject

INDEX = "open_by_customer"

#: The state of what only stands for the lock that it has left.
LOCKED = "LOCKED"

#: The attributes of an open operation that go when it has an end.
ATTRIBUTES = ("open_for", "open_as")


def customer_key(shop: str, customer: str) -> str:
    """The key of a customer's open operations in the index: by the shop, since two stores may be one shop."""
    return f"{shop}/{customer}"


def attributes_of(
    subject: Subject,
    state: str,
    since: str,
    known: Mapping[str, Any],
    *,
    answered: bool = False,
    running: bool = False,
    waits: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The attributes by which an operation is shown that is in `state` and was sent at `since` (ISO 8601).

    `known`: what the form showed and what Shopify has said since, of which the action's row names what a card shows.
    `answered`: the agent has their reply. `running`: Shopify has accepted it. `waits`: what it waits for, if that is a
    second person: its own id, who asked, what it gives away.
    """
    shown: dict[str, Any] = {
        "action": subject.action,
        "order": subject.order,
        "order_name": subject.order_name,
        "state": state,
        "since": since,
        "answered": answered,
        "running": running,
        **{name: known.get(name) for name in actions.of(subject.action).card},
        **(waits or {}),
    }
    return {
        "open_for": customer_key(subject.shop or subject.store, subject.customer),
        "open_as": json.dumps({name: value for name, value in shown.items() if value}),
    }
