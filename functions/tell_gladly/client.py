"""One write through Gladly's REST API, to a customer's timeline or tasks: done, or one of three errors.

Facts of Gladly's published OpenAPI file: an id that the client chooses is taken once (409, code `taken`); a customer
who was merged has another id (301, code `moved`, `meta.new`); ten requests a second for an organization (429).
"""

import json
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from aws_lambda_powertools import Logger
from requests.auth import HTTPBasicAuth
from requests.exceptions import RequestException

from orderdesk import sessions
from orderdesk.deadline import Deadline
from orderdesk.gladly import Account

logger = Logger(service="orderdesk", child=True)

#: What is written, as the last part of the address.
ITEMS, TASKS = "conversation-items", "tasks"

#: For a call with its answer, and for the connection alone.
_SECONDS, _CONNECT_SECONDS = 5.0, 2.0
#: Between two calls for one organization in this process. Two processes then take 8 of the 10 requests a second that
#: all programs of the organization have together.
_BETWEEN = 0.25
_ANSWER_BYTES = 256 * 1024
#: How often a customer may have been merged.
_HOPS = 3

_ID = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,99}\Z")
_SECONDS_ASKED = re.compile(r"[0-9]{1,6}\Z")
_TAKEN = "taken"


class NotTaken(Exception):
    """Gladly has not taken it now, or it is not known whether it has; the same request may be sent again.

    `why`: a status or the name of a failure. `asked`: the seconds for which Gladly wants to be left alone; 0 if it does
    not say. `of_one`: only this request is concerned, and Gladly answers others. `busy`: the requests of this second
    are used up.
    """

    def __init__(self, why: str, *, asked: int = 0, of_one: bool = False, busy: bool = False) -> None:
        super().__init__(why)
        self.why, self.asked, self.of_one, self.busy = why, asked, of_one, busy


class RefusedByGladly(NotTaken):
    """Gladly does not take it from this user, or not with these values, until an admin has been at it."""


class CustomerGone(Exception):
    """Gladly has no customer with this id, and none that took their place."""


class Answer(NamedTuple):
    """Gladly's answer. `said`: the JSON object in it; empty if there is none that can be read."""

    status: int
    headers: Mapping[str, str]
    said: dict[str, Any]

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The errors in it; a single one may come without a list."""
        errors = self.said.get("errors")
        listed = [errors] if isinstance(errors, dict) else errors if isinstance(errors, list) else []
        return [one for one in listed if isinstance(one, dict)]

    def has(self, code: str) -> bool:
        """Whether one of the errors has this code."""
        return any(error.get("code") == code for error in self.errors)


@cache
def session() -> requests.Session:
    """The one session of this process."""
    return sessions.plain()


def write(account: Account, what: str, customer: str, body: Mapping[str, Any]) -> str:
    """Add an item or a task to a customer, once: its id is in `body`. Returns `written`, or `there` if it was there.

    A customer who was merged is followed to the new id, on the same host. Raises NotTaken, RefusedByGladly or
    CustomerGone.
    """
    for _ in range(_HOPS + 1):
        if not _ID.match(customer):
            raise CustomerGone
        answer = _posted(account, f"/api/v1/customers/{customer}/{what}", body)
        logger.info("Gladly answered", what=what, status=answer.status)
        if 200 <= answer.status < 300:
            return _written(what, answer, body)
        if answer.status == 409 and answer.has(_TAKEN):
            return "there"
        if answer.status not in (301, 308):
            raise _error(answer)
        customer = _moved_to(answer)
    raise CustomerGone


def _written(what: str, answer: Answer, body: Mapping[str, Any]) -> str:
    """`written`, by the words of Gladly's own answer. Raises NotTaken for any other success: it may be the page of
    something in between. If Gladly has written after all, the next try is told so."""
    if answer.status == 201 if what == TASKS else answer.said.get("id") == body["id"]:
        return "written"
    raise NotTaken(f"{answer.status} without Gladly's answer")


def _error(answer: Answer) -> Exception:
    """What any other answer means."""
    asked = _asked(answer.headers)
    if answer.status == 404:
        return CustomerGone()
    # What comes between us and Gladly may answer 408, 409 or 425; a redirect to elsewhere is none of Gladly's.
    if answer.status == 429 or answer.status >= 500 or answer.status < 400:
        return NotTaken(str(answer.status), asked=asked, busy=answer.status == 429)
    if answer.status in (408, 409, 425):
        return NotTaken(str(answer.status), asked=asked, of_one=True)
    # 400: these values, such as an inbox that is not there. 401, 403: the user.
    return RefusedByGladly(str(answer.status), of_one=answer.status not in (401, 403))


def _asked(headers: Mapping[str, str]) -> int:
    said = headers.get("Retry-After", "").strip()
    return int(said) if _SECONDS_ASKED.match(said) else 0


def _moved_to(answer: Answer) -> str:
    """The new id of a customer who was merged; "" if the answer does not say it. Only the id is taken from it."""
    for error in answer.errors:
        meta = error.get("meta")
        if isinstance(meta, dict) and isinstance(meta.get("new"), str):
            return str(meta["new"])
    with suppress(ValueError):
        parts = urlsplit(answer.headers.get("Location", "")).path.split("/")
        for name in ("customers", "customer-profiles"):
            if name in parts[:-1]:
                return parts[parts.index(name) + 1]
    return ""


def _posted(account: Account, path: str, body: Mapping[str, Any]) -> Answer:
    """One POST. Raises NotTaken if no complete answer came in time: it may have been written, and its id tells."""
    _wait_turn(account.url)
    deadline = Deadline(_SECONDS)
    try:
        response = session().post(
            account.url + path,
            json=dict(body),
            auth=HTTPBasicAuth(account.user, account.token),
            headers={"Accept": "application/json", "User-Agent": "Orderdesk"},
            timeout=(_CONNECT_SECONDS, _SECONDS),
            allow_redirects=False,
            stream=True,
        )
        # What is longer than any answer of Gladly's is cut off: the status says enough.
        content = sessions.body(response, deadline, _ANSWER_BYTES, cut=True)
    except (RequestException, ValueError) as failure:
        # ValueError: a redirect to an invalid address, which `requests` parses even though it does not follow it.
        raise NotTaken(type(failure).__name__) from None
    return Answer(response.status_code, response.headers, _object(content))


def _object(content: bytes) -> dict[str, Any]:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


_turns: dict[str, float] = {}
_lock = Lock()


def _wait_turn(url: str) -> None:
    """Wait until this process may ask the organization again."""
    with _lock:
        at = max(time.monotonic(), _turns.get(url, 0.0))
        _turns[url] = at + _BETWEEN
    if (wait := at - time.monotonic()) > 0:
        time.sleep(wait)
