"""What our own records say of a customer, read while Shopify answers: open operations, late ends, orders looked for.

If they do not come in time, the profile goes out without them, and says nothing that is not so.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any, Generic, NamedTuple, TypeVar

from aws_lambda_powertools import Logger

logger = Logger(service="orderdesk", child=True)

#: How long an end that nobody was told of is shown, and how long an order that was looked for stays in the profile.
DAYS_SHOWN = 7

#: How long our records have from the start of a lookup, in seconds. DynamoDB takes some milliseconds, and Shopify is
#: being asked meanwhile: only if DynamoDB fails is any of it waited for.
PATIENCE = 1.0

#: The same for a search, which is made by hand, and whose order would not be found again.
PATIENCE_TO_NOTE = 2.0

#: As many older orders are shown beside the newest, the last ones that were looked for.
ORDERS_AT_MOST = 5

Answer = TypeVar("Answer")


class Known(NamedTuple):
    """What is known of a customer: open operations (`open_as`), entries of late ends, numbers of orders looked for, the
    last one first."""

    open: Sequence[Mapping[str, Any]] = ()
    ended: Sequence[Mapping[str, Any]] = ()
    searched: Sequence[str] = ()


class Beside(Generic[Answer]):
    """Work that goes on beside the caller's, in a thread of its own.

    `result` is its answer, or None where it failed or does not come in time, which the log says.
    """

    def __init__(self, what: str, work: Callable[[], Answer], patience: float) -> None:
        self._what, self._work, self._patience = what, work, patience
        self._answer: Answer | None = None
        self._failure = "TimedOut"
        self._began = time.perf_counter()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._answer = self._work()
            self._failure = ""
        except Exception as failure:
            # Whatever it is, the lookup goes on; `result` says so.
            self._failure = type(failure).__name__

    def result(self) -> Answer | None:
        """The answer. Waits for what is left of its patience since the start, which is little after a slow Shopify."""
        self._thread.join(max(0.0, self._patience - (time.perf_counter() - self._began)))
        if cause := self._failure:
            logger.warning(self._what, cause=cause)
        return self._answer


def begin(store: str, shop: str, customer: str) -> Beside[Known]:
    """Start to read what is known of a customer (a number, or `order-` and a number) of a store, and of its shop."""
    what = "Our records did not answer; the profile goes without them"
    return Beside(what, lambda: _read(store, shop, customer), PATIENCE)


def remember(shop: str, orders: Mapping[str, Sequence[str]]) -> None:
    """Note which orders (numbers) of which customers were looked for, so that their profiles show them, too."""
    noted = Beside("The order that was looked for could not be noted", lambda: _note(shop, orders), PATIENCE_TO_NOTE)
    noted.result()


def _read(store: str, shop: str, customer: str) -> Known:
    from orderdesk import tables, timeline
    from orderdesk.operations import card

    pages = (
        tables.dynamodb()
        .get_paginator("query")
        .paginate(
            TableName=tables.operations_table(),
            IndexName=card.INDEX,
            KeyConditionExpression="open_for = :customer",
            ExpressionAttributeValues=tables.attributes({":customer": card.customer_key(shop, customer)}),
        )
    )
    shown = [json.loads(tables.plain(item)["open_as"]) for page in pages for item in page["Items"]]
    week_ago = (datetime.now(UTC) - timedelta(days=DAYS_SHOWN)).isoformat(timespec="milliseconds")
    # DynamoDB removes what has expired some time later. The last search comes first.
    noted = sorted((one for one in shown if one.get("until", 0) > time.time()), key=lambda one: -one["until"])
    searched = list(dict.fromkeys(order for one in noted for order in one["searched"]))
    return Known([one for one in shown if "action" in one], timeline.since(store, customer, week_ago), searched)


def _note(shop: str, orders: Mapping[str, Sequence[str]]) -> None:
    """An item for each customer's order, in the place where their open operations are; it goes by itself.

    A second search for an order takes the place of the first, and one for another order stands beside it.
    """
    from orderdesk import tables
    from orderdesk.operations import card

    until = int(time.time()) + DAYS_SHOWN * 24 * 3600
    for customer, numbers in orders.items():
        key = card.customer_key(shop, customer)
        for number in numbers[:ORDERS_AT_MOST]:
            item = {
                "operation": f"searched/{key}/{number}",
                "open_for": key,
                "open_as": json.dumps({"searched": [number], "until": until}),
                "expires_at": until,
            }
            tables.dynamodb().put_item(TableName=tables.operations_table(), Item=tables.attributes(item))
