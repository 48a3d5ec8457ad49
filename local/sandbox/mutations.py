"""What the sandbox can change, with Shopify's rules and, where a recording exists, in its words."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo

from .orders import Order, Refund, Transaction, gid, refund_node
from .store import Job, Store

_KEEPS_KEYS = timedelta(hours=24)
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "CAD": "$", "JPY": "¥"}


def _error(field: list[str] | None, message: str, code: str | None = None) -> dict[str, Any]:
    return {"field": field, "message": message} | ({"code": code} if code else {})


class Mutations:
    """The mutations of one store. `job_seconds`: how long a cancellation takes; `statuses`: refunds by gateway."""

    def __init__(self, store: Store, job_seconds: float, statuses: dict[str, str]) -> None:
        self.store, self.job_seconds, self.statuses = store, job_seconds, statuses
        self.fail_next_job: str | None = None
        self._keys: dict[str, tuple[datetime, str, Callable[[], dict[str, Any]]]] = {}

    def root(self) -> dict[str, Callable[..., Any]]:
        """The resolvers of the Mutation type."""
        return {
            "orderCancel": self.cancel,
            "refundCreate": self.refund,
            "discountCodeBasicCreate": self.discount,
            "tagsAdd": self.tags_add,
            "tagsRemove": self.tags_remove,
            "orderUpdate": self.update,
        }

    # -- orderCancel ---------------------------------------------------------------------------------------------
    def cancel(self, _info: GraphQLResolveInfo, **given: Any) -> dict[str, Any]:
        """`orderCancel`: a job. Words of the first three refusals are recorded, of the others not."""
        order = self.store.order(given["orderId"])
        if refusal := self._cancel_refusal(order, given):
            return {"job": None, "jobResult": None, "orderCancelUserErrors": [refusal], "userErrors": [refusal]}
        assert order
        until = self.store.now() + timedelta(seconds=self.job_seconds)
        job = Job(order, until, lambda: self._cancelled(order, given), self.fail_next_job)
        self.fail_next_job = None
        self.store.jobs.append(job)
        return {
            "job": {"id": job.id, "done": False},
            "jobResult": job_result(job),
            "orderCancelUserErrors": [],
            "userErrors": [],
        }

    def _cancel_refusal(self, order: Order | None, given: dict[str, Any]) -> dict[str, Any] | None:
        if order is None:
            return _error(["orderId"], "Order does not exist", "NOT_FOUND")
        if len(given.get("staffNote") or "") > 255:
            return _error(["staffNote"], "Staff note is too long. Maximum length is 255 characters.", "INVALID")
        if given.get("refund") is not None and given.get("refundMethod") is not None:
            message = "Only one of the arguments `refund` or `refund_method` is allowed."
            return _error(["refund"], message, "INVALID")
        if order.cancelled or any(j.order is order and not j.done for j in self.store.jobs):
            return _error(["orderId"], "Cannot cancel an order that has already been canceled", "INVALID")
        if any(x.fulfilled for x in order.lines):
            return _error(["orderId"], "Cannot cancel an order that has been fulfilled", "INVALID")
        if order.open_return:
            return _error(["orderId"], "Cannot cancel an order with an open return", "INVALID")
        return None

    def _cancelled(self, order: Order, given: dict[str, Any]) -> None:
        order.cancelled, order.cancel_reason, order.staff_note = (
            self.store.now(),
            given["reason"],
            given.get("staffNote"),
        )
        if (given.get("refundMethod") or {}).get("originalPaymentMethodsRefund"):
            back = [self._back(order, p, order.left(p)) for p in order.payments() if order.left(p) > 0]
            if back:
                order.refunds.append(Refund(None, self.store.now(), back, order.shipping_left))
                order.transactions += back
        if not order.received and order.transactions:
            order.transactions.append(Transaction("VOID", Decimal(0), order.transactions[0].gateway))

    def _back(self, order: Order, parent: Transaction, amount: Decimal) -> Transaction:
        status = self.statuses.get(parent.gateway, "SUCCESS")
        return Transaction("REFUND", amount, parent.gateway, parent.shown, parent.account, status, parent)

    # -- refundCreate --------------------------------------------------------------------------------------------
    def refund(self, info: GraphQLResolveInfo, input: dict[str, Any]) -> dict[str, Any]:
        """`refundCreate`, under `@idempotent`: replayed from the present state, refused with other input."""
        key, now = _key(info), self.store.now()
        fingerprint = json.dumps(input, sort_keys=True, default=str)
        known = self._keys.get(key)
        if known and now - known[0] < _KEEPS_KEYS:
            if known[1] != fingerprint:
                message = "The same idempotency key cannot be used with different operation parameters."
                return {"refund": None, "order": None, "userErrors": [_error(None, message)]}
            return known[2]()
        order = self.store.order(input["orderId"])
        if refusal := self._refund_refusal(order, input):
            return {"refund": None, "order": self.store.order_node(order), "userErrors": [refusal]}
        assert order
        made = self._refunded(order, input)

        def answer() -> dict[str, Any]:
            return {"refund": refund_node(order, made), "order": self.store.order_node(order), "userErrors": []}

        self._keys[key] = (now, fingerprint, answer)
        return answer()

    def _refund_refusal(self, order: Order | None, given: dict[str, Any]) -> dict[str, Any] | None:
        if order is None:
            return _error(["orderId"], "Order does not exist")
        if order.currency != order.shop_currency and given.get("currency") != order.currency:
            return _error(["currency"], "Currency must be the presentment currency of the order")
        lines = {x.id: x for x in order.lines}
        for place, item in enumerate(given.get("refundLineItems") or []):
            x = lines.get(item["lineItemId"])
            if x is None or item["quantity"] > x.quantity - x.refunded:
                message = "Quantity cannot refund more items than were purchased"
                return _error(["refundLineItems", str(place), "quantity"], message)
        return self._transactions_refusal(order, given.get("transactions") or [])

    def _transactions_refusal(self, order: Order, moves: list[dict[str, Any]]) -> dict[str, Any] | None:
        parents = {p.id: p for p in order.payments()}
        total = sum((Decimal(t["amount"]) for t in moves), Decimal(0))
        net = order.received - order.refunded
        for t in moves:
            if t["kind"] != "REFUND":
                return _error(None, f"Kind {t['kind'].lower()} is not a valid transaction")
            if t.get("parentId") not in parents:
                return _error(["transactions"], "Transactions require a parent_id associated with the order")
        sign = _SYMBOLS.get(order.currency, "")
        if total > net:
            message = f"Refund amount {sign}{total:.2f} is greater than net payment received {sign}{net:.2f}"
            return _error(None, message)
        for t in moves:
            if Decimal(t["amount"]) > order.left(parents[t["parentId"]]):
                return _error(["transactions"], "Refund amount is greater than what the parent transaction holds")
        return None

    def _refunded(self, order: Order, given: dict[str, Any]) -> Refund:
        parents = {p.id: p for p in order.payments()}
        moves = [
            self._back(order, parents[t["parentId"]], Decimal(t["amount"])) for t in given.get("transactions") or []
        ]
        full = bool((given.get("shipping") or {}).get("fullRefund"))
        shipping = order.shipping_left if full else Decimal(0)
        made = Refund(given.get("note"), self.store.now(), moves, shipping, bool(given.get("notify")))
        for item in given.get("refundLineItems") or []:
            next(x for x in order.lines if x.id == item["lineItemId"]).refunded += item["quantity"]
        order.transactions += moves
        order.refunds.append(made)
        return made

    # -- discounts -----------------------------------------------------------------------------------------------
    def discount(self, _info: GraphQLResolveInfo, basicCodeDiscount: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """`discountCodeBasicCreate`, with the recorded refusals."""
        given = basicCodeDiscount
        if refusals := self._discount_refusals(given):
            return {"codeDiscountNode": None, "userErrors": refusals}
        value = given["customerGets"]["value"]
        off = f"{value['percentage'] * 100:g}%" if "percentage" in value else f"${value['discountAmount']['amount']}"
        node = {
            "id": gid("DiscountCodeNode"),
            "input": given,
            "codeDiscount": {
                "__typename": "DiscountCodeBasic",
                "title": given["title"],
                "summary": f"{off} off one-time purchase products",
            },
        }
        self.store.codes[given["code"].casefold()] = node
        return {"codeDiscountNode": node, "userErrors": []}

    def _discount_refusals(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        top, refusals = "basicCodeDiscount", []
        code, value = given.get("code") or "", given["customerGets"]["value"]
        if not code:
            refusals.append(_error([top, "code"], "Code can't be blank", "BLANK"))
        if len(code) > 255:
            refusals.append(_error([top, "code"], "Code is too long (maximum is 255 characters)", "TOO_LONG"))
        if code.casefold() in self.store.codes:
            message = "Code must be unique. Please try a different code."
            refusals.append(_error([top, "code"], message, "TAKEN"))
        if not 0 <= value.get("percentage", 0) <= 1:
            where = [top, "customerGets", "value", "percentage"]
            refusals.append(_error(where, "Value must be between 0.0 and 1.0", "VALUE_OUTSIDE_RANGE"))
        for collection in ((given["customerGets"]["items"].get("collections") or {}).get("add")) or []:
            if collection not in self.store.collections:
                where = [top, "customerGets", "items", "collections", "add"]
                number = collection.rsplit("/", 1)[1]
                refusals.append(_error(where, f"Collection with id: {number} is invalid", "INVALID"))
        return refusals

    # -- tags and notes ------------------------------------------------------------------------------------------
    def tags_add(self, _info: GraphQLResolveInfo, id: str, tags: list[str]) -> dict[str, Any]:
        """`tagsAdd`: split at commas, without regard to case, sorted so."""
        order = self.store.order(id)
        if order is None:
            return {"node": None, "userErrors": [_error(["id"], "Order does not exist")]}
        wanted = _split(tags)
        if any(len(t) > 40 for t in wanted):
            return {"node": None, "userErrors": [_error(["tags"], "Tag exceeds the maximum length of 40 characters")]}
        have = {t.casefold() for t in order.tags}
        order.tags = sorted([*order.tags, *(t for t in wanted if t.casefold() not in have)], key=str.casefold)
        return {"node": self.store.order_node(order), "userErrors": []}

    def tags_remove(self, _info: GraphQLResolveInfo, id: str, tags: list[str]) -> dict[str, Any]:
        """`tagsRemove`: case-sensitive on an order."""
        order = self.store.order(id)
        if order is None:
            return {"node": None, "userErrors": [_error(["id"], "Order does not exist")]}
        order.tags = [t for t in order.tags if t not in _split(tags)]
        return {"node": self.store.order_node(order), "userErrors": []}

    def update(self, _info: GraphQLResolveInfo, input: dict[str, Any]) -> dict[str, Any]:
        """`orderUpdate`: the note (5,000 characters) and the tags are overwritten."""
        order = self.store.order(input["id"])
        if order is None:
            return {"order": None, "userErrors": [_error(["id"], "Order does not exist")]}
        errors = []
        if set(input) == {"id"}:
            errors.append(_error(None, "No valid update parameters have been provided"))
        elif len(input.get("note") or "") > 5000:
            errors.append(_error(["note"], "Note is too long (maximum is 5000 characters)"))
        else:
            order.note = input.get("note", order.note)
            order.tags = sorted(_split(input.get("tags", order.tags)), key=str.casefold)
        return {"order": self.store.order_node(order), "userErrors": errors}


def job_result(job: Job) -> dict[str, Any]:
    """An OrderCancelJobResult."""
    status = ("FAILED" if job.failure else "SUCCEEDED") if job.done else "STARTED"
    errors = [_error(None, job.failure, "INVALID")] if job.done and job.failure else []
    return {
        "__typename": "OrderCancelJobResult",
        "id": job.result,
        "done": job.done,
        "status": status,
        "errors": errors,
    }


def _split(tags: list[str]) -> list[str]:
    return [t.strip() for tag in tags for t in tag.split(",") if t.strip()]


def _key(info: GraphQLResolveInfo) -> str:
    for directive in info.field_nodes[0].directives or ():
        if directive.name.value == "idempotent":
            value = directive.arguments[0].value
            name = getattr(value, "name", None)
            return str(info.variable_values.coerced[name.value] if name else value.value)
    message = "The @idempotent directive is required for this mutation but was not provided."
    raise GraphQLError(message, extensions={"code": "BAD_REQUEST"})
