"""Settle operations: read Shopify, find the mark that was left there, write outcome and timeline entry once.

Nothing here changes anything in Shopify. Where it cannot be known yet, the operation waits for another look; after a
day a person has to look. What a payment provider has under way is known, and followed for two weeks.
"""

from datetime import timedelta

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from orderdesk import config, metrics, operations
from orderdesk.deadline import Deadline
from orderdesk.errors import NotFound, OrderdeskError
from orderdesk.operations import PENDING, UNDER_WAY, Operation, Outcome
from orderdesk.shopify import IN_PART, SUBMITS_NEED, Client

from .outcomes import OUTCOMES, needs_person, never_sent

logger = Logger(service="orderdesk", child=True)

#: How many are looked at in a run, and how long Shopify may take over one of them.
_AT_MOST = 500
_SECONDS_EACH = 4.0

#: After so long without an answer nobody but a person can find it out.
GIVE_UP = timedelta(hours=24)
#: For so long a payment provider may be at work. Shopify Payments' refunds take days, others' up to two weeks.
FOLLOW_FOR = timedelta(days=14)


def settle_all(seconds: float) -> dict[str, int]:
    """Look at what waits, oldest first, for about `seconds`: `{settled, waiting}`.

    A store that gives no answer is not asked again in this run, so that it does not keep the others waiting.
    """
    run = _Run(Deadline(seconds))
    for place, operation in enumerate(operations.unsettled()):
        if place >= _AT_MOST or not run.budget.left():
            break
        try:
            run.look(operation)
        except (BotoCoreError, ClientError) as failure:
            logger.exception("An operation could not be written", cause=type(failure).__name__)
            run.counts["waiting"] += 1
    metrics.record("SettlerRan")
    metrics.record("UnsettledOldestSeconds", run.oldest)
    return run.counts


class _Run:
    """One run of the settler: what is left of its time, which stores gave no answer, what came of it."""

    def __init__(self, budget: Deadline) -> None:
        self.budget = budget
        self.silent: set[str] = set()
        self.counts = {"settled": 0, "waiting": 0}
        self.oldest = 0.0

    def look(self, operation: Operation) -> None:
        """Bring the operation to its end if that is known, else let it wait."""
        outcome = self._outcome(operation)
        if outcome and outcome.state != UNDER_WAY:
            operation.conclude(outcome)
        elif operation.age > (FOLLOW_FOR if outcome or operation.answered else GIVE_UP):
            metrics.record("NeedsPerson", store=operation.subject.store, action=operation.subject.action)
            logger.error("An operation needs a person", operation=operation.operation, store=operation.subject.store)
            operation.conclude(needs_person(operation, outcome))
        else:
            self._wait(operation, outcome)
        self.counts["settled" if operation.ended else "waiting"] += 1

    def _wait(self, operation: Operation, under_way: Outcome | None) -> None:
        """Let it wait for another look. What is under way is known: it holds no order and raises no alarm."""
        if under_way and not operation.answered:
            operation.under_way(under_way)
            return
        operation.check_later()
        self.oldest = max(self.oldest, 0 if operation.answered else operation.age.total_seconds())

    def _outcome(self, operation: Operation) -> Outcome | None:
        """What became of it, or None where that cannot be said yet."""
        subject = operation.subject
        if operation.state == PENDING:
            return never_sent(operation)
        if subject.store in self.silent:
            return None
        try:
            known = config.settings(subject.store, config.SHOPIFY)
            client = Client(known, Deadline(min(_SECONDS_EACH, self.budget.left())), leaves=SUBMITS_NEED)
            return OUTCOMES[subject.action](client, operation)
        except NotFound as failure:
            logger.warning("Shopify does not show what it is about", store=subject.store, cause=failure.code)
        except OrderdeskError as failure:
            logger.warning("The store could not be asked", store=subject.store, cause=failure.code)
            # An answer in part is one order's; anything else would meet the next operation of the store as well.
            if failure.code != IN_PART:
                self.silent.add(subject.store)
        return None
