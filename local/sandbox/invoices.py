"""orderInvoiceSend: sends no email, but the order knows about it.

Recorded: no known recipient, an invalid recipient, the order's own address as the default, and that amounts and
statuses do not change. Not recorded: a sender or copy that is not an address of the store (published: it should be
one), a paid or cancelled order (which gets an invoice here), and the event on the order.
"""

from typing import Any

from .customer_changes import EMAIL
from .defaults import FIXED
from .orders import Invoice
from .store import Store
from .user_errors import refusal


def send(store: Store, order_id: str, email: dict[str, Any] | None) -> dict[str, Any]:
    """`orderInvoiceSend`: to the given address, or to the order's own."""
    order, given = store.order(order_id), email or {}
    if order is None:
        return {"order": None, "userErrors": [refusal(["id"], "Order does not exist")]}
    to = given.get("to") or order.email
    if words := _refused(to, given):
        return {"order": None, "userErrors": [refusal(None, words, "ORDER_INVOICE_SEND_UNSUCCESSFUL")]}
    order.invoices.append(Invoice(to, given.get("subject"), given.get("customMessage"), store.now()))
    return {"order": store.order_node(order), "userErrors": []}


def _refused(to: str | None, given: dict[str, Any]) -> str:
    """What is wrong, in words; empty if it is sent."""
    if not to:
        return "No recipient email address was provided"
    if not EMAIL.fullmatch(to):
        return "To is invalid"
    own = {FIXED["Shop"]["contactEmail"], FIXED["Shop"]["email"]}
    if given.get("from") and given["from"] not in own:
        return "From is invalid"
    return "Bcc is invalid" if set(given.get("bcc") or ()) - own else ""
