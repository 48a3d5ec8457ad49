"""The stack, deployed on this machine for the whole run."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from local.demo.deployment import STAGE, STORE, Deployment

READ = """
query Truth($id: ID!) {
  order(id: $id) {
    name
    cancelledAt
    note
    tags
    totalRefundedSet { presentmentMoney { amount } }
    netPaymentSet { presentmentMoney { amount } }
    refunds(first: 100) { id note }
  }
}
"""


class Deployed:
    """A helpdesk in front of the deployed stack."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.base = deployment.base_url()
        self.headers = {"Authorization": f"Bearer {deployment.secrets['bearer_token']}"}
        self._shopify = {"X-Shopify-Access-Token": deployment.secrets["token"]}

    def get(self, url: str, agent: str = "") -> requests.Response:
        """A form, or the timeline, as an agent that the helpdesk vouches for."""
        return requests.get(self.base + url, headers=self._of(agent), timeout=60)

    def submit(self, url: str, values: dict[str, Any], agent: str = "") -> requests.Response:
        """Submit a form to its `actionUrl`, as an agent that the helpdesk vouches for."""
        return requests.post(self.base + url, json=values, headers=self._of(agent), timeout=60)

    def _of(self, agent: str) -> dict[str, str]:
        return self.headers | ({"X-Agent-Id": agent} if agent else {})

    def form(self, action: str, order: str) -> str:
        """The `actionUrl` of a new form on an order (gid)."""
        answer = self.get(f"/actions/{action}?order={order}")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["actionUrl"])

    def orders(self, count: int) -> list[str]:
        """New paid orders, as gids."""
        answer = self._sandbox("POST", "orders", {"count": count})
        return list(answer["orders"])

    def faults(self, *faults: dict[str, Any]) -> None:
        """Replace the faults of the sandbox Shopify."""
        self._sandbox("PUT", "faults", {"faults": list(faults)})

    def pace(self, latency: float) -> None:
        """Set how many seconds the sandbox Shopify takes to answer, without a rate limit."""
        self._sandbox("PUT", "pace", {"size": 10**9, "restore": 10**9, "available": 10**9, "latency": latency})

    def truth(self, order: str) -> dict[str, Any]:
        """Shopify's own record of an order."""
        answer = requests.post(
            f"{self.deployment.shopify}/admin/api/2026-10/graphql.json",
            json={"query": READ, "variables": {"id": order}, "operationName": "Truth"},
            headers=self._shopify,
            timeout=60,
        )
        return dict(answer.json()["data"]["order"])

    def entries(self, order: str) -> list[dict[str, Any]]:
        """The order's timeline."""
        return list(self.get(f"/timeline?order={order}&limit=100").json()["entries"])

    def reconcile(self) -> None:
        """Let everything be found, queued and looked at that is due now. A message that failed may be left over."""
        lambdas, sqs = self.deployment.client("lambda"), self.deployment.client("sqs")
        names = [f["FunctionName"] for f in lambdas.list_functions()["Functions"]]
        lambdas.invoke(FunctionName=next(n for n in names if "FindOpen" in n), Payload=b"{}")
        queue = next(url for url in sqs.list_queues()["QueueUrls"] if "ReconcileQueue" in url)
        counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        until = time.monotonic() + 40
        while time.monotonic() < until:
            found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=counts)["Attributes"]
            if not any(int(number) for number in found.values()):
                return
            time.sleep(0.2)

    def make_older(self) -> None:
        """Let three quarters of an hour pass for what has no end, by setting its times back."""
        dynamodb = self.deployment.client("dynamodb")
        table = next(t for t in dynamodb.list_tables()["TableNames"] if "Operations" in t)
        pages = dynamodb.get_paginator("scan").paginate(TableName=table)
        for item in [item for page in pages for item in page["Items"]]:
            if "check_at" in item:
                for name in ("check_at", "sent_at", "submitted_at"):
                    if name in item:
                        moment = datetime.fromisoformat(item[name]["S"]) - timedelta(minutes=45)
                        item[name]["S"] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
                if "claimed_until" in item:
                    item["claimed_until"]["N"] = str(int(item["claimed_until"]["N"]) - 2700)
                dynamodb.put_item(TableName=table, Item=item)

    def at_once(self, submits: list[tuple[Any, ...]]) -> list[requests.Response]:
        """Several submits (address, values, perhaps the agent) over separate connections at the same time."""
        with ThreadPoolExecutor(len(submits)) as pool:
            return list(pool.map(lambda one: self.submit(*one), submits))

    def adds_up(self, order: str, paid: str = "129.0") -> bool:
        """Check that each operation has one entry, and that their refunds equal Shopify's and are no more than was
        paid."""
        entries, truth = [e for e in self.entries(order) if e["outcome"] != "WAITING"], self.truth(order)
        refunded = Decimal(truth["totalRefundedSet"]["presentmentMoney"]["amount"])
        said = sum((Decimal(e["amount"]) for e in entries if "amount" in e), Decimal(0))
        once = len({e["operation"] for e in entries}) == len(entries)
        return once and said == refunded <= Decimal(paid)

    def limits(self, **of_refunds: int) -> None:
        """Set the store's limits of refunds; none at all if none are given."""
        self.set_limits({f"actions/refund_order/{name}": str(value) for name, value in of_refunds.items()})

    def set_limits(self, values: dict[str, str]) -> None:
        """Set the store's limits by their names."""
        path = f"/orderdesk/{STAGE}/stores/{STORE}/limits"
        self.deployment.client("ssm").put_parameter(Name=path, Value=json.dumps(values), Type="String", Overwrite=True)

    def _sandbox(self, method: str, what: str, given: dict[str, Any]) -> dict[str, Any]:
        url = f"{self.deployment.shopify}/_sandbox/{what}"
        answer = requests.request(method, url, json=given, headers=self._shopify, timeout=30)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The deployed stack."""
    deployment = Deployment()
    try:
        deployment.start_servers()
        deployment.build()
        deployment.deploy()
        deployment.set_parameters()
        # In a race, each submit must move money.
        deployment.set_parameter("actions/refund_items/confirm", "false")
        deployment.first_lookup()
        yield Deployed(deployment)
    finally:
        deployment.stop()
