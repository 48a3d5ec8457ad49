"""The lock on an order: one operation at a time moves its money, and one at a time changes its note.

A lock is an item of the operations' table. Before the sending it ends with the claim; from then on it stays until the
operation has an end.
"""

import json
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from boto3.dynamodb.conditions import Attr

from .. import actions, tables
from ..actions import Lock
from ..errors import Changed, Refused
from .approval import WAITS
from .model import PENDING, SENT, UNKNOWN, Subject, is_taken_on, of_today

#: A claim outlives the Lambda time-out (30 s); only then may another process take over what was never sent.
CLAIM_SECONDS = 60

#: A lock whose process ended before it sent anything is worth nothing after a minute, and forgotten after a day.
_FORGOTTEN_SECONDS = 86_400

_FOREVER = 2**53


def key_of(subject: Subject) -> str:
    """The key of the lock that the subject's action needs; "" if it needs none.

    By the shop, since two stores may be one shop. Early versions locked by the store.
    """
    lock = actions.of(subject.action).lock
    return f"{lock.on}/{subject.shop or subject.store}/{subject.order}" if lock else ""


def take(subject: Subject, operation: str, until: datetime | None = None) -> str:
    """Lock the order for a claimed operation (its id), if its action needs that; until it is sent, no longer than the
    claim, or than `until` if that is later. Gives the lock's key, "" if none is needed.

    Raises Refused if another one moves the order's money, Changed if another one changes the note, SettingsUnavailable
    if the tables do not answer.
    """
    lock = actions.of(subject.action).lock
    if not lock:
        return ""
    key, moment = key_of(subject), int(time.time())
    ends = max(moment + CLAIM_SECONDS, int(until.timestamp()) if until else 0)
    free = Attr("operation").not_exists() | Attr("holder").eq(operation) | Attr("until").lt(moment)
    with tables.tables_answer():
        made, item = tables.write(
            tables.update(
                key,
                put={
                    "holder": operation,
                    "until": ends,
                    "expires_at": ends + _FORGOTTEN_SECONDS,
                },
                drop=() if until else ("waits",),
                when=free,
            ),
            read=False,
        )
    if not made:
        raise _busy(lock, subject, item)
    return key


def kept_while_sent(key: str, operation: str) -> list[dict[str, Any]]:
    """The write that makes the operation's lock outlast its claim; none for the key ""."""
    return _while_mine(key, operation, {"until": _FOREVER}, drop=("expires_at", "waits"))


def kept_until(key: str, operation: str, until: datetime) -> list[dict[str, Any]]:
    """The write by which an order stays locked while its operation waits for a second person, until then at most; none
    for the key ""."""
    seconds = int(until.timestamp())
    put = {"until": seconds, "expires_at": seconds + _FORGOTTEN_SECONDS, "waits": True}
    return _while_mine(key, operation, put)


def kept_for_good(key: str, operation: str, shown: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The write by which an order stays locked after its operation is left to a person: Shopify may still do it.

    `shown`: the card's attributes of the operation, in the state LOCKED.
    """
    return _while_mine(key, operation, shown)


def released(key: str, operation: str) -> list[dict[str, Any]]:
    """The write that unlocks the order, unless another operation has the lock by now; none for the key ""."""
    mine = Attr("operation").not_exists() | Attr("holder").eq(operation)
    return [tables.delete(key, when=mine)] if key else []


def of_stored(item: Mapping[str, Any]) -> str:
    """The key of the lock that a stored operation has; "" if it has none.

    What was never sent has its lock only until the claim ends, and by now another operation may have it. Operations of
    early versions do not name their lock.
    """
    if item.get("state") == PENDING or not item.get("keeps_lock", True):
        return ""
    return str(item.get("lock") or key_of(Subject.of(item)))


def require_not_running(subject: Subject) -> None:
    """Raise Refused while Shopify may still carry out an earlier operation on the subject's order that it has accepted,
    or while one waits for a second person.

    For a form of an action that moves money. Raises SettingsUnavailable if the tables do not answer.
    """
    lock, stored = actions.of(subject.action).lock, tables.stored(key_of(subject))
    if not lock or not stored.get("holder") or stored["until"] < int(time.time()):
        return
    if _is_permanent(stored) or stored.get("waits") or _is_taken_on(of_today(tables.stored(stored["holder"]))):
        raise _busy(lock, subject, stored)


def _while_mine(key: str, operation: str, put: Mapping[str, Any], drop: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return [tables.update(key, put=put, drop=drop, when=Attr("holder").eq(operation))] if key else []


def _is_permanent(stored: Mapping[str, Any]) -> bool:
    """A stored lock that says what it is `open_as` is permanent."""
    return "open_as" in stored


def _is_taken_on(item: Mapping[str, Any]) -> bool:
    return item.get("state") in (SENT, UNKNOWN) and is_taken_on(json.loads(item.get("details", "{}")))


def _busy(lock: Lock, subject: Subject, stored: Mapping[str, Any]) -> Exception:
    """What the agent who comes second is told: the form stays with what was typed, or it closes."""
    message = lock.message.format(order=subject.order_name)
    if stored.get("waits"):
        return Refused(
            f"A refund or cancellation of order {subject.order_name} is waiting for approval.",
            "Nothing was changed by this request. Someone else has to approve or decline that one first.",
            code=WAITS,
        )
    if lock.field:
        return Changed(message, lock.detail, attr=lock.field, code=lock.code)
    if _is_permanent(stored):
        return Refused(
            f"Shopify may still carry out an earlier refund or cancellation of order {subject.order_name}.",
            "Nothing was changed by this request. We couldn't confirm how the earlier one ended, so Orderdesk no "
            "longer refunds or cancels this order. Check the order in Shopify.",
            code=lock.code,
        )
    return Refused(message, lock.detail, code=lock.code)
