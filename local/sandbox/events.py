"""Events in an order's timeline: a sent invoice. Neither its action nor its words were recorded."""

from typing import Any

from .defaults import node
from .ids import iso
from .orders import Invoice, Order


def event_node(order: Order, sent: Invoice) -> dict[str, Any]:
    """The event of a sent invoice in the order's timeline (a BasicEvent)."""
    return node(
        "BasicEvent",
        id=sent.id,
        action="order_invoice_sent",
        appTitle="Orderdesk",
        attributeToApp=True,
        createdAt=iso(sent.at),
        message=f"Order invoice email was sent to {sent.to}.",
        subjectId=order.id,
    )
