"""The store's queries: the fields of QueryRoot."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLResolveInfo

from . import customers, discounts, fulfillment_holds, order_search, store_credit
from .cancellations import job_result
from .connections import connection, number_of
from .defaults import node
from .fulfillment_order_nodes import FIELDS, fulfillment_order_node, may
from .line_nodes import line_node
from .locations import Location, location_node
from .order_nodes import fulfillment_nodes
from .orders import Order
from .payment_nodes import refund_node, transaction_node
from .search import Field, Search
from .store import Store

LIMIT = 10_000
"""The default limit of a count."""


@dataclass(frozen=True)
class _Listed:
    """A collection or a discount: something with an id."""

    id: str
    what: Any


COLLECTION_FIELDS: dict[str, Field[_Listed]] = {
    "": Field("anywhere", lambda one: [one.what]),
    "id": Field("number", lambda one: [number_of(one.id)]),
    "title": Field("text", lambda one: [one.what]),
}


class Queries:
    """The resolvers of QueryRoot for one store."""

    def __init__(self, store: Store, scopes: Callable[[], frozenset[str]]) -> None:
        self.store, self.scopes = store, scopes

    def root(self) -> dict[str, Callable[..., Any]]:
        """By field."""
        s = self.store
        return {
            "codeDiscountNodeByCode": lambda _i, code: s.codes.get(code.casefold()),
            "collection": lambda _i, id: s.collection_node(id),
            "collections": self._collections,
            "collectionsCount": lambda _i, **given: _count(len(s.collections), given),
            "currentAppInstallation": lambda _i, **_: self._installation(),
            "customer": lambda _i, id: s.customer_node(s.customer(id)),
            "customerByIdentifier": lambda _i, identifier: s.customer_node(s.by_identifier(identifier)),
            "customers": lambda i, **given: s.customer_page(i, given),
            "customersCount": lambda _i, **given: _count(self._count_customers(given), given),
            "discountNode": lambda _i, id: discounts.discount_node(s, discounts.find(s, id)),
            "discountNodes": self._discounts,
            "discountNodesCount": lambda _i, **given: _count(len(self._found_discounts(given)), given),
            "fulfillmentOrder": self._fulfillment_order,
            "fulfillmentOrders": self._fulfillment_orders,
            "job": lambda _i, id: _job(id, [j.done for j in s.jobs if j.id == id]),
            "location": lambda _i, id=None: _located(s.location(id) if id else s.locations[0]),
            "locations": self._locations,
            "node": lambda _i, id: self.node(id),
            "nodes": lambda _i, ids: [self.node(one) for one in ids],
            "order": lambda i, id: s.order_node(o) if (o := s.order(id)) and i.context.sees(o) else None,
            "orders": lambda i, **given: s.order_page(i, given, s.orders),
            "ordersCount": lambda i, **given: _count(self._count_orders(i, given), given),
            "product": lambda _i, id: s.product_node(s.product(id)),
            "refund": self._refund_of,
            "shop": lambda _i: s.shop_node(),
            "storeCreditAccount": lambda _i, id: store_credit.account_node(s, store_credit.find(s, id)),
        }

    def _refund_of(self, info: GraphQLResolveInfo, id: str) -> dict[str, Any] | None:
        """A refund of an order that the app may see."""
        seen = (o for o in self.store.orders if info.context.sees(o))
        return next((refund_node(o, r) for o in seen for r in o.refunds if r.id == id), None)

    def _fulfillment_order(self, info: GraphQLResolveInfo, id: str) -> dict[str, Any] | None:
        """A fulfillment order that the app may see, of an order that it may see."""
        return self._visible_fulfillment_order(id, info.context.sees)

    def _visible_fulfillment_order(self, gid: str, sees: Callable[[Order], bool]) -> dict[str, Any] | None:
        found = fulfillment_holds.find(self.store, gid, lambda order, one: sees(order) and may(self.scopes(), one))
        return fulfillment_order_node(*found) if found else None

    def _fulfillment_orders(self, info: GraphQLResolveInfo, **given: Any) -> dict[str, Any]:
        """All that the app may see; closed ones if requested."""
        search = Search(given.get("query"), FIELDS, self.store.now())
        info.context.searched(info, search)
        of = {one.id: (o, one) for o in self.store.orders if info.context.sees(o) for one in o.fulfillment_orders()}
        seen = [
            one
            for _, one in of.values()
            if may(info.context.granted, one)
            and (given.get("includeClosed") or one.status != "CLOSED")
            and search.matches(one)
        ]
        return connection(seen, given, lambda one: fulfillment_order_node(*of[one.id]))

    def _locations(self, _info: GraphQLResolveInfo, **given: Any) -> dict[str, Any]:
        """The merchant's locations; those of fulfillment services (Shopify's legacy ones) if requested."""
        shown = [one for one in self.store.locations if given.get("includeLegacy") or one.service is None]
        return connection(shown, given, location_node)

    def node(self, gid: str) -> dict[str, Any] | None:
        """The object with a gid, if its type has ids of its own."""
        s = self.store
        found: dict[str, Callable[[], dict[str, Any] | None]] = {
            "Collection": lambda: s.collection_node(gid),
            "Customer": lambda: s.customer_node(s.customer(gid)),
            "DiscountCodeNode": lambda: _typed("DiscountCodeNode", discounts.find(s, gid)),
            "DiscountNode": lambda: discounts.discount_node(s, discounts.find(s, gid)),
            "Order": lambda: s.order_node(s.order(gid)),
            "FulfillmentOrder": lambda: self._visible_fulfillment_order(gid, lambda _order: True),
            "Location": lambda: _located(s.location(gid)),
            "OrderCancelJobResult": lambda: next((job_result(j) for j in s.jobs if j.result == gid), None),
            "Product": lambda: s.product_node(s.product(gid)),
            "Shop": lambda: s.shop_node() if gid == s.id else None,
            "StoreCreditAccount": lambda: store_credit.account_node(s, store_credit.find(s, gid)),
        }
        kind = gid.split("/")[3]
        return found[kind]() if kind in found else self._part_of_an_order(kind, gid)

    def _part_of_an_order(self, kind: str, gid: str) -> dict[str, Any] | None:
        for o in self.store.orders:
            parts: list[dict[str, Any]] = {
                "Fulfillment": lambda o=o: fulfillment_nodes(o),
                "LineItem": lambda o=o: [line_node(o, x) for x in o.lines if x.id == gid],
                "OrderTransaction": lambda o=o: [transaction_node(o, t) for t in o.transactions if t.id == gid],
                "Refund": lambda o=o: [refund_node(o, r) for r in o.refunds if r.id == gid],
            }.get(kind, list)()
            if found := next((p for p in parts if p["id"] == gid), None):
                return found
        return None

    def _installation(self) -> dict[str, Any]:
        scopes = [{"handle": one, "description": one.replace("_", " ").capitalize()} for one in sorted(self.scopes())]
        return node("AppInstallation", id=self.store.id.replace("Shop", "AppInstallation"), accessScopes=scopes)

    def _collections(self, info: GraphQLResolveInfo, **given: Any) -> dict[str, Any]:
        listed = [_Listed(gid, title) for gid, title in self.store.collections.items()]
        search = Search(given.get("query"), COLLECTION_FIELDS, self.store.now())
        info.context.searched(info, search)
        by_title = given.get("sortKey") == "TITLE"
        found = [one for one in listed if search.matches(one)]
        return connection(
            found,
            given,
            lambda one: self.store.collection_node(one.id),
            (lambda one: one.what.casefold()) if by_title else None,
        )

    def _discounts(self, _info: GraphQLResolveInfo, **given: Any) -> dict[str, Any]:
        found = self._found_discounts(given)
        if given.get("query"):
            # Recorded: a count includes what a search does not find yet.
            found = [one for one in found if self.store.indexed(one.what["updated"])]
        return connection(found, given, lambda one: discounts.discount_node(self.store, one.what))

    def _found_discounts(self, given: dict[str, Any]) -> list[_Listed]:
        kept = [k | {"status": discounts.status(self.store, k)} for k in self.store.codes.values() if "input" in k]
        search = Search(given.get("query"), discounts.FIELDS, self.store.now())
        return [_Listed(k["id"], k) for k in kept if search.matches(k)]

    def _count_customers(self, given: dict[str, Any]) -> int:
        search = Search(given.get("query"), customers.fields(self.store.orders), self.store.now())
        return sum(search.matches(c) for c in self.store.customers)

    def _count_orders(self, info: GraphQLResolveInfo, given: dict[str, Any]) -> int:
        search = Search(given.get("query"), order_search.FIELDS, self.store.now())
        return sum(info.context.sees(o) and search.matches(o) for o in self.store.orders)


def _located(one: Location | None) -> dict[str, Any] | None:
    return location_node(one) if one else None


def _count(found: int, given: dict[str, Any]) -> dict[str, Any]:
    limit = given.get("limit", LIMIT) or found
    return {"count": min(found, limit), "precision": "EXACT" if found <= limit else "AT_LEAST"}


def _job(job_id: str, done: list[bool]) -> dict[str, Any] | None:
    """A Job: done when everything under its id is done."""
    return {"id": job_id, "done": all(done)} if done else None


def _typed(kind: str, kept: dict[str, Any] | None) -> dict[str, Any] | None:
    return {**kept, "__typename": kind} if kept else None
