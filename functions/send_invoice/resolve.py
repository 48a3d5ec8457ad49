"""How the outcome of a sent invoice is found again: by the event that Shopify keeps of it on the order.

Neither the event's action nor its words are published, so an event counts if it is of an app and names an invoice. If
there is none, the invoice may have been sent anyway: that is never told as a failure.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from orderdesk import orders
from orderdesk.operations import SUCCEEDED, Operation, Outcome
from orderdesk.operations.outcome import CONFIRMED
from orderdesk.shopify import Client, document

if TYPE_CHECKING:
    from .nodes import ReconcileInvoiceOrder

_INVOICE = re.compile("invoice", re.IGNORECASE)
#: How far Shopify's clock may be behind ours, and how long Shopify may take to write the event.
_CLOCKS, _WRITTEN_WITHIN = timedelta(seconds=30), timedelta(minutes=30)


def resolve(client: Client, operation: Operation) -> Outcome | None:
    """SUCCEEDED if an app has sent an invoice since; None if none is found. Raises what `Client.read` raises."""
    order: ReconcileInvoiceOrder = orders.again(client, operation.subject.order, document(__file__, "resolve"))
    sent = datetime.fromisoformat(operation.sent_at)
    for event in order["events"]["nodes"]:
        at = datetime.fromisoformat(event["createdAt"])
        of_an_invoice = _INVOICE.search(f"{event['action']} {event['message']}")
        if event["attributeToApp"] and of_an_invoice and sent - _CLOCKS <= at <= sent + _WRITTEN_WITHIN:
            return Outcome(SUCCEEDED, f"Sent an invoice for order {operation.subject.order_name}", CONFIRMED, {})
    return None
