"""What a helpdesk does: calls the store's API, signs requests as Gladly does, and gives up after 15 seconds."""

import copy
import json
import re
import shlex
import time
import uuid
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import requests

from orderdesk import sessions
from orderdesk.signature import Request, sign

from .exchanges import Exchange, Record, now
from .sandbox import Sandbox
from .stack import Stack

#: The helpdesk's time limit for an answer, in seconds.
HANGS_UP = 15.0
_REPLY_BYTES = 4 * 1024 * 1024
_ACTION = re.compile(r"(?:/[\w.~-]+)*(?P<ours>/actions/[a-z]+(?:-[a-z]+)*(?:\?[\w.~%&=+:,@-]*)?)\Z", re.ASCII)
_UNSAFE = re.compile(r"(\A|/)\.{1,2}(/|\Z)")
_SIGNATURE = re.compile(r"(Signature=).*")

Headers = dict[str, str]


class NotAllowedError(Exception):
    """The address is not one of the store's forms; the text says so."""


class Helpdesk:
    """A helpdesk in front of one store, with an agent."""

    def __init__(self, stack: Stack, agent: Mapping[str, str], sandbox: Sandbox | None = None) -> None:
        self.stack, self.agent, self.record, self.sandbox = stack, dict(agent), Record(), sandbox
        self.http = sessions.plain()

    def of(self, agent: Mapping[str, str]) -> "Helpdesk":
        """The same helpdesk, with another agent at it."""
        other = copy.copy(self)
        other.agent = dict(agent)
        return other

    def lookup(self, level: str, query: Mapping[str, Any], conversation: str = "") -> Exchange:
        """A lookup, `BASIC` or `DETAILED`."""
        body = {"lookupLevel": level, "uniqueMatchRequired": level == "DETAILED", "query": query}
        return self._ask("lookup", "POST", "", body, conversation)

    def form(self, url: str, conversation: str) -> Exchange:
        """The form at a `formUrl`. Raises NotAllowedError."""
        return self._ask("form", "GET", action_path(url), None, conversation)

    def submit(self, url: str, values: Mapping[str, Any], conversation: str) -> Exchange:
        """Submit a form's values to its `actionUrl`. Raises NotAllowedError."""
        return self._ask("submit", "POST", action_path(url), values, conversation)

    def timeline(self, by: str, value: str, cursor: str, conversation: str) -> Exchange:
        """A page of the timeline by `customer`, `order` or `conversation`."""
        query = urlencode({by: value, "limit": "50"} | ({"cursor": cursor} if cursor else {}), quote_via=quote)
        return self._ask("timeline", "GET", f"/timeline?{query}", None, conversation)

    def curl(self, exchange: Exchange) -> str:
        """A curl command that repeats the request: signed now, so valid for five minutes, or with `$BEARER_TOKEN`
        instead of the token."""
        body = exchange.body.encode()
        headers = self._headers(exchange.method, exchange.url, body, exchange.conversation)
        if "Authorization" in headers:
            headers["Authorization"] = "Bearer $BEARER_TOKEN"
        words = ["curl -sS", *([] if exchange.method == "GET" else [f"-X {exchange.method}"])]
        words += [f"-H {_quoted(f'{name}: {value}')}" for name, value in headers.items()]
        words += [f"--data-binary {shlex.quote(exchange.body)}"] if body else []
        return " ".join([*words, shlex.quote(exchange.url)])

    def _ask(self, kind: str, method: str, url: str, body: Any, conversation: str) -> Exchange:
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        whole = self.stack.base + url
        headers = self._headers(method, whole, content, conversation)
        exchange = Exchange(kind, method, whole, _masked(headers), content.decode(), conversation, self.agent["id"])
        exchange.at = now()
        began = time.monotonic()
        # A timeline does not ask Shopify, and is read while other requests are under way.
        watched = self.sandbox.watching(exchange) if self.sandbox and kind != "timeline" else nullcontext()
        with watched:
            self._send(exchange, headers, content)
        exchange.milliseconds = round((time.monotonic() - began) * 1000)
        return self.record.add(exchange)

    def _send(self, exchange: Exchange, headers: Headers, content: bytes) -> None:
        try:
            answer = self.http.request(
                exchange.method, exchange.url, data=content or None, headers=headers,
                timeout=(5, HANGS_UP), allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as failure:
            exchange.problem = _problem(exchange, failure)
            return
        exchange.status = answer.status_code
        try:
            exchange.reply = answer.json()
        except ValueError:
            exchange.reply = answer.text[:_REPLY_BYTES]
        if answer.status_code == 401:
            exchange.problem = (
                "Orderdesk refuses this desk's key or token, or has no parameters for the store "
                f"“{self.stack.store}” (docs/install.md, step 4)."
            )
        elif answer.status_code == 403 or (answer.status_code == 404 and "errors" not in _object(exchange.reply)):
            exchange.problem = (
                f"There is no Orderdesk at {self.stack.base}, or this machine may not call it (HTTP {exchange.status})."
            )

    def _headers(self, method: str, url: str, content: bytes, conversation: str) -> Headers:
        parts = urlsplit(url)
        given = {
            "Content-Type": "application/json",
            "X-Agent-Id": self.agent["id"],
            "X-Agent-Name": self.agent["name"],
            "X-Conversation-Id": conversation,
        }
        headers = {name: value for name, value in given.items() if value}
        if not self.stack.key:
            return headers | {"Authorization": f"Bearer {self.stack.token}"}
        headers |= {
            "Gladly-Correlation-Id": uuid.uuid4().hex,
            "Gladly-Time": f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}",
        }
        signed = {name.lower(): value for name, value in headers.items()}
        pairs = tuple(parse_qsl(parts.query, keep_blank_values=True))
        request = Request(method, (parts.path,), pairs, signed, content)
        return headers | {"Gladly-Authorization": sign(request, self.stack.key, signed)}


def action_path(url: str) -> str:
    """The part of a `formUrl` or `actionUrl` below the store's base address. What an admin has set as a prefix is for
    the helpdesk's own routing. Raises NotAllowedError unless it is an action of the store."""
    match = _ACTION.match(url) if len(url) <= 2048 else None
    if not match or _UNSAFE.search(url.partition("?")[0]):
        raise NotAllowedError("The desk only calls actions from the store's replies.")
    return match["ours"]


def _masked(headers: Headers) -> Headers:
    """Headers that may be shown: without token and without the whole signature."""
    shown = dict(headers)
    if "Authorization" in shown:
        shown["Authorization"] = "Bearer ••••"
    if "Gladly-Authorization" in shown:
        shown["Gladly-Authorization"] = _SIGNATURE.sub(r"\1••••", shown["Gladly-Authorization"])
    return shown


def _quoted(header: str) -> str:
    """A header for the shell. Only `$BEARER_TOKEN` is expanded."""
    return f'"{header}"' if header.endswith("$BEARER_TOKEN") else shlex.quote(header)


def _problem(exchange: Exchange, failure: requests.RequestException) -> str:
    host = urlsplit(exchange.url).netloc
    if isinstance(failure, requests.ReadTimeout):
        ending = " It may have worked; the timeline will show it." if exchange.kind == "submit" else ""
        return f"No answer within {HANGS_UP:.0f} seconds, so the helpdesk gave up.{ending}"
    if isinstance(failure, requests.exceptions.SSLError):
        return f"{host} does not have a certificate that this computer trusts."
    if isinstance(failure, requests.ConnectTimeout):
        return f"{host} cannot be reached: connection refused."
    if exchange.kind == "submit":
        return f"The connection to {host} was lost. It may have worked; the timeline will show it."
    return f"{host} cannot be reached. Check the address, and that the stack is deployed."


def _object(reply: Any) -> dict[str, Any]:
    return reply if isinstance(reply, dict) else {}
