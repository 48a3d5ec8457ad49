"""Erase what Orderdesk stores about a customer: timeline entries and operations, including agents' names.

Not erased: the order and the customer in Shopify, CloudWatch's logs (which contain only ids), and the tables' own
backups, which DynamoDB keeps for up to 35 days.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from boto3.dynamodb.conditions import Attr

from .open_operations import NOT_ENDED
from .tables import Records, RecordsError


class Found(NamedTuple):
    """What is stored about a customer: operations and timeline entries, as they are in the tables."""

    operations: list[Mapping[str, Any]]
    entries: list[Mapping[str, Any]]


def find(records: Records, store: str, customer: str, orders: Sequence[str] = ()) -> Found:
    """Everything that is stored about a store's customer (a number, or `order-<number>` for the guest who placed that
    order).

    Also everything about `orders` (numbers), under any customer. An order placed by a guest may
    have been assigned to a customer later. Its guest entries are found if another record of this customer names the
    order; otherwise it must be in `orders`.

    Raises RecordsError if an operation has not ended: if it were erased now, its outcome would be lost.
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
            f"{len(waiting)} operation(s) of this customer have not ended: {', '.join(waiting)}. Nothing was erased. "
            "Try again when they have ended. That takes minutes. It takes up to a day if one waits for a second "
            "person's approval, or if Shopify does not say what became of it, and up to two weeks while a payment "
            "provider is working on it."
        )
    return found


def erase(records: Records, found: Found) -> Found:
    """Erase the records, and return what was erased. Keeps an operation that was submitted again meanwhile. Safe to
    repeat."""
    for entry in found.entries:
        records.delete_entry(entry)
    gone = [item for item in found.operations if records.delete_operation(item["operation"], ~NOT_ENDED)]
    return Found(gone, found.entries)
