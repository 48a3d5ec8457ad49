"""Events on the deployed stack: killed workers, a bus that takes nothing, receivers that fail or hang: none is lost."""

import json
import os
import random
import statistics
import threading
import time
from collections import defaultdict
from datetime import UTC, datetime

import pytest

from local.demo.deployment import STAGE, STORE
from local.examples import EXAMPLES
from orderdesk.operations.model import iso
from orderdesk.tables import attributes
from tests.events.receivers import SECRET, receiving
from tests.proofs.test_deployed import kill_workers

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket]

OPERATIONS = int(os.environ.get("EVENTS", "1000")) // 2
NOTE = EXAMPLES["edit-order-notes"].values


class Events:
    """What a deployed stack publishes: the bus, by a rule into a queue, and the tables that it comes from."""

    def __init__(self, deployed):
        self.deployed, self.client = deployed, deployed.deployment.client
        self.sqs, self.dynamodb, self.ssm = self.client("sqs"), self.client("dynamodb"), self.client("ssm")
        resources = self.client("cloudformation").describe_stack_resources(StackName="orderdesk")["StackResources"]
        self.physical = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources}
        self.seen_url = self.sqs.create_queue(QueueName="seen")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.seen_url, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        events, bus = self.client("events"), f"orderdesk-{STAGE}"
        events.put_rule(Name="all", EventBusName=bus, EventPattern=json.dumps({"source": ["orderdesk"]}))
        events.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "seen", "Arn": arn}])
        self.seen = []
        # A killed process keeps its messages for so long, and the stack's three minutes are long for a test.
        self.sqs.set_queue_attributes(QueueUrl=self.physical["WebhooksQueue"], Attributes={"VisibilityTimeout": "35"})

    def hook(self, store, url):
        """Let a store's events go to a receiver."""
        values = {"shopify/domain": "demo.myshopify.com"} if store != STORE else {}
        values |= {"helpdesk/webhook_url": url, "helpdesk/webhook_secret": SECRET}
        for name, value in values.items():
            path = f"/orderdesk/{STAGE}/stores/{store}/{name}"
            self.ssm.put_parameter(Name=path, Value=value, Type="String", Overwrite=True)
        # The publisher keeps parameters for half a minute.
        time.sleep(31)

    def write(self, operation, state, store=STORE):
        """Write an operation as a function does, with its entry."""
        moment = iso(datetime.now(UTC))
        item = {"operation": operation, "store": store, "action": "edit_order_notes", "customer": "7", "state": state}
        item |= {"attempt": 1, "submitted_at": moment}
        writes = []
        if state == "SUCCEEDED":
            item["ended_at"] = moment
            key = {"customer_key": f"{store}/7", "entry_key": f"{moment}/{operation}/1"}
            writes = [{"Put": {"TableName": self.physical["TimelineTable"], "Item": attributes(key)}}]
        put = {"Put": {"TableName": self.physical["OperationsTable"], "Item": attributes(item)}}
        self.dynamodb.transact_write_items(TransactItems=[put, *writes])

    def bus_takes(self, anything):
        """Let the bus take nothing of the publisher, or everything again: IAM is enforced."""
        role = self.physical["PublishEventsFunctionRole"]
        if anything:
            self.client("iam").delete_role_policy(RoleName=role, PolicyName="down")
            return
        denied = {"Effect": "Deny", "Action": "events:PutEvents", "Resource": "*"}
        self.client("iam").put_role_policy(
            RoleName=role,
            PolicyName="down",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [denied]}),
        )

    def arrived(self):
        """The details that arrived on the bus, in order."""
        while messages := self.sqs.receive_message(QueueUrl=self.seen_url, MaxNumberOfMessages=10).get("Messages"):
            for one in messages:
                self.seen.append(json.loads(one["Body"])["detail"])
                self.sqs.delete_message(QueueUrl=self.seen_url, ReceiptHandle=one["ReceiptHandle"])
        return self.seen

    def waiting(self, queue):
        """How many messages a queue has, in flight or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.physical[queue], AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)


@pytest.fixture(scope="module")
def events(deployed):
    return Events(deployed)


def key(number, kind):
    return f"{number:08x}-{kind:04x}-0000-0000-000000000000"


def counted(expected, seen):
    """How many events were lost, doubled, and arrived for the first time after a later one of their operation."""
    first, latest, doubled, disorder = set(), defaultdict(str), 0, 0
    for one in seen:
        doubled += one["id"] in first
        if one["id"] not in first:
            first.add(one["id"])
            disorder += one["sequence"] < latest[one["operation"]]
            latest[one["operation"]] = max(latest[one["operation"]], one["sequence"])
    return len(set(expected) - first), doubled, disorder


def until(true, seconds):
    """Wait until something is true; False if it is not by then."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.5)
    return bool(true())


def test_actions_arrive_within_seconds(deployed, events):
    with receiving() as it:
        events.hook(STORE, it.url)
        took = []
        for order in deployed.orders(40):
            url = deployed.form("edit-order-notes", order)
            assert deployed.submit(url, NOTE).status_code == 200
            began, operation = time.monotonic(), url.split("operation=")[1][:36]
            assert until(lambda op=operation: any(op in i for i in list(it.asked)), 30), operation
            took.append(time.monotonic() - began)
        assert len(it.accepted) == 40
    print(f"\nfrom the answer to the receiver: median {statistics.median(took):.2f} s, worst {max(took):.2f} s of 40")


def test_nothing_is_lost_and_the_order_is_kept(events):
    """Until half of the events have arrived, something is broken: processes are killed, the bus takes nothing, the
    receiver answers 500, 404, 429 or too late."""
    chance, expected, kills = random.Random(20261126), [], 0
    with receiving() as it:
        events.hook(STORE, it.url)
        stop = threading.Event()

        def trouble():
            while not stop.wait(1.5):
                it.status = chance.choice([200, 200, 200, 500, 404, 429])
                it.seconds = chance.choice([0, 0, 0, 0, 0, 12])

        troubles = threading.Thread(target=trouble)
        troubles.start()
        events.bus_takes(False)
        began = time.monotonic()
        for number in range(OPERATIONS):
            events.write(key(number, 1), "SENT")
            events.write(key(number, 1), "UNKNOWN")
            events.write(key(number, 1), "SUCCEEDED")
            expected += [f"{key(number, 1)}/1/{state}" for state in ("UNKNOWN", "SUCCEEDED")]
            if number == OPERATIONS // 2:
                assert not [one for one in events.arrived() if one["id"] in set(expected)]
                events.bus_takes(True)
            if number % 25 == 0:
                kills += killed(events)
        # The trouble goes on until half of them have arrived, however fast this machine is.
        end = time.monotonic() + 600
        while len({one["id"] for one in list(it.accepted)}) < len(expected) / 2 and time.monotonic() < end:
            time.sleep(8)
            kills += killed(events)
        stop.set()
        troubles.join()
        it.status, it.seconds = 200, 0
        accepted = lambda: {one["id"] for one in list(it.accepted)} >= set(expected)  # noqa: E731
        assert until(lambda: {one["id"] for one in events.arrived()} >= set(expected), 120)
        arrived = until(accepted, 2400)
        on_bus = counted(expected, [one for one in events.arrived() if one["id"] in set(expected)])
        hooked = counted(expected, [one["data"] for one in it.accepted])
    print(
        f"\n{len(expected)} events, {kills} processes killed, {time.monotonic() - began:.0f} s: lost, doubled, out of "
        f"order: on the bus {on_bus}, at the receiver {hooked}; {len(it.asked)} requests"
    )
    assert arrived and kills > 5 and len(it.asked) > len(expected)
    assert (on_bus[0], on_bus[2], hooked[0], hooked[2]) == (0, 0, 0, 0)
    assert events.waiting("UndeliveredWebhooksQueue") == events.waiting("UnpublishedEventsQueue") == 0


def killed(events):
    """Kill the processes of all functions; returns how many there were."""
    return kill_workers(events.deployed)


def test_hanging_receiver_holds_up_no_other_store(events):
    """One store's receiver hangs with 200 events in front of it; the other store's events arrive meanwhile."""
    with receiving() as hanging, receiving() as good:
        hanging.seconds = 30
        events.hook("hanging", hanging.url)
        events.hook(STORE, good.url)
        for number in range(200):
            events.write(key(number, 2), "SUCCEEDED", store="hanging")
        took = []
        for number in range(30):
            began = time.monotonic()
            events.write(key(number, 3), "SUCCEEDED")
            assert until(lambda n=number: any(key(n, 3) in i for i in list(good.asked)), 60), number
            took.append(time.monotonic() - began)
        print(f"\nnext to a hanging receiver: median {statistics.median(took):.1f} s, worst {max(took):.1f} s of 30")
        # The local AWS has one batch of this queue at work at a time; Lambda has ten.
        assert max(took) < 30 and statistics.median(took) < 5
        events.ssm.delete_parameter(Name=f"/orderdesk/{STAGE}/stores/hanging/helpdesk/webhook_url")


def test_poisoned_record_holds_up_no_other(events):
    broken = {"operation": "not-an-operation", "state": "FAILED", "ended_at": "2026-11-26T08:00:00.000Z"}
    events.dynamodb.put_item(TableName=events.physical["OperationsTable"], Item=attributes(broken))
    events.write(key(1, 4), "SUCCEEDED")
    assert until(lambda: any(one["operation"] == key(1, 4) for one in events.arrived()), 30)
    [left] = events.sqs.receive_message(QueueUrl=events.physical["UnpublishedEventsQueue"])["Messages"]
    assert json.loads(left["Body"])["operation"] == "not-an-operation"
    events.sqs.delete_message(QueueUrl=events.physical["UnpublishedEventsQueue"], ReceiptHandle=left["ReceiptHandle"])
