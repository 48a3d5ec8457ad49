"""Lambda's side of events: it reads the stream and the queue of webhooks, calls the functions, and repeats what failed.

As template.yaml says: filters, batch sizes and what a partial response means are read from there.
"""

import json
from collections.abc import Callable
from typing import Any

from moto.events.models import EventPattern

from deliver_webhooks.app import lambda_handler as deliver
from local import emulated_aws
from local.in_process import LambdaContext
from local.template import resources
from publish_events.app import lambda_handler as publish
from tests.faults.calls import Stopped

STREAM_ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/Operations/stream/now"


def properties(function: str, event: str) -> dict[str, Any]:
    """The properties of a function's event in template.yaml."""
    found: dict[str, Any] = resources("AWS::Serverless::Function")[function]["Events"][event]["Properties"]
    return found


class Stream:
    """The mapping of the operations' stream: one shard, in order. A batch is repeated from its first failure on; one
    that ended the function is cut in two (`BisectBatchOnFunctionError`)."""

    def __init__(self) -> None:
        client = emulated_aws.client("dynamodb")
        client.update_table(
            TableName="Operations",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        self._of = properties("PublishEventsFunction", "Operations")
        self._patterns = [EventPattern.load(one["Pattern"]) for one in self._of["FilterCriteria"]["Filters"]]
        self._at, self._size = 0, self._of["BatchSize"]
        self._read: list[dict[str, Any]] = []
        self.invoked = 0
        #: Called after each call of the function.
        self.then: list[Callable[[], Any]] = []

    def records(self) -> list[dict[str, Any]]:
        """All records of the stream, as Lambda gives them."""
        table = emulated_aws._part("dynamodb").tables["Operations"]
        self._read += [_record(one.record) for one in table.stream_shard.items[len(self._read) :]]
        return self._read

    def pump(self, *, tries: int = 50) -> None:
        """Call the function until it has published everything. Raises AssertionError if it does not, in so many
        calls that publish nothing."""
        idle = 0
        while batch := self._next():
            before = self._at
            self._call(batch)
            idle = 0 if self._at > before else idle + 1
            assert idle < tries, "the stream does not move on"

    def once(self) -> None:
        """One call of the function, with the next batch."""
        if batch := self._next():
            self._call(batch)

    @property
    def behind(self) -> int:
        """How many records that pass the filters are not published."""
        return sum(self._passes(one) for one in self.records()[self._at :])

    def _next(self) -> list[dict[str, Any]]:
        records = self.records()
        while self._at < len(records) and not self._passes(records[self._at]):
            self._at += 1
        return [one for one in records[self._at : self._at + self._size] if self._passes(one)]

    def _passes(self, record: dict[str, Any]) -> bool:
        return any(pattern.matches_event(record) for pattern in self._patterns)

    def _call(self, batch: list[dict[str, Any]]) -> None:
        self.invoked += 1
        try:
            failed = publish({"Records": batch}, LambdaContext())["batchItemFailures"]
        except Stopped:
            self._size = max(1, self._size // 2)
            return
        finally:
            for one in self.then:
                one()
        self._size = min(2 * self._size, self._of["BatchSize"])
        numbers = [one["dynamodb"]["SequenceNumber"] for one in self.records()]
        if failed:
            self._at = numbers.index(failed[0]["itemIdentifier"])
        else:
            self._at = numbers.index(batch[-1]["dynamodb"]["SequenceNumber"]) + 1


def _record(kept: dict[str, Any]) -> dict[str, Any]:
    """A record with its time as Lambda gives it: in seconds."""
    change = kept["dynamodb"]
    seconds = change["ApproximateCreationDateTime"].timestamp()
    plain = json.loads(json.dumps(change | {"ApproximateCreationDateTime": seconds}))
    return kept | {"dynamodb": plain, "eventSourceARN": STREAM_ARN}


class Queue:
    """The mapping of the webhooks' queue."""

    def __init__(self) -> None:
        self.sqs = emulated_aws.client("sqs")
        self.url = emulated_aws.queue_url("WebhooksQueue")
        self.invoked = 0

    def pump(self, *, calls: int = 1000) -> None:
        """Call the function while messages are visible."""
        for _ in range(calls):
            if not self.once():
                return

    def once(self) -> int:
        """One call of the function; returns how many messages it was given."""
        # moto lets a group go on with its second message, if the first two are visible again at the same time.
        queue = emulated_aws._part("sqs").queues[emulated_aws.QUEUES["WebhooksQueue"]]
        queue.pending_messages.difference_update([one for one in queue.pending_messages if one.visible])
        answer = self.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=properties("DeliverWebhooksFunction", "Webhooks")["BatchSize"],
            AttributeNames=["All"],
        )
        messages = answer.get("Messages", [])
        if not messages:
            return 0
        records = [
            {
                "messageId": one["MessageId"],
                "receiptHandle": one["ReceiptHandle"],
                "body": one["Body"],
                "attributes": one["Attributes"],
                "eventSource": "aws:sqs",
            }
            for one in messages
        ]
        self.invoked += 1
        try:
            failed = {f["itemIdentifier"] for f in deliver({"Records": records}, LambdaContext())["batchItemFailures"]}
        except Stopped:
            return len(messages)
        for one in messages:
            if one["MessageId"] not in failed:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=one["ReceiptHandle"])
        return len(messages)


def messages(queue: str) -> list[dict[str, Any]]:
    """The messages of a queue (by its name in template.yaml), which stay in it."""
    found = emulated_aws._part("sqs").queues[emulated_aws.QUEUES[queue]]
    return [json.loads(one.body) for one in found._messages]


class Emptied:
    """Takes the messages out of a queue (by moto's name of it): moto needs longer, the more a queue has."""

    def __init__(self, name: str) -> None:
        self._queue = emulated_aws._part("sqs").queues[name]
        self._taken: list[dict[str, Any]] = []

    def all(self) -> list[dict[str, Any]]:
        """All messages that were ever in it, in order."""
        self._taken += [json.loads(one.body) for one in self._queue._messages]
        self._queue._messages.clear()
        return self._taken


class Bus:
    """What arrives on the bus, by a rule that passes everything of ours."""

    def __init__(self, stream: Stream) -> None:
        events, sqs = emulated_aws.client("events"), emulated_aws.client("sqs")
        sqs.create_queue(QueueName="seen")
        events.put_rule(Name="all", EventBusName=emulated_aws.BUS, EventPattern=json.dumps({"source": ["orderdesk"]}))
        arn = "arn:aws:sqs:eu-central-1:123456789012:seen"
        events.put_targets(Rule="all", EventBusName=emulated_aws.BUS, Targets=[{"Id": "seen", "Arn": arn}])
        self._seen = Emptied("seen")
        stream.then.append(self._seen.all)

    @property
    def seen(self) -> list[dict[str, Any]]:
        """The events that arrived, in order."""
        return self._seen.all()

    @property
    def details(self) -> list[dict[str, Any]]:
        """Their details."""
        return [one["detail"] for one in self.seen]
