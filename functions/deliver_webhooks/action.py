"""Deliver the messages of a batch, each store's in its own thread: a receiver that is slow or down holds up no other.

A message belongs to an operation (the group of the queue), so the later events of an operation wait for the earlier
ones. What a receiver does not accept stays in the queue: its next attempt comes after a pause that grows with each
attempt. After a day it goes to the queue for a person.
"""

import json
import os
import random
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from aws_lambda_powertools import Logger

from orderdesk import config, metrics
from orderdesk.errors import NotFound, SettingsUnavailable
from orderdesk.queues import left_to_a_person, let_wait, side_by_side, sqs

from . import receiver, resting, webhook
from .receiver import NotReached
from .webhook import Unusable, Webhook

logger = Logger(service="orderdesk", child=True)

#: After the n-th time that a message was received, it waits for so long (seconds).
PAUSES = (5, 15, 60, 180, 600, 1200, 1800)
#: A receiver may ask for a longer pause (`Retry-After`), but not for more than this.
_PAUSE_AT_MOST = 3600
#: What was not tried, since the receiver rests, waits for this long at most.
_UNTRIED_AT_MOST = 300
#: How long a message is tried for, in seconds.
GIVE_UP_AFTER = 24 * 3600
#: For so long one invocation works for one store.
_SECONDS_EACH = 12.0


class Message(NamedTuple):
    """A message of the queue. `body`: exactly what is sent. `since`: when it came into the queue (seconds)."""

    key: str
    handle: str
    group: str
    received: int
    since: float
    store: str
    event: str
    body: str

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Message":
        """A message, as SQS gives it. Raises KeyError, TypeError or ValueError if it can't be read."""
        known, said = record["attributes"], json.loads(record["body"])
        return cls(
            record["messageId"],
            record["receiptHandle"],
            known["MessageGroupId"],
            int(known["ApproximateReceiveCount"]),
            int(known["SentTimestamp"]) / 1000,
            str(said["store"]),
            str(said["id"]),
            str(said["body"]),
        )

    @property
    def text(self) -> str:
        """The message as the queue had it."""
        return json.dumps({"store": self.store, "id": self.event, "body": self.body})

    @property
    def pause(self) -> int:
        """Seconds until the next attempt, by how often it was received."""
        return PAUSES[min(self.received, len(PAUSES)) - 1]

    @property
    def over(self) -> bool:
        """True if it was tried for a day."""
        return time.time() - self.since >= GIVE_UP_AFTER


def deliver_all(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Deliver the messages. Returns the ids of those that stay in the queue."""
    messages, unreadable = list[Message](), list[str]()
    for record in records:
        try:
            messages.append(Message.of(record))
        except (KeyError, TypeError, ValueError) as failure:
            logger.error("A message of the webhooks' queue cannot be read", exc_info=failure)
            if not _given_up(record["body"], record["messageId"], record["messageId"], store=""):
                unreadable.append(record["messageId"])
    waiting = side_by_side(messages, lambda message: message.store, _of_store)
    let_wait(sqs(), os.environ["WEBHOOKS_QUEUE"], [(message.handle, pause) for message, pause in waiting])
    return unreadable + [message.key for message, _ in waiting]


#: A message that stays in the queue, and for how many seconds.
Waiting = tuple[Message, int]


def _of_store(messages: Sequence[Message]) -> list[Waiting]:
    """Deliver a store's messages in their order. Returns those that have to wait."""
    store, waiting, until = messages[0].store, list[Waiting](), time.monotonic() + _SECONDS_EACH
    try:
        target = webhook.of_store(config.settings(store, webhook.PARAMETERS))
    except NotFound:
        target = None
    except (SettingsUnavailable, Unusable) as failure:
        return _not_sent(messages, failure)
    if target is None:
        logger.warning("The store has no webhook any more", store=store, messages=len(messages))
        return []
    for message in messages:
        if earlier := [pause for one, pause in waiting if one.group == message.group]:
            waiting.append((message, earlier[-1]))
        elif resting.seconds(store) or time.monotonic() > until:
            waiting += _kept(message, _untried(message))
        else:
            waiting += _sent(target, message)
    return waiting


def _untried(message: Message) -> int:
    """Seconds until a message comes again that was not tried, since its receiver rests. By chance, so that those that
    wait together don't come together, and find it resting again."""
    rest = resting.seconds(message.store)
    return rest + random.randrange(max(min(message.pause, _UNTRIED_AT_MOST) - rest, 1))  # noqa: S311


def _not_sent(messages: Sequence[Message], failure: Exception) -> list[Waiting]:
    """What becomes of messages whose store's webhook can't be called at all."""
    why = str(failure) if isinstance(failure, Unusable) else type(failure).__name__
    logger.error("A store's webhook can't be called", store=messages[0].store, why=why)
    metrics.record("WebhookFailed", len(messages), store=messages[0].store)
    return [one for message in messages for one in _kept(message, message.pause)]


def _sent(target: Webhook, message: Message) -> list[Waiting]:
    """Send one message. Returns nothing if the receiver has accepted it, or if it is given up."""
    began, body = time.monotonic(), message.body.encode()
    status, why, asked = 0, "", 0
    try:
        answer = receiver.send(target, target.headers(message.event, int(time.time()), body), body)
        status, asked = answer
    except NotReached as failure:
        why = failure.why
    took = time.monotonic() - began
    accepted = 200 <= status < 300
    logger.info(
        "A webhook was delivered" if accepted else "A webhook was not accepted",
        store=message.store,
        event=message.event,
        status=status or why,
        attempt=message.received,
        milliseconds=round(took * 1000),
    )
    metrics.record("WebhookDelivered" if accepted else "WebhookFailed", store=message.store)
    resting.note(message.store, took, reached=0 < status < 500 and status != 429, asked=asked)
    if accepted:
        return []
    return _kept(message, min(max(message.pause, asked), _PAUSE_AT_MOST))


def _kept(message: Message, pause: int) -> list[Waiting]:
    """The message, to wait for `pause` seconds; nothing if it was tried for a day and is now in the queue for a
    person."""
    if message.over and _given_up(message.text, message.group, message.event, store=message.store):
        return []
    return [(message, pause)]


def _given_up(text: str, group: str, event: str, *, store: str) -> bool:
    """Put a message into the queue for a person. False if the queue did not answer."""
    if not left_to_a_person(sqs(), os.environ["UNDELIVERED_QUEUE"], text, group=group, key=event):
        return False
    metrics.record("WebhookGivenUp", store=store)
    logger.error("A webhook was given up", store=store, event=event)
    return True
