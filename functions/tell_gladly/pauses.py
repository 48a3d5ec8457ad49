"""The queue's messages, and when one that was not written comes again: after growing pauses, for a day.

How long a message has waited decides, not how often it was received: it is also received while its Gladly rests, or by
a function that is stopped. After a day it goes to the queue for a person.
"""

import os
import random
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from aws_lambda_powertools import Logger

from orderdesk import queues

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

logger = Logger(service="orderdesk", child=True)

#: For so long a message is tried, in seconds.
A_DAY = 24 * 3600
#: The shortest and the longest pause after a try, in seconds. In between it is a third of what the message has waited.
SHORTEST, LONGEST = 15, 3600
#: The longest pause of what was not tried, since its Gladly rests.
_UNTRIED = 300


class Message(NamedTuple):
    """A message of the queue. `received`: how often, this time included. `since`: when it came into the queue
    (seconds since 1970). `body`: as the queue has it."""

    key: str
    handle: str
    received: int
    since: float
    body: str

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Message":
        """A message, as Lambda passes it."""
        known = record["attributes"]
        received, since = int(known["ApproximateReceiveCount"]), int(known["SentTimestamp"]) / 1000
        return cls(record["messageId"], record["receiptHandle"], received, since, record["body"])

    @property
    def waited(self) -> float:
        """For how long it has been in the queue, in seconds."""
        return max(0.0, time.time() - self.since)

    def tried(self, asked: int = 0) -> "Waiting":
        """It was tried, and comes again. `asked`: the pause that Gladly asks for (`Retry-After`), of which an hour is
        granted: a day must have some tries."""
        pause = min(max(self.waited / 3, SHORTEST), LONGEST) * _apart()
        return Waiting(self, round(max(pause, min(asked, LONGEST))))

    def untried(self) -> "Waiting":
        """It was not tried, and comes again soon."""
        return Waiting(self, round(min(max(self.waited / 10, SHORTEST), _UNTRIED) * _apart()))


class Waiting(NamedTuple):
    """A message that is not done, and for how many seconds it waits."""

    message: Message
    pause: int


def _apart() -> float:
    """So that messages that came together do not come together again."""
    return random.uniform(1.0, 1.5)  # noqa: S311 - nobody gains by guessing it


def staying(waiting: Sequence[Waiting]) -> list[str]:
    """Let messages wait, ten at most; one that was tried for a day goes to the queue for a person. Returns the ids of
    those that stay in the queue."""
    kept = [one for one in waiting if one.message.waited < A_DAY or not _given_up(one.message)]
    queues.let_wait(sqs(), os.environ["LATE_OUTCOMES_QUEUE"], [(one.message.handle, one.pause) for one in kept])
    return [one.message.key for one in kept]


def _given_up(message: Message) -> bool:
    """Put a message into the queue for a person. False if that queue did not answer."""
    if not queues.left_to_a_person(sqs(), os.environ["UNTOLD_OUTCOMES_QUEUE"], message.body):
        return False
    logger.error("A late outcome was given up: a person has to tell the agent", tries=message.received)
    return True


def sqs() -> "SQSClient":
    """The one client of this process, with less patience than others: Gladly may have used up most of the time."""
    return queues.sqs(read_timeout=1.5, tries=2)
