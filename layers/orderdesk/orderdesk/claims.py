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

from . import actions
from .actions import Action, Lock
from .agents import Agent
from .deadline import Deadline
from .errors import Changed, OutcomeUnknown, Refused, SettingsUnavailable, StillRunning
from .operations import (
    FORM_AGE,
    OFFERED,
    PENDING,
    REFUSED,
    SENT,
    UNKNOWN,
    Operation,
    Subject,
    is_taken_on,
    iso,
    lock_of,
    now,
    subject_of,
)
from .replies import AlreadyAnswered, Reply
from .tables import attributes, dynamodb, operations_table, plain, tables_answer, update, write

#: A claim outlives the Lambda time-out (30 s); only then may another process take over what was never sent.
CLAIM_SECONDS = 60

#: A lock whose process ended before it sent anything is worth nothing after a minute, and forgotten after a day.
_LOCK_FORGOTTEN_SECONDS = 86_400

_LOOK_AGAIN_SECONDS = 0.25


class Submit(NamedTuple):
    """A submit as it came in: the operation of its address, what that address says it is about, the values."""

    operation: str
    store: str
    action: Action
    order_or_customer: str
    agent: Agent
    values: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """By which a resend is told from a submit of other values."""
        return hashlib.sha256(json.dumps(dict(self.values), sort_keys=True, default=str).encode()).hexdigest()


def claim(submit: Submit, deadline: Deadline) -> Operation:
    """The operation, for this process alone.

    Raises AlreadyAnswered for a resend, Refused for other values, another order or a form that is gone, OutcomeUnknown
    where an earlier submit of it is not reconciled, SettingsUnavailable where the tables do not answer. In all of these
    this submit did nothing.
    """
    mark = str(uuid.uuid4())
    # Most submits are the first of their form, so the claim itself is how the operation is read.
    before: Mapping[str, Any] = {"state": OFFERED}
    while True:
        with tables_answer():
            made, item = write(_claim(submit, mark, before))
        # It may have been made by a first try whose answer was lost.
        if made or item.get("claim") == mark:
            return _claimed(item, deadline)
        before = _claimable(item, submit, deadline)
        if not deadline.left():
            raise not_known(subject_of(item))


def hold(claimed: Operation) -> None:
    """Hold the order for a claimed operation that moves money or writes the note: one at a time, and until it is sent
    no longer than the claim.

    Raises Refused where another one moves the order's money, Changed where another one writes the note,
    SettingsUnavailable where the tables do not answer.
    """
    lock = actions.of(claimed.subject.action).lock
    if not lock:
        return
    key = lock_of(claimed.subject)
    moment = int(time.time())
    with tables_answer():
        made, item = write(
            update(
                key,
                put={
                    "holder": claimed.operation,
                    "until": moment + CLAIM_SECONDS,
                    "expires_at": moment + _LOCK_FORGOTTEN_SECONDS,
                },
                when="attribute_not_exists(#operation) OR #holder = :mine OR #until < :now",
                given={"mine": claimed.operation, "now": moment},
            )
        )
    if not made:
        raise _held(lock, claimed.subject, item)
    claimed.lock = key


def require_not_running(subject: Subject) -> None:
    """Nothing if a form may be opened that moves money of the subject's order. Refused while Shopify may still carry
    out an earlier operation of ours that it has taken on, however that is going to end.

    Raises SettingsUnavailable if the tables do not answer.
    """
    lock, stored = actions.of(subject.action).lock, _stored(lock_of(subject))
    if not lock or not stored.get("holder") or stored["until"] < int(time.time()):
        return
    if "open_as" in stored or _taken_on(_stored(stored["holder"])):
        raise _held(lock, subject, stored)


def not_known(subject: Subject) -> OutcomeUnknown:
    """What the agent is told while nobody knows whether Shopify did it."""
    what = f"order {subject.order_name}" if subject.order_name else "this customer"
    when = actions.of(subject.action).known_within
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


def _claim(submit: Submit, mark: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """The write that claims an operation which is as `before`; `mark` is this process's own.

    The reconciler is to look when the claim has ended.
    """
    moment = int(time.time())
    when, given = _names_it(submit)
    if "attempt" in before:
        when, given = f"{when} AND #attempt = :attempt", given | {"attempt": before["attempt"]}
    agent = {
        "agent_id": submit.agent.id, "agent_name": submit.agent.name, "conversation": submit.agent.conversation,
    }  # fmt: skip
    return update(
        submit.operation,
        put={
            "state": PENDING,
            "claim": mark,
            "claimed_until": moment + CLAIM_SECONDS,
            "values": submit.digest,
            # What the submit does not say stays as the form has it.
            **{name: value for name, value in agent.items() if value},
            "submitted_at": iso(now()),
            "unsettled": "yes",
            "check_at": iso(datetime.fromtimestamp(moment + CLAIM_SECONDS + 1, UTC)),
        },
        add={"attempt": 1},
        drop=("expires_at", "draft", "sent_at", "reply", "correctable", "ended_at", "holds", "lock"),
        when=f"#state = :was AND {when} AND ( attribute_not_exists(#claimed_until) OR #claimed_until < :now )",
        given={"was": before["state"], "now": moment, **given},
    )


def _names_it(submit: Submit) -> tuple[str, dict[str, Any]]:
    """The condition that the operation is about what the address names."""
    when = f"#store = :store AND #action = :action AND #{submit.action.about} = :about"
    return when, {"store": submit.store, "action": submit.action.name, "about": submit.order_or_customer}


def _claimed(item: Mapping[str, Any], deadline: Deadline) -> Operation:
    return Operation(
        operation=item["operation"],
        subject=subject_of(item),
        agent=Agent.of(item),
        facts=json.loads(item["facts"]),
        attempt=int(item["attempt"]),
        claim=item["claim"],
        deadline=deadline,
        offered_at=datetime.fromisoformat(item["offered_at"]),
    )


def _claimable(item: Mapping[str, Any], submit: Submit, deadline: Deadline) -> Mapping[str, Any]:
    """The operation, where it may be claimed as it is now. Raises what `claim` raises where it may not."""
    _require_named(item, submit)
    if item["state"] != OFFERED and not _open_again(item, submit.digest):
        _answer(item, submit.digest, deadline)
    return item


def _not_ended(subject: Subject, draft: Mapping[str, Any]) -> OutcomeUnknown:
    """What a resend is told while the first has no end: what was found last, if Shopify has taken it on."""
    if "found" in draft:
        return StillRunning(draft["found"]["message"], draft["found"]["detail"])
    return still_running(subject.order_name) if "job_result" in draft else not_known(subject)


def _taken_on(item: Mapping[str, Any]) -> bool:
    """Whether Shopify has taken on a stored operation of which it is not known how it ends."""
    return item.get("state") in (SENT, UNKNOWN) and is_taken_on(json.loads(item.get("draft", "{}")))


def _held(lock: Lock, subject: Subject, stored: Mapping[str, Any]) -> Exception:
    """What the loser of two operations is told by the lock's row: its form stays with what was typed, or it closes.

    A stored lock that says what it is `open_as` stays for good.
    """
    message = lock.message.format(order=subject.order_name)
    if lock.field:
        return Changed(message, lock.detail, attr=lock.field, code=lock.code)
    if "open_as" in stored:
        return Refused(
            f"Shopify may still carry out an earlier refund or cancellation of order {subject.order_name}.",
            "Nothing was changed by this request. Orderdesk neither refunds nor cancels this order any more: it could "
            "not be found out how the earlier one ended. Please look at the order in Shopify.",
            code=lock.code,
        )
    return Refused(message, lock.detail, code=lock.code)


def _stored(operation: str) -> dict[str, Any]:
    with tables_answer():
        answer = dynamodb().get_item(
            TableName=operations_table(), Key=attributes({"operation": operation}), ConsistentRead=True
        )
    return plain(answer.get("Item", {}))


def _require_named(item: Mapping[str, Any], submit: Submit) -> None:
    """Nothing where the operation is there and about what the address names. Raises Refused."""
    if "state" not in item:
        raise _no_longer_valid("This form is no longer valid.")
    subject = subject_of(item)
    named = (submit.store, submit.action.name, submit.order_or_customer)
    if (subject.store, subject.action, subject.order or subject.customer) != named:
        raise _no_longer_valid("This form belongs to something else.")


def require_fresh(claimed: Operation) -> None:
    """Nothing where the form is of today; Refused where it is more than a day old."""
    if now() - claimed.offered_at > FORM_AGE:
        raise _no_longer_valid("This form is more than a day old.")


def require_same_shop(claimed: Operation, shop: str) -> None:
    """The operation is about the shop that the store is connected to now (`x.myshopify.com`). Raises Refused if the
    form was opened when it was another one, whose orders this shop does not have."""
    if claimed.subject.shop not in ("", shop):
        raise Refused(
            "This store has been connected to another Shopify shop since this form was opened.",
            "Nothing was changed. Close the form and look for the customer again.",
            code="form_expired",
        )
    claimed.subject = claimed.subject._replace(shop=shop)


def _no_longer_valid(message: str) -> Refused:
    return Refused(message, "Nothing was changed. Close it and open it again.", code="form_expired")


def _open_again(item: Mapping[str, Any], digest: str) -> bool:
    """True where the values may be submitted although there was an attempt: it was never sent by a process that is
    gone, or Shopify refused other values and said that nothing happened."""
    if item["state"] == PENDING:
        return bool(item["claimed_until"] < int(time.time()))
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
        try:
            current = _stored(item["operation"])
        except SettingsUnavailable:
            # The first is at work, and may be done.
            raise not_known(subject_of(item)) from None
        if current.get("state", OFFERED) == OFFERED:
            raise Refused(
                "The request before this one was not carried out.",
                "Nothing was changed. Open the form again.",
            )
    if "reply" not in current:
        subject = subject_of(item)
        raise _not_ended(subject, json.loads(current.get("draft", "{}")))
    stored = json.loads(current["reply"])
    raise AlreadyAnswered(Reply(stored["status"], stored["body"]))
