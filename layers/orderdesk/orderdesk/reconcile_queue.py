"""The queue between `find_open_operations` and `reconcile_operations`: a message says which shard to look at.

A message is no more than a reason to look, since the table is the truth. It may come twice, late, or never: each minute
brings another for whatever is due.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from itertools import batched
from typing import Any, NamedTuple

from aws_lambda_powertools import Logger

from .operations import Shard
from .queues import sqs

logger = Logger(service="orderdesk", child=True)

#: How many messages SQS takes in one call.
_AT_ONCE = 10


class Message(NamedTuple):
    """A shard to look at. `began`: if it goes on where an earlier run had no time left, when the first of those runs
    began (seconds since 1970); 0 if it is the first."""

    shard: Shard
    began: float = 0.0


def send(messages: Iterable[Message]) -> None:
    """Send messages. One that SQS does not take is logged, and the next minute brings another.

    Raises botocore's errors if SQS does not answer.
    """
    for some in batched(messages, _AT_ONCE):
        entries = [{"Id": str(place), "MessageBody": _written(message)} for place, message in enumerate(some)]
        answer = sqs().send_message_batch(QueueUrl=os.environ["RECONCILE_QUEUE"], Entries=entries)  # type: ignore[arg-type]
        for failed in answer.get("Failed", []):
            logger.error(
                "A message was not taken by SQS", message_body=_written(some[int(failed["Id"])]), cause=failed["Code"]
            )


def read(event: Mapping[str, Any]) -> Message:
    """The one message of an event. Raises KeyError, TypeError or ValueError if it can't be read."""
    [record] = event["Records"]
    said = json.loads(record["body"])
    return Message(Shard(said["index"], said["name"]), float(said.get("began", 0)))


def _written(message: Message) -> str:
    return json.dumps(asdict(message.shard) | ({"began": message.began} if message.began else {}))
