"""Operations that this version cannot read: a record that is broken, or was written by another version.

They must not keep others waiting, and nothing is concluded from them. Each is looked at again later, since the next
version may read it, or Shopify may answer otherwise. A day after it could first not be read it is left to a person.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase

from orderdesk import metrics, timeline
from orderdesk.errors import Failed
from orderdesk.operations import UNKNOWN, Reply, lock
from orderdesk.operations.model import iso, kept_for, now, of_today
from orderdesk.operations.operation import WHILE_OPEN, transact_and_unlock
from orderdesk.tables import transact, update

_LOOK_AGAIN = timedelta(minutes=5)


def age(item: Mapping[str, Any]) -> timedelta:
    """How long ago it was submitted, as far as the record says."""
    known = (
        _moment(item.get(name)) for name in ("sent_at", "submitted_at", "created_at", "offered_at", "unreadable_since")
    )
    return now() - min((moment for moment in known if moment), default=now())


def unread_for(item: Mapping[str, Any]) -> timedelta:
    """How long ago it could not be read for the first time; nothing at the first time."""
    return now() - (_moment(item.get("unreadable_since")) or now())


def look_again_later(item: Mapping[str, Any]) -> None:
    """Move its next look, so that others get their turn first. Raises botocore's errors if that cannot be written."""
    moment = now()
    since = _moment(item.get("unreadable_since")) or moment
    put = {"check_at": iso(moment + _LOOK_AGAIN), "unreadable_since": iso(since)}
    transact(update(item["operation"], put=put, when=_as_seen(item)))


def leave_to_a_person(item: Mapping[str, Any]) -> bool:
    """End it as UNKNOWN, with a timeline entry as far as the record says whose it is. True if that was written.

    Raises botocore's errors if it cannot be written.
    """
    moment = now()
    what = f"order {item['order_name']}" if item.get("order_name") else "the customer"
    error = Failed(
        "We couldn't confirm whether this went through.",
        f"Check {what} in Shopify before you do anything else, and give an admin this number: {item['operation']}.",
        code="unknown",
    )
    end = update(
        item["operation"],
        put={
            "state": UNKNOWN,
            "ended_at": iso(moment),
            "expires_at": int((moment + kept_for()).timestamp()),
            "reply": Reply(error.status, {"errors": error.errors()}).stored(),
            "correctable": False,
        },
        drop=WHILE_OPEN,
        when=_as_seen(item),
    )
    unlocked = lock.released(lock.of_stored(of_today(item)), item["operation"])
    ended = transact_and_unlock(end, *_entry(item, iso(moment), error), release=unlocked)
    if ended:
        metrics.record("NeedsPerson", store=_text(item, "store"))
    return ended


def _entry(item: Mapping[str, Any], at: str, error: Failed) -> list[dict[str, Any]]:
    store, customer = _text(item, "store"), _text(item, "customer")
    if not (store and customer):
        return []
    copied = ("agent_id", "agent_name", "conversation", "profile", "order", "order_name")
    entry = {name: _text(item, name) for name in copied} | {
        "operation": item["operation"],
        "attempt": int(item["attempt"]) if re.fullmatch("[0-9]{1,6}", str(item.get("attempt"))) else 1,
        "at": at,
        "customer": customer,
        "action": _text(item, "action") or "unknown",
        "outcome": UNKNOWN,
        "message": error.message,
        "detail": error.detail,
        "late": True,
    }
    return [timeline.put(store, entry)]


def _as_seen(item: Mapping[str, Any]) -> ConditionBase:
    """The condition that no other process has written since it was found."""
    return Attr("check_at").eq(item["check_at"])


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
