"""What is shown of an operation while its outcome is open: on the order's card, in every profile.

An open operation has two attributes more: `open_for`, whose it is, which puts it into the sparse index
`open_by_customer`, and `open_as`, the few facts that are shown, which is all that the index carries.
"""

import json
from typing import TYPE_CHECKING, Any

from . import actions

if TYPE_CHECKING:
    from .operations import Operation

INDEX = "open_by_customer"

#: The state of what only stands for the lock that it has left.
LOCKED = "LOCKED"

#: The attributes of an open operation that go when it has an end.
ATTRIBUTES = ("open_for", "open_as")


def customer_key(shop: str, customer: str) -> str:
    """The key of a customer's open operations in the index: by the shop, since two stores may be one shop."""
    return f"{shop}/{customer}"


def attributes_of(operation: "Operation", state: str, since: str) -> dict[str, str]:
    """The attributes by which an operation that is in `state`, and was sent at `since` (ISO 8601), is shown."""
    subject = operation.subject
    shown: dict[str, Any] = {
        "action": subject.action,
        "order": subject.order,
        "order_name": subject.order_name,
        "state": state,
        "since": since,
        "answered": operation.answered,
        "running": operation.taken_on and not operation.answered,
        **_about(operation),
    }
    return {
        "open_for": customer_key(subject.shop or subject.store, subject.customer),
        "open_as": json.dumps({name: value for name, value in shown.items() if value}),
    }


def kept_lock(operation: "Operation", since: str) -> dict[str, str]:
    """The attributes of an order's lock that stays for good, since Shopify may still carry out an operation that was
    sent at `since` and is looked at no more."""
    return attributes_of(operation, LOCKED, since)


def _about(operation: "Operation") -> dict[str, Any]:
    """The facts that the action's row names, such as the amount; what was asked, if Shopify has said nothing yet."""
    known = operation.facts | operation.draft
    return {name: known.get(name) for name in actions.of(operation.subject.action).card}
