"""Late outcomes, made as agents and Shopify make them, with the events that stand for them."""

from datetime import timedelta
from typing import Any

from local.in_process import STORE
from local.sandbox import Fault
from orderdesk import timeline
from tests.faults.acting import ORDER, SUBMITS, opened

PROFILE = "o2sg-TMTSD2rTwMuxzewbA"
LATER = timedelta(minutes=40)


def submitted(desk: Any, *faults: Fault, action: str = "refund-order", profile: str = PROFILE) -> Any:
    """Submit an action from a profile while these faults are on; returns the answer."""
    url = opened(desk, action)
    desk.sandbox.faults.put(*faults)
    answer = desk.send("POST", url + (f"&profile={profile}" if profile else ""), SUBMITS[action])
    desk.sandbox.faults.clear()
    return answer


def lost(desk: Any, *, done: bool = True, **more: Any) -> None:
    """Submit an action whose answer is lost; `done`: Shopify carries it out anyway."""
    kind = "reset_after" if done else "reset_before"
    answer = submitted(desk, Fault(kind, "mutations"), Fault("no_answer", "Cancellation", seconds=0), **more)
    assert answer.body["errors"][0]["code"] == "outcome_unknown"


def entries(desk: Any, order: str = ORDER) -> list[dict[str, Any]]:
    """The entries of an order's customer as they are stored, newest first."""
    return timeline.since(STORE, desk.linked(order), "2020")


def event(entry: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The event of an entry, in the form of docs/events.md."""
    person = entry["outcome"] == "UNKNOWN"
    attempt = int(entry["attempt"])
    detail = {
        "version": "1",
        "id": f"{entry['operation']}/{attempt}/{'NEEDS_PERSON' if person else entry['outcome']}",
        "store": entry["store"],
        "operation": entry["operation"],
        "attempt": attempt,
        "action": entry["action"],
        "state": entry["outcome"],
        "at": entry["at"],
        "late": bool(entry.get("late")),
        "needs_person": person,
        "customer": entry["customer"],
        "entry": {name: entry[name] for name in ("customer_key", "entry_key")},
    }
    return detail | more


def refunded_late(desk: Any, **more: Any) -> dict[str, Any]:
    """The event of a refund whose answer was lost and that the reconciler has found."""
    lost(desk, **more)
    desk.reconcile(later=LATER)
    return event(entries(desk)[0])
