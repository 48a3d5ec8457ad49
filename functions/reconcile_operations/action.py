"""Reconcile the operations of a shard: read Shopify, find what became of each, write outcome and timeline entry once.

Nothing here changes anything in Shopify. How an outcome is found stands with its action, in `resolve.py`. If it cannot
be known yet, the operation waits for another look; after a day a person has to look. What a payment provider has under
way is known, and followed for two weeks. Each operation is looked at on its own: one that cannot be read delays none.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from importlib import import_module
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from orderdesk import config, metrics, operations, reconcile_queue
from orderdesk.actions import ACTIONS
from orderdesk.deadline import Deadline
from orderdesk.errors import Misconfigured, NotFound, OrderdeskError, Refused
from orderdesk.operations import PENDING, UNDER_WAY, WAITING, Due, Operation, Outcome, Subject
from orderdesk.operations.approval import Approval, expired
from orderdesk.reconcile_queue import Message
from orderdesk.shopify import BUSY, IN_PART, SUBMITS_NEED, Client
from orderdesk.tables import stored

from . import lease, owner, unreadable
from .outcomes import keeps_lock, needs_person, never_sent
from .turns import BUSY_SECONDS, Silence, in_turns

logger = Logger(service="orderdesk", child=True)

#: How the outcome of each action is found, by its name; None while it cannot be known.
RESOLVE: dict[str, Callable[[Client, Operation], Outcome | None]] = {
    action.name: import_module(f"{action.name}.resolve").resolve for action in ACTIONS
}

#: How long Shopify may take over one of them, and how long if the last few stores that were asked did not answer.
_SECONDS_EACH, _SECONDS_OF_SILENCE = 4.0, 2.0
#: How long a run may take to end when its time is over: one more answer of Shopify's, and DynamoDB's.
TO_END = _SECONDS_EACH + 8.0

#: After so long without an answer nobody but a person can find it out.
GIVE_UP = timedelta(hours=24)
#: A look that fails ends nothing, unless none was answered for so long, or this is so long overdue.
SILENT_AT_LEAST, OVERDUE = timedelta(hours=1), timedelta(hours=24)
#: For so long a payment provider may be at work. Shopify Payments' refunds take days, others' up to two weeks.
FOLLOW_FOR = timedelta(days=14)

#: What ends so soon is not worth the question whose the order is by now.
_SAME_OWNER = timedelta(minutes=5)


def reconcile(message: Message, seconds: float) -> dict[str, int]:
    """Look at what is due in a shard, each store in its turn, for about `seconds`: `{ended, waiting}`.

    Nothing if another process is at work on it. If the time is not enough, the shard is queued again. A store that
    gives no answer is not asked again in this run, so that it does not keep the others waiting. Raises botocore's
    errors, or SettingsUnavailable, if the tables can't be read.
    """
    held = lease.take(message.shard, seconds + TO_END)
    if not held:
        return {"ended": 0, "waiting": 0}
    began = message.began or time.time()
    run = _Run(Deadline(seconds), Silence(held.silent, began))
    try:
        complete = run.look_at_all(operations.due(message.shard))
    finally:
        lease.give_back(held, run.silence.stores)
    metrics.record("OpenOldestSeconds", run.oldest)
    if run.looks and not complete:
        reconcile_queue.send([Message(message.shard, began)])
    return run.counts


class _Run:
    """One run: what is left of its time, which stores are not asked again, what the result is."""

    def __init__(self, budget: Deadline, silence: Silence) -> None:
        self.budget, self.silence = budget, silence
        #: Why a store's operations of an action are not asked about any more (`_NotAsked.why`).
        self.silent: dict[tuple[str, str], str] = {}
        self.counts = {"ended": 0, "waiting": 0}
        self.oldest = 0.0

    @property
    def looks(self) -> int:
        """How many operations were looked at."""
        return sum(self.counts.values())

    def look_at_all(self, due: Iterable[Due]) -> bool:
        """Look at the operations as long as there is time; True if it was enough."""
        waiting, again = list(in_turns(due, self.silence.stores)), False
        while waiting:
            aside: list[Due] = []
            for one in waiting:
                if self.silence.sets_aside(one, again=again):
                    aside.append(one)
                elif not self._look_in_time(one):
                    return False
            if aside and len(aside) == len(waiting):
                if self.budget.left() < BUSY_SECONDS:
                    return False
                time.sleep(BUSY_SECONDS)
            waiting, again = aside, True
        return True

    def _look_in_time(self, one: Due) -> bool:
        """Look at an operation, unless its store is silent; False if no time is left for it."""
        if self.silence.skips(one):
            return True
        if not self.budget.left():
            return False
        # The index may be late: if another process has looked at it since, `check_at` is another.
        item = stored(one.operation)
        if item.get("check_at") == one.since:
            self.look(item)
        return True

    def look(self, item: Mapping[str, Any]) -> None:
        """Bring a stored operation to its end if that is known, else let it wait. Whatever it is, the run goes on."""
        try:
            ended = self._reconcile(item)
        except Exception as failure:
            logger.exception(
                "An operation could not be written", operation=item["operation"], cause=type(failure).__name__
            )
            ended = False
        self.counts["ended" if ended else "waiting"] += 1

    def _reconcile(self, item: Mapping[str, Any]) -> bool:
        try:
            operation = operations.restored(item)
            self._look(operation)
        except (BotoCoreError, ClientError):
            raise
        except Exception as error:
            return self._set_aside(item, error)
        return operation.ended

    def _set_aside(self, item: Mapping[str, Any], error: Exception) -> bool:
        """Let an operation wait that cannot be read; after a day a person has to look. True if it was left to one."""
        logger.error(
            "An operation cannot be read",
            exc_info=error,
            operation=item["operation"],
            store=item.get("store"),
            action=item.get("action"),
        )
        if unreadable.unread_for(item) > GIVE_UP:
            logger.error("An operation needs a person", operation=item["operation"], store=item.get("store"))
            return unreadable.leave_to_a_person(item)
        self.oldest = max(self.oldest, unreadable.age(item).total_seconds())
        unreadable.look_again_later(item)
        return False

    def _look(self, operation: Operation) -> None:
        if operation.approval and operation.state in (WAITING, PENDING):
            _wait_or_expire(operation, operation.approval)
            return
        outcome, looked = self._outcome(operation)
        if outcome and not outcome.open:
            operation.complete(outcome)
        elif _is_over(operation, outcome, looked):
            _call_a_person(operation)
            operation.leave_to_a_person(needs_person(operation, looked), keep_locked=keeps_lock(operation, looked))
        else:
            self._wait(operation, outcome, unanswered=not looked and not operation.hindered)
            if not operation.taken_on and operation.age > GIVE_UP:
                _call_a_person(operation)

    def _wait(self, operation: Operation, found: Outcome | None, *, unanswered: bool) -> None:
        """Let it wait for another look. What is under way is known: it holds no order and raises no alarm."""
        if found and found.state == UNDER_WAY and not operation.answered:
            operation.mark_under_way(found)
            return
        operation.check_later(unanswered=unanswered)
        self.oldest = max(self.oldest, 0 if operation.answered else operation.age.total_seconds())

    def _outcome(self, operation: Operation) -> tuple[Outcome | None, bool]:
        """What became of it, or None if that is not known yet; and whether its record could be read."""
        if operation.state == PENDING:
            return never_sent(operation), True
        try:
            outcome = self._asked(operation)
        except _NotAsked as hindered:
            operation.not_looked(hindered.why)
            return None, False
        operation.looked(outcome if outcome and outcome.open else None)
        return outcome, True

    def _asked(self, operation: Operation) -> Outcome | None:
        """What Shopify's record says of it. Raises _NotAsked if it could not be read."""
        subject = operation.subject
        if (why := self.silent.get((subject.store, subject.action))) is not None:
            raise _NotAsked(why)
        started = time.monotonic()
        try:
            known = _settings(subject.store)
            if subject.shop not in ("", known.shop):
                logger.error(
                    "The store is connected to another shop than the operation was sent to, which cannot be asked",
                    operation=operation.operation,
                    store=subject.store,
                    shop=subject.shop,
                )
                raise _NotAsked(f"It was sent to {subject.shop}, but the store is now connected to another shop.")
            client = Client(known, self._deadline(), leaves=SUBMITS_NEED)
            outcome = RESOLVE[subject.action](client, operation)
            self.silence.answered(subject.store)
            operation.subject = subject._replace(shop=known.shop)
            if not outcome or outcome.open or operation.age > _SAME_OWNER:
                operation.subject = owner.up_to_date(client, operation.subject)
            return outcome
        except NotFound as failure:
            logger.warning("Shopify does not show what it is about", store=subject.store, cause=failure.code)
            raise _NotAsked("Shopify doesn't show it.") from None
        except OrderdeskError as failure:
            logger.warning("The store could not be asked", store=subject.store, cause=failure.code)
            # What is configured wrong stays so until an admin has been at it; all else may be answered next time.
            why = failure.message if isinstance(failure, Misconfigured) else ""
            self._spare(subject, failure, why, time.monotonic() - started)
            raise _NotAsked(why) from None

    def _deadline(self) -> Deadline:
        """How long Shopify may take over one operation. Not less at the end of a run: that would be no silence."""
        return Deadline(_SECONDS_OF_SILENCE if self.silence.everywhere else _SECONDS_EACH)

    def _spare(self, subject: Subject, failure: OrderdeskError, why: str, seconds: float) -> None:
        """Ask no more in this run what would fail again: nothing of a store that does not answer; nothing of this kind
        if the app may not see it; nothing for a moment if its rate limit is used up. An answer in part, or a refusal,
        is about one operation. `seconds`: how long it took."""
        if isinstance(failure, Misconfigured):
            self.silent[subject.store, subject.action] = why
        elif failure.code == BUSY:
            self.silence.busy(subject.store)
        elif failure.code != IN_PART and not isinstance(failure, Refused):
            self.silent |= {(subject.store, action): why for action in RESOLVE}
            self.silence.lost(subject.store, seconds)


class _NotAsked(Exception):
    """Shopify's record of an operation could not be read now. `why`: as a sentence, if no outage is the cause."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _settings(store: str) -> config.Settings:
    """The store's settings. Raises _NotAsked if there is no such store any more, and what `config.settings` raises."""
    try:
        return config.settings(store, config.SHOPIFY)
    except NotFound:
        logger.warning("The store has no parameters any more", store=store)
        raise _NotAsked(f"Orderdesk no longer has the settings of the store “{store}”.") from None


def _wait_or_expire(operation: Operation, approval: Approval) -> None:
    """Nobody approved it in time, or the process that was to carry out the approval sent nothing: then it waits on."""
    if operation.state == PENDING:
        operation.release()
    elif approval.over:
        operation.fail(expired(operation.subject, approval))


def _call_a_person(operation: Operation) -> None:
    metrics.record("NeedsPerson", store=operation.subject.store, action=operation.subject.action)
    logger.error("An operation needs a person", operation=operation.operation, store=operation.subject.store)


def _is_over(operation: Operation, found: Outcome | None, looked: bool) -> bool:
    """Whether it is left to a person. Not by a single look that failed: the next may be answered.

    "Not found out" needs an answer that says nothing. In an outage it goes on as long as for what is under way.
    """
    known = found or operation.answered or (operation.taken_on and not looked)
    outage = not looked and not operation.hindered
    after = operation.age - (FOLLOW_FOR if known or outage else GIVE_UP)
    if after < timedelta():
        return False
    return looked or operation.silent_for >= SILENT_AT_LEAST or after >= OVERDUE
