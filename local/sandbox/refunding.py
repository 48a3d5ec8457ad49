"""refundCreate: what it refuses, and what it does.

Recorded, with their words: an unknown order, a kind other than REFUND, a payment of another order, more than the net
payment (also with `allowOverRefunding`, if a payment has less left), more pieces than were purchased. Returned pieces
(RETURN) have a subtotal.

Not recorded: refunds to store credit; the words for a missing location, for too much shipping, for more than is left of
a payment, and for CANCEL of pieces that were sent; a refund of nothing, which is created and moves nothing. Published:
restocking needs a location, and only CANCEL removes pieces from fulfillment.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from .ids import gid
from .locations import Location
from .orders import Order, Refund, RefundedLine, Transaction
from .payment_nodes import refund_node
from .store import Store
from .store_credit import GATEWAY, SHOWN, pay_out
from .suggested_refunds import counted, duties_of, part
from .user_errors import refusal

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "CAD": "$", "JPY": "¥"}
TOO_MANY = "Quantity cannot refund more items than were purchased"
Back = Callable[..., Transaction]


def refund(
    store: Store, given: dict[str, Any], back: Back
) -> tuple[dict[str, Any], Callable[[], dict[str, Any]] | None]:
    """`refundCreate`: the answer and, if it was carried out, how to give the answer again later."""
    order = store.order(given["orderId"])
    if order is None:
        refused: dict[str, Any] | None = refusal(["orderId"], "Order does not exist")
    else:
        refused = next(_refusals(store, order, given), None)
    if refused:
        return {"refund": None, "order": store.order_node(order), "userErrors": [refused]}, None
    assert order
    made = _refunded(store, order, given, back)

    def again() -> dict[str, Any]:
        return {"refund": refund_node(order, made), "order": store.order_node(order), "userErrors": []}

    return again(), again


def _refusals(store: Store, order: Order, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is wrong, in order."""
    if given.get("currency", order.currency) != order.currency or (
        order.currency != order.shop_currency and not given.get("currency")
    ):
        yield refusal(["currency"], "Currency must be the presentment currency of the order")
    yield from _line_refusals(store, order, given.get("refundLineItems") or [])
    yield from _shipping_refusals(order, given.get("shipping") or {})
    yield from _store_credit_refusals(store, order, given.get("refundMethods") or [])
    yield from _payment_refusals(order, given)


def _line_refusals(store: Store, order: Order, items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    lines, asked = {x.id: x for x in order.lines}, dict[str, int]()
    for place, item in enumerate(items):
        where, x = ["refundLineItems", str(place)], lines.get(item["lineItemId"])
        asked[item["lineItemId"]] = asked.get(item["lineItemId"], 0) + item["quantity"]
        if x is None or asked[x.id] > x.refundable:
            yield refusal([*where, "quantity"], TOO_MANY)
            continue
        if item["quantity"] <= 0:
            yield refusal([*where, "quantity"], "Quantity must be greater than 0")
        restock, location = item.get("restockType") or "NO_RESTOCK", item.get("locationId")
        if restock == "LEGACY_RESTOCK":
            yield refusal([*where, "restockType"], "Restock type is not accepted for new refunds")
        if restock == "CANCEL" and item["quantity"] > x.unsent:
            yield refusal([*where, "quantity"], "Quantity cannot remove more than the fulfillable quantity")
        if restock in ("CANCEL", "RETURN") and store.location(location) is None:
            words = "Location does not exist" if location else "Location is required to restock items"
            yield refusal([*where, "locationId"], words)


def _shipping_refusals(order: Order, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if asked.get("fullRefund"):
        return
    amount = Decimal(asked.get("amount") or 0)
    if amount < 0:
        yield refusal(["shipping", "amount"], "Shipping amount cannot be negative")
    if amount > order.shipping_left:
        yield refusal(["shipping", "amount"], "Shipping amount cannot be greater than what was not refunded yet")


def _store_credit_refusals(store: Store, order: Order, methods: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """In the schema's words for a cancellation, and the recorded words of `storeCreditAccountCredit`."""
    for place, one in enumerate(methods):
        where, asked = ["refundMethods", str(place), "storeCreditRefund"], one["storeCreditRefund"]
        if words := no_store_credit(store, order, asked.get("expiresAt")):
            yield refusal(where, words[0])
        if asked["amount"]["currencyCode"] != order.currency:
            yield refusal([*where, "amount", "currencyCode"], "Currency must be the presentment currency of the order")
        if Decimal(asked["amount"]["amount"]) <= 0:
            words_of_amount = "A positive amount must be used to credit a store credit account"
            yield refusal([*where, "amount", "amount"], words_of_amount)


def no_store_credit(store: Store, order: Order, expires: str | None) -> tuple[str, str] | None:
    """Why an order cannot be refunded to store credit: the schema's words, and its code for a cancellation."""
    asked = "A store credit order refund was requested but the"
    if order.customer is None:
        return f"{asked} order has no customer.", "STORE_CREDIT_REFUND_MISSING_CUSTOMER"
    if order.company is not None:
        return f"{asked} order is a B2B order.", "STORE_CREDIT_REFUND_B2B_NOT_SUPPORTED"
    if expires and datetime.fromisoformat(expires) <= store.now():
        return f"{asked} expiration date is in the past.", "STORE_CREDIT_REFUND_EXPIRATION_IN_PAST"
    if not order.takes_store_credit:
        return "Store credit is not available in this store.", "INVALID"
    return None


def _payment_refusals(order: Order, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    moves, parents = given.get("transactions") or [], {p.id: p for p in order.payments()}
    for t in moves:
        if t["kind"] != "REFUND":
            yield refusal(None, f"Kind {t['kind'].lower()} is not a valid transaction")
        if t.get("parentId") not in parents:
            yield refusal(["transactions"], "Transactions require a parent_id associated with the order")
    try:
        amounts = [Decimal(t["amount"]) for t in moves]
    except InvalidOperation:
        yield refusal(["transactions"], "Amount is not a number")
        return
    if any(amount < 0 for amount in amounts):
        yield refusal(["transactions"], "Amount cannot be negative")
    asked: dict[str, Decimal] = {}
    for t, amount in zip(moves, amounts, strict=True):
        asked[t["parentId"]] = asked.get(t["parentId"], Decimal(0)) + amount
    total, net = sum(amounts, _to_credit(given)), order.net
    beyond = any(amount > order.left(parents[parent]) for parent, amount in asked.items())
    if total > net and (beyond or not given.get("allowOverRefunding")):
        sign = SYMBOLS.get(order.currency, "")
        words = f"Refund amount {sign}{total:.2f} is greater than net payment received {sign}{net:.2f}"
        yield refusal(None, words)
    if beyond:
        yield refusal(["transactions"], "Refund amount is greater than what the parent transaction holds")


def _to_credit(given: dict[str, Any]) -> Decimal:
    methods = given.get("refundMethods") or []
    return sum((Decimal(one["storeCreditRefund"]["amount"]["amount"]) for one in methods), Decimal(0))


def _refunded(store: Store, order: Order, given: dict[str, Any], back: Back) -> Refund:
    parents = {p.id: p for p in order.payments()}
    moves = [back(order, parents[t["parentId"]], Decimal(t["amount"])) for t in given.get("transactions") or []]
    for one in given.get("refundMethods") or []:
        moves.append(to_store_credit(order, Decimal(one["storeCreditRefund"]["amount"]["amount"]), back))
    asked = given.get("shipping") or {}
    shipping = order.shipping_left if asked.get("fullRefund") else Decimal(asked.get("amount") or 0)
    made = Refund(given.get("note"), store.now(), moves, shipping, bool(given.get("notify")))
    made.shipping_tax, made.reason = order.shipping_tax_of(shipping), given.get("discrepancyReason")
    made.processed = datetime.fromisoformat(given["processedAt"]) if given.get("processedAt") else None
    items = given.get("refundLineItems") or []
    made.duties = duties_of(order, given.get("refundDuties") or [], counted(items))
    made.lines = [_line_refunded(store, order, item) for item in items]
    for line, amount in made.duties:
        line.duty_refunded += amount
    made.adjusted = sum((t.amount for t in moves), Decimal(0)) - _worth(order, made)
    order.transactions += moves
    order.refunds.append(made)
    pay_out(store, order, moves)
    order.updated = store.now()
    return made


def _line_refunded(store: Store, order: Order, item: dict[str, Any]) -> RefundedLine:
    line = next(x for x in order.lines if x.id == item["lineItemId"])
    worth, restock = part(order, line, item["quantity"]), item.get("restockType") or "NO_RESTOCK"
    location: Location | None = None if restock == "NO_RESTOCK" else store.location(item.get("locationId"))
    line.refunded += item["quantity"]
    if restock == "CANCEL":
        line.removed += item["quantity"]
    return RefundedLine(line, item["quantity"], restock, gid("RefundLineItem"), worth.paid, worth.tax, location)


def _worth(order: Order, made: Refund) -> Decimal:
    """What lines, shipping and duties of a refund add up to."""
    duties = sum((amount for _, amount in made.duties), Decimal(0))
    taxes = sum((one.tax for one in made.lines), made.shipping_tax)
    worth = sum((one.worth for one in made.lines), made.shipping) + duties
    return worth if order.taxes_included else worth + taxes


def to_store_credit(order: Order, amount: Decimal, back: Back) -> Transaction:
    """The transaction of a refund to store credit: of no payment of the order (not recorded)."""
    moved = back(order, Transaction("SALE", amount, GATEWAY, SHOWN), amount)
    moved.parent = None
    return moved
