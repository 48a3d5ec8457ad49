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
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from . import cases, denial, scopes
from .execution import schema
from .faults import read_faults

if TYPE_CHECKING:
    from .sandbox import Sandbox

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


LONGEST = 15
"""Digits that the number of a request may have."""


def answer(sandbox: Sandbox, method: str, url: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """Status and JSON of one request below `/_sandbox/`."""
    parts = urlsplit(url)
    what = parts.path.removeprefix("/_sandbox/")
    if method not in METHODS.get(what, ()):
        return 404, {"errors": "Not Found"}
    try:
        if what == "received":
            return 200, _received(sandbox, parse_qs(parts.query, keep_blank_values=True).get("after", ["0"])[0])
        given = _read(body, what) if method in ("PUT", "POST") else None
        if method == "DELETE":
            sandbox.faults.clear()
        return 200, _ANSWERS[what](sandbox, given)
    except ValueError as wrong:
        return 400, {"errors": str(wrong)}


def _read(body: bytes, what: str) -> Any:
    """The JSON of a body. Raises ValueError in words of ours."""

    def no_number(name: str) -> None:
        raise ValueError(f"{name} is no number of JSON")

    try:
        given = json.loads(body.decode(), parse_constant=no_number)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise ValueError("the body is not JSON") from None
    if not isinstance(given, dict) and not (what == "faults" and isinstance(given, list)):
        raise ValueError("a JSON object is needed")
    return given


def _received(sandbox: Sandbox, asked: str) -> dict[str, Any]:
    if not (asked.isascii() and asked.isdecimal() and len(asked) <= LONGEST):
        raise ValueError(f"after is the number of a request, not {asked!r}")
    return {"received": [r.shown() for r in sandbox.received if r.number > int(asked)]}


def _faults(sandbox: Sandbox, given: Any) -> dict[str, Any]:
    if given is not None:
        faults = read_faults(given)
        for path in (one.path for one in faults if one.kind == "denied"):
            denial.read([path], schema())
        sandbox.faults.put(*faults)
    return {"faults": sandbox.faults.listed()}


def _access(sandbox: Sandbox, given: dict[str, Any] | None) -> dict[str, Any]:
    known = _only(given, "scopes", "denied")
    granted = scopes.read(known["scopes"]) if "scopes" in known else sandbox.scopes
    denied = denial.read(known["denied"], schema()) if "denied" in known else sandbox.denied
    sandbox.scopes, sandbox.denied = granted, denied
    return {"scopes": sorted(granted), "denied": sorted(denied)}


def _transactions(sandbox: Sandbox, given: dict[str, Any] | None) -> dict[str, Any]:
    known = _only(given, "id", "order", "status")
    which = known.get("id") or known.get("order")
    if not isinstance(which, str) or not isinstance(known.get("status"), str):
        raise ValueError(
            'a transaction\'s id or an order is needed, and a status: {"order": "#1003", "status": "SUCCESS"}'
        )
    changed = sandbox.set_status(which, known["status"])
    return {"transactions": [{"id": t.id, "kind": t.kind, "status": t.status} for t in changed]}


def _settings(sandbox: Sandbox, given: dict[str, Any] | None) -> dict[str, Any]:
    known = _only(given, "timeZone", "netPayment")
    store = sandbox.store
    names = {"timeZone": "time_zone", "netPayment": "net_payment"}
    store.set(**{names[name]: value for name, value in known.items()})
    return {"timeZone": store.time_zone, "netPayment": store.net_payment}


def _orders(sandbox: Sandbox, given: dict[str, Any] | None) -> dict[str, Any]:
    known = {"case": "paid", "count": 1} | _only(given, "case", "count")
    return {"orders": [o.id for o in cases.make(sandbox.store, known["case"], known["count"])]}


def _customers(sandbox: Sandbox, given: dict[str, Any] | None) -> dict[str, Any]:
    known, store = _only(given, "merge", "into"), sandbox.store
    gone, kept = store.customer(str(known.get("merge"))), store.customer(str(known.get("into")))
    if gone is None or kept is None or gone is kept:
        raise ValueError('two customers are needed: {"merge": "gid://…", "into": "gid://…"}')
    store.merge(gone, kept)
    return {"customer": kept.id}


def _pace(sandbox: Sandbox, given: dict[str, Any] | None) -> dict[str, Any]:
    return dict(sandbox.pace(given or {}))


def _only(given: dict[str, Any] | None, *names: str) -> dict[str, Any]:
    if unknown := (given or {}).keys() - set(names):
        raise ValueError(f"there is no {', '.join(sorted(unknown))}; there is {', '.join(names)}")
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
