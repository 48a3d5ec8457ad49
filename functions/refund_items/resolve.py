"""How the outcome of a refund of items is found again after a lost answer: by the reference in its note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderdesk import orders, refunds
from orderdesk.operations import Operation, Outcome
from orderdesk.shopify import Client, document

from .choice import with_items

if TYPE_CHECKING:
    from .nodes import ReconcileRefundItemsOrder


def resolve(client: Client, operation: Operation) -> Outcome | None:
    """What became of the refund; None while that cannot be known. Raises what `Client.read` raises."""
    order: ReconcileRefundItemsOrder = orders.again(client, operation.subject.order, document(__file__, "resolve"))
    if outcome := refunds.by_reference(client, operation, order):
        return with_items(outcome, operation.details).confirmed()
    return operation.no_trace(f"Nothing of order {operation.subject.order_name} was refunded")
