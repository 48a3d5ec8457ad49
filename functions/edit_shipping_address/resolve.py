"""How the outcome of a change of the shipping address is found again: the address itself is compared, by its hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderdesk import orders
from orderdesk.operations import SUCCEEDED, UNKNOWN, Operation, Outcome
from orderdesk.operations.outcome import CONFIRMED
from orderdesk.shopify import Client, document

from .address import hash_of, in_words, values_of

if TYPE_CHECKING:
    from .nodes import ReconcileShippingAddressOrder


def resolve(client: Client, operation: Operation) -> Outcome | None:
    """What became of the change; None while that cannot be known. Raises what `Client.read` raises.

    An address that is neither the old nor the new was changed again since, or Shopify writes it in its own way.
    """
    order: ReconcileShippingAddressOrder = orders.again(client, operation.subject.order, document(__file__, "resolve"))
    place = order["shippingAddress"] or {}
    now, name = values_of(place), operation.subject.order_name
    if hash_of(now) == operation.details["address_sha256"]:
        words = f"Before: {operation.details['before']}. Now: {in_words(now, place['country'] or '')}. {CONFIRMED}"
        return Outcome(SUCCEEDED, f"Changed the shipping address of order {name}", words, {})
    if hash_of(now) == operation.shown["address_sha256"]:
        return operation.no_trace(f"The shipping address of order {name} wasn't changed")
    over = operation.no_trace(f"The shipping address of order {name} is neither the old one nor the new one")
    hidden = "Someone may have changed it again. Check the address in Shopify."
    return over and over._replace(state=UNKNOWN, detail=hidden)
