"""What can be set and read in the sandbox apart from Shopify's API: the paths below `/_sandbox/`.

    PUT  faults        {"faults": [{"kind": "refund_status", "transaction_status": "UNKNOWN"}]}    also GET, DELETE
    PUT  access        {"scopes": ["read_orders"], "denied": ["Customer", "Order.customer"]}       also GET
    PUT  transactions  {"order": "#1003", "status": "SUCCESS"} or {"id": "gid://shopify/OrderTransaction/1", …}
    PUT  settings      {"timeZone": "America/New_York", "netPayment": "successes", "newAccounts": false}   also GET
    PUT  pace          {"latency": 0.2, "size": 2000, "restore": 100, "available": 2000}           also GET
    POST orders        {"case": "gift_cards", "count": 60}: more orders; `cases.CASES` has the names
    POST holds         {"order": "#1050", "reason": "OTHER", "notes": "Call first", "app": "Guard"}: without an app, by
                       the merchant; DELETE takes all holds of an order away
    PUT  fulfillment   {"order": "#1050", "request": "ACCEPTED"} or {"order": "#1050", "sent": true}
    PUT  customers     {"merge": "gid://shopify/Customer/1", "into": "gid://shopify/Customer/2"}
    GET  received?after=7   the requests since number 7

An invalid value gets a 400 that says what is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from . import access_denied, cases, scopes
from .execution import schema
from .faults import Faults, read_faults
from .fulfillment_order_nodes import REASONS
from .fulfillment_orders import OURS, REQUEST_STATUSES, App, Hold
from .orders import Order
from .rate_limit import PACE
from .store import Customer, Store
from .written import names, written

METHODS = {
    "faults": ("GET", "PUT", "DELETE"),
    "access": ("GET", "PUT"),
    "transactions": ("PUT",),
    "settings": ("GET", "PUT"),
    "pace": ("GET", "PUT"),
    "orders": ("POST",),
    "holds": ("POST", "DELETE"),
    "fulfillment": ("PUT",),
    "customers": ("PUT",),
    "received": ("GET",),
}

FIELDS = {
    "faults": ("faults",),
    "access": ("scopes", "denied"),
    "transactions": ("id", "order", "status"),
    "settings": ("timeZone", "netPayment", "newAccounts"),
    "pace": tuple(PACE),
    "orders": ("case", "count"),
    "holds": ("order", "reason", "notes", "app"),
    "fulfillment": ("order", "request", "sent"),
    "customers": ("merge", "into"),
}
"""What can be set, by path."""

DIGITS = 4000
"""Digits that an integer may have."""


class Controlled(Protocol):
    """The parts of a sandbox that can be set and read here."""

    store: Store
    faults: Faults
    scopes: frozenset[str]
    denied: frozenset[str]
    received: list[Any]

    def set_status(self, which: str, status: str) -> list[Any]:
        """Set what became of a transaction."""

    def pace(self, values: dict[str, Any]) -> dict[str, float]:
        """Set the latency and the rate limit."""


def answer(sandbox: Controlled, method: str, url: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """The status and JSON for one request below `/_sandbox/`."""
    parts = urlsplit(url)
    what = parts.path.removeprefix("/_sandbox/")
    if method not in METHODS.get(what, ()):
        return 404, {"errors": _not_found(what)}
    try:
        if what == "received":
            return 200, _received(sandbox, parse_qs(parts.query, keep_blank_values=True))
        given = _read(body, what) if method in ("PUT", "POST") or what == "holds" else None
        if method == "DELETE" and what == "faults":
            sandbox.faults.clear()
        if method == "DELETE" and what == "holds":
            return 200, _released(sandbox, given)
        return 200, _ANSWERS[what](sandbox, given)
    except ValueError as wrong:
        return 400, {"errors": str(wrong)}


def _read(body: bytes, what: str) -> Any:
    """The JSON of a body. Raises ValueError with our own words."""

    def whole(digits: str) -> int:
        if len(digits) > DIGITS:
            raise ValueError(f"a number has {DIGITS} digits at most")
        return int(digits)

    try:
        given = json.loads(body.decode(), parse_int=whole)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise ValueError("the body is not JSON") from None
    if not isinstance(given, dict) and not (what == "faults" and isinstance(given, list)):
        raise ValueError(f"a JSON object is needed, of {', '.join(FIELDS[what])}, not {written(given)}")
    return given


def _not_found(what: str) -> str:
    there = ", ".join(f"{' or '.join(methods)} {name}" for name, methods in METHODS.items())
    return f"Not Found: there is {' or '.join(METHODS[what])} {what}" if what in METHODS else f"Not Found: {there}"


def _received(sandbox: Controlled, query: dict[str, list[str]]) -> dict[str, Any]:
    if unknown := query.keys() - {"after"}:
        raise ValueError(f"there is no {names(unknown)}; there is after")
    asked = query.get("after", ["0"])[-1]
    if not (asked.isascii() and asked.isdecimal() and len(asked) <= DIGITS):
        raise ValueError(f"after must be the number of a request, not {written(asked)}")
    return {"received": [r.shown() for r in sandbox.received if r.number > int(asked)]}


def _faults(sandbox: Controlled, given: Any) -> dict[str, Any]:
    if given is not None:
        faults = read_faults(given)
        for path in (one.path for one in faults if one.kind == "denied"):
            if not access_denied.known(path, schema()):
                example = "such as Customer or Order.customer"
                raise ValueError(f"path of the fault denied must be a type or a field, {example}, not {written(path)}")
        sandbox.faults.put(*faults)
    return {"faults": sandbox.faults.listed()}


def _access(sandbox: Controlled, given: dict[str, Any] | None) -> dict[str, Any]:
    known = _only(given, "access")
    granted = scopes.read(known["scopes"]) if "scopes" in known else sandbox.scopes
    denied = access_denied.read(known["denied"], schema()) if "denied" in known else sandbox.denied
    sandbox.scopes, sandbox.denied = granted, denied
    return {"scopes": sorted(granted), "denied": sorted(denied)}


def _transactions(sandbox: Controlled, given: dict[str, Any] | None) -> dict[str, Any]:
    known = _only(given, "transactions")
    by = [name for name in ("id", "order") if name in known]
    if len(by) != 1 or "status" not in known:
        raise ValueError('an id or an order is needed, and a status: {"order": "#1003", "status": "SUCCESS"}')
    changed = sandbox.set_status(_text(known, by[0]), _text(known, "status"))
    return {"transactions": [{"id": t.id, "kind": t.kind, "status": t.status} for t in changed]}


def _settings(sandbox: Controlled, given: dict[str, Any] | None) -> dict[str, Any]:
    known = _only(given, "settings")
    store = sandbox.store
    ours = {"timeZone": "time_zone", "netPayment": "net_payment", "newAccounts": "new_accounts"}
    store.set(**{ours[name]: value for name, value in known.items()})
    return {"timeZone": store.time_zone, "netPayment": store.net_payment, "newAccounts": store.new_accounts}


def _orders(sandbox: Controlled, given: dict[str, Any] | None) -> dict[str, Any]:
    known = {"case": "paid", "count": 1} | _only(given, "orders")
    return {"orders": [o.id for o in cases.make(sandbox.store, known["case"], known["count"])]}


def _holds(sandbox: Controlled, given: dict[str, Any] | None) -> dict[str, Any]:
    """Put everything unsent of an order on hold, as another app or the merchant does."""
    known = {"reason": "OTHER"} | _only(given, "holds")
    reason, app = _one_of(known, "reason", REASONS), known.get("app")
    notes = _text(known, "notes") if known.get("notes") is not None else None
    other = App(_text(known, "app"), OURS.number + 1) if app is not None else None
    order = _order(sandbox.store, known)
    due = [one for one in order.fulfillment_orders() if one.status != "CLOSED"]
    for one in due:
        one.holds.append(Hold(reason, notes, None, other))
    return {"fulfillmentOrders": [{"id": one.id, "status": one.status} for one in due]}


def _released(sandbox: Controlled, given: dict[str, Any] | None) -> dict[str, Any]:
    """Release all holds of an order."""
    found = _order(sandbox.store, _only(given, "holds")).fulfillment_orders()
    for one in found:
        one.holds.clear()
    return {"fulfillmentOrders": [{"id": one.id, "status": one.status} for one in found]}


def _fulfillment(sandbox: Controlled, given: dict[str, Any] | None) -> dict[str, Any]:
    """What a fulfillment service answered, or what the merchant sent meanwhile."""
    known = _only(given, "fulfillment")
    if ("request" in known) == ("sent" in known):
        raise ValueError('request or sent is needed: {"order": "#1050", "request": "ACCEPTED"}')
    if known.get("sent", True) is not True:
        raise ValueError(f"sent must be true, not {written(known['sent'])}")
    request = _one_of(known, "request", REQUEST_STATUSES) if "request" in known else None
    order = _order(sandbox.store, known)
    for line in order.lines if request is None else ():
        line.fulfilled += line.unsent
    for one in order.fulfillment_orders():
        one.request = request or one.request
    shown = [{"id": x.id, "status": x.status, "requestStatus": x.request} for x in order.fulfillment_orders()]
    return {"fulfillmentOrders": shown}


def _order(store: Store, known: dict[str, Any]) -> Order:
    if found := store.order(_text(known, "order")):
        return found
    raise ValueError(f"order is the name or id of an order; there is no order {written(known['order'])}")


def _one_of(known: dict[str, Any], name: str, allowed: Iterable[str]) -> str:
    value = known.get(name)
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {written(value)}")
    return value


def _customers(sandbox: Controlled, given: dict[str, Any] | None) -> dict[str, Any]:
    known, store = _only(given, "customers"), sandbox.store
    gone, kept = _customer(store, known, "merge"), _customer(store, known, "into")
    if gone is kept:
        raise ValueError('merge and into must be two customers: {"merge": "gid://…", "into": "gid://…"}')
    store.merge(gone, kept)
    return {"customer": kept.id}


def _customer(store: Store, known: dict[str, Any], name: str) -> Customer:
    if found := store.customer(_text(known, name)):
        return found
    raise ValueError(f"{name} is the id of a customer; there is no customer {written(known[name])}")


def _text(known: dict[str, Any], name: str) -> str:
    if not isinstance(known.get(name), str):
        raise ValueError(f"{name} must be a text, not {written(known[name])}" if name in known else f"{name} is needed")
    return str(known[name])


def _pace(sandbox: Controlled, given: dict[str, Any] | None) -> dict[str, Any]:
    return dict(sandbox.pace(_only(given, "pace")))


def _only(given: dict[str, Any] | None, what: str) -> dict[str, Any]:
    if unknown := (given or {}).keys() - set(FIELDS[what]):
        raise ValueError(f"there is no {names(unknown)}; there is {', '.join(FIELDS[what])}")
    return given or {}


_ANSWERS = {
    "faults": _faults,
    "access": _access,
    "transactions": _transactions,
    "settings": _settings,
    "pace": _pace,
    "orders": _orders,
    "holds": _holds,
    "fulfillment": _fulfillment,
    "customers": _customers,
}
