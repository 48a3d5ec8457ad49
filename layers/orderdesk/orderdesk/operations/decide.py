"""A second person decides about an operation that waits: approve it, which claims it, or decline it, which ends it."""

import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

from boto3.dynamodb.conditions import Attr

from ..actions import Action
from ..deadline import Deadline
from ..errors import FormCloses, Refused
from ..tables import stored, tables_answer, unavailable, update, write
from . import lock
from .approval import APPROVED, DECLINED, Approval, declined, expired, require_second, same_person
from .claim import claimed_by, is_given_up, reply_of_first
from .model import PENDING, REFUSED, WAITING, Agent, Reply, Subject, of_today
from .operation import Operation, restored, taken_by_another


class Decision(NamedTuple):
    """A decision as it came in: the operation of its address, what that address says it is about, who decides, and what
    they wrote (up to NOTE_CHARACTERS)."""

    operation: str
    store: str
    action: Action
    order_or_customer: str
    agent: Agent
    note: str = ""


def waiting(decision: Decision) -> Operation:
    """The operation that waits, for the form of a decision.

    Raises Refused if it does not wait any more, or if this agent may not decide; SettingsUnavailable if the table does
    not answer.
    """
    item, _ = _of(decision)
    if item["state"] != WAITING and not is_given_up(item):
        raise _over(item)
    return restored(item)


def approve(decision: Decision, deadline: Deadline) -> Operation:
    """The operation, for this process alone, to be carried out; or, after a resend, with the `reply` that it has.

    Raises Refused if another agent decided already, if it is too late, or if this agent may not decide; OutcomeUnknown
    if an earlier approval has no end; SettingsUnavailable if the tables do not answer. In all of these this request did
    nothing.
    """
    mine = str(uuid.uuid4())
    while True:
        item, approval = _of(decision)
        if item["state"] != WAITING and not is_given_up(item):
            return _resent(item, approval, decision, deadline)
        if approval.over:
            raise expired(Subject.of(item), approval)
        approved = approval.decided(APPROVED, decision.agent, decision.note)
        with tables_answer():
            made, there = write(_claim(item, mine, approved))
        if made or there.get("claim") == mine:
            operation = restored(there)
            operation.deadline, operation.values = deadline, approved.values
            return operation
        if not deadline.left():
            raise taken_by_another()


def decline(decision: Decision, deadline: Deadline) -> Reply:
    """End the operation, and what the agent who declined it is answered; the same to a resend.

    Raises Refused if another agent decided otherwise, if it has ended, or if this agent may not decide;
    SettingsUnavailable if it could not be written.
    """
    item, approval = _of(decision)
    # What another agent has approved in a process that is gone was never sent.
    if item["state"] == WAITING or is_given_up(item):
        operation = restored(item)
        operation.lock = lock.key_of(operation.subject)
        operation.approval = approval.decided(DECLINED, decision.agent, decision.note)
        operation.deadline = deadline
        operation.fail(declined(operation.subject, operation.approval))
        if operation.ended:
            return _declined(operation.subject, operation.approval)
        item, approval = _of(decision)
        if item["state"] in (WAITING, PENDING):
            raise unavailable()
    if approval.decision == DECLINED and same_person(approval.by.id, decision.agent.id):
        return _declined(Subject.of(item), approval)
    raise _over(item)


def _claim(item: Mapping[str, Any], mine: str, approved: Approval) -> dict[str, Any]:
    """The write that claims an operation which is as `item`; `mine` is the claim of this process."""
    return update(
        item["operation"],
        put=claimed_by(mine) | {"approval": approved.stored()},
        drop=("told",),
        when=Attr("state").eq(item["state"]) & Attr("claim").eq(item["claim"]),
    )


def _of(decision: Decision) -> tuple[dict[str, Any], Approval]:
    """The stored operation that the decision is about, and its approval. Raises Refused if there is none, or if this
    agent may not decide."""
    item = of_today(stored(decision.operation))
    subject = Subject.of(item) if "action" in item else None
    approval = Approval.of(item)
    named = (decision.store, decision.action.name, decision.order_or_customer)
    if not (subject and approval and subject.is_named(*named)):
        raise Refused(
            "There is nothing here that is waiting for approval.",
            "Nothing was changed. Open the order again to see what was done.",
            code="nothing_waits",
        )
    require_second(Agent.of(item), decision.agent)
    return item, approval


def _resent(item: Mapping[str, Any], approval: Approval, decision: Decision, deadline: Deadline) -> Operation:
    """The operation with the reply that this agent's own approval has; raises Refused if it was not theirs."""
    if approval.decision == APPROVED and same_person(approval.by.id, decision.agent.id):
        return reply_of_first(item, deadline)
    raise _over(item)


def _over(item: Mapping[str, Any]) -> FormCloses:
    """What is said to an agent who comes too late."""
    subject, approval = Subject.of(item), Approval.of(item)
    if not approval:
        raise RuntimeError("an operation that nobody was asked about has no decision")
    if not approval.decision:
        return expired(subject, approval)
    if "reply" not in item:
        then = "It is being carried out now."
    elif item["state"] == REFUSED:
        then = "It ended without a change."
    else:
        then = "The timeline says how it ended."
    return Refused(
        f"{approval.who} has already {approval.decision} {approval.words(subject)}.",
        f"Nothing was changed by this request. {then}",
        code="already_decided",
    )


def _declined(subject: Subject, approval: Approval) -> Reply:
    return Reply(
        200,
        {
            "message": f"You declined {approval.words(subject)}.",
            "detail": "Nothing was changed. The timeline says so, with your note if you wrote one.",
        },
    )
