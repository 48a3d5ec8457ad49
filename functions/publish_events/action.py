"""Publish a batch of the stream: to the bus, and to the queue of the webhooks of stores that have one.

In order, and at least once. At the first event that is not taken everything stops, and Lambda gives the rest again. A
record that can't be read, or that the bus will never take, goes to a queue for a person instead: it must not hold up
the others.
"""

import json
import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from aws_lambda_powertools import Logger
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from orderdesk import aws, config, metrics
from orderdesk.deadline import Deadline
from orderdesk.errors import NotFound, SettingsUnavailable
from orderdesk.queues import left_to_a_person, sqs
from orderdesk.tables import attributes, dynamodb, plain, timeline_table

from .event import Event, of_record

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

logger = Logger(service="orderdesk", child=True)

SOURCE = "orderdesk"
#: How many events EventBridge and SQS take in one call.
_AT_ONCE = 10
#: What EventBridge says of an event that it would refuse each time.
_NEVER_TAKEN = frozenset({"InvalidArgument", "MalformedDetail"})

#: The parameters of a store that decide what is published. The first is one that each store has.
AGENTS, URL = "helpdesk/event_agents", "helpdesk/webhook_url"
PARAMETERS = ("shopify/domain", AGENTS, URL)


class _Stopped(Exception):
    """Something did not answer, or did not take an event: what comes after it has to wait."""


class _Found(NamedTuple):
    """An event, its record, and whether its store has a webhook."""

    event: Event
    record: Mapping[str, Any]
    hooked: bool

    @property
    def number(self) -> str:
        return _number(self.record)


def publish_all(records: Sequence[Mapping[str, Any]], seconds: float) -> str:
    """Publish the records in their order, for about `seconds`. Returns the sequence number of the first one that was
    not published, or "" if all were."""
    budget, chunk = Deadline(seconds), list[_Found]()
    for record in records:
        if not budget.left():
            logger.warning("No time is left for the rest of the batch", records=len(records))
            return _sent(chunk) or _number(record)
        try:
            found = _read(record)
        except _Stopped:
            return _sent(chunk) or _number(record)
        if not found:
            continue
        # No two events of one operation are in one call: the second may not be taken without the first.
        if len(chunk) == _AT_ONCE or any(found.event.operation == one.event.operation for one in chunk):
            if failed := _sent(chunk):
                return failed
            chunk = []
        chunk.append(found)
    return _sent(chunk)


def _number(record: Mapping[str, Any]) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def _read(record: Mapping[str, Any]) -> _Found | None:
    """The event of a record; None if it stands for none, or is left to a person. Raises _Stopped."""
    try:
        event = of_record(record)
        return _completed(event, record) if event else None
    except (BotoCoreError, ClientError, SettingsUnavailable) as failure:
        logger.error("An event could not be read", cause=type(failure).__name__)
        raise _Stopped from None
    except Exception as failure:
        logger.error("A record of the stream cannot be read", exc_info=failure)
        _left_to_a_person(record, type(failure).__name__)
        return None


def _completed(event: Event, record: Mapping[str, Any]) -> _Found:
    """The event with what its entry says, and as its store's parameters want it."""
    known = _settings(event.store)
    more: dict[str, Any] = {}
    if event.entry:
        entry = _entry(event.entry.model_dump())
        more = {name: entry.get(name) for name in ("amount", "currency")} if entry else {"entry": None}
        more["late"] = event.late or bool(entry.get("late"))
    if not (known and known.is_opted_in(AGENTS)):
        more["agent"] = None
    return _Found(Event.model_validate(event.model_dump() | more), record, bool(known and known.listed(URL)))


def _settings(store: str | None) -> config.Settings | None:
    """The store's parameters; None if it has none any more. Raises SettingsUnavailable."""
    try:
        return config.settings(store or "", PARAMETERS)
    except NotFound:
        return None


def _entry(key: Mapping[str, str]) -> dict[str, Any]:
    """What an event says of its timeline entry; empty if it was erased."""
    answer = dynamodb().get_item(
        TableName=timeline_table(),
        Key=attributes(key),
        ConsistentRead=True,
        ProjectionExpression="entry_key, late, amount, currency",
    )
    return plain(answer.get("Item", {}))


def _sent(chunk: Sequence[_Found]) -> str:
    """Give the events to the bus, then to the webhooks. Returns the number of the first one that was not taken."""
    if not chunk:
        return ""
    try:
        failed = _not_taken_by_bus(chunk)
        taken = chunk[: failed[0]] if failed else chunk
        failed_hooks = _not_taken_by_queue([found for found in taken if found.hooked])
    except (BotoCoreError, ClientError, _Stopped) as failure:
        metrics.record("EventsNotTaken", len(chunk))
        logger.error("Events could not be published", cause=type(failure).__name__, code=_code(failure))
        return chunk[0].number
    metrics.record("EventsPublished", len(taken))
    if failed_hooks or failed:
        metrics.record("EventsNotTaken", len(chunk) - len(taken) + len(failed_hooks))
    return failed_hooks[0].number if failed_hooks else chunk[failed[0]].number if failed else ""


def _not_taken_by_bus(chunk: Sequence[_Found]) -> list[int]:
    """The places of the events that the bus did not take now. What it would never take is left to a person."""
    answer = events().put_events(
        Entries=[
            {
                "EventBusName": os.environ["EVENT_BUS"],
                "Source": SOURCE,
                "DetailType": found.event.type,
                "Detail": found.event.json_text(),
            }
            for found in chunk
        ]
    )
    failed = []
    for place, (found, entry) in enumerate(zip(chunk, answer["Entries"], strict=True)):
        code = entry.get("ErrorCode")
        if code in _NEVER_TAKEN:
            _left_to_a_person(found.record, code)
        elif code:
            logger.warning("The bus did not take an event", code=code, operation=found.event.operation)
            failed.append(place)
    return failed


def _not_taken_by_queue(hooked: Sequence[_Found]) -> list[_Found]:
    """The events that the queue of the webhooks did not take, in order."""
    if not hooked:
        return []
    answer = sqs().send_message_batch(
        QueueUrl=os.environ["WEBHOOKS_QUEUE"],
        Entries=[
            {
                "Id": str(place),
                "MessageBody": json.dumps({"store": found.event.store, "id": found.event.id, "body": _body(found)}),
                "MessageGroupId": found.event.operation,
                "MessageDeduplicationId": found.event.id,
            }
            for place, found in enumerate(hooked)
        ],
    )
    failed = {one["Id"] for one in answer.get("Failed", [])}
    return [found for place, found in enumerate(hooked) if str(place) in failed]


def _body(found: _Found) -> str:
    """What a webhook's receiver gets, in the form that Standard Webhooks recommends."""
    event = found.event
    return json.dumps({"type": event.type, "timestamp": event.at, "data": json.loads(event.json_text())})


def _left_to_a_person(record: Mapping[str, Any], why: str) -> None:
    """Put where a record is into the queue for a person, without personal data. Raises _Stopped."""
    change = record["dynamodb"]
    told = {
        "why": why,
        "operation": change.get("Keys", {}).get("operation", {}).get("S"),
        "before": change.get("OldImage", {}).get("state", {}).get("S"),
        "state": change.get("NewImage", {}).get("state", {}).get("S"),
        "sequence": change.get("SequenceNumber"),
        "stream": record.get("eventSourceARN"),
    }
    if not left_to_a_person(sqs(), os.environ["UNPUBLISHED_QUEUE"], json.dumps(told)):
        raise _Stopped
    metrics.record("EventUnreadable")


def _code(failure: Exception) -> str:
    return str(failure.response["Error"]["Code"]) if isinstance(failure, ClientError) else ""


@cache
def events() -> "EventBridgeClient":
    """The one client of this process. A call ends within seconds, retries included."""
    patience = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3})
    return aws.session().client("events", config=patience)
