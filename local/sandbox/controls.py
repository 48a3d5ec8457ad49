"""What may be set and seen of the sandbox beside Shopify's API: the paths below `/_sandbox/`.

    PUT  faults        {"faults": [{"kind": "refund_status", "transaction_status": "UNKNOWN"}]}    also GET, DELETE
    PUT  access        {"scopes": ["read_orders"], "denied": ["Customer", "Order.customer"]}       also GET
    PUT  transactions  {"order": "#1003", "status": "SUCCESS"} or {"id": "gid://shopify/OrderTransaction/1", …}
    PUT  settings      {"timeZone": "America/New_York", "netPayment": "successes"}                 also GET
    PUT  pace          {"latency": 0.2, "size": 2000, "restore": 100, "available": 2000}           also GET
    POST orders        {"case": "gift_cards", "count": 60}: more orders; `cases.CASES` has the names
    PUT  customers     {"merge": "gid://shopify/Customer/1", "into": "gid://shopify/Customer/2"}
    GET  received?after=7   the requests that came

A value that there is not is answered 400 with what is wrong.
"""

from __future__ import annotations

import json
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from . import access_denied, cases, scopes
from .execution import schema
from .faults import Faults, read_faults
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
    "customers": ("PUT",),
    "received": ("GET",),
}

FIELDS = {
    "faults": ("faults",),
    "access": ("scopes", "denied"),
    "transactions": ("id", "order", "status"),
    "settings": ("timeZone", "netPayment"),
    "pace": tuple(PACE),
    "orders": ("case", "count"),
    "customers": ("merge", "into"),
}
"""What may be set, by path."""

DIGITS = 4000
"""Digits that a whole number may have."""


class Controlled(Protocol):
    """What of a sandbox can be set and seen here."""

    store: Store
    faults: Faults
    scopes: frozenset[str]
    denied: frozenset[str]
    received: list[Any]

    def set_status(self, which: str, status: str) -> list[Any]:
        """What became of a transaction."""

    def pace(self, values: dict[str, Any]) -> dict[str, float]:
        """Latency, and what the bucket holds."""


def answer(sandbox: Controlled, method: str, url: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """Status and JSON of one request below `/_sandbox/`."""
    parts = urlsplit(url)
    what = parts.path.removeprefix("/_sandbox/")
    if method not in METHODS.get(what, ()):
        return 404, {"errors": _not_found(what)}
    try:
        if what == "received":
            return 200, _received(sandbox, parse_qs(parts.query, keep_blank_values=True))
        given = _read(body, what) if method in ("PUT", "POST") else None
        if method == "DELETE":
            sandbox.faults.clear()
        return 200, _ANSWERS[what](sandbox, given)
    except ValueError as wrong:
        return 400, {"errors": str(wrong)}


def _read(body: bytes, what: str) -> Any:
    """The JSON of a body. Raises ValueError in words of ours."""

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
        raise ValueError(f"after is the number of a request, not {written(asked)}")
    return {"received": [r.shown() for r in sandbox.received if r.number > int(asked)]}


def _faults(sandbox: Controlled, given: Any) -> dict[str, Any]:
    if given is not None:
        faults = read_faults(given)
        for path in (one.path for one in faults if one.kind == "denied"):
            if not access_denied.known(path, schema()):
                example = "such as Customer or Order.customer"
                raise ValueError(f"path of the fault denied is a type or a field, {example}, not {written(path)}")
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
    ours = {"timeZone": "time_zone", "netPayment": "net_payment"}
    store.set(**{ours[name]: value for name, value in known.items()})
    return {"timeZone": store.time_zone, "netPayment": store.net_payment}


def _orders(sandbox: Controlled, given: dict[str, Any] | None) -> dict[str, Any]:
    known = {"case": "paid", "count": 1} | _only(given, "orders")
    return {"orders": [o.id for o in cases.make(sandbox.store, known["case"], known["count"])]}


def _customers(sandbox: Controlled, given: dict[str, Any] | None) -> dict[str, Any]:
    known, store = _only(given, "customers"), sandbox.store
    gone, kept = _customer(store, known, "merge"), _customer(store, known, "into")
    if gone is kept:
        raise ValueError('merge and into are two customers: {"merge": "gid://…", "into": "gid://…"}')
    store.merge(gone, kept)
    return {"customer": kept.id}


def _customer(store: Store, known: dict[str, Any], name: str) -> Customer:
    if found := store.customer(_text(known, name)):
        return found
    raise ValueError(f"{name} is the id of a customer; there is no customer {written(known[name])}")


def _text(known: dict[str, Any], name: str) -> str:
    if not isinstance(known.get(name), str):
        raise ValueError(f"{name} is a text, not {written(known[name])}" if name in known else f"{name} is needed")
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
    "customers": _customers,
}
