"""The way of a request through the sandbox: token, validation, cost, rate limit, execution, answer."""

import io
import json
import re
import threading
import time
import uuid
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
import urllib3

from . import access_denied, api_versions, controls, execution, requested_fields
from .execution import Context, ErrorAt, Request
from .faults import Answer, Asked, Broken, Fault, Faults, happen
from .fulfillment_order_nodes import REASONS
from .happened import Before
from .mutations import Mutations
from .orders import Order, Transaction
from .queries import Queries
from .rate_limit import PACE, Bucket
from .scopes import GRANTED
from .seed import believable
from .store import Store
from .written import names, written

API = re.compile(r"/admin/api/[^/]+/graphql\.json")
MUTATION = re.compile(r"(?:^|[\n}])\s*mutation\b")
"""Finds a mutation, also after its fragments."""

UNAUTHORIZED = {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}


@dataclass
class Received:
    """One request as it was carried out."""

    name: str
    document: str
    variables: dict[str, Any]
    request_id: str
    answer: dict[str, Any] = field(repr=False)
    number: int = 0
    seconds: float = 0.0

    def shown(self) -> dict[str, Any]:
        """The request as JSON."""
        cost = (self.answer.get("extensions") or {}).get("cost") or {}
        return {
            "number": self.number,
            "name": self.name,
            "text": self.document,
            "variables": self.variables,
            "status": 200,
            "requestId": self.request_id,
            "seconds": round(self.seconds, 4),
            "requestedQueryCost": cost.get("requestedQueryCost"),
            "actualQueryCost": cost.get("actualQueryCost"),
            "errors": self.answer.get("errors"),
        }


class Sandbox:
    """A Shopify store and its API. It accepts `token` and `client` (id, secret), which have `scopes`.

    `scopes` may be set while it runs, and `denied` (types and fields, `Customer` or `Order.customer`) with `deny`.
    """

    def __init__(
        self,
        *,
        seed: bool = True,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        job_seconds: float = 1.5,
        latency: float = 0.0,
        token: str = "shpat_sandbox",
        client: tuple[str, str] | None = None,
        domain: str = "demo.myshopify.com",
        scopes: frozenset[str] = GRANTED,
    ) -> None:
        self.store, self.scopes = Store(now, domain), frozenset(scopes)
        self.denied: frozenset[str] = frozenset()
        self.statuses: dict[str, str] = {}
        self.mutations = Mutations(self.store, job_seconds, self.statuses)
        self.queries = Queries(self.store, lambda: self.scopes)
        self.tokens, self.client, self.latency = {token}, client, latency
        self.received: list[Received] = []
        self.bucket = Bucket()
        self.faults = Faults()
        self._denied: tuple[str, ...] = ()
        self._breaks: tuple[ErrorAt, ...] = ()
        self._late: list[tuple[datetime, Callable[[], Answer]]] = []
        self._lock = threading.RLock()
        if seed:
            believable(self.store)

    def handle(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer one HTTP request: status, headers, body. Raises Broken if a fault takes the answer away."""
        path = urlsplit(url).path
        if path.startswith("/_sandbox/"):
            return self._controlled(method, url, headers, body)
        self._do_what_was_late()
        asked = _about(path, body)
        fault, effects = self.faults.met(asked)
        if fault and asked.mutates and (fault.kind, fault.code) == ("null", "ACCESS_DENIED"):
            roots = [place[0] for place in asked.reach().places if len(place) == 1]
            effects = [
                *effects,
                *(Fault("error_at", path=one, code=fault.code, message=fault.message) for one in roots),
            ]
            fault = None

        def work() -> Answer:
            return self._with_effects(effects, lambda: self._handle(method, path, headers, body))

        if fault is None:
            return work()
        if fault.kind == "late":
            due = self.store.now() + timedelta(seconds=fault.seconds)
            self._late.append((due, work))
            raise Broken("reset_before")
        return happen(fault, work)

    def _do_what_was_late(self) -> None:
        """Do the work of requests whose callers no longer wait."""
        with self._lock:
            due = [one for one in self._late if one[0] <= self.store.now()]
            self._late = [one for one in self._late if one not in due]
            for _, work in due:
                work()

    def _handle(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        request_id = str(uuid.uuid4())
        version = api_versions.served(path.split("/")[3]) if API.fullmatch(path) else api_versions.NEWEST
        answered = {"Content-Type": "application/json", "X-Request-Id": request_id}
        answered |= {"X-Shopify-API-Version": version} if version else {}
        if self.latency:
            time.sleep(self.latency)
        if path == "/admin/oauth/access_token":
            status, answer = self._grant(body)
        elif method == "GET" and (order := self._page(path)):
            return 200, answered | {"Content-Type": "text/html; charset=utf-8"}, order.encode()
        elif method != "POST" or not API.fullmatch(path) or version is None:
            status, answer = 404, {"errors": "Not Found"}
        elif headers.get("x-shopify-access-token") not in self.tokens:
            status, answer = 401, UNAUTHORIZED
        else:
            status, answer = self._asked(body, request_id, version)
        return status, answered, json.dumps(answer).encode()

    def _asked(self, body: bytes, request_id: str, version: str) -> tuple[int, dict[str, Any]]:
        try:
            request = json.loads(body)
        except ValueError:
            request = None
        if not isinstance(request, dict) or "query" not in request:
            return 400, {"errors": {"query": "Required parameter missing or invalid"}}
        return 200, self.execute(request, request_id, version)

    def _controlled(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Requests that are not part of Shopify: `controls`."""
        if headers.get("x-shopify-access-token") not in self.tokens:
            return _json(401, UNAUTHORIZED)
        return _json(*controls.answer(self, method, url, body))

    def deny(self, *fields: str) -> None:
        """Hide these types and fields from the app (`Customer`, `Order.customer`); without any, show everything again.

        Raises ValueError for one that the schema does not have.
        """
        self.denied = access_denied.read(fields, execution.schema())

    def set_status(self, which: str, status: str) -> list[Transaction]:
        """Set the status of a transaction (by its id) or of an order's refunds under way (by its id or name).

        Raises ValueError for an unknown status or transaction.
        """
        with self._lock:
            return self.store.set_status(which, status)

    def pace(self, given: dict[str, Any]) -> dict[str, float]:
        """Set the minimum time of an answer, and the bucket's size, restore rate and remaining points."""
        with self._lock:
            if unknown := given.keys() - PACE.keys():
                raise ValueError(f"there is no {names(unknown)}; there are {', '.join(PACE)}")
            for name, value in given.items():
                if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= PACE[name]:
                    raise ValueError(f"{name} must be a number from 0 to {PACE[name]}, not {written(value)}")
            values = {name: float(value) for name, value in given.items()}
            if values.get("available", 0) > (size := values.get("size", self.bucket.size)):
                raise ValueError(f"available must be a number from 0 to {size:g}, the size of the bucket")
            self.latency = values.pop("latency", self.latency)
            for name, value in values.items():
                setattr(self.bucket, name, value)
            bucket = self.bucket
            bucket.available = min(bucket.available, bucket.size)
            return {
                "latency": self.latency,
                "size": bucket.size,
                "restore": bucket.restore,
                "available": bucket.available,
            }

    def _with_effects(self, effects: list[Fault], work: Callable[[], Answer]) -> Answer:
        """A request during which Shopify itself fails."""
        if not effects:
            return work()
        with self._lock:
            before = self.mutations.job_seconds, self.mutations.statuses
            store_before = Before(self.store)
            try:
                for fault in effects:
                    self._effect(fault)
                answer = work()
                self.faults.give_back(store_before.unused(effects, json.loads(answer[2])))
                return answer
            finally:
                self.mutations.job_seconds, self.mutations.statuses = before
                self.mutations.fail_next_job = self.mutations.job_statuses = None
                self._denied, self._breaks = (), ()

    def _effect(self, fault: Fault) -> None:
        if fault.kind == "job_fails":
            self.mutations.fail_next_job = fault.message
        elif fault.kind == "job_hangs":
            self.mutations.job_seconds = fault.seconds
        elif fault.kind == "denied":
            self._denied += tuple(access_denied.read([fault.path], execution.schema()))
        elif fault.kind == "error_at":
            self._breaks += (ErrorAt(fault.path, fault.code, fault.message),)
        else:
            ending = copy(self.mutations.statuses) if fault.gateway else _Always(fault.transaction_status)
            if fault.gateway:
                ending[fault.gateway] = fault.transaction_status
            self.mutations.statuses = ending
            if fault.kind == "refund_status":
                self.mutations.job_statuses = ending

    def execute(
        self, request: dict[str, Any], request_id: str = "", version: str = api_versions.NEWEST
    ) -> dict[str, Any]:
        """Answer a GraphQL request (`query`, `variables`, `operationName`), one at a time."""
        read = Request(request, version)
        with self.mutations.keys.under_way(read.keys) as taken, self._lock:
            started = time.perf_counter()
            self.store.run_jobs()
            denied = self.denied.union(self._denied)
            context = Context(self.store, self.scopes, version, taken, denied, self._breaks)
            root = self.mutations.root if read.mutates else self.queries.root
            answer = execution.answer(read, context, self.bucket, root)
            name, text = str(request.get("operationName") or ""), str(request.get("query") or "")
            took, number = time.perf_counter() - started, len(self.received) + 1
            self.received.append(Received(name, text, read.variables, request_id, answer, number, took))
            return answer

    def _page(self, path: str) -> str:
        """The page behind the link of an order or a customer: its stored facts."""
        number = path.rsplit("/", 1)[1]
        if "/customers/" in path and (customer := self.store.customer(f"gid://shopify/Customer/{number}")):
            orders = [order.name for order in self.store.orders if order.customer is customer]
            facts = {"Email": customer.email, "Phone": customer.phone, "Orders": ", ".join(orders)}
            return _facts_page(customer.name or "Customer", facts)
        kept = self.store.order(f"gid://shopify/Order/{number}") if "/orders/" in path else None
        return _facts_page(f"Order {kept.name}", _order_facts(kept)) if kept else ""

    def _grant(self, body: bytes) -> tuple[int, dict[str, Any]]:
        given = {k: v[0] for k, v in parse_qs(body.decode()).items()}
        if self.client is None or (given.get("client_id"), given.get("client_secret")) != self.client:
            return 400, {"error": "shop_not_permitted"}
        token = f"shpat_{uuid.uuid4().hex}"
        self.tokens.add(token)
        return 200, {"access_token": token, "scope": ",".join(sorted(self.scopes)), "expires_in": 86399}

    def adapter(self) -> "SandboxAdapter":
        """The sandbox as a transport for a `requests.Session`, without a socket."""
        return SandboxAdapter(self)


class SandboxAdapter(requests.adapters.BaseAdapter):
    """A `requests` transport that asks a sandbox. `before` and `after` see each request, so they can cause faults."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self.sandbox = sandbox
        self.before: Callable[[requests.PreparedRequest], None] = lambda _request: None
        self.after: Callable[[requests.PreparedRequest], tuple[int, bytes] | None] = lambda _request: None

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """The sandbox's answer, unless `before` or `after` raise or answer."""
        self.before(request)
        headers = {k.lower(): v for k, v in request.headers.items()}
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        try:
            status, answered, content = self.sandbox.handle(request.method or "", request.url or "", headers, body)
        except Broken as broken:
            raise _as_requests_says(broken) from None
        status, content = self.after(request) or (status, content)
        response = requests.Response()
        response.status_code, response.url, response.request = status, request.url or "", request
        response.headers.update(answered)
        response.raw = io.BytesIO(content)
        return response

    def close(self) -> None:
        """Nothing to close."""


class _Always(dict[str, str]):
    """The same status for every gateway that is not in the dict."""

    def __init__(self, status: str) -> None:
        super().__init__()
        self._status = status

    def get(self, gateway: str, _default: str | None = None) -> str:  # type: ignore[override]
        """The status of a gateway."""
        return super().get(gateway, self._status)


def _order_facts(order: Order) -> dict[str, Any]:
    return {
        "Payment": order.financial_status(),
        "Fulfilment": order.fulfillment_status(),
        "Held by": "; ".join(_holds(order)) or "nobody",
        "Address": ", ".join(filter(None, _address(order))) or "none",
        "Invoices": "; ".join(f"{one.to}: {one.message or 'no message'}" for one in order.invoices) or "none",
        "Cancelled": order.cancelled or "no",
        "Received": f"{order.received} {order.currency}",
        "Refunded": f"{order.refunded} {order.currency}",
        "Refunds": "; ".join(f"{r.note or 'by cancellation'}" for r in order.refunds) or "none",
        "Tags": ", ".join(order.tags) or "none",
        "Note": order.note or "none",
    }


def _holds(order: Order) -> list[str]:
    """Who holds the order back, and why."""
    holds = [one for of in order.fulfillment_orders() for one in of.holds]
    return [f"{x.app.title if x.app else 'the merchant'}: {REASONS[x.reason]} {x.notes or ''}".strip() for x in holds]


def _address(order: Order) -> list[str | None]:
    place = order.address or {}
    return [place.get(name) for name in ("name", "company", "address1", "address2", "city", "provinceCode", "zip")]


def _facts_page(title: str, facts: dict[str, Any]) -> str:
    rows = "".join(f"<dt>{name}</dt><dd>{escape(str(value or 'none'))}</dd>" for name, value in facts.items())
    return f"<!doctype html><title>{escape(title)}</title><h1>{escape(title)}</h1><dl>{rows}</dl>"


def _about(path: str, body: bytes) -> Asked:
    """A request as faults see it."""
    if path == "/admin/oauth/access_token":
        return Asked("grant")
    try:
        request = json.loads(body)
    except ValueError:
        return Asked()
    if not isinstance(request, dict):
        return Asked()
    text = str(request.get("query", ""))
    name = str(request.get("operationName") or "")
    return Asked(
        name,
        MUTATION.search(text) is not None,
        API.fullmatch(path) is not None,
        partial(requested_fields.of, text, name),
    )


def _as_requests_says(broken: Broken) -> Exception:
    """What `requests` raises over a socket for the same fault."""
    if broken.kind == "refused":
        cause = urllib3.exceptions.NewConnectionError(None, "Connection refused")  # type: ignore[arg-type]
        return requests.ConnectionError(urllib3.exceptions.MaxRetryError(None, "/", cause))  # type: ignore[arg-type]
    if broken.kind == "no_answer":
        return requests.ReadTimeout("Read timed out.")
    if broken.kind == "cut":
        return requests.exceptions.ChunkedEncodingError("Connection broken: IncompleteRead")
    return requests.ConnectionError("('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))")


def _json(status: int, answer: dict[str, Any]) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(answer).encode()
