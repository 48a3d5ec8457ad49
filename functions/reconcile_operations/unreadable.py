"""Operations that this version cannot read: a record that is broken, or was written by another version.

They must not keep others waiting, and nothing is concluded from them. Each is looked at again later, since the next
version may read it, or Shopify may answer otherwise. A day after it could first not be read it is left to a person.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from orderdesk import metrics, open_operations, timeline
from orderdesk.errors import Failed
from orderdesk.operations import UNKNOWN, iso, json_of, kept_for, lock_kept, now, transact_and_release
from orderdesk.tables import delete, transact, update

_LOOK_AGAIN = timedelta(minutes=5)


def age(item: Mapping[str, Any]) -> timedelta:
    """How long ago it was submitted, as far as the record says."""
    known = (_moment(item.get(name)) for name in ("sent_at", "submitted_at", "offered_at", "unreadable_since"))
    return now() - min((moment for moment in known if moment), default=now())


def unread_for(item: Mapping[str, Any]) -> timedelta:
    """How long ago it could not be read for the first time; nothing at the first time."""
    return now() - (_moment(item.get("unreadable_since")) or now())


def look_again_later(item: Mapping[str, Any]) -> None:
    """Move its next look, so that others get their turn first. Raises botocore's errors if that cannot be written."""
    moment = now()
    since = _moment(item.get("unreadable_since")) or moment
    put = {"check_at": iso(moment + _LOOK_AGAIN), "unreadable_since": iso(since)}
    transact(update(item["operation"], put=put, **_as_seen(item)))


def leave_to_a_person(item: Mapping[str, Any]) -> bool:
    """End it as UNKNOWN, with a timeline entry as far as the record says whose it is. True if that was written.

    Raises botocore's errors if it cannot be written.
    """
    moment = now()
    what = f"order {item['order_name']}" if item.get("order_name") else "the customer"
    error = Failed(
        "We couldn't confirm whether this went through.",
        f"Orderdesk could not work out what became of it. Please look at {what} in Shopify before anything else is "
        f"done, and give an admin this number: {item['operation']}.",
        code="unknown",
    )
    end = update(
        item["operation"],
        put={
            "state": UNKNOWN,
            "ended_at": iso(moment),
            "expires_at": int((moment + kept_for()).timestamp()),
            "reply": json_of({"status": error.status, "body": {"errors": error.errors()}}),
            "correctable": False,
        },
        drop=("unsettled", "check_at", "claimed_until", "unreadable_since", *open_operations.ATTRIBUTES),
        **_as_seen(item),
    )
    ended = transact_and_release(end, *_entry(item, iso(moment), error), release=_release(item))
    if ended:
        metrics.record("NeedsPerson", store=_text(item, "store"))
    return ended


def _entry(item: Mapping[str, Any], at: str, error: Failed) -> list[dict[str, Any]]:
    store, customer = _text(item, "store"), _text(item, "customer")
    if not (store and customer):
        return []
    copied = ("agent_id", "agent_name", "conversation", "order", "order_name")
    entry = {name: _text(item, name) for name in copied} | {
        "operation": item["operation"],
        "attempt": int(item["attempt"]) if re.fullmatch("[0-9]{1,6}", str(item.get("attempt"))) else 1,
        "at": at,
        "customer": customer,
        "action": _text(item, "action") or "unknown",
        "outcome": UNKNOWN,
        "message": error.message,
        "detail": error.detail,
    }
    return [timeline.put(store, entry)]


def _release(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    when, mine = "attribute_not_exists(#operation) OR #holder = :mine", {"mine": item["operation"]}
    lock = lock_kept(item)
    return [delete(lock, when=when, given=mine)] if lock else []


def _as_seen(item: Mapping[str, Any]) -> dict[str, Any]:
    """The condition that nobody has written since it was found."""
    return {"when": "#unsettled = :yes AND #check_at = :seen", "given": {"yes": "yes", "seen": item["check_at"]}}


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _moment(value: Any) -> datetime | None:
    """A moment with its time zone; None if the text is none."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None
