"""Erase what Orderdesk keeps about a customer: timeline entries and operations, with the agents' names in them.

What stays: the order and the customer in Shopify, CloudWatch's logs (which hold ids only), and for up to 35 days the
tables' own backups.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from boto3.dynamodb.conditions import Attr

from .open_operations import NOT_ENDED
from .tables import Records, RecordsError


class Found(NamedTuple):
    """What is kept about a customer: operations and timeline entries, as the tables hold them."""

    operations: list[Mapping[str, Any]]
    entries: list[Mapping[str, Any]]


def find(records: Records, store: str, customer: str, orders: Sequence[str] = ()) -> Found:
    """All that is kept about a store's customer (a number, or `order-<number>` for the guest who placed that order).

    Also what is kept about `orders` (numbers), whoever their customer was when it was written.

    An order that a guest placed may have got its customer later. Its entries as a guest's order are found as well, if
    something of this customer names the order; if nothing does, it has to be among `orders`.

    Raises RecordsError if an operation has no end yet: erased now, nobody would learn how it ends.
    """
    operations = list(records.all_operations(Attr("store").eq(store) & Attr("customer").eq(customer)))
    entries = list(records.entries("customer", f"{store}/{customer}"))
    for order in orders:
        operations += records.all_operations(Attr("store").eq(store) & Attr("order").eq(order))
        entries += records.entries("order", f"{store}/{order}")
    for order in sorted({str(item["order"]) for item in (*operations, *entries) if item.get("order")}):
        guest = f"order-{order}"
        operations += records.all_operations(Attr("store").eq(store) & Attr("customer").eq(guest))
        entries += records.entries("customer", f"{store}/{guest}")
    found = Found(
        list({item["operation"]: item for item in operations}.values()),
        list({(entry["customer_key"], entry["entry_key"]): entry for entry in entries}.values()),
    )
    if waiting := [item["operation"] for item in found.operations if "check_at" in item]:
        raise RecordsError(
            f"{len(waiting)} operation(s) of this customer have no end yet: {', '.join(waiting)}. Nothing was erased. "
            "Try again when they have ended. That takes minutes, a day at the most if Shopify does not say what became "
            "of one, and two weeks at the most while a payment provider is at work."
        )
    return found


def erase(records: Records, found: Found) -> Found:
    """Erase it; gives what was erased. An operation that was submitted again meanwhile stays. Safe to run again."""
    for entry in found.entries:
        records.delete_entry(entry)
    gone = [item for item in found.operations if records.delete_operation(item["operation"], ~NOT_ENDED)]
    return Found(gone, found.entries)
