"""A claimed operation, and each step that it can take from there: one verb each, one write each.

The steps are those of `model.TRANSITIONS`. Once SENT it is never released: a process that dies there leaves it for
`reconcile_operations`, which finds PENDING, SENT and UNKNOWN operations over a sparse index (`shards`). Result and
timeline entry are written in one transaction.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from aws_lambda_powertools import Logger
from boto3.dynamodb.conditions import Attr, ConditionBase
from botocore.exceptions import BotoCoreError, ClientError

from .. import actions, metrics, timeline
from ..deadline import Deadline
from ..errors import Changed, Correctable, Failed, OrderdeskError, Refused, ShopifyUnavailable
from ..limits import NO_LIMITS, Limits
from ..shopify import Sent
from ..tables import LONGER_WAITS, not_met, stored, tables_answer, transact, update
from ..worth import Worth
from . import card, counts, lock, shards
from .approval import Approval, ApprovalNeeded, require_possible
from .counts import Count
from .create import form_ends, with_room
from .model import (
    CREATED,
    EARLIER_NAMES,
    FAILED,
    PENDING,
    REFUSED,
    SENT,
    SUCCEEDED,
    TRANSITIONS,
    UNKNOWN,
    WAITING,
    Agent,
    Reply,
    Subject,
    is_taken_on,
    iso,
    json_of,
    kept_for,
    now,
    of_today,
)
from .outcome import Outcome

logger = Logger(service="orderdesk", child=True)

#: How soon the reconciler looks again at an operation whose outcome it did not find.
CHECK_AFTER = timedelta(seconds=60)
#: How soon after a look that Shopify did not answer: before the next run of each minute, so that a store which is back
#: is noticed by that run. One operation of a store is asked for in a run, so that costs little.
CHECK_AFTER_SILENCE = timedelta(seconds=30)
_CHECK_AT_LEAST = timedelta(minutes=5)
#: By then a person is called, and the store is no longer expected to be back any minute.
_CHECK_OFTEN_UNTIL = timedelta(hours=24)
#: What is under way is looked at less and less often: after a twelfth of its age, but at least this often.
_CHECK_UNDER_WAY = timedelta(hours=6)
#: What keeps an order locked is looked at more often.
_CHECK_RUNNING = timedelta(hours=1)

#: With less time than this left, nothing is sent that changes anything: its answer would be lost.
LEAST_SECONDS = 2.0

#: What an operation has only while it has no end.
WHILE_OPEN = (
    shards.ATTRIBUTE, "open_shard", "unsettled", "check_at", "claimed_until", "unreadable_since", "counted",
    *card.ATTRIBUTES,
)  # fmt: skip

#: What a form that is on the screen again no longer has.
_OF_A_SUBMIT = (
    "claim", "claimed_until", "payload_hash", shards.ATTRIBUTE, "check_at", "sent_at", "details", "lock",
    "counted", *card.ATTRIBUTES, *EARLIER_NAMES,
)  # fmt: skip

#: What an operation that waits for a second person does not have.
_OF_A_CLAIM = ("claimed_until", "sent_at", "counted", "expires_at")


#: Among the details: the agent was answered that it is on its way. What the reconciler finds, no agent is answered.
_TOLD_ON_ITS_WAY = "told_on_its_way"


@dataclass
class Operation:
    """A claimed operation: this process, and no other, may carry it out.

    `shown`: what its form showed. `details`: what the timeline entry will say, and what helps to find the outcome.
    `lock`: the key of its lock; "" if it has none. `checked`: owner, rule and "changed since the form was opened" were
    checked. `answered`: the agent knows what Shopify did, and only a payment provider has yet to do their part.
    `limits`: those of its action. `counted`: what was added to their numbers when it was sent, as `counts` stores it.
    `values`: what the form sent. `approval`: what waits, or waited, for a second person; None if nothing did.
    `reply`: what the agent is answered, once that is known.
    """

    operation: str
    subject: Subject
    agent: Agent
    shown: dict[str, Any]
    attempt: int
    claim: str
    lock: str = ""
    state: str = PENDING
    details: dict[str, Any] = field(default_factory=dict)
    sent_at: str = ""
    deadline: Deadline | None = None
    created_at: datetime = field(default_factory=now)
    checked: bool = False
    answered: bool = False
    ended: bool = False
    limits: Limits = NO_LIMITS
    counted: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    approval: Approval | None = None
    reply: Reply | None = None

    @property
    def key(self) -> str:
        """What Shopify is given to find it again; another attempt with other values is another key."""
        return self.operation if self.attempt == 1 else f"{self.operation}-{self.attempt}"

    @property
    def reference(self) -> str:
        """The key as it is written where Shopify keeps it."""
        return f"Orderdesk {self.key}"

    @property
    def age(self) -> timedelta:
        """How long ago it was sent, or submitted if it never was."""
        return now() - datetime.fromisoformat(self.sent_at)

    @property
    def found(self) -> Outcome | None:
        """What Shopify's record said of it at the last look that was answered, if it was under way or running then."""
        return Outcome.of(self.details["found"]) if "found" in self.details else None

    @property
    def taken_on(self) -> bool:
        """Whether Shopify has it, by what it has answered so far, and has not ended it."""
        return self.answered or is_taken_on(self.details)

    @property
    def silent_for(self) -> timedelta:
        """Since when no look at it was answered; nothing if the last one was."""
        since = self.details.get("silent_since")
        return now() - datetime.fromisoformat(since) if since else timedelta()

    @property
    def hindered(self) -> str:
        """Why the last look could not be answered, as a sentence; "" if it was, or if Shopify was out of reach."""
        return str(self.details.get("hindered") or "")

    def send(self, worth: Worth, /, **details: Any) -> Sent:
        """PENDING → SENT, right before Shopify is called. `worth`: what it gives away in the shop's currency, or
        NOTHING. `details` is what the timeline entry will say, as far as it is known (reason, amount, currency), and
        what the reconciler needs to find the outcome.

        Raises Refused if a limit would be passed, or if another process has taken the operation or the order meanwhile,
        ApprovalNeeded if a second person has to approve it first, ShopifyUnavailable if no time is left,
        SettingsUnavailable if it could not be written. In all of these nothing was sent.
        """
        self._require("send", SENT)
        if not self.checked:
            raise RuntimeError("nothing is sent before owner, rule and what the form showed are checked")
        if self.deadline and self.deadline.left() < LEAST_SECONDS:
            raise ShopifyUnavailable(
                "Shopify is responding too slowly, so we didn't start.", "Nothing was changed. Please try again."
            )
        if worth and not actions.of(self.subject.action).gives_away:
            raise RuntimeError("an action that gives something away says so in its row")
        # Before the limits, so that the entry of what they refuse has the reason.
        self.details = details
        self.limits.require(actions.of(self.subject.action), worth, vouched=bool(self.agent.vouched))
        if not self.approval and self.limits.asks_for_approval(worth):
            require_possible(self.agent, worth)
            raise ApprovalNeeded(worth)
        if self.approval:
            self._require_approved(self.approval, worth)
        moment = now()
        counted = counts.of(self.limits, self.subject, self.agent, worth, moment)
        counts.require_room(counted, self.subject.action)
        self.counted = counts.stored(counted)
        sent = update(
            self.operation,
            put={
                "state": SENT,
                "sent_at": iso(moment),
                "details": with_room(details),
                "shop": self.subject.shop,
                "lock": self.lock or None,
                "counted": self.counted,
                # Not `check_at`: that of the claim is late enough, and each change of it is two writes of an index.
                **self._card(SENT, iso(moment)),
            },
            # SENT by this very claim: the second try of a write whose answer was lost. Nothing may be counted twice.
            when=Attr("state").is_in([PENDING] if counted else [PENDING, SENT]) & Attr("claim").eq(self.claim),
        )
        if not self._written_with(counted, sent, *lock.kept_while_sent(self.lock, self.operation)):
            raise taken_by_another()
        self.state, self.sent_at = SENT, iso(moment)
        return Sent(self.operation)

    def _require_approved(self, approval: Approval, worth: Worth) -> None:
        """Raise Changed, with the new amount kept for the next approval, if another amount was asked for."""
        try:
            approval.require_same(worth)
        except Changed:
            self.approval = replace(approval, amount=str(worth), worth=worth)
            raise

    def _written_with(self, counted: Sequence[Count], *writes: dict[str, Any]) -> bool:
        """True if all was written and counted, False if another process has written meanwhile. Raises Refused if a
        limit would be passed, SettingsUnavailable if the tables do not answer."""
        with tables_answer():
            if not counted:
                return transact(*writes)
            failed = not_met(*writes, *counts.added(counted), waits=LONGER_WAITS)
            if 0 in failed:
                # The first try of this write was made, and its answer was lost.
                there = stored(self.operation)
                return there.get("state") == SENT and there.get("claim") == self.claim
        if passed := [count for place, count in enumerate(counted, len(writes)) if place in failed]:
            self.counted = None
            raise passed[0].passed(self.subject.action)
        return not failed

    def wait(self, worth: Worth) -> None:
        """PENDING → WAITING for a second person, with a timeline entry; the order stays locked meanwhile. `worth`: what
        it gives away, in the shop's currency.

        Raises SettingsUnavailable if it could not be written, Refused if another process has taken the operation.
        """
        self._require("wait", WAITING)
        approval = Approval.asked(self.values, worth, self.shown | self.details)
        message, detail = approval.told(self.subject)
        asked_at = datetime.fromisoformat(approval.asked_at)
        entry = self._entry(WAITING, asked_at, {"message": message, "detail": detail})
        writes = [self._waiting(approval, self._still_mine()), timeline.put(self.subject.store, entry)]
        with tables_answer():
            written = transact_and_unlock(*writes, release=self._locked_until(approval.ends))
        if not written:
            raise taken_by_another()
        self.approval, self.state, self.reply = approval, WAITING, approval.reply(self.subject)
        metrics.outcome(WAITING, store=self.subject.store, action=self.subject.action)

    def succeed(self, message: str, detail: str, **entry: Any) -> None:
        """It is done: `complete` with SUCCEEDED. `entry` is more for the timeline entry, as Shopify gave it."""
        self.complete(Outcome(SUCCEEDED, message, detail, entry))

    def complete(self, outcome: Outcome) -> None:
        """Its end by Shopify's record: reply and timeline entry. If they cannot be written now, the agent is told the
        truth anyway, and the reconciler writes them."""
        self._require("complete", outcome.state)
        outcome = outcome.bounded()
        self.reply = outcome.reply()
        if not self._end(outcome.state, self.reply, _words(outcome), release=self._unlocked()):
            late = f"{outcome.detail} The timeline will show it in a few minutes."
            self.reply = outcome._replace(detail=late).reply()

    def leave_to_a_person(self, outcome: Outcome, *, keep_locked: bool) -> None:
        """It has no end that can be found out: `outcome` says so. With `keep_locked` the order stays locked
        permanently, since Shopify may still carry it out."""
        self._require("leave_to_a_person", UNKNOWN)
        shown = self._card(card.LOCKED, self.sent_at)
        kept = lock.kept_for_good(self.lock, self.operation, shown)
        outcome = outcome.bounded()
        self._end(UNKNOWN, outcome.reply(), _words(outcome), release=kept if keep_locked else self._unlocked())

    def fail(self, error: OrderdeskError) -> None:
        """Refused, or failed: the error's reply and a timeline entry, in one transaction."""
        state = FAILED if isinstance(error, Failed) else REFUSED
        self._require("fail", state)
        self._end(
            state,
            Reply(error.status, {"errors": error.errors()}),
            {"message": error.message, "detail": error.detail} | error.entry,
            correctable=isinstance(error, Correctable),
            release=self._unlocked(),
        )

    def release(self, told: Sequence[Mapping[str, str]] = ()) -> None:
        """PENDING → CREATED with `shown` as it is now: nothing was sent, and the form stays on the screen. What a
        second person had approved waits again. `told`: the errors that the agent reads, for a request that waits for
        the same answer.

        SENT counts as PENDING here: if this process could not tell whether that was written, it went no further.
        Raises botocore's errors if it cannot be written.
        """
        self._require("release", WAITING if self.approval else CREATED)
        if self.approval:
            self.approval = self.approval.undecided()
        in_words = json_of(list(told)) if told else None
        put = {
            "state": CREATED,
            "shown": json_of(self.shown),
            "created_at": iso(self.created_at),
            "attempt": self.attempt - 1,
            "expires_at": form_ends(now()),
            "told": in_words,
        }

        # Only the process that had claimed it may not know whether SENT was written. Another one never takes that back.
        unsent = (PENDING, SENT) if self.deadline else (PENDING,)

        def change(*states: str) -> dict[str, Any]:
            mine = Attr("state").is_in(list(states)) & Attr("claim").eq(self.claim)
            if self.approval:
                return self._waiting(self.approval, mine, told=in_words)
            return update(self.operation, put=put, drop=_OF_A_SUBMIT, when=mine)

        # It was counted if it was written as SENT, and only then.
        counted = counts.subtracted(self.counted)
        unlocked = self._locked_until(self.approval.ends) if self.approval else self._unlocked()
        if counted and transact_and_unlock(change(SENT), *counted, release=unlocked):
            return
        transact_and_unlock(change(*unsent), release=unlocked)

    def _waiting(self, approval: Approval, when: ConditionBase, told: str | None = None) -> dict[str, Any]:
        """The write that lets it wait for a second person; the reconciler looks at it when its time is over."""
        return update(
            self.operation,
            put={
                "state": WAITING,
                "shown": with_room(self.shown),
                "details": with_room(self.details),
                "approval": approval.stored(),
                "shop": self.subject.shop,
                "lock": self.lock or None,
                "check_at": approval.until,
                "told": told,
                **self._card(
                    WAITING, approval.asked_at, approval.on_the_card(self.operation, self.subject.store, self.agent)
                ),
            },
            drop=_OF_A_CLAIM if told else (*_OF_A_CLAIM, "told"),
            when=when,
        )

    def _locked_until(self, moment: datetime) -> list[dict[str, Any]]:
        return lock.kept_until(self.lock or lock.key_of(self.subject), self.operation, moment)

    def mark_unknown(self, **found: Any) -> None:
        """SENT → UNKNOWN: it may have happened. The order stays locked until the reconciler has found the end.

        `found` is what the reconciler may follow it by.
        """
        self._require("mark_unknown", UNKNOWN)
        self.details |= found
        self._follow({})

    def mark_under_way(self, outcome: Outcome) -> None:
        """SENT or UNKNOWN → UNKNOWN with a reply: Shopify did its part, and a payment provider has yet to end theirs.

        The order is no longer locked; the reconciler watches, and the entry is written at the end.
        """
        self._require("mark_under_way", UNKNOWN)
        outcome = outcome.bounded()
        self.reply = outcome.reply()
        self.details |= {**outcome.entry, "found": outcome._asdict()}
        if self.deadline:
            self.details[_TOLD_ON_ITS_WAY] = True
        self.answered = True
        self._follow({"reply": self.reply.stored(), "keeps_lock": False}, release=self._unlocked())

    def looked(self, found: Outcome | None) -> None:
        """Shopify has answered a look at it; `found` is what it said if it is under way or running."""
        self.details.pop("silent_since", None)
        self.details.pop("hindered", None)
        self.details["looked_at"] = iso(now())
        if found:
            self.details["found"] = found.bounded()._asdict()
            self.details |= found.bounded().entry if self.answered else {}
        elif not self.answered:
            self.details.pop("found", None)

    def not_looked(self, why: str) -> None:
        """A look at it was not answered, `why` is a sentence or "". What was known before stays known."""
        self.details.setdefault("silent_since", iso(now()))
        self.details["hindered"] = why

    def check_later(self, *, unanswered: bool = False) -> None:
        """Look at it again later, the older it is the later; others get their turn first. `unanswered`: Shopify was out
        of reach, and may be back soon."""
        wait = min(max(CHECK_AFTER, self.age), _CHECK_AT_LEAST)
        if self.answered:
            wait = max(wait, min(self.age / 12, _CHECK_UNDER_WAY))
        elif "found" in self.details:
            wait = max(wait, min(self.age / 48, _CHECK_RUNNING))
        if unanswered and self.age < _CHECK_OFTEN_UNTIL:
            wait = CHECK_AFTER_SILENCE
        put: dict[str, Any] = {
            "check_at": iso(now() + wait),
            "details": json_of(self.details),
            "customer": self.subject.customer,
        }
        put |= self._card(self.state, self.sent_at)
        self._write(update(self.operation, put=put, drop=("unreadable_since",), when=self._still_mine()))

    def no_trace(
        self, message: str, detail: str = "Shopify shows no trace of this request. You can try again."
    ) -> Outcome | None:
        """FAILED, once the action's row says that a missing trace may be believed; None before that."""
        after = actions.of(self.subject.action).surely_over
        return Outcome(FAILED, message, detail, {}) if after is not None and self.age >= after else None

    def _require(self, step: str, after: str) -> None:
        """Raise RuntimeError if the step does not lead from the state that the operation is in to that one."""
        if (self.state, after) not in TRANSITIONS[step]:
            raise RuntimeError(f"{step} does not lead from {self.state} to {after}")

    def _follow(self, more: Mapping[str, Any], release: Sequence[dict[str, Any]] = ()) -> None:
        shown = self._card(UNKNOWN, self.sent_at)
        put = {"state": UNKNOWN, "details": json_of(self.details), "check_at": iso(now()), **shown, **more}
        if self._write(update(self.operation, put=put, when=self._still_mine()), release=release):
            self.state = UNKNOWN
            # What is under way has an answer, and is counted by its end.
            if not self.answered:
                metrics.outcome(UNKNOWN, store=self.subject.store, action=self.subject.action)

    def _end(
        self,
        state: str,
        reply: Reply,
        entry: Mapping[str, Any],
        *,
        release: Sequence[dict[str, Any]],
        correctable: bool = False,
    ) -> bool:
        moment = now()
        end = update(
            self.operation,
            put={
                "state": state,
                "customer": self.subject.customer,
                "ended_at": iso(moment),
                "expires_at": int((moment + kept_for()).timestamp()),
                "reply": reply.stored(),
                "correctable": correctable,
                "approval": self.approval.stored() if self.approval else None,
                **self._what_is_kept(),
            },
            drop=WHILE_OPEN,
            when=self._still_mine(),
        )
        self.ended = self._write(
            end,
            timeline.put(self.subject.store, self._entry(state, moment, entry)),
            *self._not_counted(state, entry),
            release=release,
        )
        if self.ended:
            self.state = state
            metrics.outcome(state, store=self.subject.store, action=self.subject.action)
        return self.ended

    def _what_is_kept(self) -> dict[str, str]:
        """The details without those that are personal data, if the action has any."""
        forgets = actions.of(self.subject.action).forgets
        if not forgets:
            return {}
        return {"details": json_of({name: value for name, value in self.details.items() if name not in forgets})}

    def _write(self, *writes: dict[str, Any], release: Sequence[dict[str, Any]] = ()) -> bool:
        """False if it could not be written, or if another process has written meanwhile, which then stands.

        Whatever was not written is found by the reconciler.
        """
        try:
            written = transact_and_unlock(*writes, release=release)
        except (BotoCoreError, ClientError) as failure:
            logger.exception(
                "An operation's state could not be written", operation=self.operation, cause=type(failure).__name__
            )
            metrics.record("TimelineWriteFailed", store=self.subject.store, action=self.subject.action)
            return False
        if not written:
            logger.error("Another process wrote the operation's state first", operation=self.operation)
        return written

    def _still_mine(self) -> ConditionBase:
        """The condition that no other process has written since this one looked."""
        return Attr("state").eq(self.state) & Attr("claim").eq(self.claim)

    def _entry(self, state: str, moment: datetime, more: Mapping[str, Any]) -> dict[str, Any]:
        """The timeline entry. An amount is on it only if money moved, or if a code was created."""
        kept = timeline.SHOWN if state == SUCCEEDED else ("reason",)
        # The agent was told nothing, or that it is not known: the next profile tells how it ended.
        late = self.state == UNKNOWN or self.deadline is None
        return {
            "operation": self.operation,
            "attempt": self.attempt,
            "at": iso(moment),
            "action": self.subject.action,
            "outcome": state,
            "agent_id": self.agent.id,
            "agent_name": self.agent.name,
            "agent_proved": self.agent.proved or None,
            **(self.approval.on_the_entry() if self.approval else {}),
            "conversation": self.agent.conversation,
            "customer": self.subject.customer,
            "order": self.subject.order,
            "order_name": self.subject.order_name,
            "late": late or None,
            "on_its_way": self.details.get(_TOLD_ON_ITS_WAY),
            "profile": (late and self.agent.profile) or None,
            "code": self.details.get("code"),
            **{name: value for name, value in self.details.items() if name in kept},
            **more,
        }

    def _card(self, state: str, since: str, waits: Mapping[str, str] | None = None) -> dict[str, str]:
        running = self.taken_on and not self.answered
        known = self.shown | self.details
        return card.attributes_of(
            self.subject, state, since, known, answered=self.answered, running=running, waits=waits
        )

    def _not_counted(self, state: str, entry: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The writes that subtract what it was counted for, if it ends and has given nothing away."""
        nothing = state == REFUSED or (state == FAILED and not Decimal(entry.get("amount") or 0))
        return counts.subtracted(self.counted) if nothing and self.state != PENDING else []

    def _unlocked(self) -> list[dict[str, Any]]:
        return lock.released(self.lock, self.operation)


def restored(stored: Mapping[str, Any]) -> Operation:
    """A stored operation that was submitted, of this version or an earlier one.

    Raises KeyError, TypeError or ValueError if it cannot be read.
    """
    item = of_today(stored)
    return Operation(
        operation=item["operation"],
        subject=Subject.of(item),
        agent=Agent.of(item),
        shown=json.loads(item["shown"]),
        attempt=int(item["attempt"]),
        claim=item["claim"],
        lock=lock.of_stored(item),
        state=item["state"],
        details=json.loads(item.get("details", "{}")),
        sent_at=item.get("sent_at") or item["submitted_at"],
        answered="reply" in item,
        counted=item.get("counted"),
        approval=Approval.of(item),
    )


def transact_and_unlock(*writes: dict[str, Any], release: Sequence[dict[str, Any]]) -> bool:
    """All of the writes, with the release of a lock. A lock that the operation no longer has keeps none of them from
    being made. False if another process has written the operation meanwhile. Any failure is botocore's own error."""
    return transact(*writes, *release) or bool(release and transact(*writes))


def taken_by_another() -> Refused:
    """What is said if another process has taken the operation meanwhile."""
    return Refused(
        "This form is already being processed.",
        "Nothing was changed by this request. Reopen the order to see what the other one did.",
    )


def _words(outcome: Outcome) -> dict[str, Any]:
    return {"message": outcome.message, "detail": outcome.detail, **outcome.entry}
