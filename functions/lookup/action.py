"""Find a customer, or show one: read from Shopify in one round trip, never from a cache.

One adaptor's error becomes an error for all of them, so whatever Shopify does, the reply is well formed.
"""

from typing import Any, NamedTuple

from aws_lambda_powertools import Logger

from orderdesk import customers, metrics, orders
from orderdesk.api import Call, customer_id
from orderdesk.errors import BadInput, OrderdeskError
from orderdesk.shopify import document

from .profile import basic, detailed, guest

logger = Logger(service="orderdesk", child=True)


class Query(NamedTuple):
    """What identifies the customer."""

    emails: list[str]
    phones: list[str]
    order_numbers: list[str]


def search(call: Call, query: Query) -> dict[str, Any]:
    """`{results}`: everyone who carries one of the addresses, phones or order numbers, each once."""
    try:
        found = customers.find(call.shopify, query.emails, query.phones, call.settings.default_region)
        results = {c["id"]: basic(c) for c in found}
        results |= _by_orders(call, query.order_numbers)
    except OrderdeskError as failure:
        return _nothing(failure)
    logger.info("Looked for a customer", matches=len(results))
    metrics.record("Matched" if results else "NotMatched", store=call.store)
    return {"results": list(results.values())}


def show(call: Call, customer: str) -> dict[str, Any]:
    """`{results}` with the one linked customer, the ten newest orders and their actions; empty if there is none."""
    try:
        linked = customer_id(customer)
        if linked.startswith("order-"):
            data = call.shopify.read(document(__file__, "guest_order"), id=orders.gid("Order", linked[6:]))
            order = data.get("order")
            return {"results": [guest(call, order)] if order and not order.get("customer") else []}
        data = call.shopify.read(document(__file__, "customer_profile"), id=orders.gid("Customer", linked))
        return {"results": [detailed(call, data["customer"])] if data.get("customer") else []}
    except OrderdeskError as failure:
        return _nothing(failure)


def _by_orders(call: Call, numbers: list[str]) -> dict[str, dict[str, Any]]:
    """The customers of the orders that are called exactly so, with or without `#`, each once.

    A guest's order is its own customer.
    """
    wanted = {bare.casefold() for number in numbers if 0 < len(bare := number.strip().lstrip("#").strip()) <= 60}
    if not wanted:
        return {}
    names = (name.replace("\\", "\\\\").replace('"', '\\"') for name in sorted(wanted))
    data = call.shopify.read(
        document(__file__, "orders_by_name"), query=" OR ".join(f'name:"{name}"' for name in names)
    )
    found: dict[str, dict[str, Any]] = {}
    for order in data["orders"]["nodes"]:
        if order["name"].lstrip("#").casefold() in wanted:
            owner = order.get("customer")
            found[owner["id"] if owner else order["id"]] = basic(owner) if owner else guest(call, order, brief=True)
    return found


def _nothing(failure: OrderdeskError) -> dict[str, Any]:
    level = logger.info if isinstance(failure, BadInput) else logger.error
    level("The lookup found nobody", cause=failure.code, reason=failure.message)
    return {"results": []}
