"""What a customer was refunded lately, by our own timeline: the form of a refund says it."""

from datetime import timedelta
from decimal import Decimal

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from . import timeline
from .actions import ACTIONS
from .money import Money
from .operations.model import iso, now

logger = Logger(service="orderdesk", child=True)

DAYS = 30
_MOVING_MONEY = frozenset(action.name for action in ACTIONS if action.moves_money)


def lately(store: str, customer: str) -> str:
    """`This customer was refunded $310.00 in 3 refunds in the last 30 days.`; "" if it was nothing.

    Also "" if the timeline does not answer: a form opens without it. What Shopify only recorded is included, and
    a cancellation's refund is.
    """
    try:
        found = timeline.amounts(store, customer, iso(now() - timedelta(days=DAYS)), _MOVING_MONEY)
    except (BotoCoreError, ClientError) as failure:
        logger.warning("The timeline did not answer; the form opens without the refunds", cause=type(failure).__name__)
        return ""
    refunds = [one for one in found.amounts if one]
    if not refunds:
        return ""
    sums = {one.currency: Decimal(0) for one in refunds}
    for one in refunds:
        sums[one.currency] += one.amount
    whole = " and ".join(str(Money(amount, currency)) for currency, amount in sums.items())
    most = "" if found.all else "at least "
    times = "1 refund" if len(refunds) == 1 else f"{len(refunds)} refunds"
    return f"This customer was refunded {most}{whole} in {times} in the last {DAYS} days."
