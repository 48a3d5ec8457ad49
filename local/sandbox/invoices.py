"""orderInvoiceSend: no e-mail is sent; refused in the recorded words."""

from typing import Any

from .customer_changes import EMAIL
from .store import Store
from .user_errors import refusal


def send(store: Store, order_id: str, email: dict[str, Any] | None) -> dict[str, Any]:
    """`orderInvoiceSend`: to the address given, else to the order's own."""
    order = store.order(order_id)
    if order is None:
        return {"order": None, "userErrors": [refusal(["id"], "Order does not exist")]}
    to = (email or {}).get("to") or order.email
    words = "No recipient email address was provided" if not to else "" if EMAIL.fullmatch(to) else "To is invalid"
    if words:
        return {"order": None, "userErrors": [refusal(None, words, "ORDER_INVOICE_SEND_UNSUCCESSFUL")]}
    return {"order": store.order_node(order), "userErrors": []}
