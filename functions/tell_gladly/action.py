"""Write the late outcomes of a batch into Gladly, each store's in its own thread: a bad Gladly holds up no other.

A late outcome is an end that the agent was not answered with. What Gladly was answered it has written itself. The id of
what is written comes from the operation, so Gladly takes it once, however often it is sent. What Gladly does not take
stays in the queue, comes again after growing pauses, and goes to the queue for a person after a day.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from aws_lambda_powertools import Logger

from orderdesk import config, gladly, metrics
from orderdesk.deadline import Deadline
from orderdesk.errors import NotFound, SettingsUnavailable
from orderdesk.gladly import Account, Unusable
from orderdesk.operations import SUCCEEDED, UNKNOWN
from orderdesk.queues import side_by_side
from orderdesk.tables import attributes, dynamodb, plain, timeline_table

from . import client, resting, texts
from .client import CustomerGone, NotTaken, RefusedByGladly
from .pauses import Message, Waiting, staying

logger = Logger(service="orderdesk", child=True)

#: What writing one outcome may take, in seconds: an item and a task, for a customer who was merged.
_SECONDS_EACH = 12.0


class Told(NamedTuple):
    """An event of the queue: whose it is, and where its timeline entry is. `wanted`: the helpdesk is told of it."""

    message: Message
    store: str
    operation: str
    entry: Mapping[str, str]
    wanted: bool

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Told":
        """The event in EventBridge's envelope. Raises KeyError, TypeError, ValueError or AttributeError for
        anything else."""
        detail = json.loads(record["body"])["detail"]
        known = detail.get("entry") or {}
        entry = {name: str(known[name]) for name in ("customer_key", "entry_key")} if known else {}
        wanted = bool(detail.get("late") or detail.get("needs_person"))
        return cls(Message.of(record), str(detail.get("store") or ""), str(detail["operation"]), entry, wanted)


def tell_all(records: Sequence[Mapping[str, Any]], seconds: float) -> list[str]:
    """Write what the messages stand for, for about `seconds`. Returns the ids of those that stay in the queue."""
    budget, told, waiting = Deadline(seconds), list[Told](), list[Waiting]()
    for record in records:
        try:
            told.append(Told.of(record))
        except (KeyError, TypeError, ValueError, AttributeError) as failure:
            # It stays for a person to see, after a day.
            logger.error("A message of the queue of late outcomes cannot be read", exc_info=failure)
            waiting.append(Message.of(record).tried())
    told = [one for one in told if one.wanted and one.entry and one.store]
    waiting += side_by_side(told, lambda one: one.store, lambda of: _of_store(of, budget))
    return staying(waiting)


def _of_store(told: Sequence[Told], budget: Deadline) -> list[Waiting]:
    """Write a store's outcomes. Returns those that have to wait."""
    store = told[0].store
    try:
        known = config.settings(store, gladly.PARAMETERS)
        account = gladly.of_store(known)
    except NotFound:
        account = None
    except SettingsUnavailable:
        return [one.message.untried() for one in told]
    except Unusable as wrong:
        logger.error("A store's Gladly can't be called", store=store, why=str(wrong))
        metrics.record("GladlyRefused", len(told), store=store)
        return [one.message.tried() for one in told]
    if account is None:
        return []
    url = texts.admin_url(known)
    return [waits for one in told for waits in _tried(account, url, one, budget)]


def _tried(account: Account, admin_url: str, told: Told, budget: Deadline) -> list[Waiting]:
    """Write one outcome, unless its Gladly rests or no time is left."""
    if resting.rests(account.url) or budget.left() < _SECONDS_EACH:
        return [told.message.untried()]
    try:
        entry = _entry(told)
        if not _is_news(entry):
            return []
        _write(account, admin_url, told, entry)
    except CustomerGone:
        why = "Gladly has no such customer; the outcome is only on our timeline"
        logger.error(why, store=told.store, operation=told.operation)
        metrics.record("GladlyCustomerGone", store=told.store)
    except NotTaken as failure:
        return [_later(account, told, failure)]
    except Exception as failure:
        # Whatever it is, DynamoDB or an entry that can't be read: the other outcomes go on.
        logger.error("A late outcome could not be told", exc_info=failure, store=told.store, operation=told.operation)
        return [told.message.tried()]
    return []


def _entry(told: Told) -> dict[str, Any]:
    """The timeline entry of an event; empty if it was erased. Raises botocore's errors."""
    answer = dynamodb().get_item(TableName=timeline_table(), Key=attributes(told.entry), ConsistentRead=True)
    return plain(answer.get("Item", {}))


def _is_news(entry: Mapping[str, Any]) -> bool:
    """Whether the helpdesk is told of an entry: the agent was not answered with this end, and the helpdesk has said in
    whose profile it shows it. Gladly has itself written that a refund is on its way, so its success is no news."""
    if not (entry.get("late") and entry.get("profile")):
        return False
    return not (entry.get("on_its_way") and entry.get("outcome") == SUCCEEDED)


def _write(account: Account, admin_url: str, told: Told, entry: Mapping[str, Any]) -> None:
    """Write the item, and the task if a person has to look. Raises what `client.write` raises."""
    profile = str(entry["profile"])
    done = [client.write(account, client.ITEMS, profile, texts.item(entry, admin_url))]
    if entry.get("outcome") == UNKNOWN and account.inbox:
        done.append(client.write(account, client.TASKS, profile, texts.task(entry, account.inbox)))
    seconds = round((datetime.now(UTC) - datetime.fromisoformat(str(entry["at"]))).total_seconds(), 3)
    logger.info("A late outcome is in Gladly", store=told.store, operation=told.operation, done=done, seconds=seconds)
    metrics.record("GladlyTold", store=told.store)


def _later(account: Account, told: Told, failure: NotTaken) -> Waiting:
    """The message, to be tried again."""
    refused = isinstance(failure, RefusedByGladly)
    level = logger.error if refused else logger.warning
    level(
        "Gladly has not taken a late outcome",
        store=told.store,
        operation=told.operation,
        why=failure.why,
        tries=told.message.received,
    )
    metrics.record("GladlyRefused" if refused else "GladlyNotTaken", store=told.store)
    if not failure.of_one:
        resting.let_rest(account.url, failure.asked, busy=failure.busy)
    return told.message.tried(failure.asked)
