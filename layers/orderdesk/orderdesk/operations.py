"""Operations: every submit, as an item of its own, so that it is carried out at most once.

    OFFERED → PENDING → SENT → SUCCEEDED | REFUSED | FAILED | UNKNOWN,   UNKNOWN → SUCCEEDED | FAILED

OFFERED is a form on somebody's screen, with the facts it showed. PENDING is being decided; nothing was sent, so it
may go back to OFFERED. Once SENT it is never released: a process that dies there leaves it for `settle_operations`,
which finds SENT and UNKNOWN items over a sparse index. Result and timeline entry are written in one transaction.
For actions that move money, an order has one hold at a time, an item of the same table.
"""

import hashlib
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from . import timeline
from .availability import MONEY_ACTIONS
from .deadline import Deadline
from .errors import (
    AnswerLost,
    Correctable,
    Failed,
    NothingHappened,
    OrderdeskError,
    OutcomeUnknown,
    Refused,
    SettingsUnavailable,
)
from .tables import attributes, dynamodb, operations_table, plain, transact, update

logger = Logger(service="orderdesk", child=True)

OFFERED, PENDING, SENT = "OFFERED", "PENDING", "SENT"
SUCCEEDED, REFUSED, FAILED, UNKNOWN = "SUCCEEDED", "REFUSED", "FAILED", "UNKNOWN"
ENDED = (SUCCEEDED, REFUSED, FAILED)

#: A form is good for a day.
FORM_AGE = timedelta(hours=24)

#: A claim outlives the Lambda time-out (30 s); only then may another process take over what was never sent.
CLAIM_SECONDS = 60

#: How soon the settler looks at an operation that was sent.
CHECK_AFTER = timedelta(seconds=60)

_FOREVER = 2**53


@dataclass(frozen=True)
class Subject:
    """What an operation is about: ids as Shopify's numbers; a guest customer is `order-` and the order's number."""

    store: str
    action: str
    customer: str
    order: str = ""
    order_name: str = ""


@dataclass(frozen=True)
class Agent:
    """Who acts, from where, as far as the helpdesk says it."""

    id: str = ""
    name: str = ""
    conversation: str = ""


@dataclass(frozen=True)
class Reply:
    """What the agent is answered: an HTTP status and a JSON body."""

    status: int
    body: dict[str, Any]


class AlreadyAnswered(Exception):
    """The operation has its answer; it stands in `reply`, and nothing is done again."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


@dataclass
class Operation:
    """A claimed operation: this process, and no other, may carry it out."""

    operation: str
    subject: Subject
    agent: Agent
    facts: dict[str, Any]
    attempt: int
    claim: str
    holds: bool = True
    state: str = PENDING
    draft: dict[str, Any] = field(default_factory=dict)
    sent_at: str = ""

    @property
    def key(self) -> str:
        """What Shopify is given to find it again; another attempt with other values is another key."""
        return self.operation if self.attempt == 1 else f"{self.operation}-{self.attempt}"

    @property
    def mark(self) -> str:
        """The key as it is written where Shopify keeps it."""
        return f"Orderdesk {self.key}"

    def send(self, **draft: Any) -> None:
        """PENDING → SENT, right before Shopify is called. `draft` is what the timeline entry will say, as far as
        it is known (reason, amount, currency), and what the settler needs to find the outcome.

        Raises Refused where another process has taken the operation or the order meanwhile; nothing was sent then.
        """
        self.draft = draft
        now = _now()
        writes = [
            update(
                self.operation,
                put={
                    "state": SENT,
                    "sent_at": _iso(now),
                    "draft": json.dumps(draft),
                    "unsettled": "yes",
                    "check_at": _iso(now + CHECK_AFTER),
                },
                when="#state = :pending AND #claim = :mine",
                given={"pending": PENDING, "mine": self.claim},
            )
        ]
        if hold := _hold(self.subject):
            writes.append(
                update(
                    hold,
                    put={"until": _FOREVER},
                    when="#holder = :mine",
                    given={"mine": self.operation},
                )
            )
        if transact(*writes):
            raise Refused("Another process took over this request.", "Nothing was done twice. Open the order again.")
        self.state = SENT

    def succeed(self, message: str, detail: str, **facts: Any) -> Reply:
        """It is done: reply and timeline entry, in one transaction. `facts` are the entry's, as Shopify gave them."""
        reply = Reply(200, {"message": message, "detail": detail})
        self._conclude(SUCCEEDED, reply, {"message": message, "detail": detail} | facts)
        return reply

    def end(self, error: OrderdeskError) -> None:
        """Refused or failed: the error's reply and a timeline entry, in one transaction."""
        state = FAILED if isinstance(error, Failed) else REFUSED
        words = {"message": error.message, "detail": error.detail}
        self._conclude(
            state,
            Reply(error.status, {"errors": error.errors()}),
            words | error.shopify,
            correctable=isinstance(error, Correctable),
        )

    def give_back(self) -> None:
        """PENDING → OFFERED with `facts` as they are now: nothing was sent, and the form stays on the screen."""
        writes = [
            update(
                self.operation,
                put={"state": OFFERED, "facts": json.dumps(self.facts), "attempt": self.attempt - 1},
                drop=("claim", "claimed_until", "values"),
                when="#state = :pending AND #claim = :mine",
                given={"pending": PENDING, "mine": self.claim},
            )
        ]
        writes += self._release()
        transact(*writes)

    def unknown(self) -> None:
        """SENT → UNKNOWN: it may have happened. The hold on the order stays until it is settled."""
        transact(
            update(
                self.operation,
                put={"state": UNKNOWN},
                when="#state = :sent AND #claim = :mine",
                given={"sent": SENT, "mine": self.claim},
            )
        )
        self.state = UNKNOWN

    def fail(self, message: str, detail: str) -> None:
        """It is known not to have happened: reply and timeline entry say so, in one transaction."""
        error = Failed(message, detail)
        self._conclude(FAILED, Reply(error.status, {"errors": error.errors()}), {"message": message, "detail": detail})

    def check_later(self) -> None:
        """Look at it again later, the older it is the later; others get their turn first."""
        age = _now() - datetime.fromisoformat(self.sent_at)
        transact(
            update(
                self.operation,
                put={"check_at": _iso(_now() + min(max(CHECK_AFTER, age), timedelta(hours=1)))},
                when="#state = :now AND #claim = :mine",
                given={"now": self.state, "mine": self.claim},
            )
        )

    @property
    def age(self) -> timedelta:
        """How long ago it was sent."""
        return _now() - datetime.fromisoformat(self.sent_at)

    def _conclude(self, state: str, reply: Reply, facts: Mapping[str, Any], *, correctable: bool = False) -> None:
        now = _now()
        writes = [
            update(
                self.operation,
                put={
                    "state": state,
                    "ended_at": _iso(now),
                    "reply": json.dumps({"status": reply.status, "body": reply.body}),
                    "correctable": correctable,
                },
                drop=("unsettled", "check_at", "claimed_until", "expires_at"),
                when="#state = :now AND #claim = :mine",
                given={"now": self.state, "mine": self.claim},
            ),
            timeline.put(self.subject.store, self._entry(state, now, facts)),
            *self._release(),
        ]
        if refusals := transact(*writes):
            # Somebody else has ended it meanwhile (the settler): what is written stands.
            logger.error("The result was recorded by another", operation=self.operation, refusals=_codes(refusals))
            return
        self.state = state

    def _entry(self, state: str, now: datetime, facts: Mapping[str, Any]) -> dict[str, Any]:
        known = {name: value for name, value in self.draft.items() if name in timeline.SHOWN}
        return {
            "operation": self.operation,
            "attempt": self.attempt,
            "at": _iso(now),
            "action": self.subject.action,
            "outcome": state,
            "agent_id": self.agent.id,
            "agent_name": self.agent.name,
            "conversation": self.agent.conversation,
            "customer": self.subject.customer,
            "order": self.subject.order,
            "order_name": self.subject.order_name,
            **known,
            **facts,
        }

    def _release(self) -> list[dict[str, Any]]:
        hold = _hold(self.subject) if self.holds else None
        if not hold:
            return []
        return [
            {
                "Delete": {
                    "TableName": operations_table(),
                    "Key": attributes({"operation": hold}),
                    "ConditionExpression": "attribute_not_exists(#o) OR #h = :mine",
                    "ExpressionAttributeNames": {"#o": "operation", "#h": "holder"},
                    "ExpressionAttributeValues": attributes({":mine": self.operation}),
                }
            }
        ]


def unsettled(at_most: int) -> list[Operation]:
    """Operations that were sent and have no end, those first that have waited longest for a look."""
    answer = dynamodb().query(
        TableName=operations_table(),
        IndexName="unsettled",
        KeyConditionExpression="unsettled = :yes AND check_at <= :now",
        ExpressionAttributeValues=attributes({":yes": "yes", ":now": _iso(_now())}),
        Limit=at_most,
    )
    return [_restored(plain(item)) for item in answer["Items"]]


def _restored(item: Mapping[str, Any]) -> Operation:
    return Operation(
        operation=item["operation"],
        subject=_subject(item),
        agent=_known(Agent(), item),
        facts=json.loads(item["facts"]),
        attempt=int(item["attempt"]),
        claim=item["claim"],
        state=item["state"],
        draft=json.loads(item["draft"]),
        sent_at=item["sent_at"],
    )


def offer(subject: Subject, agent: Agent, facts: Mapping[str, Any]) -> str:
    """A new operation for a form that shows `facts` (JSON); its id goes into the form's `actionUrl`."""
    operation = str(uuid.uuid4())
    now = _now()
    item = {
        "operation": operation,
        "state": OFFERED,
        "store": subject.store,
        "action": subject.action,
        "customer": subject.customer,
        "order": subject.order,
        "order_name": subject.order_name,
        "agent_id": agent.id,
        "agent_name": agent.name,
        "conversation": agent.conversation,
        "facts": json.dumps(dict(facts)),
        "attempt": 0,
        "offered_at": _iso(now),
        "expires_at": int((now + 2 * FORM_AGE).timestamp()),
    }
    with _tables_answer():
        dynamodb().put_item(
            TableName=operations_table(),
            Item=attributes(item),
            ConditionExpression="attribute_not_exists(operation)",
        )
    return operation


@contextmanager
def carried_out(
    operation: str,
    store: str,
    action: str,
    order_or_customer: str,
    agent: Agent,
    values: Mapping[str, Any],
    deadline: Deadline,
) -> Iterator[Operation]:
    """Claim an operation, and see to it that it ends in a state that is true, whatever leaves the block.

    Raises AlreadyAnswered for a resend, Refused for other values, another order, an old form or an order that is
    held, OutcomeUnknown where an earlier submit of it is not settled. Leaving the block without an error takes it
    that `succeed` was called.
    """
    claimed = _claim(operation, store, action, order_or_customer, agent, values, deadline)
    logger.append_keys(operation=operation)
    try:
        yield claimed
    except Exception as error:
        raise _ended(claimed, error) from error


def _ended(claimed: Operation, error: Exception) -> Exception:
    """What the agent is told, after the operation has been brought to the state that the error means."""
    try:
        if claimed.state == PENDING:
            return _ended_unsent(claimed, error)
        if claimed.state != SENT:
            return error
        if isinstance(error, AnswerLost) or not isinstance(error, OrderdeskError):
            if not isinstance(error, OrderdeskError):
                logger.exception("An operation broke after it was sent", operation=claimed.operation)
            claimed.unknown()
            return _not_known(claimed.subject)
        refused = Refused(error.message, error.detail, code=error.code) if isinstance(error, NothingHappened) else error
        claimed.end(refused)
        return refused
    except (BotoCoreError, ClientError):
        logger.exception("An operation's state could not be written", operation=claimed.operation)
        return error if claimed.state == PENDING else _not_known(claimed.subject)


def _ended_unsent(claimed: Operation, error: Exception) -> Exception:
    if isinstance(error, Refused):
        claimed.end(error)
    else:
        claimed.give_back()
    return error


def _claim(
    operation: str,
    store: str,
    action: str,
    order_or_customer: str,
    agent: Agent,
    values: Mapping[str, Any],
    deadline: Deadline,
) -> Operation:
    """OFFERED → PENDING for this process alone, with the hold on the order where money moves."""
    with _tables_answer():
        item = _stored(operation)
    while True:
        subject, facts = _checked(item, store, action, order_or_customer), json.loads(item["facts"])
        digest = _digest(values)
        if item["state"] == OFFERED:
            _still_fresh(item)
        elif not _open_again(item, digest):
            _answered(item, digest, subject, deadline)
        claimed = Operation(
            operation, subject, _known(agent, item), facts, int(item["attempt"]) + 1, claim=str(uuid.uuid4())
        )
        with _tables_answer():
            refusals = transact(*_claim_writes(claimed, item, digest))
        if not refusals:
            return claimed
        if len(refusals) > 1 and refusals[1]:
            _order_is_held(claimed, item, digest)
        # Somebody was faster on the operation itself: look again at what it has become.
        time.sleep(min(0.1, deadline.left()))
        if not deadline.left():
            raise _not_known(subject)
        with _tables_answer():
            item = _stored(operation)


def _claim_writes(claimed: Operation, item: Mapping[str, Any], digest: str) -> list[dict[str, Any]]:
    now = time.time()
    writes = [
        update(
            claimed.operation,
            put={
                "state": PENDING,
                "claim": claimed.claim,
                "claimed_until": int(now) + CLAIM_SECONDS,
                "attempt": claimed.attempt,
                "values": digest,
                "agent_id": claimed.agent.id,
                "agent_name": claimed.agent.name,
                "conversation": claimed.agent.conversation,
                "submitted_at": _iso(_now()),
            },
            drop=("expires_at",),
            when="#state = :was AND #attempt = :before"
            " AND ( attribute_not_exists(#claimed_until) OR #claimed_until < :now )",
            given={"was": item["state"], "before": item["attempt"], "now": int(now)},
        )
    ]
    if hold := _hold(claimed.subject):
        writes.append(
            update(
                hold,
                put={"holder": claimed.operation, "until": int(now) + CLAIM_SECONDS},
                when="attribute_not_exists(#operation) OR #holder = :mine OR #until < :now",
                given={"mine": claimed.operation, "now": int(now)},
            )
        )
    return writes


def _order_is_held(claimed: Operation, item: Mapping[str, Any], digest: str) -> None:
    """The loser of two operations that move money on one order: told so, dismissed, and on the timeline."""
    refused = Refused(
        f"Order {claimed.subject.order_name} is being cancelled or refunded just now.",
        "Nothing was changed by this request. Somebody else's is under way; open the order again to see what it did.",
        code="order_busy",
    )
    with _tables_answer():
        if not transact(_claim_writes(claimed, item, digest)[0]):
            claimed.holds = False
            claimed.end(refused)
            raise refused


def _stored(operation: str) -> dict[str, Any]:
    answer = dynamodb().get_item(
        TableName=operations_table(), Key=attributes({"operation": operation}), ConsistentRead=True
    )
    item = plain(answer.get("Item", {}))
    if "state" not in item:
        raise Refused(
            "This form is no longer valid.",
            "Nothing was changed. Close it and open it again.",
            code="form_expired",
        )
    return item


def _checked(item: Mapping[str, Any], store: str, action: str, order_or_customer: str) -> Subject:
    """The subject of the operation, which must be the one that the address names."""
    subject = _subject(item)
    if (subject.store, subject.action, subject.order or subject.customer) != (
        store,
        action,
        order_or_customer,
    ):
        raise Refused(
            "This form belongs to another order.",
            "Nothing was changed. Close it and open it again.",
            code="form_expired",
        )
    return subject


def _subject(item: Mapping[str, Any]) -> Subject:
    return Subject(item["store"], item["action"], item["customer"], item.get("order", ""), item.get("order_name", ""))


def _still_fresh(item: Mapping[str, Any]) -> None:
    if _now() - datetime.fromisoformat(item["offered_at"]) > FORM_AGE:
        raise Refused(
            "This form is more than a day old.",
            "Nothing was changed. Close it and open it again.",
            code="form_expired",
        )


def _open_again(item: Mapping[str, Any], digest: str) -> bool:
    """True where the values may be submitted although there was an attempt: it was never sent by a process that is
    gone, or Shopify refused other values and said that nothing happened."""
    if item["state"] == PENDING:
        return bool(item["claimed_until"] < time.time())
    return bool(item["state"] == REFUSED and item.get("correctable") and item["values"] != digest)


def _answered(item: Mapping[str, Any], digest: str, subject: Subject, deadline: Deadline) -> None:
    """Answer a resend: with the stored reply, waiting for it while the first is at work. Never returns."""
    if item["values"] != digest:
        raise Refused(
            "This request was already made with other values.",
            "Nothing more was done. Close the form and open it again.",
            code="other_values",
        )
    current = dict(item)
    while current["state"] not in ENDED and deadline.left() > 0.5:
        if current["state"] == UNKNOWN:
            break
        time.sleep(0.25)
        with _tables_answer():
            current = _stored(item["operation"])
        if current["state"] == OFFERED:
            raise Refused(
                "The request before this one was not carried out.",
                "Nothing was changed. Open the form again.",
            )
    if current["state"] not in ENDED:
        raise _not_known(subject)
    stored = json.loads(current["reply"])
    raise AlreadyAnswered(Reply(stored["status"], stored["body"]))


def _not_known(subject: Subject) -> OutcomeUnknown:
    what = f"order {subject.order_name}" if subject.order_name else "this customer"
    return OutcomeUnknown(
        "It is not yet known whether Shopify did it.",
        f"It may have worked. Please do not try again: it is being checked, and the timeline of {what} will say "
        "what happened within a few minutes.",
    )


def _known(agent: Agent, item: Mapping[str, Any]) -> Agent:
    """The agent of the submit; where the helpdesk does not say, the one who opened the form."""
    return Agent(
        agent.id or item.get("agent_id", ""),
        agent.name or item.get("agent_name", ""),
        agent.conversation or item.get("conversation", ""),
    )


def _hold(subject: Subject) -> str | None:
    return f"order/{subject.store}/{subject.order}" if subject.action in MONEY_ACTIONS else None


def _digest(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(dict(values), sort_keys=True, default=str).encode()).hexdigest()


def _codes(refusals: list[dict[str, Any]]) -> list[str]:
    return [str(r.get("Code", "")) for r in refusals]


def _now() -> datetime:
    return datetime.now(UTC)


def _iso(moment: datetime) -> str:
    """ISO 8601 UTC to the millisecond, so that text sorts as time does."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def _tables_answer() -> Iterator[None]:
    """Nothing was sent yet: a table that does not answer means that nothing happened."""
    try:
        yield
    except (BotoCoreError, ClientError) as failure:
        logger.exception("DynamoDB did not answer", cause=type(failure).__name__)
        raise SettingsUnavailable(
            "Orderdesk could not reach its own records.",
            "Nothing was changed. Please try again in a minute.",
            code="records_unavailable",
        ) from None


__all__ = [
    "Agent", "AlreadyAnswered", "Operation", "Reply", "Subject", "carried_out", "offer", "unsettled",
]  # fmt: skip
