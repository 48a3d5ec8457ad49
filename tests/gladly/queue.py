"""The queue of late outcomes as Lambda reads it: moto's SQS, and one call of the function for each batch."""

import json
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID

from local import emulated_aws
from local.in_process import LambdaContext
from tell_gladly import app
from tests.faults.calls import Stopped

ENVELOPE = {"version": "0", "detail-type": "orderdesk.entry", "source": "orderdesk", "account": "123456789012"}


class Queue:
    """The queue, with what Lambda does with it. `receives`: how often messages were passed to the function."""

    def __init__(self, url: str, dead: str) -> None:
        self.url, self.dead = url, dead
        self._sqs = emulated_aws.client("sqs")
        self.receives = 0

    def put(self, *details: dict[str, Any]) -> None:
        """Events, as EventBridge passes them on."""
        for detail in details:
            self._sqs.send_message(QueueUrl=self.url, MessageBody=json.dumps(ENVELOPE | {"detail": detail}))

    def put_text(self, body: str) -> None:
        """A message that is no event."""
        self._sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def deliver(self, *, acknowledge: Callable[[], bool] = lambda: True, seconds: float = 30.0) -> int:
        """One batch to the function; returns how many messages it had. Without `acknowledge` the function is stopped
        before Lambda knows of it."""
        batch = self._sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
        ).get("Messages", [])
        if not batch:
            return 0
        self.receives += len(batch)
        try:
            answer = app.lambda_handler({"Records": [_record(one) for one in batch]}, LambdaContext(seconds))
        except Stopped:
            return len(batch)
        if acknowledge():
            staying = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
            self._deleted(one for one in batch if one["MessageId"] not in staying)
        return len(batch)

    def drain(self, within: timedelta, **how: Any) -> None:
        """Deliver whatever comes, until nothing is left or the time is over."""
        until = time.time() + within.total_seconds()
        while waits := self.next_in():
            if not self.deliver(**how):
                if time.time() + waits[0] > until:
                    time.sleep(max(0.0, until - time.time()))
                    return
                time.sleep(max(1, waits[0] + 1))

    def waiting(self) -> int:
        """How many messages the queue has, hidden ones included."""
        return len(self._messages(self.url))

    def lost(self) -> int:
        """How many messages are in the queue for a person."""
        return len(self._messages(self.dead))

    def given_up(self) -> list[str]:
        """The messages in the queue for a person."""
        return [message.body for message in self._messages(self.dead)]

    def next_in(self) -> list[int]:
        """In how many seconds each hidden message comes again."""
        return sorted(round((message.visible_at - time.time() * 1000) / 1000) for message in self._messages(self.url))

    def _messages(self, url: str) -> list[Any]:
        queues = get_backend("sqs")[DEFAULT_ACCOUNT_ID][emulated_aws.REGION].queues
        return list(queues[url.rpartition("/")[2]]._messages)

    def _deleted(self, messages: Iterable[dict[str, Any]]) -> None:
        for one in messages:
            self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=one["ReceiptHandle"])


def _record(message: dict[str, Any]) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    }
