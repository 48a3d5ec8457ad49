"""Claiming an operation: OFFERED → PENDING for one process alone, and what all the others are told.

A claim ends after a minute, so that what a dead process never sent can be taken over; what it may have sent cannot.
"""

import hashlib
import json
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from .availability import CANCEL, MONEY_ACTIONS
from .deadline import Deadline
from .errors import Changed, OutcomeUnknown, Refused, StillRunning
from .operations import (
    FORM_AGE,
    OFFERED,
    PENDING,
    REFUSED,
    UNKNOWN,
    Agent,
    Operation,
    Reply,
    Subject,
    hold_of,
    iso,
    now,
    subject_of,
    tables_answer,
)
from .tables import attributes, dynamodb, operations_table, plain, transact, update

#: A claim outlives the Lambda time-out (30 s); only then may another process take over what was never sent.
CLAIM_SECONDS = 60

_LOOK_AGAIN_SECONDS = 0.25


class AlreadyAnswered(Exception):
    """The operation has its answer; it stands in `reply`, and nothing is done again."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


class Submit(NamedTuple):
    """A submit as it came in: the operation of its address, what that address says it is about, the values."""

    operation: str
    store: str
    action: str
    order_or_customer: str
    agent: Agent
    values: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """By which a resend is told from a submit of other values."""
        return hashlib.sha256(json.dumps(dict(self.values), sort_keys=True, default=str).encode()).hexdigest()


def claim(submit: Submit, deadline: Deadline) -> Operation:
    """The operation, for this process alone, with the hold on the order where money moves.

    Raises AlreadyAnswered for a resend, Refused for other values, another order, an old form or an order that is
    held, OutcomeUnknown where an earlier submit of it is not settled, SettingsUnavailable where the tables do not
    answer. In all of these this submit did nothing.
    """
    item = _stored(submit.operation)
    while True:
        claimed = _claimable(item, submit, deadline)
        with tables_answer():
            refusals = transact(*_writes(claimed, item, submit.digest))
        if not refusals:
            return claimed
        if len(refusals) > 1 and refusals[1]:
            _refuse_held(claimed, item, submit.digest)
        # Somebody was faster on the operation itself: look again at what it has become.
        time.sleep(min(0.1, deadline.left()))
        if not deadline.left():
            raise not_known(claimed.subject)
        item = _stored(submit.operation)


def not_known(subject: Subject) -> OutcomeUnknown:
    """What the agent is told while nobody knows whether Shopify did it."""
    what = f"order {subject.order_name}" if subject.order_name else "this customer"
    # A cancellation is a job of Shopify's, which may have to wait for its turn.
    when = "half an hour" if subject.action == CANCEL else "a few minutes"
    return OutcomeUnknown(
        "It is not yet known whether Shopify did it.",
        f"It may have worked. Please do not try again: it is being checked, and the timeline of {what} will say "
        f"what happened within {when}.",
    )


def still_running(order_name: str) -> StillRunning:
    """What the agent is told while Shopify is at work on a cancellation that it has taken on."""
    return StillRunning(
        f"Shopify is still cancelling order {order_name}.",
        "It was asked to and has not finished. Please do not try again: the timeline will say how it ends.",
    )


def _claimable(item: Mapping[str, Any], submit: Submit, deadline: Deadline) -> Operation:
    """The operation as this process would claim it. Raises what `claim` raises where it may not."""
    subject = _checked(item, submit)
    if item["state"] != OFFERED and not _open_again(item, submit.digest):
        _answer(item, submit.digest, deadline)
    return Operation(
        operation=submit.operation,
        subject=subject,
        agent=submit.agent.or_else(item),
        facts=json.loads(item["facts"]),
        attempt=int(item["attempt"]) + 1,
        claim=str(uuid.uuid4()),
        deadline=deadline,
        offered_at=datetime.fromisoformat(item["offered_at"]),
    )


def _writes(claimed: Operation, item: Mapping[str, Any], digest: str) -> list[dict[str, Any]]:
    """The operation first, then the hold. The settler is to look when the claim has ended."""
    until = int(time.time()) + CLAIM_SECONDS
    writes = [
        update(
            claimed.operation,
            put={
                "state": PENDING,
                "claim": claimed.claim,
                "claimed_until": until,
                "attempt": claimed.attempt,
                "values": digest,
                "agent_id": claimed.agent.id,
                "agent_name": claimed.agent.name,
                "conversation": claimed.agent.conversation,
                "submitted_at": iso(now()),
                "unsettled": "yes",
                "check_at": iso(datetime.fromtimestamp(until + 1, UTC)),
            },
            drop=("expires_at", "draft", "sent_at", "reply", "correctable", "ended_at", "holds"),
            when="#state = :was AND #attempt = :before"
            " AND ( attribute_not_exists(#claimed_until) OR #claimed_until < :now )",
            given={"was": item["state"], "before": item["attempt"], "now": until - CLAIM_SECONDS},
        )
    ]
    if hold := hold_of(claimed.subject):
        writes.append(
            update(
                hold,
                put={"holder": claimed.operation, "until": until},
                when="attribute_not_exists(#operation) OR #holder = :mine OR #until < :now",
                given={"mine": claimed.operation, "now": until - CLAIM_SECONDS},
            )
        )
    return writes


def _refuse_held(claimed: Operation, item: Mapping[str, Any], digest: str) -> None:
    """The loser of two operations that move money on one order: told so, dismissed, and on the timeline.

    Of two that change one note, the loser keeps its form, with what the agent has typed.
    """
    if claimed.subject.action not in MONEY_ACTIONS:
        raise Changed(
            "The note is being changed by somebody else just now.",
            "Nothing was changed. Submit again in a moment to see what it says then.",
            attr="note",
            code="note_busy",
        )
    refused = Refused(
        f"Another refund or cancellation of order {claimed.subject.order_name} is under way.",
        "Nothing was changed by this request. Open the order again in a moment to see what the other one did; where "
        "Shopify's answer is still awaited, the timeline will say how it ends.",
        code="order_busy",
    )
    with tables_answer():
        if transact(_writes(claimed, item, digest)[0]):
            return
    claimed.holds = False
    claimed.end(refused)
    raise refused


def _stored(operation: str) -> dict[str, Any]:
    with tables_answer():
        answer = dynamodb().get_item(
            TableName=operations_table(), Key=attributes({"operation": operation}), ConsistentRead=True
        )
    item = plain(answer.get("Item", {}))
    if "state" not in item:
        raise _no_longer_valid("This form is no longer valid.")
    return item


def _checked(item: Mapping[str, Any], submit: Submit) -> Subject:
    """The subject of the operation, which must be the one that the address names."""
    subject = subject_of(item)
    named = (submit.store, submit.action, submit.order_or_customer)
    if (subject.store, subject.action, subject.order or subject.customer) != named:
        raise _no_longer_valid("This form belongs to something else.")
    return subject


def require_fresh(claimed: Operation) -> None:
    """Nothing where the form is of today; Refused where it is more than a day old."""
    if now() - claimed.offered_at > FORM_AGE:
        raise _no_longer_valid("This form is more than a day old.")


def _no_longer_valid(message: str) -> Refused:
    return Refused(message, "Nothing was changed. Close it and open it again.", code="form_expired")


def _open_again(item: Mapping[str, Any], digest: str) -> bool:
    """True where the values may be submitted although there was an attempt: it was never sent by a process that is
    gone, or Shopify refused other values and said that nothing happened."""
    if item["state"] == PENDING:
        return bool(item["claimed_until"] < time.time())
    return bool(item["state"] == REFUSED and item.get("correctable") and item["values"] != digest)


def _answer(item: Mapping[str, Any], digest: str, deadline: Deadline) -> None:
    """Answer a resend: with the stored reply, waiting for it while the first is at work. Never returns."""
    if item["values"] != digest:
        raise Refused(
            "This request was already made with other values.",
            "Nothing more was done. Close the form and open it again.",
            code="other_values",
        )
    current = dict(item)
    while "reply" not in current and current["state"] != UNKNOWN and deadline.left() > 2 * _LOOK_AGAIN_SECONDS:
        time.sleep(_LOOK_AGAIN_SECONDS)
        current = _stored(item["operation"])
        if current["state"] == OFFERED:
            raise Refused(
                "The request before this one was not carried out.",
                "Nothing was changed. Open the form again.",
            )
    if "reply" not in current:
        subject = subject_of(item)
        taken_on = json.loads(current.get("draft", "{}")).get("job_result")
        raise still_running(subject.order_name) if taken_on else not_known(subject)
    stored = json.loads(current["reply"])
    raise AlreadyAnswered(Reply(stored["status"], stored["body"]))
