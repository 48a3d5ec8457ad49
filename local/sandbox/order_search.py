"""What orders can be searched and sorted by, according to the description of `orders(query:)`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from .connections import number_of
from .orders import Order
from .search import Field, Value

_FULFILMENT = {
    "FULFILLED": ["fulfilled", "shipped"],
    "PARTIALLY_FULFILLED": ["partial", "unshipped"],
    "UNFULFILLED": ["unfulfilled", "unshipped"],
}


def _texts(o: Order) -> list[Value]:
    place = o.address or {}
    whose = [o.customer.first_name, o.customer.last_name, o.customer.email, o.customer.phone] if o.customer else []
    goods = [text for x in o.lines for text in (x.title, x.sku)]
    return [o.name, o.email, o.phone, o.note, *o.tags, *whose, *goods, *(str(v) for v in place.values() if v)]


def _status(o: Order) -> list[Value]:
    if o.cancelled:
        return ["cancelled", "closed"]
    return ["closed"] if o.closed else ["open", "not_closed"]


def _fulfilment(o: Order) -> list[Value]:
    status = o.fulfillment_status()
    return [*_FULFILMENT.get(status, [status.lower(), "unshipped"]), "any"]


def _last4(o: Order) -> list[Value]:
    return [t.account[-4:] for t in o.transactions if t.account]


FIELDS: dict[str, Field[Order]] = {
    "": Field("anywhere", _texts),
    "confirmation_number": Field("keyword", lambda o: [f"{int(o.number) % 36**8:09X}"]),
    "created_at": Field("time", lambda o: [o.created]),
    "credit_card_last4": Field("keyword", _last4),
    "current_total_price": Field("number", lambda o: [o.current * o.rate]),
    "customer_id": Field("number", lambda o: [number_of(o.customer.id)] if o.customer else []),
    "discount_code": Field("keyword", lambda o: []),
    "email": Field("text", lambda o: [o.email]),
    "financial_status": Field("keyword", lambda o: [(o.financial_status() or "").lower(), "any"]),
    "fulfillment_status": Field("keyword", _fulfilment),
    "gateway": Field("keyword", lambda o: [t.gateway for t in o.transactions]),
    "id": Field("number", lambda o: [number_of(o.id)]),
    "name": Field("keyword", lambda o: [o.name, o.name.lstrip("#")]),
    "po_number": Field("keyword", lambda o: [o.po_number]),
    "processed_at": Field("time", lambda o: [o.created]),
    "sku": Field("keyword", lambda o: [x.sku for x in o.lines if x.sku]),
    "status": Field("keyword", _status),
    "subtotal_line_items_quantity": Field("number", lambda o: [sum(x.quantity for x in o.lines)]),
    "tag": Field("keyword", lambda o: o.tags),
    "tag_not": Field("not", lambda o: o.tags),
    "test": Field("keyword", lambda o: [str(o.test).lower()]),
    "total_price": Field("number", lambda o: [o.total * o.rate]),
    "updated_at": Field("time", lambda o: [o.updated or o.created]),
}
"""The search fields. `name` is one word, with or without `#`, case-insensitive."""


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000


SORTED: dict[str, Callable[[Order], Any] | None] = {
    "CREATED_AT": lambda o: _milliseconds(o.created),
    "CURRENT_TOTAL_PRICE": lambda o: float(o.current * o.rate),
    "CUSTOMER_NAME": lambda o: o.customer.name.casefold() if o.customer else "",
    "DESTINATION": lambda o: str((o.address or {}).get("city") or ""),
    "FINANCIAL_STATUS": lambda o: o.financial_status() or "",
    "FULFILLMENT_STATUS": lambda o: o.fulfillment_status(),
    "ID": None,
    "ORDER_NUMBER": lambda o: int("".join(filter(str.isdigit, o.name)) or 0),
    "PO_NUMBER": lambda o: o.po_number or "",
    "PROCESSED_AT": lambda o: _milliseconds(o.created),
    "RELEVANCE": None,
    "TOTAL_ITEMS_QUANTITY": lambda o: sum(x.quantity for x in o.lines),
    "TOTAL_PRICE": lambda o: float(o.total * o.rate),
    "UPDATED_AT": lambda o: _milliseconds(o.updated or o.created),
}
"""What `OrderSortKeys` sort by; None means by id."""
