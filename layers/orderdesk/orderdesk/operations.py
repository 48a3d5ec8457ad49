"""Operations: every submit, as an item of its own, so that it is carried out at most once.

    OFFERED → PENDING → SENT → SUCCEEDED | REFUSED | FAILED | UNKNOWN,   UNKNOWN → SUCCEEDED | FAILED

OFFERED is a form on somebody's screen, with the facts it showed. PENDING is being decided; nothing was sent, so it
may go back to OFFERED. Once SENT it is never released: a process that dies there leaves it for `reconcile_operations`,
which finds PENDING, SENT and UNKNOWN items over a sparse index. Result and timeline entry are written in one
transaction. For actions that move money, and for the note, an order has one lock at a time, an item of the same table.
How an operation becomes PENDING stands in `claims`.
"""

import json
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from . import actions, metrics, open_operations, timeline
from .agents import Agent
from .deadline import Deadline
from .errors import Correctable, Failed, OrderdeskError, Refused, ShopifyUnavailable, bounded
from .replies import Reply
from .tables import attributes, delete, dynamodb, operations_table, plain, tables_answer, transact, update

logger = Logger(service="orderdesk", child=True)

OFFERED, PENDING, SENT = "OFFERED", "PENDING", "SENT"
SUCCEEDED, REFUSED, FAILED, UNKNOWN = "SUCCEEDED", "REFUSED", "FAILED", "UNKNOWN"
#: Of an outcome only: Shopify has done it, and somebody behind Shopify has yet to do their part. Stored as UNKNOWN,
#: with the agent's reply.
UNDER_WAY = "UNDER_WAY"
#: Of an outcome only: by Shopify's record, Shopify itself may still carry it out. Stored as UNKNOWN; the order stays
#: locked.
RUNNING = "RUNNING"

#: A form is good for a day.
FORM_AGE = timedelta(hours=24)

#: How soon the reconciler looks at an operation that was sent by a process of which nothing was heard again.
CHECK_AFTER = timedelta(seconds=60)
_CHECK_AT_LEAST = timedelta(minutes=5)
#: What is under way is looked at ever more rarely: after a twelfth of its age, and at least so often.
_CHECK_UNDER_WAY = timedelta(hours=6)
#: What keeps an order locked is looked at more often.
_CHECK_RUNNING = timedelta(hours=1)

#: With less time than this left, nothing is sent that changes anything: its answer would be lost.
LEAST_SECONDS = 2.0

_FOREVER = 2**53

#: Bytes that the facts of a form, and the draft of what is sent, may take. DynamoDB keeps 400 KB in an item, in which
#: the reply has to find its place as well (`errors.TEXT_AT_MOST`).
_ROOM = 100_000

#: What a form that is on the screen again no longer has.
_OF_A_SUBMIT = (
    "claim", "claimed_until", "values", "unsettled", "check_at", "sent_at", "draft", "lock",
    *open_operations.ATTRIBUTES,
)  # fmt: skip


class Subject(NamedTuple):
    """What an operation is about: ids as Shopify's numbers; a guest customer is `order-` and the order's number.

    `shop`: the domain of the shop that has them (`x.myshopify.com`). A store may be given another shop while an
    operation is open, and two stores may be one shop. Operations of early versions have none.
    """

    store: str
    action: str
    customer: str
    order: str = ""
    order_name: str = ""
    shop: str = ""


class Outcome(NamedTuple):
    """What became of an operation by Shopify's own record: SUCCEEDED, REFUSED, FAILED, UNDER_WAY, RUNNING, or UNKNOWN
    while that cannot be said.

    `facts` are the timeline entry's (`amount` and `currency` as text, `shopify` with ids), or what helps to follow it.
    """

    state: str
    message: str
    detail: str
    facts: dict[str, Any]

    @property
    def open(self) -> bool:
        """True while it may still come to its end: Shopify, or somebody behind it, has yet to do their part."""
        return self.state in (UNDER_WAY, RUNNING)

    def bounded(self) -> "Outcome":
        """The outcome with texts of a length that can be stored."""
        return self._replace(message=bounded(self.message), detail=bounded(self.detail))

    def reply(self) -> Reply:
        """What the agent is answered."""
        if self.state in (SUCCEEDED, UNDER_WAY):
            return Reply(200, {"message": self.message, "detail": self.detail})
        return Reply(406, {"errors": Failed(self.message, self.detail, code=self.state.lower()).errors()})


@dataclass
class Operation:
    """A claimed operation: this process, and no other, may carry it out.

    `lock`: the key of the lock that it has, on the order's money or its note; "" if it has none. `answered`: the agent
    has been told what Shopify did, and only somebody behind Shopify has yet to end their part.
    """

    operation: str
    subject: Subject
    agent: Agent
    facts: dict[str, Any]
    attempt: int
    claim: str
    lock: str = ""
    state: str = PENDING
    draft: dict[str, Any] = field(default_factory=dict)
    sent_at: str = ""
    deadline: Deadline | None = None
    offered_at: datetime = field(default_factory=lambda: now())
    answered: bool = False
    ended: bool = False

    @property
    def key(self) -> str:
        """What Shopify is given to find it again; another attempt with other values is another key."""
        return self.operation if self.attempt == 1 else f"{self.operation}-{self.attempt}"

    @property
    def mark(self) -> str:
        """The key as it is written where Shopify keeps it."""
        return f"Orderdesk {self.key}"

    @property
    def age(self) -> timedelta:
        """How long ago it was sent, or submitted where it never was."""
        return now() - datetime.fromisoformat(self.sent_at)

    @property
    def found(self) -> Outcome | None:
        """What Shopify's record said of it at the last look that was answered, if it was under way or running then."""
        return Outcome(**self.draft["found"]) if "found" in self.draft else None

    @property
    def taken_on(self) -> bool:
        """Whether Shopify has it, by what it has answered so far, and has not ended it."""
        return self.answered or is_taken_on(self.draft)

    @property
    def silent_for(self) -> timedelta:
        """Since when no look at it was answered; nothing if the last one was."""
        since = self.draft.get("silent_since")
        return now() - datetime.fromisoformat(since) if since else timedelta()

    @property
    def hindered(self) -> str:
        """Why the last look could not be answered, as a sentence; "" if it was, or if Shopify was out of reach."""
        return str(self.draft.get("hindered") or "")

    def send(self, **draft: Any) -> None:
        """PENDING → SENT, right before Shopify is called. `draft` is what the timeline entry will say, as far as
        it is known (reason, amount, currency), and what the reconciler needs to find the outcome.

        Raises Refused where another process has taken the operation or the order meanwhile, ShopifyUnavailable where
        no time is left, SettingsUnavailable where it could not be written; nothing was sent then.
        """
        if self.deadline and self.deadline.left() < LEAST_SECONDS:
            raise ShopifyUnavailable(
                "There was not enough time left.", "Nothing was changed: it was not begun. Please try again."
            )
        self.draft = draft
        _require_room(json_of(draft))
        moment = now()
        writes = [
            update(
                self.operation,
                put={
                    "state": SENT,
                    "sent_at": iso(moment),
                    "draft": json_of(draft),
                    "shop": self.subject.shop,
                    "lock": self.lock or None,
                    "check_at": iso(moment + CHECK_AFTER),
                    **open_operations.attributes_of(self, SENT, iso(moment)),
                },
                # SENT by this very claim: the second try of a write whose answer was lost.
                when="( #state = :pending OR #state = :sent ) AND #claim = :mine",
                given={"pending": PENDING, "sent": SENT, "mine": self.claim},
            )
        ]
        if self.lock:
            mine = {"mine": self.operation}
            kept = update(self.lock, put={"until": _FOREVER}, drop=("expires_at",), when="#holder = :mine", given=mine)
            writes.append(kept)
        with tables_answer():
            written = transact(*writes)
        if not written:
            raise Refused("Another process took over this request.", "Nothing was done twice. Open the order again.")
        self.state, self.sent_at = SENT, iso(moment)

    def succeed(self, message: str, detail: str, **facts: Any) -> Reply:
        """It is done: reply and timeline entry, in one transaction. `facts` are the entry's, as Shopify gave them."""
        return self.conclude(Outcome(SUCCEEDED, message, detail, facts))

    def conclude(self, outcome: Outcome, *, release: bool = True) -> Reply:
        """The end by Shopify's record: reply and timeline entry. Where they cannot be written now, the agent is told
        the truth all the same, and the reconciler writes them. Without `release` the order stays locked for good."""
        outcome = outcome.bounded()
        reply = outcome.reply()
        words = {"message": outcome.message, "detail": outcome.detail}
        if not self._conclude(outcome.state, reply, words | outcome.facts, release=release):
            return outcome._replace(detail=f"{outcome.detail} The timeline will show it in a few minutes.").reply()
        return reply

    def end(self, error: OrderdeskError) -> None:
        """Refused or failed: the error's reply and a timeline entry, in one transaction."""
        self._conclude(
            FAILED if isinstance(error, Failed) else REFUSED,
            Reply(error.status, {"errors": error.errors()}),
            {"message": error.message, "detail": error.detail} | error.facts,
            correctable=isinstance(error, Correctable),
        )

    def give_back(self) -> None:
        """PENDING → OFFERED with `facts` as they are now: nothing was sent, and the form stays on the screen.

        SENT counts as PENDING here: where this process could not tell whether that was written, it went no further.
        """
        change = update(
            self.operation,
            put={
                "state": OFFERED,
                "facts": json_of(self.facts),
                "attempt": self.attempt - 1,
                "expires_at": _form_ends(now()),
            },
            drop=_OF_A_SUBMIT,
            when="( #state = :pending OR #state = :sent ) AND #claim = :mine",
            given={"pending": PENDING, "sent": SENT, "mine": self.claim},
        )
        transact_and_release(change, release=self._release())

    def unknown(self, **found: Any) -> None:
        """SENT → UNKNOWN: it may have happened. The lock on the order stays until it is reconciled.

        `found` is what the reconciler may follow it by.
        """
        self.draft |= found
        self._follow({})

    def under_way(self, outcome: Outcome) -> Reply:
        """SENT or UNKNOWN → UNKNOWN with an answer: Shopify did its part, and somebody behind it has yet to end theirs.

        The order is locked no longer; the reconciler watches, and the entry is written at the end.
        """
        outcome = outcome.bounded()
        reply = outcome.reply()
        self.draft |= outcome.facts | {"found": outcome._asdict()}
        stored = json_of({"status": reply.status, "body": reply.body})
        self.answered = True
        self._follow({"reply": stored, "holds": False}, release=self._release())
        return reply

    def looked(self, found: Outcome | None) -> None:
        """Shopify has answered a look at it; `found` is what it said if it is under way or running."""
        self.draft.pop("silent_since", None)
        self.draft.pop("hindered", None)
        self.draft["looked_at"] = iso(now())
        if found:
            self.draft["found"] = found.bounded()._asdict()
            self.draft |= found.bounded().facts if self.answered else {}
        elif not self.answered:
            self.draft.pop("found", None)

    def not_looked(self, why: str) -> None:
        """A look at it was not answered, `why` says a sentence or "". What was known before stays known."""
        self.draft.setdefault("silent_since", iso(now()))
        self.draft["hindered"] = why

    def check_later(self) -> None:
        """Look at it again later, the older it is the later; others get their turn first."""
        wait = min(max(CHECK_AFTER, self.age), _CHECK_AT_LEAST)
        if self.answered:
            wait = max(wait, min(self.age / 12, _CHECK_UNDER_WAY))
        elif "found" in self.draft:
            wait = max(wait, min(self.age / 48, _CHECK_RUNNING))
        put: dict[str, Any] = {
            "check_at": iso(now() + wait),
            "draft": json_of(self.draft),
            "customer": self.subject.customer,
        }
        put |= open_operations.attributes_of(self, self.state, self.sent_at)
        self._write(update(self.operation, put=put, drop=("unreadable_since",), **self._as_it_is()))

    def _follow(self, more: Mapping[str, Any], release: Sequence[dict[str, Any]] = ()) -> None:
        shown = open_operations.attributes_of(self, UNKNOWN, self.sent_at)
        put = {"state": UNKNOWN, "draft": json_of(self.draft), "check_at": iso(now()), **shown, **more}
        if self._write(update(self.operation, put=put, **self._as_it_is()), release=release):
            self.state = UNKNOWN
            # What is under way has an answer, and is counted by its end.
            if not self.answered:
                metrics.outcome(UNKNOWN, store=self.subject.store, action=self.subject.action)

    def _conclude(
        self, state: str, reply: Reply, facts: Mapping[str, Any], *, correctable: bool = False, release: bool = True
    ) -> bool:
        moment = now()
        writes = (
            update(
                self.operation,
                put={
                    "state": state,
                    "customer": self.subject.customer,
                    "ended_at": iso(moment),
                    "expires_at": int((moment + kept_for()).timestamp()),
                    "reply": json_of({"status": reply.status, "body": reply.body}),
                    "correctable": correctable,
                },
                drop=("unsettled", "check_at", "claimed_until", "unreadable_since", *open_operations.ATTRIBUTES),
                **self._as_it_is(),
            ),
            timeline.put(self.subject.store, self._entry(state, moment, facts)),
        )
        self.ended = self._write(*writes, release=self._release() if release else self._keep())
        if self.ended:
            self.state = state
            metrics.outcome(state, store=self.subject.store, action=self.subject.action)
        return self.ended

    def _write(self, *writes: dict[str, Any], release: Sequence[dict[str, Any]] = ()) -> bool:
        """False where it could not be written, or where somebody else has written meanwhile, which then stands.

        Whatever was not written is found by the reconciler.
        """
        try:
            written = transact_and_release(*writes, release=release)
        except (BotoCoreError, ClientError) as failure:
            logger.exception(
                "An operation's state could not be written", operation=self.operation, cause=type(failure).__name__
            )
            metrics.record("TimelineWriteFailed", store=self.subject.store, action=self.subject.action)
            return False
        if not written:
            logger.error("Another process wrote the operation's state first", operation=self.operation)
        return written

    def _as_it_is(self) -> dict[str, Any]:
        """The condition that nobody else has written since this process looked."""
        return {"when": "#state = :now AND #claim = :mine", "given": {"now": self.state, "mine": self.claim}}

    def _entry(self, state: str, moment: datetime, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The timeline entry. An amount is on it only where money moved, or where a code was created."""
        drafted = timeline.SHOWN if state == SUCCEEDED else ("reason",)
        return {
            "operation": self.operation,
            "attempt": self.attempt,
            "at": iso(moment),
            "action": self.subject.action,
            "outcome": state,
            "agent_id": self.agent.id,
            "agent_name": self.agent.name,
            "conversation": self.agent.conversation,
            "customer": self.subject.customer,
            "order": self.subject.order,
            "order_name": self.subject.order_name,
            # The agent was told nothing, or that it is not known: the next profile tells how it ended.
            "late": True if self.state == UNKNOWN or self.deadline is None else None,
            "code": self.draft.get("code"),
            **{name: value for name, value in self.draft.items() if name in drafted},
            **facts,
        }

    def _keep(self) -> list[dict[str, Any]]:
        """The lock shown as one that stays."""
        put = open_operations.kept_lock(self, self.sent_at)
        given = {"mine": self.operation}
        return [update(self.lock, put=put, when="#holder = :mine", given=given)] if self.lock else []

    def _release(self) -> list[dict[str, Any]]:
        when = "attribute_not_exists(#operation) OR #holder = :mine"
        return [delete(self.lock, when=when, given={"mine": self.operation})] if self.lock else []


def offer(subject: Subject, agent: Agent, facts: Mapping[str, Any]) -> str:
    """A new operation for a form that shows `facts` (JSON); its id goes into the form's `actionUrl`.

    Raises Refused if the facts are larger than what can be kept, SettingsUnavailable if the table does not answer.
    """
    operation = str(uuid.uuid4())
    moment = now()
    _require_room(json_of(dict(facts)))
    item = {
        "operation": operation,
        "state": OFFERED,
        "agent_id": agent.id,
        "agent_name": agent.name,
        "conversation": agent.conversation,
        "facts": json_of(dict(facts)),
        "attempt": 0,
        "offered_at": iso(moment),
        "expires_at": _form_ends(moment),
    }
    with tables_answer():
        dynamodb().put_item(TableName=operations_table(), Item=attributes(subject._asdict() | item))
    return operation


def unsettled() -> Iterator[dict[str, Any]]:
    """Operations, as they are stored, that were submitted and have no end, those first that have waited longest for a
    look. `restored` reads one."""
    pages = (
        dynamodb()
        .get_paginator("query")
        .paginate(
            TableName=operations_table(),
            IndexName="unsettled",
            KeyConditionExpression="unsettled = :yes AND check_at <= :now",
            ExpressionAttributeValues=attributes({":yes": "yes", ":now": iso(now())}),
            PaginationConfig={"PageSize": 50},
        )
    )
    for page in pages:
        yield from (plain(item) for item in page["Items"])


def restored(item: Mapping[str, Any]) -> Operation:
    """A stored operation that was submitted, of this version or an earlier one.

    Raises KeyError, TypeError or ValueError if it cannot be read.
    """
    subject = subject_of(item)
    return Operation(
        operation=item["operation"],
        subject=subject,
        agent=Agent.of(item),
        facts=json.loads(item["facts"]),
        attempt=int(item["attempt"]),
        claim=item["claim"],
        lock=lock_kept(item),
        state=item["state"],
        draft=json.loads(item.get("draft", "{}")),
        sent_at=item.get("sent_at") or item["submitted_at"],
        answered="reply" in item,
    )


def lock_kept(item: Mapping[str, Any]) -> str:
    """The key of the lock that a stored operation has; "" if it has none.

    What was never sent has its lock only until the claim ends, and by now somebody else may have it. Operations of
    early versions do not name their lock.
    """
    if item.get("state") == PENDING or not item.get("holds", True):
        return ""
    return str(item.get("lock") or lock_of(subject_of(item)))


def is_taken_on(draft: Mapping[str, Any]) -> bool:
    """Whether Shopify has taken on what was sent, by what is stored of its answers."""
    return "found" in draft or "job_result" in draft


def subject_of(item: Mapping[str, Any]) -> Subject:
    """The subject of a stored operation."""
    return Subject(*(item.get(name, "") for name in Subject._fields))


def lock_of(subject: Subject) -> str:
    """The key of the lock that one operation at a time may have: on the order's money, or on its note; "" for others.

    By the shop, since two stores may be one shop. Early versions locked by the store.
    """
    lock = actions.of(subject.action).lock
    return f"{lock.on}/{subject.shop or subject.store}/{subject.order}" if lock else ""


def transact_and_release(*writes: dict[str, Any], release: Sequence[dict[str, Any]]) -> bool:
    """All of the writes, with the release of a lock. A lock that the operation no longer has keeps none of them from
    being made. False if somebody else has written the operation meanwhile. Any failure is botocore's own error."""
    return transact(*writes, *release) or bool(release and transact(*writes))


def kept_for() -> timedelta:
    """How long an operation is kept after its end."""
    return timedelta(days=int(os.environ["OPERATION_RETENTION_DAYS"]))


def json_of(value: Any) -> str:
    """JSON as it is stored: each character as itself, which takes a third of the room of its escape."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()


def _require_room(text: str) -> None:
    """Raise Refused if the text is larger than what an operation has room for."""
    if len(text.encode()) > _ROOM:
        raise Refused(
            "This is too large for Orderdesk.",
            "Nothing was changed. Please make the change in Shopify, or in smaller steps.",
            code="too_large",
        )


def _form_ends(moment: datetime) -> int:
    """When a form that was opened at `moment` may be forgotten, as DynamoDB's time to live wants it."""
    return int((moment + 2 * FORM_AGE).timestamp())


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """ISO 8601 UTC to the millisecond, so that text sorts as time does."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
