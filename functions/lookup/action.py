"""Find a customer, or show one with the orders. Always read from Shopify, never from a cache, and from our own records.

The reply is well formed whatever Shopify does, since an error of one adaptor becomes an error for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from aws_lambda_powertools import Logger

from orderdesk import availability, customers, metrics, orders, scopes
from orderdesk.actions import SEE_FULFILLMENT
from orderdesk.availability import READS_PARTS
from orderdesk.context import Context
from orderdesk.errors import BadInput, OrderdeskError
from orderdesk.ids import CustomerId
from orderdesk.shopify import Document, Missing, Partial, document

from . import order_numbers, records, told
from .profile import Told, customer_no_more, detailed, found, guest, guest_found, guest_no_more

if TYPE_CHECKING:
    from orderdesk.shopify.nodes import OrderCard

    from . import nodes

logger = Logger(service="orderdesk", child=True)

Answer = TypeVar("Answer")

#: The path of a field that decides which actions an order gets (fragment `OrderFacts`).
_STANDING = re.compile(
    r"(?:orders\.nodes\.([0-9]+)|^order)\."
    r"(?:cancelledAt|displayF\w+Status|refundable|netPaymentSet|totalReceivedSet|transactions)\b"
)


class Query(NamedTuple):
    """What identifies the customer."""

    emails: list[str]
    phones: list[str]
    order_numbers: list[str]


def search(ctx: Context, query: Query) -> dict[str, Any]:
    """`{results}`: each customer who has one of the addresses, phones or order numbers, once."""
    try:
        matching = customers.find(ctx.shopify, query.emails, query.phones, ctx.settings.default_region)
        results = {c["id"]: found(ctx, c) for c in matching}
        results |= _by_orders(ctx, query.order_numbers)
    except OrderdeskError as failure:
        return _nothing(ctx, failure)
    logger.info("Customer lookup", matches=len(results))
    metrics.record("Matched" if results else "NotMatched", store=ctx.store)
    return {"results": list(results.values())}


def show(ctx: Context, customer: str, order_numbers: list[str]) -> dict[str, Any]:
    """`{results}` with the one linked customer, the orders and their actions; empty if there is none.

    The orders are the ten newest, and those that an agent searched for by number, now (`order_numbers`) or lately.
    """
    try:
        linked = CustomerId.read(customer)
        asked = records.begin(ctx.store, ctx.settings.shop, linked)
        if linked.is_guest:
            return {"results": _guest(ctx, linked, asked)}
        answer: Partial[nodes.CustomerProfile] = _read(
            ctx, document(__file__, "customer_profile"), id=orders.gid("Customer", linked)
        )
        if there := answer.data.get("customer"):
            return {"results": [_profile(ctx, there, answer, asked, order_numbers)]}
        if answer.missing:
            raise ctx.shopify.in_part(answer.missing)
        return {"results": _gone(ctx, linked, asked.result())}
    except OrderdeskError as failure:
        return _nothing(ctx, failure)


def _read(ctx: Context, card: Document[Answer], **variables: str) -> Partial[Answer]:
    """A document with the fragment `OrderCard`: of an order, only what actions need that are switched on.

    Fulfillment orders that the app may not see hide the orders themselves, so then it is read again without them.
    """
    parts, shop = availability.reads(ctx.settings.switched_on), ctx.settings.shop
    parts[READS_PARTS] &= scopes.may_be_granted(shop, SEE_FULFILLMENT)
    answer = ctx.shopify.read_partly(card, **variables, **parts)
    if parts[READS_PARTS] and any(m.path.endswith("fulfillmentOrders") for m in answer.missing):
        logger.warning("Shopify doesn't show fulfillment orders; the profile is read without them")
        answer = ctx.shopify.read_partly(card, **variables, **parts | {READS_PARTS: False})
    return answer


def _profile(
    ctx: Context,
    customer: nodes.CustomerProfileCustomer,
    answer: Partial[nodes.CustomerProfile],
    asked: records.Background[records.Known],
    order_numbers: list[str],
) -> dict[str, Any]:
    newest = (customer.get("orders") or {}).get("nodes") or []
    known = asked.result()
    older, unread = _older(ctx, customer["id"], newest, known.searched if known else (), order_numbers)
    cards = [*newest, *older]
    told_of = _told(known, answer.data.get("shop"), cards)._replace(
        unread=_unread(newest, answer.missing) | unread, granted=_granted(ctx, answer.data)
    )
    return detailed(ctx, customer, cards, told_of)


def _granted(ctx: Context, data: nodes.CustomerProfile | nodes.GuestOrder) -> frozenset[str] | None:
    """What the app is granted, by the answer; kept for this process's next lookup."""
    granted = scopes.of(data.get("currentAppInstallation"))
    scopes.remember(ctx.settings.shop, granted)
    return granted


def _gone(ctx: Context, linked: str, known: records.Known | None) -> list[dict[str, Any]]:
    """What to show if Shopify has no such customer: nothing, or a hint for the agent if we did something for them
    lately."""
    logger.warning("The linked customer does not exist in Shopify")
    metrics.record("CustomerGone", store=ctx.store)
    return [customer_no_more(linked)] if known and (known.open or known.ended) else []


def _guest(ctx: Context, linked: CustomerId, asked: records.Background[records.Known]) -> list[dict[str, Any]]:
    answer: Partial[nodes.GuestOrder] = _read(
        ctx, document(__file__, "guest_order"), id=orders.gid("Order", linked.number)
    )
    data, missing = answer
    order = data.get("order")
    # If the customer can't be read, the order still has one.
    if answer.lacks("order.customer") or (missing and not order):
        raise ctx.shopify.in_part(missing)
    if not order:
        logger.warning("The linked order does not exist in Shopify")
        metrics.record("CustomerGone", store=ctx.store)
        return []
    if order.get("customer"):
        return [guest_no_more(order)]
    told_of = _told(asked.result(), data.get("shop"), [order])
    told_of = told_of._replace(unread=_unread([order], missing), granted=_granted(ctx, data))
    return [guest(ctx, order, told_of)]


def _unread(cards: Sequence[OrderCard], missing: Sequence[Missing]) -> frozenset[str]:
    """The numbers of the orders whose status Shopify did not return in full. A null there means nothing.

    If Shopify does not say what is missing, all of them.
    """
    if any(not m.path for m in missing):
        return frozenset(orders.number(card["id"]) for card in cards)
    found = (_STANDING.search(m.path) for m in missing)
    places = [int(match[1] or 0) for match in found if match]
    return frozenset(orders.number(cards[place]["id"]) for place in places if place < len(cards))


def _told(known: records.Known | None, shop: nodes.CustomerProfileShop | None, cards: Sequence[OrderCard]) -> Told:
    """What our records say, in the shop's time zone. Nothing if they did not answer."""
    if known is None:
        return Told({})
    if not (known.open or known.ended):
        return Told({}, "")
    notes = told.notes(known, (shop or {}).get("ianaTimezone"))
    elsewhere = told.elsewhere(notes, known, [orders.number(card["id"]) for card in cards])
    return Told(notes, elsewhere, locked=told.locked(known), waiting=told.waiting(known))


def _older(
    ctx: Context, customer: str, newest: Sequence[OrderCard], searched: Sequence[str], names: list[str]
) -> tuple[Sequence[OrderCard], frozenset[str]]:
    """The customer's orders that an agent searched for and that are not among the newest: at most five, newest first.

    Returns no older orders if Shopify does not return them; the profile still shows the others. Also returns the
    numbers of the orders whose status Shopify did not return in full.
    """
    there = {orders.number(card["id"]) for card in newest}
    shown = frozenset(order_numbers.bare(card["name"]) for card in newest)
    ids = [one for one in searched if one not in there][: records.ORDERS_AT_MOST]
    wanted = frozenset[str]().union(*(one for one in map(order_numbers.spellings, names) if not one & shown))
    if not (ids or wanted):
        return [], frozenset()
    parts = [*(f"id:{one}" for one in sorted(ids)), order_numbers.search(wanted)]
    query = " OR ".join(filter(None, parts))
    try:
        answer: Partial[nodes.OlderOrders] = _read(ctx, document(__file__, "older_orders"), id=customer, query=query)
    except OrderdeskError as failure:
        logger.warning("The orders that were searched for could not be read", cause=failure.code)
        return [], frozenset()
    cards = ((answer.data.get("customer") or {}).get("orders") or {}).get("nodes") or []
    meant = [card for card in cards if orders.number(card["id"]) in ids or order_numbers.is_one_of(card, wanted)]
    kept = [card for card in meant if orders.number(card["id"]) not in there]
    return sorted(kept, key=lambda card: str(card.get("createdAt")), reverse=True), _unread(cards, answer.missing)


def _by_orders(ctx: Context, numbers: list[str]) -> dict[str, dict[str, Any]]:
    """The customers of the orders that are called exactly so, each once.

    A guest's order is its own customer. A customer's profile shows the order from now on, however old it is. If Shopify
    does not show the customer of an order, the order is left out: it may or may not be a guest's.
    """
    wanted = frozenset[str]().union(*map(order_numbers.spellings, numbers))
    if not wanted:
        return {}
    answer: Partial[nodes.OrdersByName] = ctx.shopify.read_partly(
        document(__file__, "orders_by_name"), query=order_numbers.search(wanted)
    )
    page = answer.data.get("orders")
    if not page:
        raise ctx.shopify.in_part(answer.missing)
    results: dict[str, dict[str, Any]] = {}
    theirs: dict[str, list[str]] = {}
    for place, order in enumerate(page["nodes"]):
        owner = order.get("customer")
        if not order_numbers.is_one_of(order, wanted):
            continue
        if owner:
            results[owner["id"]] = found(ctx, owner)
            theirs.setdefault(orders.number(owner["id"]), []).append(orders.number(order["id"]))
        elif answer.lacks(f"orders.nodes.{place}.customer"):
            logger.error("Shopify does not return the order's customer", order=orders.number(order["id"]))
        else:
            results[order["id"]] = guest_found(order)
    if theirs:
        records.remember(ctx.settings.shop, theirs)
    return results


def _nothing(ctx: Context, failure: OrderdeskError) -> dict[str, Any]:
    """An empty reply, with the reason in the log. Counts what the Shopify client did not count."""
    if isinstance(failure, BadInput):
        metrics.record("LookupNotUnderstood", store=ctx.store)
    if failure.code == customers.TOO_MANY:
        metrics.record("TooManyMatches", store=ctx.store)
    level = logger.info if isinstance(failure, BadInput) else logger.error
    level("Lookup returned no customers", cause=failure.code, reason=failure.message)
    return {"results": []}
