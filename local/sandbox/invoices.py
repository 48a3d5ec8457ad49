"""orderInvoiceSend: no e-mail is sent, but the order knows of it.

Recorded: that no recipient is known, that the given one is no address, the order's own address where none is given, and
that amounts and statuses stay as they are. Not recorded: a sender or copy that is no address of the store (published:
they should be one), an order that is paid or cancelled (which is sent an invoice here), and the event on the order.
"""

from typing import Any

from .customer_changes import EMAIL
from .defaults import FIXED
from .orders import Invoice
from .store import Store
from .user_errors import refusal


def send(store: Store, order_id: str, email: dict[str, Any] | None) -> dict[str, Any]:
    """`orderInvoiceSend`: to the address given, else to the order's own."""
    order, given = store.order(order_id), email or {}
    if order is None:
        return {"order": None, "userErrors": [refusal(["id"], "Order does not exist")]}
    to = given.get("to") or order.email
    if words := _refused(to, given):
        return {"order": None, "userErrors": [refusal(None, words, "ORDER_INVOICE_SEND_UNSUCCESSFUL")]}
    order.invoices.append(Invoice(to, given.get("subject"), given.get("customMessage"), store.now()))
    return {"order": store.order_node(order), "userErrors": []}


def _refused(to: str | None, given: dict[str, Any]) -> str:
    """What is wrong, in words; nothing if it is sent."""
    if not to:
        return "No recipient email address was provided"
    if not EMAIL.fullmatch(to):
        return "To is invalid"
    own = {FIXED["Shop"]["contactEmail"], FIXED["Shop"]["email"]}
    if given.get("from") and given["from"] not in own:
        return "From is invalid"
    return "Bcc is invalid" if set(given.get("bcc") or ()) - own else ""
