"""A request's way through the sandbox: token, validation, cost, bucket, execution, answer."""

import io
import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
import urllib3
from graphql import (
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    default_field_resolver,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from .bucket import Bucket
from .cost import meter
from .faults import EFFECTS, Answer, Broken, Fault, Faults, happen, read_faults
from .mutations import Mutations, job_result
from .seed import believable, paid_orders
from .store import Store

SCHEMA = Path(__file__).with_name("admin-2026-10.graphql")
VERSION = "2026-10"
UNAUTHORIZED = {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}


@dataclass
class Received:
    """One request, as it was carried out."""

    name: str
    document: str
    variables: dict[str, Any]
    request_id: str
    answer: dict[str, Any] = field(repr=False)
    number: int = 0
    seconds: float = 0.0

    def shown(self) -> dict[str, Any]:
        """As JSON, for whoever watches."""
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


@cache
def schema() -> GraphQLSchema:
    """The pruned schema, built once."""
    return build_schema(SCHEMA.read_text("utf-8"), assume_valid=True)


class Sandbox:
    """A Shopify store and its API. `token` and `client` (id, secret) are what it lets in."""

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
    ) -> None:
        self.store = Store(now, domain)
        self.statuses: dict[str, str] = {}
        self.mutations = Mutations(self.store, job_seconds, self.statuses)
        self.tokens, self.client, self.latency = {token}, client, latency
        self.received: list[Received] = []
        self.bucket = Bucket()
        self.faults = Faults()
        self._late: list[tuple[datetime, Callable[[], Answer]]] = []
        self._lock = threading.RLock()
        if seed:
            believable(self.store)

    def handle(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """One HTTP request: status, headers, body. Raises Broken where a fault takes the answer away."""
        path = urlsplit(url).path
        if path.startswith("/_sandbox/"):
            return self._controlled(method, url, headers, body)
        self._do_what_was_late()
        name, mutates = _about(path, body)
        fault = self.faults.met(name, mutates)
        if fault is None:
            return self._handle(method, path, headers, body)
        if fault.kind in EFFECTS:
            return self._with_effect(fault, lambda: self._handle(method, path, headers, body))
        if fault.kind == "late":
            due = self.store.now() + timedelta(seconds=fault.seconds)
            self._late.append((due, lambda: self._handle(method, path, headers, body)))
            raise Broken("reset_before")
        return happen(fault, lambda: self._handle(method, path, headers, body))

    def _do_what_was_late(self) -> None:
        """The work of requests whose answers nobody waits for any more."""
        with self._lock:
            due = [one for one in self._late if one[0] <= self.store.now()]
            self._late = [one for one in self._late if one not in due]
            for _, work in due:
                work()

    def _handle(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        request_id = str(uuid.uuid4())
        answered = {"Content-Type": "application/json", "X-Request-Id": request_id, "X-Shopify-API-Version": VERSION}
        if self.latency:
            time.sleep(self.latency)
        if path == "/admin/oauth/access_token":
            status, answer = self._grant(body)
        elif method == "GET" and (order := self._page(path)):
            return 200, answered | {"Content-Type": "text/html; charset=utf-8"}, order.encode()
        elif not (method == "POST" and path.startswith("/admin/api/") and path.endswith("/graphql.json")):
            status, answer = 404, {"errors": "Not Found"}
        elif headers.get("x-shopify-access-token") not in self.tokens:
            status, answer = 401, UNAUTHORIZED
        else:
            status, answer = 200, self.execute(json.loads(body), request_id)
        return status, answered, json.dumps(answer).encode()

    def _controlled(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """What is no part of Shopify: the faults that are on, the requests that came, more orders."""
        if headers.get("x-shopify-access-token") not in self.tokens:
            return _json(401, UNAUTHORIZED)
        parts = urlsplit(url)
        if parts.path == "/_sandbox/received" and method == "GET":
            after = int(parse_qs(parts.query).get("after", ["0"])[0])
            return _json(200, {"received": [r.shown() for r in self.received if r.number > after]})
        if parts.path == "/_sandbox/orders" and method == "POST":
            return _json(200, {"orders": [o.id for o in paid_orders(self.store, int(json.loads(body)["count"]))]})
        if parts.path == "/_sandbox/faults" and method in ("GET", "PUT", "DELETE"):
            if method != "GET":
                try:
                    self.faults.put(*(read_faults(json.loads(body)) if method == "PUT" else ()))
                except (ValueError, TypeError, KeyError) as wrong:
                    return _json(400, {"errors": str(wrong)})
            return _json(200, {"faults": self.faults.listed()})
        return _json(404, {"errors": "Not Found"})

    def _with_effect(self, fault: Fault, work: Callable[[], Answer]) -> Answer:
        """A request during which Shopify's own machinery goes wrong."""
        with self._lock:
            before = self.mutations.job_seconds, self.mutations.statuses
            if fault.kind == "job_fails":
                self.mutations.fail_next_job = fault.message
            elif fault.kind == "job_hangs":
                self.mutations.job_seconds = fault.seconds
            else:
                status = "PENDING" if fault.kind == "refund_pending" else "FAILURE"
                self.mutations.statuses = _Always(status)
            try:
                return work()
            finally:
                self.mutations.job_seconds, self.mutations.statuses = before
                self.mutations.fail_next_job = None

    def execute(self, request: dict[str, Any], request_id: str = "") -> dict[str, Any]:
        """A GraphQL request (`query`, `variables`, `operationName`) and its answer, one at a time."""
        with self._lock:
            started = time.perf_counter()
            answer = self._execute(request)
            name, variables = str(request.get("operationName") or ""), request.get("variables") or {}
            took = time.perf_counter() - started
            number = len(self.received) + 1
            self.received.append(Received(name, request["query"], variables, request_id, answer, number, took))
            return answer

    def _execute(self, request: dict[str, Any]) -> dict[str, Any]:
        self.store.run_jobs()
        try:
            document = parse(request["query"])
        except GraphQLError as failure:
            return {"errors": [failure.formatted]}
        if errors := validate(schema(), document):
            return {"errors": [e.formatted for e in errors]}
        operation = get_operation_ast(document, request.get("operationName"))
        if operation is None:
            return {"errors": [{"message": "No operation was provided"}]}
        price = meter(schema(), document, request.get("variables"))
        requested = price.operation(operation)
        if refusal := self.bucket.refusal(requested, self.store.now()):
            return refusal
        mutates = operation.operation.value == "mutation"
        result = execute_sync(
            schema(),
            document,
            root_value=self.mutations.root() if mutates else self._query(),
            variable_values=request.get("variables"),
            operation_name=request.get("operationName"),
            field_resolver=_simulated,
        )
        answer: dict[str, Any] = {"data": result.data} if result.data is not None else {}
        if result.errors:
            answer["errors"] = [e.formatted for e in result.errors]
        actual = price.operation(operation, result.data) if result.data is not None else requested
        answer["extensions"] = {"cost": self.bucket.charged(requested, actual)}
        return answer

    def _query(self) -> dict[str, Callable[..., Any]]:
        s = self.store
        return {
            "order": lambda _i, id: s.order_node(s.order(id)),
            "customer": lambda _i, id: s.customer_node(s.by_identifier({"id": id})),
            "customerByIdentifier": lambda _i, identifier: s.customer_node(s.by_identifier(identifier)),
            "customers": lambda _i, query, first, **_: {
                "nodes": [s.customer_node(c) for c in s.find_customers(query)[:first]]
            },
            "orders": lambda _i, query, first, **_: {"nodes": [s.order_node(o) for o in s.find_orders(query)[:first]]},
            "collections": lambda _i, first, **_: {
                "nodes": [{"id": i, "title": t} for i, t in list(s.collections.items())[:first]],
                "pageInfo": {"hasNextPage": len(s.collections) > first},
            },
            "shop": lambda _i: {"currencyCode": s.currency},
            "codeDiscountNodeByCode": lambda _i, code: s.codes.get(code.casefold()),
            "node": lambda _i, id: next((job_result(j) for j in s.jobs if j.result == id), None),
        }

    def _page(self, path: str) -> str:
        """What a person sees behind an order's link: its facts, as the store keeps them."""
        kept = self.store.order(f"gid://shopify/Order/{path.rsplit('/', 1)[1]}") if "/orders/" in path else None
        if kept is None:
            return ""
        facts = {
            "Payment": kept.financial_status(),
            "Fulfilment": kept.fulfillment_status(),
            "Cancelled": kept.cancelled or "no",
            "Received": f"{kept.received} {kept.currency}",
            "Refunded": f"{kept.refunded} {kept.currency}",
            "Refunds": "; ".join(f"{r.note or 'by cancellation'}" for r in kept.refunds) or "none",
            "Tags": ", ".join(kept.tags) or "none",
            "Note": kept.note or "none",
        }
        rows = "".join(f"<dt>{name}</dt><dd>{escape(str(value))}</dd>" for name, value in facts.items())
        return f"<!doctype html><title>Order {kept.name}</title><h1>Order {kept.name}</h1><dl>{rows}</dl>"

    def _grant(self, body: bytes) -> tuple[int, dict[str, Any]]:
        given = {k: v[0] for k, v in parse_qs(body.decode()).items()}
        if self.client is None or (given.get("client_id"), given.get("client_secret")) != self.client:
            return 400, {"error": "shop_not_permitted"}
        token = f"shpat_{uuid.uuid4().hex}"
        self.tokens.add(token)
        return 200, {"access_token": token, "scope": "write_orders,read_customers", "expires_in": 86399}

    def adapter(self) -> "SandboxAdapter":
        """The sandbox as a wire for a `requests.Session`, without a socket."""
        return SandboxAdapter(self)


class SandboxAdapter(requests.adapters.BaseAdapter):
    """A `requests` transport that asks a sandbox. `before` and `after` see each request: the place for faults."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self.sandbox = sandbox
        self.before: Callable[[requests.PreparedRequest], None] = lambda _request: None
        self.after: Callable[[requests.PreparedRequest], tuple[int, bytes] | None] = lambda _request: None

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """The sandbox's answer, unless `before` or `after` raise or answer themselves."""
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
        """Nothing is held open."""


class _Always(dict[str, str]):
    """The one status for any gateway."""

    def __init__(self, status: str) -> None:
        super().__init__()
        self._status = status

    def get(self, _gateway: str, _default: str | None = None) -> str:  # type: ignore[override]
        """The status."""
        return self._status


def _about(path: str, body: bytes) -> tuple[str, bool]:
    """The name that faults know a request by, and whether it changes anything."""
    if path == "/admin/oauth/access_token":
        return "grant", False
    try:
        request = json.loads(body)
    except ValueError:
        return "", False
    return str(request.get("operationName") or ""), "mutation" in str(request.get("query", "")).split("{", 1)[0]


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


def _simulated(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    """A field's value; one that the sandbox does not know is an error, never a silent null."""
    if isinstance(source, dict) and info.field_name not in source:
        raise GraphQLError(f"The sandbox does not simulate {info.parent_type.name}.{info.field_name}")
    return default_field_resolver(source, info, **arguments)
