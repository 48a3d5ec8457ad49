"""The desk's own small API, for its page only: JSON in, JSON out, and the page's files."""

import json
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import requests

from . import access, events
from .activities import Activities
from .conversations import DEMO
from .exchanges import Exchange, now
from .helpdesk import HANGS_UP, Helpdesk, NotAllowedError
from .parameters import Parameters, SettingsError
from .sandbox import TROUBLES, Sandbox
from .stack import Stack

PAGE = Path(__file__).parent / "page"
#: Room for a form with a note of 5,000 characters, however JSON escapes them.
BODY_BYTES = 128 * 1024
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FILES = {f"/{file.relative_to(PAGE).as_posix()}": file for file in PAGE.rglob("*") if file.suffix in _KINDS}
_CONVERSATION = re.compile(r"[A-Za-z0-9-]{0,64}\Z")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Answer(NamedTuple):
    """Status, headers, body."""

    status: int
    headers: dict[str, str]
    body: bytes


class RefusedError(Exception):
    """The desk refuses. Has the status and a sentence for the user of the page."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


#: The demo's second person.
SECOND = {"id": "desk-2", "name": "Ben Ortiz"}


class Desk:
    """The desk in front of one stack.

    `token` is new at each start and part of the address that the terminal shows. Every request needs it, so neither
    another page in the browser nor another user of this machine can act through the desk.
    """

    def __init__(
        self, stack: Stack, agent: Mapping[str, str], *, parameters: Parameters | None = None, token: str = ""
    ) -> None:
        self.stack, self.token = stack, token or secrets.token_urlsafe(18)
        self._began = datetime.now(UTC)
        self.sandbox = Sandbox(stack) if stack.demo else None
        self.activities = Activities(stack) if stack.gladly else None
        self.receiver = events.Receiver() if stack.demo else None
        self.helpdesk = Helpdesk(stack, agent, self.sandbox)
        # In the demo there is a second person, who can approve what the first one asks for.
        self.agents = [dict(agent), *([SECOND] if stack.demo else [])]
        self.parameters = parameters or Parameters(stack)
        self._routes: dict[tuple[str, str], Callable[[dict[str, Any]], Any]] = {
            ("GET", "session"): self._session,
            ("POST", "lookup"): self._lookup,
            ("POST", "form"): self._form,
            ("POST", "submit"): self._submit,
            ("POST", "timeline"): self._timeline,
            ("POST", "activities"): self._activities,
            ("GET", "exchanges"): self._exchanges,
            ("GET", "curl"): self._curl,
            ("GET", "trouble"): self._trouble,
            ("PUT", "trouble"): self._make_trouble,
            ("GET", "stores"): self._stores,
            ("GET", "settings"): self._settings,
            ("PUT", "settings"): self._set,
            ("GET", "access"): self._access,
            ("GET", "events"): self._events,
            ("PUT", "receiver"): self._make_receiver,
        }

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes, hosts: frozenset[str]) -> Answer:
        """Answer one request. `headers` have lower-case names; `hosts` are the names of this server."""
        try:
            # A host name that was made to point here is recognised by the Host header, a form on another page by its
            # Origin.
            if headers.get("host", "") not in hosts:
                raise RefusedError(421, "This desk only answers at its own address.")
            parts = urlsplit(url)
            if self.receiver and (method, parts.path) == ("POST", events.PATH):
                # Its signature is what lets a delivery in.
                return Answer(self.receiver.take(headers, body), {}, b"")
            if not parts.path.startswith("/api/"):
                return _file(method, parts.path)
            self._let_in(headers, hosts)
            given = _given(method, parts.query, headers, body)
            route = self._routes.get((method, parts.path.removeprefix("/api/")))
            if route is None:
                raise RefusedError(404, "Not found.")
            return _json(200, route(given | {"agent": headers.get("x-desk-agent", "")}))
        except RefusedError as refused:
            return _json(refused.status, {"problem": str(refused)})
        except (NotAllowedError, SettingsError) as wrong:
            return _json(400, {"problem": str(wrong)})
        except requests.RequestException:
            return _json(502, {"problem": "The demo's Shopify or its helpdesk does not answer."})

    def _let_in(self, headers: Mapping[str, str], hosts: frozenset[str]) -> None:
        origin = headers.get("origin")
        if origin and origin not in {f"http://{host}" for host in hosts}:
            raise RefusedError(403, "Other pages may not use this desk.")
        if not secrets.compare_digest(headers.get("x-desk-token", "").encode(), self.token.encode()):
            raise RefusedError(401, "Open the desk with the address shown in the terminal.")

    def _session(self, _given: dict[str, Any]) -> dict[str, Any]:
        return {
            "store": self.stack.store,
            "base": self.stack.base,
            "demo": self.stack.demo,
            "agents": self.agents,
            "signed": bool(self.stack.key),
            "seconds": HANGS_UP,
            "conversations": [self._dated(one) for one in DEMO] if self.stack.demo else [],
            "activities": bool(self.activities),
            "troubles": [t._asdict() | {"faults": None} for t in TROUBLES] if self.sandbox else [],
        }

    def _dated(self, one: Mapping[str, Any]) -> dict[str, Any]:
        """A conversation with its time, which is the same at each load, so that it stays before what was done in it."""
        return {**one, "at": (self._began - timedelta(minutes=one["minutes"])).isoformat()}

    def _helpdesk(self, given: Mapping[str, Any]) -> Helpdesk:
        """The helpdesk with the agent who sends the request; the first one if the page does not say who."""
        chosen = next((agent for agent in self.agents if agent["id"] == given["agent"]), None)
        return self.helpdesk.of(chosen) if chosen else self.helpdesk

    def _lookup(self, given: dict[str, Any]) -> dict[str, Any]:
        level = _text(given, "level", 10)
        if level not in ("BASIC", "DETAILED"):
            raise RefusedError(400, "lookupLevel must be BASIC or DETAILED.")
        conversation = _conversation(given)
        if self.activities:
            self.activities.know(conversation)
        return _reply(self._helpdesk(given).lookup(level, _object(given, "query"), conversation))

    def _form(self, given: dict[str, Any]) -> dict[str, Any]:
        return _reply(self._helpdesk(given).form(_text(given, "url", 2048), _conversation(given)))

    def _submit(self, given: dict[str, Any]) -> dict[str, Any]:
        values = _object(given, "values")
        return _reply(self._helpdesk(given).submit(_text(given, "url", 2048), values, _conversation(given)))

    def _timeline(self, given: dict[str, Any]) -> dict[str, Any]:
        by = _text(given, "by", 20)
        if by not in ("customer", "order", "conversation"):
            raise RefusedError(400, "Give a customer, an order or a conversation.")
        value, cursor = _text(given, "value", 120), _text(given, "cursor", 2048)
        return _reply(self._helpdesk(given).timeline(by, value, cursor, _conversation(given)))

    def _activities(self, given: dict[str, Any]) -> dict[str, Any]:
        """What the helpdesk's own timeline has; nothing if the helpdesk is none of the demo's."""
        customer = _conversation(given)
        return {"items": self.activities.of(customer) if self.activities and customer else []}

    def _exchanges(self, given: dict[str, Any]) -> dict[str, Any]:
        record = self.helpdesk.record
        if self.sandbox:
            self.sandbox.unasked(record)
        return {"exchanges": [e.shown() for e in record.since(_number(given, "after"))]}

    def _curl(self, given: dict[str, Any]) -> dict[str, str]:
        exchange = self.helpdesk.record.get(_number(given, "number"))
        if not exchange or not exchange.url:
            raise RefusedError(404, "This request has been deleted.")
        return {"line": self._helpdesk({"agent": exchange.agent}).curl(exchange)}

    def _trouble(self, _given: dict[str, Any]) -> dict[str, str]:
        return {"name": self._sandbox().trouble()}

    def _make_trouble(self, given: dict[str, Any]) -> dict[str, str]:
        name = _text(given, "name", 20)
        if name not in {t.name for t in TROUBLES}:
            raise RefusedError(400, "Unknown trouble.")
        return {"name": self._sandbox().put(name)}

    def _sandbox(self) -> Sandbox:
        if not self.sandbox:
            raise RefusedError(404, "You can only break the demo's Shopify.")
        return self.sandbox

    def _stores(self, _given: dict[str, Any]) -> dict[str, Any]:
        return {"stores": self.parameters.stores()}

    def _settings(self, given: dict[str, Any]) -> dict[str, Any]:
        return self.parameters.shown(_text(given, "store", 63))

    def _set(self, given: dict[str, Any]) -> dict[str, Any]:
        store = _text(given, "store", 63)
        self.parameters.write(store, _text(given, "name", 200), _text(given, "value", 5000))
        return self.parameters.shown(store)

    def listen(self, address: str) -> None:
        """Let the demo's stack send its events to this desk's server, such as `http://127.0.0.1:4020`. Raises
        SettingsError."""
        if self.receiver:
            self.parameters.connect(self.stack.store, f"{address}{events.PATH}", self.receiver.secret)

    def _events(self, _given: dict[str, Any]) -> dict[str, Any]:
        return self._receiver().shown()

    def _make_receiver(self, given: dict[str, Any]) -> dict[str, Any]:
        receiver, name = self._receiver(), _text(given, "mood", 20)
        if name not in {mood.name for mood in events.MOODS}:
            raise RefusedError(400, "The receiver can't do that.")
        receiver.behave(name)
        return receiver.shown()

    def _receiver(self) -> events.Receiver:
        if not self.receiver:
            raise RefusedError(404, "Only the demo's desk receives events.")
        return self.receiver

    def _access(self, given: dict[str, Any]) -> dict[str, Any]:
        known = self.parameters.settings(_text(given, "store", 63))
        exchange = Exchange("scopes", "", "", {}, "", at=now())
        with self.sandbox.watching(exchange) if self.sandbox else nullcontext():
            answer = access.asked(known)
        if exchange.shopify:
            self.helpdesk.record.add(exchange)
        return answer


def _reply(exchange: Exchange) -> dict[str, Any]:
    return {
        "status": exchange.status,
        "body": exchange.reply,
        "problem": exchange.problem,
        "number": exchange.number,
        "milliseconds": exchange.milliseconds,
    }


def _given(method: str, query: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """What a request contains: the query of a GET, otherwise the JSON object. Raises RefusedError."""
    if method == "GET":
        return {name: values[-1] for name, values in parse_qs(query).items()}
    if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise RefusedError(415, "The request must be JSON.")
    if len(body) > BODY_BYTES:
        raise RefusedError(413, "The request is too large.")
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise RefusedError(400, "The request must be a JSON object.")
    return given


def _text(given: Mapping[str, Any], name: str, characters: int) -> str:
    value = given.get(name, "")
    if not isinstance(value, str) or len(value) > characters:
        raise RefusedError(400, f"“{name}” is not valid.")
    return value


def _number(given: Mapping[str, Any], name: str) -> int:
    text = _text(given, name, 9) or "0"
    if not (text.isascii() and text.isdigit()):
        raise RefusedError(400, f"“{name}” must be a number.")
    return int(text)


def _object(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = given.get(name)
    if not isinstance(value, dict):
        raise RefusedError(400, f"“{name}” must be an object.")
    return value


def _conversation(given: Mapping[str, Any]) -> str:
    value = _text(given, "conversation", 64)
    if not _CONVERSATION.match(value):
        raise RefusedError(400, "A conversation ID may have letters, digits and hyphens.")
    return value


def _file(method: str, path: str) -> Answer:
    """A file of the page. Raises RefusedError."""
    if method not in ("GET", "HEAD"):
        raise RefusedError(405, "The page is read-only.")
    # The name is looked up in a list of files and never becomes a path.
    wanted = _FILES.get("/index.html" if path == "/" else path)
    if not wanted:
        raise RefusedError(404, "Not found.")
    return Answer(200, {"Content-Type": _KINDS[wanted.suffix]} | _HEADERS, wanted.read_bytes())


def _json(status: int, answer: Any) -> Answer:
    body = json.dumps(answer, ensure_ascii=False).encode()
    return Answer(status, {"Content-Type": "application/json"} | _HEADERS, body)
