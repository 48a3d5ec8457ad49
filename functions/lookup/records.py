"""What our own records say about a customer, read while Shopify answers: open operations, late outcomes, searched
orders.

If they do not come in time, the profile is shown without them.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any, Generic, NamedTuple, TypeVar

from aws_lambda_powertools import Logger

logger = Logger(service="orderdesk", child=True)

#: How many days we show an outcome that no agent has seen, and keep an order that was searched for in the profile.
DAYS_SHOWN = 7

#: How many seconds our records have from the start of a lookup. DynamoDB takes some milliseconds while Shopify is being
#: asked, so the lookup waits for it only if DynamoDB has trouble.
PATIENCE = 1.0

#: The same for a search. An agent makes it by hand, and without the note the order would not be found again.
PATIENCE_TO_NOTE = 2.0

#: How many older orders are shown with the newest: those that were searched for last.
ORDERS_AT_MOST = 5

Answer = TypeVar("Answer")


class Known(NamedTuple):
    """What we know about a customer: open operations (`open_as`), timeline entries of late outcomes, and the numbers of
    orders that were searched for, the last search first."""

    open: Sequence[Mapping[str, Any]] = ()
    ended: Sequence[Mapping[str, Any]] = ()
    searched: Sequence[str] = ()


class Background(Generic[Answer]):
    """Work in a thread of its own, at the same time as the caller's.

    `result` returns its answer, or None if it failed or took too long, and logs why.
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
            # The lookup goes on after any failure; `result` logs it.
            self._failure = type(failure).__name__

    def result(self) -> Answer | None:
        """The answer. Waits for what is left of `patience`, which began at the start."""
        self._thread.join(max(0.0, self._patience - (time.perf_counter() - self._began)))
        if cause := self._failure:
            logger.warning(self._what, cause=cause)
        return self._answer


def begin(store: str, shop: str, customer: str) -> Background[Known]:
    """Start to read what we know about a customer (a number, or `order-` and a number) of a store and its shop."""
    what = "Our records did not answer; the profile is shown without them"
    return Background(what, lambda: _read(store, shop, customer), PATIENCE)


def remember(shop: str, orders: Mapping[str, Sequence[str]]) -> None:
    """Note which orders (numbers) of which customers were searched for, so that their profiles show them, too."""
    noted = Background(
        "The order that was searched for could not be noted", lambda: _note(shop, orders), PATIENCE_TO_NOTE
    )
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
    # DynamoDB removes expired items some time later. The last search comes first.
    noted = sorted((one for one in shown if one.get("until", 0) > time.time()), key=lambda one: -one["until"])
    searched = list(dict.fromkeys(order for one in noted for order in one["searched"]))
    return Known([one for one in shown if "action" in one], timeline.since(store, customer, week_ago), searched)


def _note(shop: str, orders: Mapping[str, Sequence[str]]) -> None:
    """Write an item for each of the customers' orders, next to their open operations. It expires by itself.

    A second search for the same order replaces the first. A search for another order adds an item.
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
