"""Claim an operation: CREATED → PENDING for one process alone, and what all the others are told.

A claim ends after a minute, so that what a dead process never sent can be taken over; what it may have sent cannot.
"""

import hashlib
import json
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from boto3.dynamodb.conditions import Attr, ConditionBase

from ..actions import Action
from ..deadline import Deadline
from ..errors import InvalidFields, OutcomeUnknown, Refused, SettingsUnavailable, StillRunning
from ..tables import stored, tables_answer, update, write
from . import shards
from .approval import Approval
from .lock import CLAIM_SECONDS
from .model import (
    CREATED,
    EARLIER_NAMES,
    FORM_AGE,
    PENDING,
    REFUSED,
    STORED_AS_CREATED,
    UNKNOWN,
    WAITING,
    Agent,
    Reply,
    Subject,
    iso,
    now,
    of_today,
)
from .operation import Operation, restored
from .outcome import not_known

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
    def payload_hash(self) -> str:
        """By which a resend is told from a submit of other values."""
        return hashlib.sha256(json.dumps(dict(self.values), sort_keys=True, default=str).encode()).hexdigest()


def claim(submit: Submit, deadline: Deadline) -> Operation:
    """The operation, for this process alone; or, after a resend, with the `reply` that it has already.

    Raises Refused for other values, another order or a form that is gone, OutcomeUnknown if an earlier submit of it has
    no end, SettingsUnavailable if the tables do not answer. In all of these this submit did nothing.
    """
    mine = str(uuid.uuid4())
    # Most submits are the first of their form, so the claim itself is how the operation is read.
    before: Mapping[str, Any] = {"state": CREATED}
    while True:
        with tables_answer():
            made, item = write(_claim(submit, mine, before))
        # It may have been made by a first try whose answer was lost.
        if made or item.get("claim") == mine:
            return _claimed(item, deadline)
        before = of_today(item)
        _require_named(before, submit)
        if before["state"] != CREATED and not _open_again(before, submit.payload_hash):
            return _answered(before, submit.payload_hash, deadline)
        if not deadline.left():
            raise not_known(Subject.of(before))


def require_fresh(claimed: Operation) -> None:
    """Raise Refused if the form is more than a day old."""
    if now() - claimed.created_at > FORM_AGE:
        raise _no_longer_valid("This form is more than a day old.")


def require_same_shop(claimed: Operation, shop: str) -> None:
    """Note the shop that the store is connected to now (`x.myshopify.com`). Raises Refused if the form was opened when
    it was another one, whose orders this shop does not have."""
    if claimed.subject.shop not in ("", shop):
        raise Refused(
            "This store was connected to a different Shopify shop after you opened this form.",
            "Nothing was changed. Close the form and search for the customer again.",
            code="form_expired",
        )
    claimed.subject = claimed.subject._replace(shop=shop)


def _claim(submit: Submit, mine: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """The write that claims an operation which is as `before`; `mine` is the claim of this process."""
    agent = {
        "agent_id": submit.agent.id, "agent_name": submit.agent.name, "conversation": submit.agent.conversation,
        "profile": submit.agent.profile,
    }  # fmt: skip
    return update(
        submit.operation,
        put={
            **claimed_by(mine),
            "payload_hash": submit.payload_hash,
            # What the submit does not say stays as the form has it.
            **{name: value for name, value in agent.items() if value},
            "agent_proved": submit.agent.proved or None,
            "submitted_at": iso(now()),
            shards.ATTRIBUTE: shards.shard_of(submit.store, submit.operation),
        },
        add={"attempt": 1},
        drop=(
            "expires_at", "details", "sent_at", "reply", "correctable", "ended_at", "keeps_lock", "lock", "told",
            "approval",
            # Who opened the form proved nothing about who submits it.
            *(() if submit.agent.proved else ("agent_proved",)),
            *(name for name in EARLIER_NAMES if name not in ("facts", "offered_at")),
        ),
        when=_is_as(before) & _names_it(submit)
        & (Attr("claimed_until").not_exists() | Attr("claimed_until").lt(int(time.time()))),
    )  # fmt: skip


def claimed_by(mine: str) -> dict[str, Any]:
    """What an operation has that a process has claimed; `mine` is its claim.

    The reconciler is to look when the claim has ended. That is late enough if it was sent meanwhile, too: by then its
    process has ended as well.
    """
    until = int(time.time()) + CLAIM_SECONDS
    check_at = iso(datetime.fromtimestamp(until + 1, UTC))
    return {"state": PENDING, "claim": mine, "claimed_until": until, "check_at": check_at}


def _is_as(before: Mapping[str, Any]) -> ConditionBase:
    states = STORED_AS_CREATED if before["state"] == CREATED else (before["state"],)
    state = Attr("state").is_in(list(states))
    return state & Attr("attempt").eq(before["attempt"]) if "attempt" in before else state


def _names_it(submit: Submit) -> ConditionBase:
    """The condition that the operation is about what the address names."""
    about = Attr(submit.action.about).eq(submit.order_or_customer)
    return Attr("store").eq(submit.store) & Attr("action").eq(submit.action.name) & about


def _claimed(item: Mapping[str, Any], deadline: Deadline) -> Operation:
    claimed = restored(item)
    claimed.deadline, claimed.created_at = deadline, datetime.fromisoformat(of_today(item)["created_at"])
    return claimed


def _require_named(item: Mapping[str, Any], submit: Submit) -> None:
    """Raise Refused if the operation is gone, or is not about what the address names."""
    if "state" not in item:
        raise _no_longer_valid("This form is no longer valid.")
    if not Subject.of(item).is_named(submit.store, submit.action.name, submit.order_or_customer):
        raise _no_longer_valid("This form was opened for something else.")


def _no_longer_valid(message: str) -> Refused:
    return Refused(message, "Nothing was changed. Reopen the form and try again.", code="form_expired")


def _open_again(item: Mapping[str, Any], payload_hash: str) -> bool:
    """True if the values may be submitted although there was an attempt: it was never sent by a process that is gone,
    or Shopify refused other values and said that nothing happened."""
    if item["state"] == PENDING:
        # What a second person has approved is only for the agent who approves it.
        return is_given_up(item) and "approval" not in item
    return bool(item["state"] == REFUSED and item.get("correctable") and item["payload_hash"] != payload_hash)


def is_given_up(item: Mapping[str, Any]) -> bool:
    """Whether the process that had claimed an operation is gone: its claim has ended, and it sent nothing."""
    return bool(item["state"] == PENDING and item["claimed_until"] < int(time.time()))


def _answered(item: Mapping[str, Any], payload_hash: str, deadline: Deadline) -> Operation:
    """The operation with its reply, for which this waits while the first submit is at work. Raises as `claim` does."""
    if item["payload_hash"] != payload_hash:
        raise Refused(
            "This form was already submitted with different values.",
            "Your new values were not applied. Reopen the form to make another change.",
            code="other_values",
        )
    approval = Approval.of(item)
    if approval and item["state"] in (WAITING, PENDING):
        # The agent who asked is told the same until it has an end, also while a second person is at it.
        return _with_reply(item, item["state"], approval.reply(Subject.of(item)))
    return reply_of_first(item, deadline)


def reply_of_first(item: Mapping[str, Any], deadline: Deadline) -> Operation:
    """The operation with its reply, for which this waits while the first request is at work. Raises as `claim` does."""
    current = dict(item)
    while "reply" not in current and current["state"] != UNKNOWN and deadline.left() > 2 * _LOOK_AGAIN_SECONDS:
        time.sleep(_LOOK_AGAIN_SECONDS)
        try:
            current = of_today(stored(item["operation"]))
        except SettingsUnavailable:
            # The first is at work, and may be done.
            raise not_known(Subject.of(item)) from None
        if current.get("state") in (CREATED, WAITING) and current.get("told"):
            # A double click: both are told what the first one was, and the form stays.
            raise InvalidFields(json.loads(current["told"]))
        if current.get("state", CREATED) in (CREATED, WAITING):
            raise Refused(
                "Your first submit of this form wasn't carried out.",
                "Nothing was changed. Reopen the form and try again.",
            )
    if "reply" not in current:
        raise _without_end(Subject.of(item), json.loads(current.get("details", "{}")))
    return _with_reply(item, current["state"], Reply.of(current["reply"]))


def _with_reply(item: Mapping[str, Any], state: str, reply: Reply) -> Operation:
    return Operation(
        operation=item["operation"],
        subject=Subject.of(item),
        agent=Agent.of(item),
        shown={},
        attempt=0,
        claim="",
        state=state,
        reply=reply,
    )


def _without_end(subject: Subject, details: Mapping[str, Any]) -> OutcomeUnknown:
    """What a resend is told while the first has no end: what was found last, if Shopify has accepted it."""
    known = details.get("found") or details.get("told")
    return StillRunning(known["message"], known["detail"]) if known else not_known(subject)
