"""What must hold whatever broke: our records say what Shopify's say, once, and no money moved twice."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from local.examples import EXAMPLES
from orderdesk import tables
from orderdesk.operations import CREATED, FAILED, REFUSED, SUCCEEDED, UNKNOWN

ENDED = (SUCCEEDED, REFUSED, FAILED, UNKNOWN)


def operations(desk: Any) -> list[dict[str, Any]]:
    """All stored operations, without holds."""
    return [item for item in _all(desk, tables.operations_table()) if "state" in item]


def entries(desk: Any) -> list[dict[str, Any]]:
    """The whole timeline."""
    return _all(desk, tables.timeline_table())


def check(desk: Any) -> None:
    """Everything has ended, and every record is true."""
    written = entries(desk)
    told = Counter((e["operation"], int(e["attempt"])) for e in written)
    assert all(n == 1 for n in told.values()), told
    for operation in operations(desk):
        assert operation["state"] in (*ENDED, CREATED), operation
        assert "open_shard" not in operation and "check_at" not in operation, operation
        ended = operation["state"] != CREATED
        assert ((operation["operation"], int(operation["attempt"])) in told) == ended, operation
    holds = [item for item in _all(desk, tables.operations_table()) if "holder" in item]
    # What Shopify may still carry out after two weeks keeps its order locked, and says so.
    unknown = {o["operation"] for o in operations(desk) if o["state"] == UNKNOWN}
    for_good = [h for h in holds if h["until"] > 2**40]
    assert all("open_as" in h and h["holder"] in unknown for h in for_good), holds
    for entry in written:
        _true(desk, entry)
    _money(desk, written)


def _money(desk: Any, written: list[dict[str, Any]]) -> None:
    for order in desk.store.orders:
        assert order.refunded <= order.received
        assert all(order.left(p) >= 0 for p in order.payments())
        marks = Counter(r.note for r in order.refunds if r.note and "Orderdesk" in r.note)
        assert all(n == 1 for n in marks.values()), marks
        said = sum((Decimal(e["amount"]) for e in written if e["order"] == order.number and "amount" in e), Decimal(0))
        elsewhere = sum(
            (t.amount for r in order.refunds if r.note == "Refunded in the Shopify admin" for t in r.transactions),
            Decimal(0),
        )
        assert said + elsewhere == order.refunded, (order.name, said, elsewhere, order.refunded)


def _true(desk: Any, entry: dict[str, Any]) -> None:
    """What the entry says happened is what Shopify's own record says."""
    key = entry["operation"] if entry["attempt"] == 1 else f"{entry['operation']}-{entry['attempt']}"
    happened = HAPPENED[entry["action"]](desk, entry, f"Orderdesk {key}")
    if happened is not None:
        assert happened == (entry["outcome"] in (SUCCEEDED, FAILED) and "amount" in entry) or (
            happened == (entry["outcome"] == SUCCEEDED)
        ), entry


def _order(desk: Any, entry: dict[str, Any]) -> Any:
    return next(o for o in desk.store.orders if o.number == entry["order"])


def _refunded(desk: Any, entry: dict[str, Any], mark: str) -> bool:
    return any(f"({mark})" in (r.note or "") for r in _order(desk, entry).refunds)


def _cancelled(desk: Any, entry: dict[str, Any], mark: str) -> bool:
    order = _order(desk, entry)
    return bool(order.cancelled) and order.staff_note == mark


def _created(desk: Any, _entry: dict[str, Any], mark: str) -> bool:
    return any(mark in (kept.get("input") or {}).get("tags", []) for kept in desk.store.codes.values())


def _edited(desk: Any, entry: dict[str, Any], _mark: str) -> bool | None:
    """Edits bear no mark; what a test asked for is unmistakable."""
    order = _order(desk, entry)
    asked = EXAMPLES[entry["action"].replace("_", "-")].values
    there = asked["tags"] in order.tags if "tags" in asked else order.note == asked["note"]
    return there if entry["outcome"] == SUCCEEDED else None


#: By the action's name: whether Shopify's own record says that this entry's operation was carried out; None if that
#: cannot be told.
HAPPENED: dict[str, Callable[[Any, dict[str, Any], str], bool | None]] = {
    "refund_order": _refunded,
    "cancel_order": _cancelled,
    "create_discount_code": _created,
    "edit_order_tags": _edited,
    "edit_order_notes": _edited,
}


def _all(desk: Any, table: str) -> list[dict[str, Any]]:
    pages = desk.dynamodb.get_paginator("scan").paginate(TableName=table)
    return [tables.plain(item) for page in pages for item in page["Items"]]
