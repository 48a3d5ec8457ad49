"""refundCreate: what it refuses, in the recorded words, and what it does."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from .orders import Order, Refund, RefundedLine, Transaction, refund_node
from .store import Store
from .user_errors import refusal

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "CAD": "$", "JPY": "¥"}


def refund(
    store: Store, given: dict[str, Any], back: Callable[..., Transaction]
) -> tuple[dict[str, Any], Callable[[], dict[str, Any]] | None]:
    """`refundCreate`: the answer, and where it was carried out how to give the answer again later."""
    order = store.order(given["orderId"])
    if refused := _refused(order, given):
        return {"refund": None, "order": store.order_node(order), "userErrors": [refused]}, None
    assert order
    made = _refunded(store, order, given, back)

    def again() -> dict[str, Any]:
        return {"refund": refund_node(order, made), "order": store.order_node(order), "userErrors": []}

    return again(), again


def _refused(order: Order | None, given: dict[str, Any]) -> dict[str, Any] | None:
    if order is None:
        return refusal(["orderId"], "Order does not exist")
    if given.get("currency", order.currency) != order.currency or (
        order.currency != order.shop_currency and not given.get("currency")
    ):
        return refusal(["currency"], "Currency must be the presentment currency of the order")
    lines = {x.id: x for x in order.lines}
    for place, item in enumerate(given.get("refundLineItems") or []):
        x = lines.get(item["lineItemId"])
        if x is None or item["quantity"] > x.quantity - x.refunded:
            message = "Quantity cannot refund more items than were purchased"
            return refusal(["refundLineItems", str(place), "quantity"], message)
    return _transactions_refused(order, given.get("transactions") or [])


def _transactions_refused(order: Order, moves: list[dict[str, Any]]) -> dict[str, Any] | None:
    parents = {p.id: p for p in order.payments()}
    for t in moves:
        if t["kind"] != "REFUND":
            return refusal(None, f"Kind {t['kind'].lower()} is not a valid transaction")
        if t.get("parentId") not in parents:
            return refusal(["transactions"], "Transactions require a parent_id associated with the order")
    try:
        amounts = [Decimal(t["amount"]) for t in moves]
    except InvalidOperation:
        return refusal(["transactions"], "Amount is not a number")
    total, net = sum(amounts, Decimal(0)), order.net
    if total > net:
        sign = SYMBOLS.get(order.currency, "")
        message = f"Refund amount {sign}{total:.2f} is greater than net payment received {sign}{net:.2f}"
        return refusal(None, message)
    asked: dict[str, Decimal] = {}
    for t, amount in zip(moves, amounts, strict=True):
        asked[t["parentId"]] = asked.get(t["parentId"], Decimal(0)) + amount
    if any(amount > order.left(parents[parent]) for parent, amount in asked.items()):
        return refusal(["transactions"], "Refund amount is greater than what the parent transaction holds")
    return None


def _refunded(store: Store, order: Order, given: dict[str, Any], back: Callable[..., Transaction]) -> Refund:
    parents = {p.id: p for p in order.payments()}
    moves = [back(order, parents[t["parentId"]], Decimal(t["amount"])) for t in given.get("transactions") or []]
    asked = given.get("shipping") or {}
    shipping = order.shipping_left if asked.get("fullRefund") else Decimal(asked.get("amount") or 0)
    made = Refund(given.get("note"), store.now(), moves, shipping, bool(given.get("notify")))
    for item in given.get("refundLineItems") or []:
        line = next(x for x in order.lines if x.id == item["lineItemId"])
        line.refunded += item["quantity"]
        made.lines.append(RefundedLine(line, item["quantity"], item.get("restockType") or "NO_RESTOCK"))
    order.transactions += moves
    order.refunds.append(made)
    order.updated = store.now()
    return made
