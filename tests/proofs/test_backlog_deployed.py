"""A backlog on the deployed stack: thousands of open operations of many stores, while functions are killed.

`BACKLOG`, `STORES` and `KILL_EVERY` (seconds; 0 for none) in the environment change how much of it, `LATENCY` how many
seconds Shopify takes to answer.
"""

import os
import random
import signal
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import batched
from pathlib import Path
from threading import Event, Thread

import pytest
import requests

from local import template
from local.demo.deployment import STAGE

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket]

BACKLOG, STORES = int(os.environ.get("BACKLOG", "2000")), int(os.environ.get("STORES", "50"))
KILL_EVERY = float(os.environ.get("KILL_EVERY", "4"))
LATENCY = float(os.environ.get("LATENCY", "0.1"))
LONGEST_SECONDS = float(os.environ.get("LONGEST", "1800"))
NOTE = "Leave it with the neighbour"
UPDATE = "mutation Note($input: OrderInput!) { orderUpdate(input: $input) { order { id } userErrors { message } } }"


def table(deployed, name):
    return next(t for t in deployed.deployment.client("dynamodb").list_tables()["TableNames"] if name in t)


def lost(deployed, order):
    """The stored item of an operation whose answer was lost."""
    url = deployed.form("edit-order-notes", order)
    deployed.faults({"kind": "reset_before", "document": "mutations", "times": 1})
    assert deployed.submit(url, {"note": NOTE}).status_code == 406
    deployed.faults()
    key = {"operation": {"S": url.partition("operation=")[2][:36]}}
    return deployed.deployment.client("dynamodb").get_item(TableName=table(deployed, "Operations"), Key=key)["Item"]


def more_stores(deployed):
    """Stores with the parameters of the first."""
    ssm, path = deployed.deployment.client("ssm"), f"/orderdesk/{STAGE}/stores"
    for place in range(STORES):
        for name, value in (
            ("domain", deployed.deployment.shopify),
            ("access_token", deployed.deployment.secrets["token"]),
        ):
            ssm.put_parameter(Name=f"{path}/store-{place}/shopify/{name}", Value=value, Type="String", Overwrite=True)


def note(deployed, order):
    """Set the note in Shopify, as the request did whose answer was lost."""
    requests.post(
        f"{deployed.deployment.shopify}/admin/api/2026-10/graphql.json",
        json={"query": UPDATE, "variables": {"input": {"id": order, "note": NOTE}}, "operationName": "Note"},
        headers={"X-Shopify-Access-Token": deployed.deployment.secrets["token"]},
        timeout=60,
    ).raise_for_status()


def backlog(deployed):
    """Many open operations like one that was lost, a quarter of an hour old; half of them were carried out. Gives their
    ids with the outcome that each must get."""
    orders = [order for some in batched(range(BACKLOG), 500) for order in deployed.orders(len(some))]
    like = lost(deployed, orders[0])
    deployed.deployment.client("dynamodb").delete_item(
        TableName=table(deployed, "Operations"), Key={"operation": like["operation"]}
    )
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda order: note(deployed, order), orders[::2]))
    past = (datetime.now(UTC) - timedelta(minutes=15)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    items, expected = [], {}
    for place, order in enumerate(orders):
        key, store = str(uuid.uuid4()), f"store-{place % STORES}"
        expected[key] = "FAILED" if place % 2 else "SUCCEEDED"
        item = like | {name: {"S": past} for name in ("check_at", "sent_at", "submitted_at")}
        item |= {"operation": {"S": key}, "claim": {"S": str(uuid.uuid4())}, "store": {"S": store}}
        item |= {"order": {"S": order.rpartition("/")[2]}, "lock": {"S": f"note/{store}/{order}"}}
        items.append(in_its_shard(item))
    put(deployed, items)
    return expected


def in_its_shard(item):
    """The item where a claim of the deployed version puts it."""
    if "shard" in item:
        from orderdesk.operations import shards

        os.environ["OPERATION_SHARDS"] = template.default("OperationShards")
        item |= {"shard": {"S": shards.shard_of(item["store"]["S"], item["operation"]["S"])}}
    return item


def put(deployed, items):
    dynamodb, name = deployed.deployment.client("dynamodb"), table(deployed, "Operations")
    for some in batched(items, 25):
        dynamodb.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": item}} for item in some]})


def still_open(deployed):
    dynamodb = deployed.deployment.client("dynamodb")
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table(deployed, "Operations"),
        FilterExpression="attribute_exists(check_at)",
        ProjectionExpression="operation",
    )
    return sum(len(page["Items"]) for page in pages)


def entries(deployed):
    """How many entries each operation has, and their outcomes."""
    pages = deployed.deployment.client("dynamodb").get_paginator("scan").paginate(TableName=table(deployed, "Timeline"))
    written = [(item["operation"]["S"], item["outcome"]["S"]) for page in pages for item in page["Items"]]
    return Counter(operation for operation, _ in written), dict(written)


def function_processes(deployed):
    """The processes in which the local AWS looks at open operations now."""
    folder = str(deployed.deployment.logs).encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes()
            if folder in command and b"ReconcileOperations" in command:
                yield int(process.name)


class Killer(Thread):
    """Kills a process that looks at open operations every few seconds, whichever it is."""

    def __init__(self, deployed):
        super().__init__(daemon=True)
        self.deployed, self.over, self.killed, self.chance = deployed, Event(), 0, random.Random(20261126)

    def run(self):
        while KILL_EVERY and not self.over.wait(KILL_EVERY):
            if there := sorted(function_processes(self.deployed)):
                with suppress(ProcessLookupError):
                    os.kill(self.chance.choice(there), signal.SIGKILL)
                    self.killed += 1


def test_backlog_of_many_stores_is_ended_once_while_functions_are_killed(deployed):
    """The schedule alone works it off."""
    # Fifty stores have fifty rate limits; the sandbox, one shop, has none.
    deployed.pace(0)
    more_stores(deployed)
    expected = backlog(deployed)
    deployed.pace(LATENCY)
    began, killer, seen = time.monotonic(), Killer(deployed), []
    killer.start()
    while (left := still_open(deployed)) and time.monotonic() - began < LONGEST_SECONDS:
        seen.append((round(time.monotonic() - began), left))
        time.sleep(2)
    took = time.monotonic() - began
    killer.over.set()
    times, outcomes = entries(deployed)
    twice = [operation for operation in expected if times[operation] > 1]
    wrong = [operation for operation, outcome in expected.items() if outcomes.get(operation) != outcome]
    first = max((at for at, left in seen if left == BACKLOG), default=0)
    print(
        f"\nbacklog: {BACKLOG} operations of {STORES} stores, {killer.killed} processes killed: ended in {took:.0f} s, "
        f"{took - first:.0f} s of it at work; {left} left, {len(twice)} twice, {len(wrong)} wrong"
    )
    print("open by second:", [pair for pair in seen if pair[0] % 10 < 2][:200])
    assert (left, twice, wrong) == (0, [], [])


def test_message_that_always_fails_ends_in_the_dead_letter_queue(deployed):
    """And the rest goes on meanwhile."""
    sqs = deployed.deployment.client("sqs")
    queues = {
        name: next(u for u in sqs.list_queues()["QueueUrls"] if name in u) for name in ("ReconcileQueue", "Failed")
    }
    sqs.send_message(QueueUrl=queues["ReconcileQueue"], MessageBody='{"index": "nothing", "name": "0"}')
    [order] = deployed.orders(1)
    key = lost(deployed, order)["operation"]["S"]
    deployed.make_older()
    deployed.reconcile()
    assert entries(deployed)[0][key] == 1
    until = time.monotonic() + 300
    while time.monotonic() < until:
        found = sqs.receive_message(QueueUrl=queues["Failed"], VisibilityTimeout=0).get("Messages", [])
        if found:
            assert [message["Body"] for message in found] == ['{"index": "nothing", "name": "0"}']
            return
        time.sleep(2)
    pytest.fail("it is not in the dead-letter queue")
