"""The faults of Shopify, what the agent reads for each, and how the timeline ends: the table of docs/api.md."""

from typing import Any

from local.examples import EXAMPLES
from orderdesk import actions

REFUND, ITEMS, CANCEL = actions.REFUND.slug, actions.ITEMS.slug, actions.CANCEL.slug

#: A row's name → the sandbox's fault (local/sandbox/faults.py).
FAULTS: dict[str, dict[str, Any]] = {
    "connection refused": {"kind": "refused"},
    "connection reset, nothing done": {"kind": "reset_before"},
    "connection reset, all done": {"kind": "reset_after"},
    "no answer for 20 s, nothing done": {"kind": "no_answer"},
    "no answer for 20 s, all done": {"kind": "no_answer", "done": True},
    "connection reset, done 3 minutes later": {"kind": "late", "seconds": 180},
    "answer cut in half": {"kind": "cut"},
    "401": {"kind": "http", "status": 401},
    "402": {"kind": "http", "status": 402},
    "403": {"kind": "http", "status": 403},
    "404": {"kind": "http", "status": 404},
    "408, all done": {"kind": "http", "status": 408, "done": True},
    "409, nothing done": {"kind": "http", "status": 409},
    "423": {"kind": "http", "status": 423},
    "429 once": {"kind": "http", "status": 429, "times": 1},
    "429 with Retry-After, once": {"kind": "http", "status": 429, "headers": {"Retry-After": "2"}, "times": 1},
    "429 each time": {"kind": "http", "status": 429},
    "430": {"kind": "http", "status": 430},
    "499, all done": {"kind": "http", "status": 499, "done": True},
    "500, nothing done": {"kind": "http", "status": 500},
    "500, all done": {"kind": "http", "status": 500, "done": True},
    "502 with HTML, all done": {"kind": "http", "status": 502, "done": True},
    "503 with HTML, nothing done": {"kind": "http", "status": 503},
    "THROTTLED for 2 s": {"kind": "throttled", "seconds": 2, "times": 1},
    "THROTTLED for a minute": {"kind": "throttled", "seconds": 60},
    "top-level error next to data": {"kind": "errors"},
    "INTERNAL_SERVER_ERROR, nothing done": {"kind": "internal"},
    "INTERNAL_SERVER_ERROR, all done": {"kind": "internal", "done": True},
    "a document that its schema does not take": {"kind": "internal", "code": "argumentLiteralsIncompatible"},
    "a code that nobody knows, all done": {"kind": "internal", "code": "A_CODE_OF_TOMORROW", "done": True},
    "null instead of the result, all done": {"kind": "null"},
    "an older API version": {"kind": "version"},
    "the job fails": {"kind": "job_fails"},
    "the job does not end in time": {"kind": "job_hangs", "seconds": 60},
    "the job never ends": {"kind": "job_hangs", "seconds": 10**7},
    "the refund is pending": {"kind": "refund_status", "transaction_status": "PENDING"},
    "the refund awaits the provider": {"kind": "refund_status", "transaction_status": "AWAITING_RESPONSE"},
    "the refund is in a state that is not known": {"kind": "refund_status", "transaction_status": "UNKNOWN"},
    "the refund fails at the provider": {"kind": "refund_status", "transaction_status": "FAILURE"},
    "the refund meets an error at the provider": {"kind": "refund_status", "transaction_status": "ERROR"},
}

_AWAY, _GONE, _DONE = "400 shopify_unavailable", "406 misconfigured", "done"
_LOST = (408, 409, 499)
_LOST_NEVER_KNOWN = ("406 outcome_unknown", "UNKNOWN")
_LOST_UNDONE, _LOST_DONE = ("406 outcome_unknown", "FAILED"), ("406 outcome_unknown", "SUCCEEDED")

#: While Orderdesk reads the order: what the agent reads. A 400 keeps the form for another try.
ASKING: dict[str, str] = {
    name: _DONE if fault["kind"] == "version" or "times" in fault
    else "400 shopify_in_part" if fault["kind"] == "errors"
    else "400 shopify_busy" if fault["kind"] == "throttled" or fault.get("status") == 429
    else "406 refused" if fault.get("code") == "argumentLiteralsIncompatible"
    else _GONE if fault.get("status", 500) < 500 and fault["status"] not in _LOST
    else _AWAY
    for name, fault in FAULTS.items()
    if fault["kind"] not in ("job_fails", "job_hangs", "refund_status")
}  # fmt: skip


def _changing(name: str, fault: dict[str, Any], action: str) -> tuple[str, str]:
    """While Orderdesk changes the order: what the agent reads, and how the timeline ends."""
    kind = fault["kind"]
    mine = {"job_fails": (CANCEL,), "job_hangs": (CANCEL,), "refund_status": (REFUND, ITEMS, CANCEL)}
    if kind in mine:
        if action not in mine[kind]:
            return _DONE, "SUCCEEDED"
        return {
            "the job fails": ("406 refused", "REFUSED"),
            "the job does not end in time": ("406 still_running", "SUCCEEDED"),
            "the job never ends": ("406 still_running", "UNKNOWN"),
            "the refund fails at the provider": ("406 failed", "FAILED"),
            "the refund meets an error at the provider": ("406 failed", "FAILED"),
        }.get(name, (_DONE, "SUCCEEDED"))
    if kind in ("errors", "version") or "times" in fault:
        return _DONE, "SUCCEEDED"
    if fault.get("code") == "argumentLiteralsIncompatible":
        return "406 refused", "REFUSED"
    if kind == "refused":
        return "406 shopify_unavailable", "REFUSED"
    if kind == "throttled" or fault.get("status") == 429:
        return "406 shopify_busy", "REFUSED"
    if fault.get("status", 500) < 500 and fault["status"] not in _LOST:
        return _GONE, "REFUSED"
    if kind == "late":
        return _LOST_DONE
    if kind in ("reset_after", "cut", "null") or fault.get("done"):
        # A cancellation polls its order, so a lost answer is found within the call unless time is up.
        return (_DONE, "SUCCEEDED") if action == CANCEL and kind != "no_answer" else _LOST_DONE
    believed = EXAMPLES[action].action.surely_over is not None
    return _LOST_UNDONE if believed else _LOST_NEVER_KNOWN


CHANGING = {name: {action: _changing(name, fault, action) for action in EXAMPLES} for name, fault in FAULTS.items()}


def rows() -> str:
    """The table as Markdown."""
    lines = ["| Shopify | while Orderdesk reads | while it is done | the timeline, in the end |", "|---|---|---|---|"]
    for name, by_action in CHANGING.items():
        said = {action: answer for action, (answer, _) in by_action.items()}
        ends = {action: end for action, (_, end) in by_action.items()}
        lines.append(f"| {name} | {ASKING.get(name, '')} | {_cell(said)} | {_cell(ends)} |")
    return "\n".join(lines)


def _cell(by_action: dict[str, str]) -> str:
    """One word if all actions agree; otherwise the most common one, and the exceptions."""
    words = sorted(set(by_action.values()), key=list(by_action.values()).count, reverse=True)
    differs = "; ".join(f"{action}: {word}" for action, word in by_action.items() if word != words[0])
    return f"{words[0]} ({differs})" if differs else words[0]


if __name__ == "__main__":
    from tests import documents

    before, _, after = documents.text(documents.API).partition("<!-- faults -->")
    rest = after.partition("<!-- /faults -->")[2]
    documents.API.write_text(f"{before}<!-- faults -->\n{rows()}\n<!-- /faults -->{rest}", "utf-8")
