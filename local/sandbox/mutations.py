"""The mutations of one store, and what a test or a fault can set for them."""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLResolveInfo

from . import (
    cancellations,
    customer_changes,
    discounts,
    fulfillment_holds,
    invoices,
    order_changes,
    refunding,
    store_credit,
    tagging,
)
from .fulfillment_order_nodes import may
from .idempotency import CONCURRENT, MISMATCH, Keys, Mismatch, key_of
from .orders import Order, Transaction
from .store import Product, Store
from .user_errors import refusal


class Mutations:
    """`job_seconds`: how long a cancellation takes; `statuses`: what becomes of a refund, by gateway."""

    def __init__(self, store: Store, job_seconds: float, statuses: dict[str, str]) -> None:
        self.store, self.job_seconds, self.statuses = store, job_seconds, statuses
        self.job_statuses: dict[str, str] | None = None
        self.fail_next_job: str | None = None
        self.keys = Keys(store.now)

    def root(self) -> dict[str, Callable[..., Any]]:
        """The resolvers of the Mutation type."""
        s = self.store
        return {
            "customerCreate": lambda _i, input: customer_changes.create(s, input),
            "customerDelete": lambda _i, input: customer_changes.delete(s, input["id"]),
            "customerMerge": lambda _i, **given: customer_changes.merge(
                s, given["customerOneId"], given["customerTwoId"]
            ),
            "customerSet": lambda _i, input, identifier=None: customer_changes.upsert(s, input, identifier),
            "customerUpdate": lambda _i, input: customer_changes.update(s, input),
            "discountCodeActivate": lambda _i, id: discounts.switch(s, id, on=True),
            "discountCodeBasicCreate": self.discount,
            "discountCodeBasicUpdate": lambda _i, id, **given: discounts.update(s, id, given["basicCodeDiscount"]),
            "discountCodeDeactivate": lambda _i, id: discounts.switch(s, id, on=False),
            "discountCodeDelete": lambda _i, id: discounts.delete(s, id),
            "fulfillmentOrderHold": lambda i, id, **given: fulfillment_holds.hold(
                s, _writable(i), id, given["fulfillmentHold"]
            ),
            "fulfillmentOrderReleaseHold": lambda i, id, **given: fulfillment_holds.release(
                s, _writable(i), id, given.get("holdIds")
            ),
            "orderCancel": self.cancel,
            "orderClose": lambda _i, input: order_changes.archive(s, input["id"], closed=True),
            "orderCreate": lambda _i, order, options=None: order_changes.create(s, order),
            "orderInvoiceSend": lambda _i, id, email=None: invoices.send(s, id, email),
            "orderOpen": lambda _i, input: order_changes.archive(s, input["id"], closed=False),
            "orderUpdate": self.update,
            "productCreate": self.product,
            "refundCreate": self.refund,
            "storeCreditAccountCredit": lambda _i, id, **given: store_credit.credit(s, id, given["creditInput"]),
            "storeCreditAccountDebit": lambda _i, id, **given: store_credit.debit(s, id, given["debitInput"]),
            "tagsAdd": self.tags_add,
            "tagsRemove": self.tags_remove,
        }

    def cancel(self, _info: GraphQLResolveInfo, **given: Any) -> dict[str, Any]:
        """`orderCancel`. The requested failure is used up by the next job."""
        statuses = self.job_statuses  # The failure is read now: the fault may be over when the job ends.

        def back(order: Order, parent: Transaction, amount: Any) -> Transaction:
            return self._back(order, parent, amount, statuses)

        answer = cancellations.cancel(self.store, given, self.job_seconds, self.fail_next_job, back)
        if answer["job"]:
            self.fail_next_job = None
        return answer

    def refund(self, info: GraphQLResolveInfo, input: dict[str, Any]) -> dict[str, Any]:
        """`refundCreate` with `@idempotent`. A refused request does not use up its key."""
        key = key_of(info)
        if key is None:
            return refunding.refund(self.store, input, self._back)[0]
        if key in info.context.taken:
            return {"refund": None, "order": None, "userErrors": [refusal(None, CONCURRENT)]}
        try:
            known = self.keys.known(key, input)
        except Mismatch:
            return {"refund": None, "order": None, "userErrors": [refusal(None, MISMATCH)]}
        if known:
            return known()
        answer, again = refunding.refund(self.store, input, self._back)
        if again:
            self.keys.keep(key, input, again)
        return answer

    def _back(
        self, _order: Order, parent: Transaction, amount: Any, statuses: dict[str, str] | None = None
    ) -> Transaction:
        status = (self.statuses if statuses is None else statuses).get(parent.gateway, "SUCCESS")
        at = self.store.now()
        return Transaction(
            "REFUND", amount, parent.gateway, parent.shown, parent.account, status, parent, at, parent.manual
        )

    def discount(self, _info: GraphQLResolveInfo, basicCodeDiscount: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """`discountCodeBasicCreate`."""
        return discounts.create(self.store, basicCodeDiscount)

    def tags_add(self, _info: GraphQLResolveInfo, id: str, tags: list[str]) -> dict[str, Any]:
        """`tagsAdd`."""
        return tagging.add(self.store, id, tags)

    def tags_remove(self, _info: GraphQLResolveInfo, id: str, tags: list[str]) -> dict[str, Any]:
        """`tagsRemove`."""
        return tagging.remove(self.store, id, tags)

    def update(self, _info: GraphQLResolveInfo, input: dict[str, Any]) -> dict[str, Any]:
        """`orderUpdate`."""
        return order_changes.update(self.store, input)

    def product(self, _info: GraphQLResolveInfo, product: dict[str, Any], **_: Any) -> dict[str, Any]:
        """`productCreate`: a title, a status and tags."""
        title = product.get("title") or ""
        if not title:
            return {"product": None, "userErrors": [refusal(["title"], "Title can't be blank")]}
        handle = "-".join("".join(c if c.isalnum() else " " for c in title.casefold()).split())
        made = Product(
            title, self.store.now(), tagging.split(product.get("tags") or []), product.get("status") or "ACTIVE", handle
        )
        self.store.products.append(made)
        return {"product": self.store.product_node(made), "userErrors": []}


def _writable(info: GraphQLResolveInfo) -> fulfillment_holds.Allowed:
    """Whether the app may see an order, and change one of its fulfillment orders."""
    return lambda order, one: info.context.sees(order) and may(info.context.granted, one, "write")
