"""Late outcomes in Gladly on the deployed stack: how soon, and once even if the function is killed."""

import statistics
import time
from datetime import datetime

import pytest
import requests

from local.demo.deployment import GLADLY_USER
from local.examples import EXAMPLES
from tests.proofs.test_deployed import kill_workers

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket]

REFUND = EXAMPLES["refund-order"].values
CUSTOMER = "o2sg-TMTSD2rTwMuxzewbA"


class Gladly:
    """The stand-in for Gladly of a deployment."""

    def __init__(self, deployed):
        self._url = f"{deployed.deployment.gladly}/_gladly"
        self._auth = (GLADLY_USER, deployed.deployment.secrets["gladly_token"])

    def ask(self, method, what, **more):
        answer = requests.request(method, f"{self._url}/{what}", auth=self._auth, timeout=10, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def customer(self, name):
        self.ask("PUT", "customers", json={"id": name})
        return name

    def faults(self, *faults):
        self.ask("PUT", "faults", json={"faults": list(faults)})

    def items(self, customer=CUSTOMER):
        return self.ask("GET", "customers", params={"id": customer})["items"]

    def arrived(self, customer, count, seconds):
        until = time.monotonic() + seconds
        while len(self.items(customer)) < count and time.monotonic() < until:
            time.sleep(0.2)
        return self.items(customer)


@pytest.fixture
def gladly(deployed):
    gladly = Gladly(deployed)
    gladly.customer(CUSTOMER)
    yield gladly
    gladly.faults()


def lost(deployed, customer, count):
    """Refunds that Shopify made and whose answers were lost; returns the operations and when Shopify made each."""
    made = {}
    for order in deployed.orders(count):
        url = f"{deployed.form('refund-order', order)}&profile={customer}"
        deployed.faults({"kind": "reset_after", "document": "mutations", "times": 2})
        began = time.time()
        answer = deployed.submit(url, REFUND)
        deployed.faults()
        assert answer.status_code == 406 and "outcome_unknown" in answer.text, answer.text
        made[url.split("operation=")[1][:36]] = began
    return made


def seconds(text):
    return datetime.fromisoformat(text).timestamp()


def test_late_outcome_is_in_gladly_within_two_minutes(deployed, gladly):
    """Nothing is hurried: the reconciler runs every minute, as it does on AWS."""
    made = lost(deployed, CUSTOMER, 10)
    items = gladly.arrived(CUSTOMER, len(made), 240)
    assert sorted(item["id"] for item in items) == sorted(f"orderdesk-{operation}" for operation in made)
    whole = [seconds(item["timestamp"]) - made[item["id"].removeprefix("orderdesk-")] for item in items]
    ours = [seconds(item["timestamp"]) - seconds(item["content"]["occurredAt"]) for item in items]
    print(
        f"\nlate success in Shopify to Gladly: median {statistics.median(whole):.1f} s, worst {max(whole):.1f} s; "
        f"of these from our timeline to Gladly: median {statistics.median(ours):.2f} s, worst {max(ours):.2f} s"
    )
    assert max(whole) < 150


def test_killed_function_writes_once(deployed, gladly):
    """kill -9 after Gladly has written and before it answers: the message comes again, and Gladly has it."""
    customer = gladly.customer("killed")
    made = lost(deployed, customer, 1)
    gladly.faults({"kind": "no_answer", "document": "items", "seconds": 4, "done": True, "times": 1})
    deployed.make_older()
    deployed.reconcile()
    assert gladly.arrived(customer, 1, 30)
    assert kill_workers(deployed)
    # Lambda's next delivery is after the queue's visibility timeout.
    posts = answered(gladly, made, 2, 240)
    assert posts == [200, 409] and len(gladly.items(customer)) == 1


def test_gladly_in_trouble_gets_it_once(deployed, gladly):
    customer = gladly.customer("trouble")
    made = lost(deployed, customer, 3)
    gladly.faults({"kind": "http", "document": "items", "status": 503, "times": 2},
                  {"kind": "http", "document": "items", "status": 429, "headers": {"Retry-After": "2"}, "times": 2},
                  {"kind": "no_answer", "document": "items", "seconds": 8, "done": True, "times": 1})  # fmt: skip
    deployed.make_older()
    deployed.reconcile()
    items = gladly.arrived(customer, 3, 240)
    assert sorted(item["id"] for item in items) == sorted(f"orderdesk-{operation}" for operation in made)


def answered(gladly, made, count, seconds):
    """The statuses of the requests for these operations, once there are so many."""
    ids = {f"orderdesk-{operation}" for operation in made}
    until = time.monotonic() + seconds
    while True:
        found = [one["status"] for one in gladly.ask("GET", "received")["received"] if one["id"] in ids]
        if len(found) >= count or time.monotonic() > until:
            return found
        time.sleep(0.5)
