"""How the outcome of a refund is found again after a lost answer: by the reference in its note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderdesk import orders, refunds
from orderdesk.operations import Operation, Outcome
from orderdesk.shopify import Client, document

if TYPE_CHECKING:
    from .nodes import ReconcileRefundOrder


def resolve(client: Client, operation: Operation) -> Outcome | None:
    """What became of the refund; None while that cannot be known. Raises what `Client.read` raises."""
    order: ReconcileRefundOrder = orders.again(client, operation.subject.order, document(__file__, "resolve"))
    if outcome := refunds.by_reference(client, operation, order):
        return outcome.confirmed()
    return operation.no_trace(f"Order {operation.subject.order_name} wasn't refunded")
