"""Faults between an app and Shopify, switched on and off while the sandbox runs.

    sandbox.faults.put(Fault("reset_after", "RefundOrder", times=1))     # done, but the answer is lost
    sandbox.faults.put(Fault("http", "*", status=503))                   # until `clear()`
    sandbox.faults.put(Fault("refund_status", transaction_status="UNKNOWN"))
    sandbox.faults.put(Fault("error_at", "RefundOrder", path="refundCreate.refund"))

Over HTTP, with the header `X-Shopify-Access-Token`:

    curl -X PUT $SHOPIFY/_sandbox/faults -d '{"faults": [{"kind": "slow", "seconds": 3, "document": "*", "times": 1}]}'

A single fault or a list of faults works as well. `KINDS` has the kinds, `Fault` the other fields. An unknown kind or
an invalid value gets a 400, and nothing changes. Several faults may be on. Of those that act on the connection (all but
`EFFECTS`), the first that applies to a request is used; of the effects, one of each kind and place, if the request
reaches Shopify. `times` counts only requests that the fault affected: a refund's fault waits for a refund that Shopify
carries out, an error for an answer that has its place. `skip` counts requests that ask for what the fault is about.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, NamedTuple

from .written import names, written

Answer = tuple[int, dict[str, str], bytes]

#: Kind → what happens. Those in `EFFECTS` act on what Shopify does, the others on the connection.
KINDS = {
    "refused": "the connection is refused; nothing is done",
    "reset_before": "the connection is reset before the work; nothing is done",
    "reset_after": "the work is done, then the connection is reset: the answer is lost",
    "no_answer": "no answer for `seconds`; the work is done if `done`",
    "late": "the connection is reset, and the work is done `seconds` later",
    "slow": "the answer comes after `seconds`",
    "cut": "the work is done, and the answer is cut in half",
    "http": "an answer with `status` (HTML from 500 on) and `headers`; the work is done if `done`",
    "throttled": "THROTTLED at the top level; nothing is done",
    "errors": "the work is done; the answer has its data and a top-level error of `code`",
    "internal": "a top-level error of `code` (INTERNAL_SERVER_ERROR) without data; the work is done if `done`",
    "null": "the work is done (not under ACCESS_DENIED), and the payload is null with a top-level error of `code`",
    "version": "the work is done by an older version of the API, `served`",
    "error_at": "the work is done; at `path` of the answer (`order.customer`, `orders.nodes.1`) is null, and an error"
    " of `code` says so. ACCESS_DENIED at the root of a mutation: nothing is done",
    "denied": "the type or field `path` (`Customer`, `Order.customer`) is null, with ACCESS_DENIED",
    "job_fails": "the cancellation is accepted, and its job fails with the words `message`",
    "job_hangs": "the cancellation is accepted, and its job does not end for `seconds`",
    "refund_status": "a refund's or cancellation's transactions have `transaction_status` (`gateway`: only its own)",
    "refund_pending": "the transactions of a refundCreate stay PENDING",
    "refund_fails": "the transactions of a refundCreate end in FAILURE",
}
EFFECTS = frozenset({"error_at", "denied", "job_fails", "job_hangs", "refund_status", "refund_pending", "refund_fails"})
IN_GRAPHQL = frozenset({"throttled", "errors", "internal", "null", "version"})
"""Kinds that are an answer of the API. They apply neither to the token grant nor to pages."""

OF_MUTATIONS = {
    "job_fails": frozenset({"orderCancel"}),
    "job_hangs": frozenset({"orderCancel"}),
    "refund_status": frozenset({"orderCancel", "refundCreate"}),
    "refund_pending": frozenset({"refundCreate"}),
    "refund_fails": frozenset({"refundCreate"}),
}
"""The mutations that a kind can affect."""

STATUSES = ("AWAITING_RESPONSE", "ERROR", "FAILURE", "PENDING", "SUCCESS", "UNKNOWN")
"""`OrderTransactionStatus`."""

A_YEAR = 365 * 24 * 3600
WITHOUT_BODY = (204, 205, 304)
OUR_OWN = ("content-length", "transfer-encoding")
"""Headers that give the body's length."""

PATH = re.compile(r"[_A-Za-z]\w*(\.([_A-Za-z]\w*|\d+))*", re.ASCII)
DOCUMENT = re.compile(r"\*|[_A-Za-z]\w*", re.ASCII)
HEADER = re.compile(r"[-!#$%&'*+.^_`|~\w]+", re.ASCII)
IN_A_LINE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*")
VERSION = re.compile(r"\d{4}-\d{2}|unstable", re.ASCII)

ENDINGS = {"refund_pending": "PENDING", "refund_fails": "FAILURE"}
"""The status that two kinds stand for."""


class Broken(Exception):
    """The connection ends without a complete answer: `kind` says how, `content` is what was sent."""

    def __init__(self, kind: str, content: Answer | None = None) -> None:
        super().__init__(kind)
        self.kind, self.content = kind, content


@dataclass
class Fault:
    """One fault: for the documents named `document` (an operation's name, `mutations`, `queries`, `grant` or `*`), for
    `times` requests (None: until it is removed), after `skip` requests."""

    kind: str
    document: str = "*"
    times: int | None = None
    skip: int = 0
    seconds: float = 20.0
    status: int = 500
    done: bool = False
    message: str = "Something went wrong"
    code: str = "INTERNAL_SERVER_ERROR"
    path: str = ""
    transaction_status: str = ""
    gateway: str | None = None
    served: str = "2026-01"
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str) or self.kind not in KINDS:
            raise ValueError(f"kind of a fault must be one of {', '.join(KINDS)}, not {written(self.kind)}")
        for name, (fits, words) in _FITS.items():
            if not fits(getattr(self, name)):
                raise ValueError(f"{name} of a fault must be {words}, not {written(getattr(self, name))}")
        for name, kinds in _ONLY.items():
            if getattr(self, name) and self.kind not in kinds:
                raise ValueError(f"{name} is for {', '.join(sorted(kinds))}, not for {self.kind}")
        if self.kind in ("error_at", "denied") and not PATH.fullmatch(self.path):
            example = "order.customer" if self.kind == "error_at" else "Customer.defaultEmailAddress"
            raise ValueError(f"the fault {self.kind} needs a path, such as {example}, not {written(self.path)}")
        ending = ENDINGS.get(self.kind, self.transaction_status)
        if self.transaction_status not in ("", ending):
            raise ValueError(f"transaction_status of {self.kind} is {ending}; another one is for refund_status")
        self.transaction_status = ending
        if self.kind == "refund_status" and self.transaction_status not in STATUSES:
            raise ValueError(
                f"transaction_status must be one of {', '.join(STATUSES)}, not {written(self.transaction_status)}"
            )

    def meets(self, asked: "Asked") -> bool:
        """True if it applies to this request and can affect it; counts the request if so."""
        kinds = ("*", asked.name, "mutations" if asked.mutates else "grant" if asked.name == "grant" else "queries")
        if self.document not in kinds or self.times == 0:
            return False
        if not self._can_affect(asked):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def _can_affect(self, asked: "Asked") -> bool:
        """True if the request asks for what goes wrong: a refund, the place of an error, what is denied."""
        if self.kind in IN_GRAPHQL:
            return asked.graphql
        if self.kind not in EFFECTS:
            return True
        if self.kind == "error_at":
            return tuple(key for key in self.path.split(".") if not key.isdigit()) in asked.reach().places
        if self.kind == "denied":
            return self.path in asked.reach().parts
        return bool(OF_MUTATIONS[self.kind] & asked.reach().mutations)

    @property
    def reaches(self) -> bool:
        """True if the request reaches Shopify despite this fault."""
        if self.kind in ("no_answer", "http", "internal"):
            return self.done
        return self.kind not in ("refused", "reset_before", "throttled")


def _whole(value: Any, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= A_YEAR


def _header_field(name: str, text: str) -> bool:
    return bool(HEADER.fullmatch(name) and IN_A_LINE.fullmatch(text)) and name.lower() not in OUR_OWN


def _header_fields(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(name, str) and isinstance(text, str) and _header_field(name, text) for name, text in value.items()
    )


_TEXT: tuple[Callable[[Any], bool], str] = (lambda value: isinstance(value, str), "a text")
_FITS: dict[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(("message", "code", "path", "transaction_status"), _TEXT),
    "document": (
        lambda value: isinstance(value, str) and DOCUMENT.fullmatch(value) is not None,
        "the name of an operation, mutations, queries, grant or *",
    ),
    "times": (lambda value: value is None or _whole(value), "a whole number from 0 on, or null"),
    "skip": (_whole, "a whole number from 0 on"),
    "seconds": (_seconds, f"a number from 0 on, {A_YEAR} at most"),
    "status": (
        lambda value: _whole(value, 200) and value <= 599 and value not in WITHOUT_BODY,
        "a whole number from 200 to 599 other than 204, 205 and 304, which come without a body",
    ),
    "served": (lambda v: isinstance(v, str) and VERSION.fullmatch(v) is not None, "a version such as 2026-01"),
    "done": (lambda value: isinstance(value, bool), "true or false"),
    "gateway": (
        lambda value: value is None or (isinstance(value, str) and value != ""),
        "the name of a gateway, or null",
    ),
    "headers": (
        _header_fields,
        "an object of texts, each in one line, and not the length of the body",
    ),
}
"""The valid values of a fault's fields."""

_OF_REFUNDS = frozenset({"refund_status", "refund_pending", "refund_fails"})
_ONLY = {"transaction_status": _OF_REFUNDS, "gateway": _OF_REFUNDS, "path": frozenset({"error_at", "denied"})}
"""Fields that only some kinds have."""


class Reach(NamedTuple):
    """What a document asks for: `places` are keys from the top of the answer without list positions, `parts` its types
    and fields (`Customer`, `Order.customer`), `mutations` the fields at the root of a mutation."""

    places: frozenset[tuple[str, ...]] = frozenset()
    parts: frozenset[str] = frozenset()
    mutations: frozenset[str] = frozenset()


class Asked(NamedTuple):
    """A request as faults see it: its operation's name, whether it changes anything, whether it is for the API, and
    what its document asks for."""

    name: str = ""
    mutates: bool = False
    graphql: bool = False
    reach: Callable[[], Reach] = Reach


class Faults:
    """The faults that are on. The first that applies to a request affects its connection; effects are added."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on: list[Fault] = []

    def put(self, *faults: Fault) -> None:
        """Replace the faults that are on."""
        with self._lock:
            self._on = list(faults)

    def clear(self) -> None:
        """Remove all faults."""
        self.put()

    def listed(self) -> list[dict[str, Any]]:
        """The faults that are on, as JSON."""
        with self._lock:
            return [asdict(f) for f in self._on if f.times != 0]

    def met(self, asked: Asked) -> tuple[Fault | None, list[Fault]]:
        """The fault that affects this request's connection, if any, and the effects in Shopify."""
        with self._lock:
            on_the_way = next((f for f in self._on if f.kind not in EFFECTS and f.meets(asked)), None)
            effects: dict[tuple[str, str, str | None], Fault] = {}
            if on_the_way is None or on_the_way.reaches:
                for one in (f for f in self._on if f.kind in EFFECTS):
                    what = ("refund_status" if one.transaction_status else one.kind, one.path, one.gateway)
                    if what not in effects and one.meets(asked):
                        effects[what] = one
            return on_the_way, sorted(effects.values(), key=lambda one: one.gateway is not None)

    def give_back(self, faults: Iterable[Fault]) -> None:
        """Undo the counting of these faults: they did not affect the request."""
        with self._lock:
            for one in faults:
                if one.times is not None:
                    one.times += 1


def read_faults(given: Any) -> list[Fault]:
    """Faults from JSON: one, a list, or an object whose `faults` are one or a list. Raises ValueError with the
    reason."""
    if isinstance(given, dict) and "faults" in given:
        if more := given.keys() - {"faults"}:
            raise ValueError(f"there is no {names(more)} next to the faults")
        given = given["faults"]
    listed = [given] if isinstance(given, dict) else given
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise ValueError('faults must be given as {"faults": [{"kind": "slow", "document": "*", "times": 1}]}')
    return [_read(one) for one in listed]


def _read(one: Mapping[str, Any]) -> Fault:
    known = [f.name for f in fields(Fault)]
    if unknown := one.keys() - set(known):
        raise ValueError(f"a fault has no {names(unknown)}; it has {', '.join(known)}")
    if "kind" not in one:
        raise ValueError(f"a fault needs a kind: one of {', '.join(KINDS)}")
    return Fault(**one)


def happen(fault: Fault, work: Callable[[], Answer]) -> Answer:
    """The effect of a fault on a request's connection. Raises Broken if no complete answer comes."""
    if fault.kind in ("refused", "reset_before"):
        raise Broken(fault.kind)
    if fault.kind == "slow":
        time.sleep(fault.seconds)
        return work()
    if fault.kind == "no_answer":
        if fault.done:
            work()
        time.sleep(fault.seconds)
        raise Broken(fault.kind)
    if fault.kind in ("reset_after", "cut"):
        answer = work()
        raise Broken(fault.kind, answer if fault.kind == "cut" else None)
    return _answered(fault, work)


def _answered(fault: Fault, work: Callable[[], Answer]) -> Answer:
    """The faults that are an answer."""
    if fault.kind == "version":
        status, headers, body = work()
        return status, headers | {"X-Shopify-API-Version": fault.served}, body
    error = {"message": fault.message, "extensions": {"code": fault.code}}
    if fault.kind in ("errors", "null"):
        status, headers, body = work()
        answer = json.loads(body)
        data = answer.get("data") or {}
        shown = dict.fromkeys(data) if fault.kind == "null" else data
        return status, headers, json.dumps(answer | {"data": shown, "errors": [error]}).encode()
    if fault.kind == "throttled":
        cost = {"requestedQueryCost": 10, "actualQueryCost": None, "throttleStatus": _empty(fault.seconds)}
        return _json(
            {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], "extensions": {"cost": cost}}
        )
    if fault.done:
        work()
    if fault.kind == "internal":
        return _json({"errors": [error]})
    if fault.status >= 500:
        return fault.status, {"Content-Type": "text/html"} | fault.headers, b"<html><h1>There was a problem</h1></html>"
    return fault.status, {"Content-Type": "application/json"} | fault.headers, b'{"errors": "refused"}'


def _empty(seconds: float) -> dict[str, float]:
    """A rate limit that allows the request after this many seconds."""
    return {"maximumAvailable": 2000.0, "currentlyAvailable": 10 - seconds * 100, "restoreRate": 100.0}


def _json(answer: dict[str, Any]) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()
