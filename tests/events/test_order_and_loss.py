"""Nothing is lost, and the events of an operation keep their order, whatever does not answer and whenever it stops."""

import json
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from local.in_process import LambdaContext
from orderdesk import config, tables
from orderdesk.operations.model import iso
from publish_events import action as publishing
from publish_events.app import lambda_handler as publish
from tests.events.sources import Emptied, messages
from tests.faults.calls import BrokenRecords, Stopped

#: How the operations of these tests live: lost and found, refused and submitted again, found out by nobody.
LIVES = (
    ("SENT", "UNKNOWN", "SUCCEEDED"),
    ("SENT", "UNKNOWN", "FAILED"),
    ("PENDING", "REFUSED", "PENDING", "SENT", "SUCCEEDED"),
    ("SENT", "SUCCEEDED"),
    ("PENDING", "WAITING", "PENDING", "SENT", "UNKNOWN", "UNKNOWN-END"),
)
SAID = {"UNKNOWN", "WAITING", "SUCCEEDED", "REFUSED", "FAILED", "UNKNOWN-END"}


def write(operation, state, attempt, moment, customer="7"):
    """Write an operation as a function does, with its entry."""
    item = {
        "operation": operation, "store": "main", "action": "edit_order_notes", "customer": customer, "order": "1",
        "state": state.removesuffix("-END"), "attempt": attempt, "submitted_at": iso(moment),
    }  # fmt: skip
    if state in ("SUCCEEDED", "REFUSED", "FAILED", "UNKNOWN-END"):
        item["ended_at"] = iso(moment)
        key = {"customer_key": f"main/{customer}", "entry_key": f"{iso(moment)}/{operation}/{attempt}"}
        tables.dynamodb().put_item(TableName="Timeline", Item=tables.attributes(key | {"operation": operation}))
    tables.dynamodb().put_item(TableName="Operations", Item=tables.attributes(item))


def live(operations, chance):
    """Let so many operations live, all mixed. Returns how many events they stand for."""
    numbers, lives = count(1), []
    for number in range(operations):
        key = f"{number:08x}-0000-0000-0000-000000000000"
        lives.append((key, list(chance.choice(LIVES))))
    said, attempts = 0, defaultdict(lambda: 1)
    while lives:
        place = chance.randrange(len(lives))
        key, states = lives[place]
        state = states.pop(0)
        write(key, state, attempts[key], datetime.now(UTC) + timedelta(milliseconds=next(numbers)))
        attempts[key] += state == "REFUSED"
        said += state in SAID
        if not states:
            lives.pop(place)
    return said


def lost_doubled_and_out_of_order(expected, seen):
    """How many events did not arrive, arrived again, and arrived for the first time after a later one."""
    first, doubled, disorder = {}, 0, 0
    latest = defaultdict(str)
    for event in seen:
        if event["id"] in first:
            doubled += 1
            continue
        first[event["id"]] = event
        disorder += event["sequence"] < latest[event["operation"]]
        latest[event["operation"]] = max(latest[event["operation"]], event["sequence"])
    return expected - len(first), doubled, disorder


def clients():
    return publishing.events(), publishing.sqs(), tables.dynamodb(), config.ssm()


class Killed:
    """Stops the process at some of its calls, before or after they are made."""

    def __init__(self, chance, share):
        self._chance, self._share, self.kills = chance, share, 0
        for client in clients():
            client.meta.events.register_first("before-send", self._maybe)
            client.meta.events.register_last("after-call", self._maybe)

    def _maybe(self, **_):
        if self._chance.random() < self._share:
            self.kills += 1
            raise Stopped


def test_kills_lose_nothing_and_keep_the_order(desk, stream, bus):
    """A thousand events; the function is killed at one call in fifty."""
    desk.set(helpdesk__webhook_url="https://receiver.example.com/")
    chance, queued = random.Random(20261126), Emptied("Webhooks.fifo")
    stream.then.append(queued.all)
    expected = live(540, chance)
    killed = Killed(chance, 0.02)
    stream.pump()
    lost, doubled, disorder = lost_doubled_and_out_of_order(expected, bus.details)
    print(f"\n{expected} events, {killed.kills} kills: lost {lost}, doubled {doubled}, out of order {disorder}")
    assert expected >= 1000 and killed.kills > 20
    assert (lost, disorder) == (0, 0)
    hooked = [json.loads(one["body"])["data"] for one in queued.all()]
    lost, _, disorder = lost_doubled_and_out_of_order(expected, hooked)
    assert (lost, disorder) == (0, 0)


@pytest.mark.parametrize("how", [{"error": "InternalFailure"}, {"error": "ThrottlingException"}, {}, {"lost": True}])
def test_bus_that_is_down_for_an_hour_loses_nothing(desk, stream, bus, how):
    chance = random.Random(7)
    expected = live(60, chance)
    broken = BrokenRecords(publishing.events(), "PutEvents", times=10**6, **how)
    for _ in range(60):
        stream.once()
        desk.clock.shift(timedelta(minutes=1))
    assert stream.behind and (how.get("lost") or not bus.seen)
    expected += live_more(chance)
    broken.repair()
    stream.pump()
    lost, _, disorder = lost_doubled_and_out_of_order(expected, bus.details)
    assert (lost, disorder) == (0, 0)


def live_more(chance):
    said = 0
    for number in range(20):
        write(f"{number:08x}-1111-1111-1111-111111111111", "SUCCEEDED", 1, datetime.now(UTC))
        said += 1
    return said


@pytest.mark.parametrize(
    ("service", "call"), [("dynamodb", "GetItem"), ("sqs", "SendMessageBatch"), ("ssm", "GetParameters")]
)
def test_anything_else_that_does_not_answer_loses_nothing(desk, stream, bus, service, call):
    desk.set(helpdesk__webhook_url="https://receiver.example.com/")
    expected = live(30, random.Random(3))
    client = {"dynamodb": tables.dynamodb, "sqs": publishing.sqs, "ssm": config.ssm}[service]()
    broken = BrokenRecords(client, call, times=10**6)
    for _ in range(3):
        stream.once()
    assert stream.behind
    broken.repair()
    desk.clock.shift(timedelta(minutes=1))
    stream.pump()
    lost, _, disorder = lost_doubled_and_out_of_order(expected, bus.details)
    assert (lost, disorder) == (0, 0)
    assert {one["id"] for one in messages("WebhooksQueue")} == {event["id"] for event in bus.details}


def test_bus_that_takes_only_some_keeps_the_order(desk, stream, bus):
    """EventBridge refuses single events of a call: what comes after the first one is given again."""
    expected, chance = live(200, random.Random(5)), random.Random(6)

    def refuse(parsed, **_):
        for entry in parsed["Entries"]:
            if chance.random() < 0.1:
                entry["ErrorCode"] = "ThrottlingException"

    publishing.events().meta.events.register("after-call.events.PutEvents", refuse)
    stream.pump()
    lost, doubled, disorder = lost_doubled_and_out_of_order(expected, bus.details)
    assert (lost, disorder) == (0, 0) and doubled


def test_event_that_the_bus_never_takes_goes_to_a_person(desk, stream, bus):
    expected = live(5, random.Random(1))
    [first, *_] = (r for r in stream.records() if stream._passes(r))

    def refuse(parsed, **_):
        if parsed["Entries"]:
            parsed["Entries"][0]["ErrorCode"] = "MalformedDetail"
            publishing.events().meta.events.unregister("after-call.events.PutEvents", refuse)

    publishing.events().meta.events.register("after-call.events.PutEvents", refuse)
    stream.pump()
    [left] = messages("UnpublishedEventsQueue")
    assert left["operation"] == first["dynamodb"]["Keys"]["operation"]["S"] and left["why"] == "MalformedDetail"
    assert len(bus.details) == expected


def test_queue_for_a_person_that_does_not_answer_stops_the_stream(desk, stream, bus):
    """A record that can't be read is not dropped either."""
    broken = {"operation": "not-an-operation", "state": "SUCCEEDED", "ended_at": "2026-11-26T00:00:00.000Z"}
    desk.dynamodb.put_item(TableName="Operations", Item=tables.attributes(broken))
    down = BrokenRecords(publishing.sqs(), "SendMessage", times=10**6)
    stream.once()
    assert stream.behind == 1 and not messages("UnpublishedEventsQueue")
    down.repair()
    stream.pump()
    assert len(messages("UnpublishedEventsQueue")) == 1


def test_too_little_time_leaves_the_rest_for_the_next_call(desk, stream, bus):
    live(5, random.Random(1))
    records = [r for r in stream.records() if stream._passes(r)]
    failed = publish({"Records": records}, LambdaContext(seconds=8))["batchItemFailures"]
    assert failed == [{"itemIdentifier": records[0]["dynamodb"]["SequenceNumber"]}]
    assert not bus.seen
