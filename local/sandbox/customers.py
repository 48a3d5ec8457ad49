"""Customers: as stored, as shown, and by what they can be searched."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from .addresses import address_node
from .connections import connection, number_of
from .defaults import node
from .ids import gid, iso, money
from .orders import Order
from .search import Field

OPENED = datetime(2025, 3, 26, 19, 51, 37, tzinfo=UTC)
"""When the store opened. Customers without a known date were created then."""


@dataclass
class Customer:
    """A customer of the store, with phones in E.164. `created`: search finds new customers only after a while."""

    first_name: str | None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: dict[str, Any] | None = None
    created: datetime = OPENED
    updated: datetime | None = None
    note: str | None = None
    tags: list[str] = field(default_factory=list)
    locale: str = "en"
    state: str = "DISABLED"
    id: str = field(default_factory=lambda: gid("Customer"))

    @property
    def name(self) -> str:
        """The name; if there is none, the email address or phone, as recorded."""
        shown = re.sub(r"^\+1(\d{3})(\d{3})(\d{4})$", r"+1 \1-\2-\3", self.phone or "")
        return " ".join(filter(None, (self.first_name, self.last_name))) or self.email or shown


def customer_node(c: Customer, own: list[Order], currency: str) -> dict[str, Any]:
    """A Customer with its own orders; `currency` is the shop's. Other nodes come from the store."""
    spent = sum((o.net * o.rate for o in own), Decimal(0))
    latest = max(own, key=lambda o: (o.created, o.id), default=None)
    place = address_node(c.address, c.id) if c.address else None
    return node(
        "Customer",
        id=c.id,
        legacyResourceId=str(number_of(c.id)),
        displayName=c.name,
        firstName=c.first_name,
        lastName=c.last_name,
        email=c.email,
        phone=c.phone,
        defaultEmailAddress={"emailAddress": c.email} if c.email else None,
        defaultPhoneNumber={"phoneNumber": c.phone} if c.phone else None,
        verifiedEmail=bool(c.email),
        defaultAddress=place,
        addressesV2=lambda _info, **given: connection([c] if place else [], given, lambda _one: place),
        note=c.note,
        tags=list(c.tags),
        locale=c.locale,
        state=c.state,
        canDelete=not own,
        createdAt=iso(c.created),
        updatedAt=iso(c.updated or c.created),
        amountSpent=money(spent.quantize(Decimal("0.01")), currency),
        numberOfOrders=str(len(own)),
        lastOrder=lambda info: info.context.store.order_node(latest),
        orders=lambda info, **given: info.context.store.order_page(info, given, own),
        metafields=lambda _info, **given: connection(list[Customer](), given, lambda _one: None),
        storeCreditAccounts=lambda info, **given: info.context.credit_page(c, given),
    )


def _texts(c: Customer) -> list[str | None]:
    place = c.address or {}
    return [c.first_name, c.last_name, c.email, c.phone, c.note, *c.tags, *(str(v) for v in place.values() if v)]


def _countries(c: Customer) -> list[str | None]:
    place = c.address or {}
    return [place.get("countryCodeV2"), place.get("country")]


def fields(orders: list[Order]) -> dict[str, Field[Customer]]:
    """The search fields of `customers(query:)`, as its description lists them. Words without a field match every text.

    `orders`: all of the store's.
    """

    def spent(c: Customer) -> Decimal:
        own = [o for o in orders if o.customer is c]
        return sum((o.net * o.rate for o in own), Decimal(0))

    return {
        "": Field("anywhere", _texts),
        "country": Field("keyword", _countries),
        "customer_date": Field("time", lambda c: [c.created]),
        "email": Field("text", lambda c: [c.email]),
        "first_name": Field("text", lambda c: [c.first_name]),
        "id": Field("number", lambda c: [number_of(c.id)]),
        "last_name": Field("text", lambda c: [c.last_name]),
        "order_date": Field("time", lambda c: [o.created for o in orders if o.customer is c]),
        "orders_count": Field("number", lambda c: [sum(o.customer is c for o in orders)]),
        "phone": Field("phone", lambda c: [c.phone, (c.address or {}).get("phone")]),
        "state": Field("keyword", lambda c: [c.state]),
        "tag": Field("keyword", lambda c: c.tags),
        "tag_not": Field("not", lambda c: c.tags),
        "total_spent": Field("number", lambda c: [spent(c)]),
        "updated_at": Field("time", lambda c: [c.updated or c.created]),
    }


SORTED = {
    "CREATED_AT": lambda c: _milliseconds(c.created),
    "ID": None,
    "LOCATION": lambda c: str((c.address or {}).get("city") or ""),
    "NAME": lambda c: c.name.casefold(),
    "RELEVANCE": None,
    "UPDATED_AT": lambda c: _milliseconds(c.updated or c.created),
}
"""What `CustomerSortKeys` sort by; None means by id."""


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000
