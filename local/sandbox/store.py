"""The sandbox's store: customers, orders, products, collections, codes, cancellations, and how they are found."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from graphql import GraphQLError, GraphQLResolveInfo

from . import customers, order_search
from .connections import connection
from .customers import Customer, customer_node
from .defaults import node
from .faults import STATUSES
from .ids import gid, iso
from .locations import Location, main
from .order_nodes import order_node
from .orders import UNDER_WAY, Order, Transaction
from .search import Search
from .written import written

__all__ = ["Customer", "Job", "Product", "Store"]

T = TypeVar("T", Customer, Order)

NET_PAYMENT = ("under way", "successes")
"""What `netPaymentSet` subtracts: refunds under way as well, or only successful ones. No recording says which."""


@dataclass
class Job:
    """A running cancellation. `until` is when it takes effect; `failure` is what Shopify says if it fails."""

    order: Order
    until: datetime
    finish: Callable[[], None]
    failure: str | None = None
    done: bool = False
    id: str = field(default_factory=lambda: f"gid://shopify/Job/{uuid.uuid4()}")
    result: str = field(default_factory=lambda: gid("OrderCancelJobResult"))


@dataclass
class Product:
    """A product, with enough fields to be tagged."""

    title: str
    created: datetime
    tags: list[str] = field(default_factory=list)
    status: str = "ACTIVE"
    handle: str = ""
    id: str = field(default_factory=lambda: gid("Product"))


@dataclass
class Store:
    """Everything the store knows. `index_lag`: seconds until search finds something new.

    `new_accounts`: whether it has the new customer accounts, which refunds to store credit need.
    """

    now: Callable[[], datetime]
    domain: str = "demo.myshopify.com"
    currency: str = "USD"
    name: str = "Demo"
    index_lag: float = 2.0
    time_zone: str = "Etc/UTC"
    net_payment: str = NET_PAYMENT[0]
    customers: list[Customer] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    collections: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    credit: list[Any] = field(default_factory=list)
    locations: list[Location] = field(default_factory=lambda: [main()])
    new_accounts: bool = True
    id: str = "gid://shopify/Shop/92891250994"

    # -- finding one ----------------------------------------------------------------------------------------------
    def order(self, order_id: str) -> Order | None:
        """The order with a gid or a name such as `#1001`."""
        self.run_jobs()
        return next((o for o in self.orders if order_id in (o.id, o.name)), None)

    def customer(self, customer_id: str) -> Customer | None:
        """The customer with a gid."""
        return next((c for c in self.customers if c.id == customer_id), None)

    def product(self, product_id: str) -> Product | None:
        """The product with a gid."""
        return next((p for p in self.products if p.id == product_id), None)

    def location(self, location_id: str | None) -> Location | None:
        """The location with a gid."""
        return next((one for one in self.locations if one.id == location_id), None)

    def by_identifier(self, identifier: dict[str, Any]) -> Customer | None:
        """`customerByIdentifier`: exact, except for case and spaces in an email address; without the search index.

        Raises GraphQLError (NOT_FOUND, in the recorded words) for a custom id, which this store does not have.
        """
        ((kind, value),) = identifier.items()
        if kind == "customId":
            message = "Metafield definition of type 'id' is required when using custom ids."
            raise GraphQLError(message, extensions={"code": "NOT_FOUND"})
        if kind == "emailAddress":
            wanted = "".join(value.split()).casefold()
            return next((c for c in self.customers if wanted and (c.email or "").casefold() == wanted), None)
        if kind == "phoneNumber":
            return next((c for c in self.customers if c.phone and c.phone == value), None)
        return self.customer(value)

    def run_jobs(self) -> None:
        """Finish the cancellations whose time has come. The store's setting decides how orders count their money."""
        for order in self.orders:
            order.successes_only = self.net_payment == "successes"
            order.new_accounts = self.new_accounts
        for job in self.jobs:
            if not job.done and job.until <= self.now():
                job.done = True
                if not job.failure:
                    job.finish()

    # -- set by a test ---------------------------------------------------------------------------------------------
    def count(self, net_payment: Any) -> None:
        """Set what `netPaymentSet` and the refundable amount count: one of `NET_PAYMENT`, or ValueError."""
        self.set(net_payment=net_payment)

    def set_time_zone(self, name: Any) -> None:
        """Set the shop's IANA time zone. Raises ValueError for an unknown one."""
        self.set(time_zone=name)

    def set(self, **given: Any) -> None:
        """Set `time_zone`, `net_payment` and `new_accounts`: all given values or none.

        Raises ValueError for a wrong value.
        """
        if "net_payment" in given and given["net_payment"] not in NET_PAYMENT:
            wrong = written(given["net_payment"])
            raise ValueError(f"netPayment must be one of {', '.join(NET_PAYMENT)}, not {wrong}")
        if "time_zone" in given:
            name = given["time_zone"]
            if not isinstance(name, str) or name not in available_timezones():
                raise ValueError(
                    f"timeZone must be the name of a time zone, such as America/New_York, not {written(name)}"
                )
        if "new_accounts" in given and not isinstance(given["new_accounts"], bool):
            raise ValueError(f"newAccounts must be true or false, not {written(given['new_accounts'])}")
        for name, value in given.items():
            setattr(self, name, value)

    def merge(self, gone: Customer, kept: Customer) -> None:
        """Carry out `customerMerge`: `kept` gets the orders, tags, note and missing fields of `gone`, which is removed.

        As recorded with a real store (public recordings of `customerMerge`): `customer(id:)` is null for the removed
        customer, its email address finds nothing, and the kept customer has the older `createdAt` and both notes. Not
        verified: `node` (null here as well), and which email address and phone is kept if one of the two has none.
        """
        for order in self.orders:
            if order.customer is gone:
                order.customer = kept
        for name in ("first_name", "last_name", "email", "phone", "address"):
            setattr(kept, name, getattr(kept, name) or getattr(gone, name))
        kept.tags = sorted({*kept.tags, *gone.tags}, key=str.casefold)
        kept.note = " ".join(filter(None, (kept.note, gone.note))) or None
        kept.created = min(kept.created, gone.created)
        kept.updated = self.now()
        self.customers.remove(gone)

    def set_status(self, which: str, status: str) -> list[Transaction]:
        """Set the status of a transaction (its id), or of an order's refunds under way (id or name), or of its newest
        refund if none is under way. Totals follow. Raises ValueError if it does not exist."""
        if status not in STATUSES:
            raise ValueError(f"status must be one of {', '.join(STATUSES)}, not {written(status)}")
        found = [t for o in self.orders for t in o.transactions if t.id == which]
        if not found and (order := self.order(which)):
            back = [t for t in order.transactions if t.kind == "REFUND"]
            last = order.refunds[-1].transactions if order.refunds else []
            found = [t for t in back if t.status in UNDER_WAY] or last
        if not found:
            words = f"there is no transaction {written(which)}, and no order of that name with a refund"
            raise ValueError(f"id is that of a transaction, order the name or id of an order with a refund; {words}")
        for t in found:
            t.status = status
        return found

    # -- finding many ---------------------------------------------------------------------------------------------
    def find_customers(self, query: str | None) -> list[Customer]:
        """`customers(query:)`; the index lags behind."""
        return self._found(Search(query, customers.fields(self.orders), self.now()), self.customers)

    def find_orders(self, query: str | None) -> list[Order]:
        """`orders(query:)`; the index lags behind."""
        return self._found(Search(query, order_search.FIELDS, self.now()), self.orders)

    def _found(self, search: Search[T], among: list[T]) -> list[T]:
        if not search.text:
            return list(among)
        return [one for one in among if self.indexed(one.created) and search.matches(one)]

    def indexed(self, created: datetime | None) -> bool:
        """True if search knows by now of what was created then."""
        return created is None or (self.now() - created).total_seconds() >= self.index_lag

    def customer_page(self, info: GraphQLResolveInfo, given: dict[str, Any]) -> dict[str, Any]:
        """A CustomerConnection for the arguments of `customers`."""
        search = Search(given.get("query"), customers.fields(self.orders), self.now())
        info.context.searched(info, search)
        value = customers.SORTED[given.get("sortKey") or "ID"]
        return connection(self._found(search, self.customers), given, self.customer_node, value)

    def order_page(self, info: GraphQLResolveInfo, given: dict[str, Any], among: list[Order]) -> dict[str, Any]:
        """An OrderConnection for the arguments of `orders`, of a customer or of all."""
        search = Search(given.get("query"), order_search.FIELDS, self.now())
        info.context.searched(info, search)
        value = order_search.SORTED[given.get("sortKey") or "ID"]
        found = [o for o in self._found(search, among) if info.context.sees(o)]
        return connection(found, given, self.order_node, value)

    # -- showing one ----------------------------------------------------------------------------------------------
    def customer_node(self, c: Customer | None) -> dict[str, Any] | None:
        """A Customer."""
        if c is None:
            return None
        return customer_node(c, [o for o in self.orders if o.customer is c], self.currency)

    def order_node(self, o: Order | None) -> dict[str, Any] | None:
        """An Order."""
        return order_node(o) if o else None

    def product_node(self, p: Product | None) -> dict[str, Any] | None:
        """A Product."""
        if p is None:
            return None
        at = {"createdAt": iso(p.created), "updatedAt": iso(p.created)}
        number = p.id.rsplit("/", 1)[1]
        return node(
            "Product", id=p.id, legacyResourceId=number, title=p.title, handle=p.handle, status=p.status,
            tags=list(p.tags), **at,
        )  # fmt: skip

    def collection_node(self, collection_id: str) -> dict[str, Any] | None:
        """A Collection."""
        title = self.collections.get(collection_id)
        if title is None:
            return None
        number = collection_id.rsplit("/", 1)[1]
        return node(
            "Collection", id=collection_id, legacyResourceId=number, title=title,
            handle=title.casefold().replace(" ", "-"), updatedAt=iso(customers.OPENED),
        )  # fmt: skip

    def shop_node(self) -> dict[str, Any]:
        """The Shop."""
        at, used = iso(customers.OPENED), {o.currency for o in self.orders} | {self.currency}
        url = f"https://{self.domain}"
        return node(
            "Shop", id=self.id, name=self.name, myshopifyDomain=self.domain, url=url, currencyCode=self.currency,
            enabledPresentmentCurrencies=sorted(used), createdAt=at, updatedAt=at,
            primaryDomain={"id": self.id.replace("Shop", "Domain"), "host": self.domain, "url": url},
            richTextEditorUrl=f"{url}/admin/rte", **self._hours(),
        )  # fmt: skip

    def _hours(self) -> dict[str, Any]:
        """The shop's time zone, as its fields show it."""
        local = self.now().astimezone(ZoneInfo(self.time_zone))
        minutes = int((local.utcoffset() or timedelta()).total_seconds() // 60)
        return {
            "ianaTimezone": self.time_zone,
            "timezoneAbbreviation": local.strftime("%Z"),
            "timezoneOffset": local.strftime("%z"),
            "timezoneOffsetMinutes": minutes,
        }
