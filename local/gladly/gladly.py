"""One organization of Gladly: its customers with their timelines and tasks, and the way of a request through it.

Faults are those of the sandbox Shopify that act on a connection, for `items`, `tasks` or `*`. Apart from Gladly's API,
with its user and token:

    PUT    /_gladly/faults      {"faults": [{"kind": "http", "document": "items", "status": 503}]}; also GET, DELETE
    PUT    /_gladly/customers   {"id": "o2sg-TMTSD2rTwMuxzewbA"}: a new customer; or {"merge": "…", "into": "…"}
    GET    /_gladly/customers?id=…   what is on a customer's timeline, oldest first: items and tasks
    PUT    /_gladly/pace        {"latency": 0.2, "perSecond": 10}
    GET    /_gladly/received    the requests that would write: [{"what", "id", "status", "at"}]
"""

import base64
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from local.sandbox.faults import EFFECTS, IN_GRAPHQL, Answer, Asked, Fault, Faults, happen, read_faults
from local.sandbox.sandbox import SandboxAdapter

from .bodies import ID, wrong_item, wrong_task

INBOX = "NFpDZtfqhk2pI6fjaVDlFf"
#: Names of the requests, for faults.
ITEMS, TASKS = "items", "tasks"
_WRITE = re.compile(r"/api/v1/customers/(?P<customer>[^/]+)/(?P<what>conversation-items|tasks)\Z")
_ITEM = re.compile(r"/api/v1/conversation-items/(?P<item>[^/]+)\Z")


class Gladly:
    """An organization. `now`: its clock. `per_second`: the requests that it answers in a second, `latency`: the least
    that an answer takes, in seconds."""

    def __init__(
        self,
        *,
        user: str = "orderdesk@acme.example",
        token: str = "gladly-token-of-the-tests",
        customers: Iterable[str] = (),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._proof = f"Basic {base64.b64encode(f'{user}:{token}'.encode()).decode()}"
        self._now = now
        self.may_use_the_api = True
        self.timelines: dict[str, list[dict[str, Any]]] = {one: [] for one in customers}
        self.merged: dict[str, str] = {}
        self.inboxes = frozenset({INBOX})
        self.faults = Faults()
        self.received: list[dict[str, Any]] = []
        self.per_second, self.latency = 10, 0.0
        self._ids: set[str] = set()
        self._second, self._asked = 0, 0
        self._lock = threading.RLock()

    def adapter(self) -> SandboxAdapter:
        """Gladly as a transport for a `requests.Session`, without a socket."""
        return SandboxAdapter(self)  # type: ignore[arg-type]

    def handle(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer one HTTP request: status, headers, body. Raises Broken if a fault takes the answer away."""
        parts = urlsplit(url)
        if parts.path.startswith("/_gladly/"):
            return self._controlled(method, parts.path, parse_qs(parts.query), headers, body)
        found = _WRITE.match(parts.path)
        name = "" if not found else TASKS if found["what"] == "tasks" else ITEMS

        def work() -> Answer:
            return self._handle(method, parts.path, headers, body)

        fault, _ = self.faults.met(Asked(name, mutates=method == "POST"))
        return happen(fault, work) if fault else work()

    def written(self, customer: str) -> list[dict[str, Any]]:
        """What is on a customer's timeline, oldest first."""
        with self._lock:
            return list(self.timelines.get(self._current(customer), ()))

    def merge(self, gone: str, kept: str) -> None:
        """Merge a customer into another one: their id now leads there."""
        with self._lock:
            self.timelines[kept] += self.timelines.pop(gone)
            self.merged[gone] = kept

    def _current(self, customer: str) -> str:
        while customer in self.merged:
            customer = self.merged[customer]
        return customer

    def _handle(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        if self.latency:
            time.sleep(self.latency)
        with self._lock:
            left = self._left()
            limit = {"Ratelimit-Limit-Second": str(self.per_second), "Ratelimit-Remaining-Second": str(max(left, 0))}
            status, more, answer = self._answer(method, path, headers, body) if left >= 0 else _busy()
            self._note(method, path, body, status)
            content = b"" if answer is None else json.dumps(answer).encode()
            return status, {"Content-Type": "application/json"} | limit | more, content

    def _left(self) -> int:
        """How many more requests it answers in this second; below 0 if not even this one."""
        second = int(self._now().timestamp())
        self._second, self._asked = second, self._asked + 1 if second == self._second else 1
        return self.per_second - self._asked

    def _note(self, method: str, path: str, body: bytes, status: int) -> None:
        if method == "POST":
            given = _object(body) or {}
            at = self._now().isoformat()
            self.received.append({"what": path.rpartition("/")[2], "id": given.get("id"), "status": status, "at": at})

    def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:
        if not secrets.compare_digest(headers.get("authorization", "").encode(), self._proof.encode()):
            return _refused(401, "unauthorized")
        if not self.may_use_the_api:
            return _refused(403, "forbidden")
        if method == "POST" and (found := _WRITE.match(path)):
            return self._write(found["customer"], found["what"], _object(body))
        if method == "GET" and (found := _ITEM.match(path)):
            items = [one for timeline in self.timelines.values() for one in timeline if one["id"] == found["item"]]
            return (200, {}, items[0]) if items else _gone("conversation item")
        return _gone("path")

    def _write(self, customer: str, what: str, given: dict[str, Any] | None) -> tuple[int, dict[str, str], Any]:
        if customer in self.merged:
            return _moved(customer, self.merged[customer], what)
        if customer not in self.timelines:
            return _gone(f"customer profile [{customer}]")
        if given is None:
            return 400, {}, {"errors": [{"code": "invalid", "detail": "the body is not a JSON object"}]}
        now = self._now()
        task = what == "tasks"
        if wrong := wrong_task(given, now, self.inboxes) if task else wrong_item(given, now):
            return 400, {}, {"errors": wrong}
        key = given.get("id") or secrets.token_urlsafe(16)
        if key in self._ids:
            taken = f"{'task' if task else 'conversation item'} already exists"
            return 409, {}, {"errors": [{"attr": "newConversationItems", "code": "taken", "detail": taken}]}
        self._ids.add(key)
        content = {"type": "TASK", "status": "OPEN", **given} if task else given["content"]
        item = {
            "id": key,
            "customerId": customer,
            "timestamp": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "initiator": {"type": "API"},
            "content": content,
        }
        self.timelines[customer].append(item)
        return (201, {"Location": f"/api/v1/tasks/{key}"}, None) if task else (200, {}, item)

    def _controlled(
        self, method: str, path: str, query: dict[str, list[str]], headers: dict[str, str], body: bytes
    ) -> Answer:
        """Requests that are not part of Gladly."""
        if not secrets.compare_digest(headers.get("authorization", "").encode(), self._proof.encode()):
            return _json(401, {"errors": "the user and the token are needed"})
        try:
            return _json(200, self._set(method, path.removeprefix("/_gladly/"), query, body))
        except (ValueError, KeyError, TypeError) as wrong:
            return _json(400, {"errors": str(wrong)})

    def _set(self, method: str, what: str, query: dict[str, list[str]], body: bytes) -> dict[str, Any]:
        given = json.loads(body) if body else {}
        if what == "faults":
            self._set_faults(method, given)
            return {"faults": self.faults.listed()}
        if what == "customers" and method == "GET":
            return {"items": self.written(query["id"][-1])}
        if what == "customers" and method == "PUT":
            return self._set_customers(given)
        if what == "pace" and method == "PUT":
            self.latency = float(given.get("latency", self.latency))
            self.per_second = int(given.get("perSecond", self.per_second))
            return {"latency": self.latency, "perSecond": self.per_second}
        if what == "received" and method == "GET":
            return {"received": list(self.received)}
        raise ValueError(
            "Not Found: there is GET or PUT or DELETE faults, GET or PUT customers, PUT pace, GET received"
        )

    def _set_faults(self, method: str, given: Any) -> None:
        if method == "DELETE":
            self.faults.clear()
        elif method == "PUT":
            faults = read_faults(given)
            if strange := sorted({one.kind for one in faults if not _acts_here(one)}):
                raise ValueError(f"a fault of Gladly's acts on the connection, and not as {', '.join(strange)}")
            self.faults.put(*faults)

    def _set_customers(self, given: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            if "merge" in given:
                self.merge(given["merge"], given["into"])
                return {"id": given["into"]}
            if not (isinstance(given["id"], str) and ID.match(given["id"])):
                raise ValueError("id must be URL safe and under 50 characters")
            if given["id"] not in self.merged:
                self.timelines.setdefault(given["id"], [])
            return {"id": given["id"]}


def _acts_here(fault: Fault) -> bool:
    return fault.kind not in EFFECTS | IN_GRAPHQL | {"late", "internal", "version"}


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        given = json.loads(body)
    except ValueError:
        return None
    return given if isinstance(given, dict) else None


def _refused(status: int, code: str) -> tuple[int, dict[str, str], Any]:
    return status, {}, {"errors": [{"code": code, "detail": "the API user or its token is not accepted"}]}


def _busy() -> tuple[int, dict[str, str], Any]:
    return 429, {}, {"errors": [{"code": "rate_limit", "detail": "too many requests"}]}


def _gone(what: str) -> tuple[int, dict[str, str], Any]:
    return 404, {}, {"errors": [{"code": "not_exist", "detail": f"{what} does not exist"}]}


def _moved(gone: str, kept: str, what: str) -> tuple[int, dict[str, str], Any]:
    error = {"attr": "customerId", "code": "moved", "detail": "customer id has changed"}
    location = {"Location": f"/api/v1/customers/{kept}/{what}"}
    return 301, location, {"errors": [error | {"meta": {"old": gone, "new": kept}}]}


def _json(status: int, answer: dict[str, Any]) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(answer).encode()
