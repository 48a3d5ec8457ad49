"""Settle operations: read Shopify, find the mark that was left there, write outcome and timeline entry once.

Nothing here changes anything in Shopify. Where it cannot be known yet, the operation waits for another look.
"""

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from orderdesk import config, operations
from orderdesk.deadline import Deadline
from orderdesk.errors import OrderdeskError
from orderdesk.operations import Operation
from orderdesk.shopify import Client

from .outcomes import OUTCOMES, Outcome

logger = Logger(service="orderdesk", child=True)

_AT_MOST = 50
_SECONDS_EACH = 5.0


def settle_all(seconds: float) -> dict[str, int]:
    """Look at what waits, oldest first, for about `seconds`; one store's trouble does not stop the others."""
    budget = Deadline(seconds)
    counts = {"settled": 0, "waiting": 0}
    for operation in operations.unsettled(_AT_MOST):
        if not budget.left():
            break
        counts["settled" if _settled(operation) else "waiting"] += 1
    return counts


def _settled(operation: Operation) -> bool:
    logger.append_keys(store=operation.subject.store, operation=operation.operation)
    try:
        outcome = _look(operation)
        if outcome is None:
            operation.check_later()
            return False
        if outcome.happened:
            operation.succeed(outcome.message, outcome.detail, **outcome.facts)
        else:
            operation.fail(outcome.message, outcome.detail)
    except (BotoCoreError, ClientError) as failure:
        logger.exception("An operation's end could not be written", cause=type(failure).__name__)
        return False
    logger.info("Settled", action=operation.subject.action, happened=outcome.happened)
    return True


def _look(operation: Operation) -> Outcome | None:
    """What became of it, or None where that cannot be said yet."""
    subject = operation.subject
    try:
        client = Client(config.settings(subject.store), Deadline(_SECONDS_EACH))
        return OUTCOMES[subject.action](client, operation)
    except OrderdeskError as failure:
        logger.warning("Shopify could not be asked", cause=failure.code)
        return None
