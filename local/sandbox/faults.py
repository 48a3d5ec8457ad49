"""What may go wrong between an app and Shopify, switched on and off while the sandbox runs.

    sandbox.faults.put(Fault("reset_after", "RefundOrder", times=1))     # done, and the answer lost
    sandbox.faults.put(Fault("http", "*", status=503))                   # until `clear()`

Over HTTP: `PUT /_sandbox/faults` with `{"faults": [{"kind": "slow", "seconds": 3, "document": "*", "times": null}]}`.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Answer = tuple[int, dict[str, str], bytes]

#: kind → what happens. Those of `EFFECTS` act on what Shopify does, the others on the way there and back.
KINDS = {
    "refused": "the connection is refused; nothing is done",
    "reset_before": "the connection is reset before the work; nothing is done",
    "reset_after": "the work is done, then the connection is reset: the answer is lost",
    "no_answer": "no answer for `seconds`; the work is done where `done`",
    "late": "the connection is reset, and the work is done `seconds` later",
    "slow": "the answer comes after `seconds`",
    "cut": "the work is done, and the answer is cut in half",
    "http": "an answer with `status` (HTML from 500 on) and `headers`; the work is done where `done`",
    "throttled": "THROTTLED at the top level; nothing is done",
    "errors": "the work is done; a top-level error stands beside its data",
    "internal": "INTERNAL_SERVER_ERROR at the top level without data; the work is done where `done`",
    "null": "the work is done, and the payload is null with a top-level error",
    "version": "the work is done by an older version of the API, `served`",
    "job_fails": "the cancellation is taken on, and its job fails with the words `message`",
    "job_hangs": "the cancellation is taken on, and its job does not end for `seconds`",
    "refund_pending": "a refund's transactions stay PENDING",
    "refund_fails": "a refund's transactions end in FAILURE",
}
EFFECTS = frozenset({"job_fails", "job_hangs", "refund_pending", "refund_fails"})


class Broken(Exception):
    """The connection ends without a whole answer: `kind` is how, `content` what of it still comes."""

    def __init__(self, kind: str, content: Answer | None = None) -> None:
        super().__init__(kind)
        self.kind, self.content = kind, content


@dataclass
class Fault:
    """One fault: for the documents named `document` (an operation's name, `mutations`, `queries`, `grant` or `*`),
    so many `times` (None: until it is taken away), after `skip` requests that it lets pass."""

    kind: str
    document: str = "*"
    times: int | None = None
    skip: int = 0
    seconds: float = 20.0
    status: int = 500
    done: bool = False
    message: str = "Something went wrong"
    served: str = "2026-01"
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no fault {self.kind!r}; there are {', '.join(KINDS)}")

    def meets(self, name: str, mutates: bool) -> bool:
        """Whether it is about this request; counts it."""
        kinds = ("*", name, "mutations" if mutates else "grant" if name == "grant" else "queries")
        if self.document not in kinds or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """The faults that are on. The first that meets a request is the one that happens to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on: list[Fault] = []

    def put(self, *faults: Fault) -> None:
        """Switch these on, in place of what was on."""
        with self._lock:
            self._on = list(faults)

    def clear(self) -> None:
        """Switch all off."""
        self.put()

    def listed(self) -> list[dict[str, Any]]:
        """What is on, as JSON."""
        with self._lock:
            return [asdict(f) for f in self._on if f.times != 0]

    def met(self, name: str, mutates: bool) -> Fault | None:
        """The fault that happens to this request, if any."""
        with self._lock:
            return next((f for f in self._on if f.meets(name, mutates)), None)


def read_faults(given: Any) -> list[Fault]:
    """Faults from JSON. Raises ValueError or TypeError with what is wrong."""
    listed: Iterable[Mapping[str, Any]] = given["faults"] if isinstance(given, dict) else given
    return [Fault(**one) for one in listed]


def happen(fault: Fault, work: Callable[[], Answer]) -> Answer:
    """What becomes of a request under a fault on its way. Raises Broken where no whole answer comes."""
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
    """The faults that come as an answer."""
    if fault.kind == "version":
        status, headers, body = work()
        return status, headers | {"X-Shopify-API-Version": fault.served}, body
    if fault.kind in ("errors", "null"):
        status, headers, body = work()
        answer = json.loads(body)
        error = {"message": fault.message, "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
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
        return _json({"errors": [{"message": fault.message, "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]})
    if fault.status >= 500:
        return fault.status, {"Content-Type": "text/html"} | fault.headers, b"<html><h1>There was a problem</h1></html>"
    return fault.status, {"Content-Type": "application/json"} | fault.headers, b'{"errors": "turned away"}'


def _empty(seconds: float) -> dict[str, float]:
    """A bucket that holds enough for the request after so many seconds."""
    return {"maximumAvailable": 2000.0, "currentlyAvailable": 10 - seconds * 100, "restoreRate": 100.0}


def _json(answer: dict[str, Any]) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()
