"""What must be true after any fault: our records agree with Shopify's, once each, and no money moved twice."""

import re
from collections import Counter
from decimal import Decimal
from typing import Any

from local.examples import EXAMPLES
from orderdesk import tables
from orderdesk.operations import CREATED, FAILED, REFUSED, SUCCEEDED, UNKNOWN, WAITING

ENDED = (SUCCEEDED, REFUSED, FAILED, UNKNOWN)


def operations(desk: Any) -> list[dict[str, Any]]:
    """All stored operations, without locks."""
    return [item for item in _all(desk, tables.operations_table()) if "state" in item]


def entries(desk: Any) -> list[dict[str, Any]]:
    """The whole timeline."""
    return _all(desk, tables.timeline_table())


def check(desk: Any) -> None:
    """Check that everything has ended and every record is true."""
    everything = entries(desk)
    asked = Counter(e["operation"] for e in everything if e["outcome"] == WAITING)
    assert all(n == 1 for n in asked.values()), asked
    written = [e for e in everything if e["outcome"] != WAITING]
    told = Counter((e["operation"], int(e["attempt"])) for e in written)
    assert all(n == 1 for n in told.values()), told
    kept = _all(desk, tables.operations_table())
    stored = [item for item in kept if "state" in item]
    for operation in stored:
        assert operation["state"] in (*ENDED, CREATED), operation
        assert not {"shard", "open_shard", "check_at"} & operation.keys(), operation
        ended = operation["state"] != CREATED
        assert ((operation["operation"], int(operation["attempt"])) in told) == ended, operation
    locks = [item for item in kept if "holder" in item]
    # An operation that Shopify may still carry out after two weeks keeps its order locked, and says so.
    unknown = {o["operation"] for o in stored if o["state"] == UNKNOWN}
    for_good = [h for h in locks if h["until"] > 2**40]
    assert all("open_as" in h and h["holder"] in unknown for h in for_good), locks
    for entry in written:
        _true(desk, entry)
    _money(desk, written)


def _money(desk: Any, written: list[dict[str, Any]]) -> None:
    for order in desk.store.orders:
        assert order.refunded <= order.received
        assert all(order.left(p) >= 0 for p in order.payments())
        assert all(back_to(order, p) <= p.amount for p in order.payments()), order.name
        assert all(0 <= line.refunded <= line.quantity for line in order.lines), order.name
        assert order.shipping_left >= 0 and all(line.duty_left >= 0 for line in order.lines), order.name
        references = Counter(r.note for r in order.refunds if r.note and "Orderdesk" in r.note)
        assert all(n == 1 for n in references.values()), references
        said = sum((Decimal(e["amount"]) for e in written if e["order"] == order.number and "amount" in e), Decimal(0))
        elsewhere = sum(
            (t.amount for r in order.refunds if r.note == "Refunded in the Shopify admin" for t in r.transactions),
            Decimal(0),
        )
        assert said + elsewhere == order.refunded, (order.name, said, elsewhere, order.refunded)


def back_to(order: Any, payment: Any) -> Decimal:
    """What may have gone back to a payment, also if Shopify does not count it yet."""
    back = (t for t in order.transactions if t.kind == "REFUND" and t.parent is payment)
    return sum((t.amount for t in back if t.status not in ("FAILURE", "ERROR")), Decimal(0))


def _true(desk: Any, entry: dict[str, Any]) -> None:
    """Check that Shopify's own record confirms the entry."""
    happened = _happened(desk, entry)
    if happened is not None:
        moved = "amount" in entry or "in_part" in entry
        assert happened == (entry["outcome"] in (SUCCEEDED, FAILED) and moved) or (
            happened == (entry["outcome"] == SUCCEEDED)
        ), entry


def _happened(desk: Any, entry: dict[str, Any]) -> bool | None:
    """Whether Shopify's record says that this entry's operation was carried out; None if that cannot be told.

    By the operation's reference, if the action leaves one, which its example says. What has none is compared: what a
    test asks for is unmistakable.
    """
    example = EXAMPLES[entry["action"].replace("_", "-")]
    kept = " ".join(f"{order!r} {order.staff_note}" for order in desk.store.orders if order.number == entry["order"])
    if example.referenced:
        key = entry["operation"] if entry["attempt"] == 1 else f"{entry['operation']}-{entry['attempt']}"
        return bool(re.search(rf"Orderdesk {key}(?![-0-9a-f])", kept or repr(desk.store.codes)))
    asked = [value for value in example.values.values() if isinstance(value, str)]
    return all(repr(value)[1:-1] in kept for value in asked) if entry["outcome"] == SUCCEEDED else None


def _all(desk: Any, table: str) -> list[dict[str, Any]]:
    pages = desk.dynamodb.get_paginator("scan").paginate(TableName=table)
    return [tables.plain(item) for page in pages for item in page["Items"]]
