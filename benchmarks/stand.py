"""The test stand: functions in this process, with the sandbox Shopify and a local AWS in processes of their own.

So a function's CPU time is its own, without Shopify's or DynamoDB's work.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import botocore
import requests

import cut_aws_models
from local import template
from local.demo.deployment import STORE, Deployment
from local.in_process import FUNCTIONS, LambdaContext
from orderdesk import aws, config, tables


class Took(NamedTuple):
    """The time of a request in milliseconds: elapsed, and CPU time of this process."""

    wall: float
    cpu: float


class Stand:
    """Running servers, tables and parameters; `call` sends a request to a function in this process."""

    def __init__(self) -> None:
        self.deployment = Deployment()
        self.took = Took(0, 0)
        self._models = TemporaryDirectory()

    def start(self) -> None:
        """Start the servers, create tables and parameters, and point this process's AWS clients at them."""
        # A cancellation's time is Shopify's; without it, the first look at the order finds it cancelled.
        self.deployment.start_servers("--job-seconds", "0")
        os.environ.update(self.environment())
        # As the layer's build does.
        aws.MODELS = Path(self._models.name)
        cut_aws_models.write(Path(botocore.__file__).with_name("data"), aws.MODELS)
        for kept in (aws.session, config.ssm, config.parameters, tables.dynamodb):
            kept.cache_clear()  # Clients of an earlier stand.
        template.create_tables(
            self.deployment.client("dynamodb"), {"OperationsTable": "Operations", "TimelineTable": "Timeline"}
        )
        self.set_parameters()
        self.pace(size=1e9, available=1e9)

    def set_parameters(self) -> None:
        """Set the parameters of the store: everything switched on, and each submit carried out at once."""
        self.deployment.set_parameters()
        self.deployment.set_parameter("actions/refund_items/confirm", "false")

    def environment(self) -> dict[str, str]:
        """The environment of a function here."""
        aws = {name: value for name, value in self.deployment.environment().items() if name.startswith("AWS")}
        return aws | {
            "ORDERDESK_STAGE": "local",
            "OPERATIONS_TABLE": "Operations",
            "TIMELINE_TABLE": "Timeline",
            "OPERATION_RETENTION_DAYS": template.default("OperationRetentionDays"),
            "OPERATION_SHARDS": template.default("OperationShards"),
            "PYDANTIC_DISABLE_PLUGINS": "__all__",
            "POWERTOOLS_SERVICE_NAME": "orderdesk",
            "POWERTOOLS_METRICS_NAMESPACE": "Orderdesk",
        }

    def pace(self, **given: float) -> None:
        """Set Shopify's pace: `latency` in seconds; the bucket's `size`, `restore` per second, `available` points."""
        self._sandbox("PUT", "pace", given)

    def orders(self, count: int, case: str = "paid") -> list[str]:
        """The numbers of new orders of one customer: each paid by a gift card and a card, or as in another case of
        `local.sandbox.cases`."""
        made = self._sandbox("POST", "orders", {"case": case, "count": count})
        return [gid.rpartition("/")[2] for gid in made["orders"]]

    def customer(self) -> str:
        """The number of the customer who owns those orders."""
        query = {"lookupLevel": "BASIC", "query": {"emails": ["martha.williams@example.com"]}}
        return str(self.call("POST", "", query)[1]["results"][0]["externalCustomerId"])

    def event(self, method: str, url: str, body: Any) -> dict[str, Any]:
        """A request as API Gateway passes it; `url` is relative to the store's base address."""
        parts = urlsplit(f"/stores/{STORE}{url}")
        pairs = parse_qsl(parts.query)
        headers = {"Authorization": f"Bearer {self.deployment.secrets['bearer_token']}"}
        return {
            "resource": parts.path.replace(STORE, "{store}", 1),
            "path": parts.path,
            "httpMethod": method,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "headers": headers,
            "queryStringParameters": dict(pairs) or None,
            "multiValueQueryStringParameters": {name: [value] for name, value in pairs} or None,
            "pathParameters": {"store": STORE},
            "requestContext": {"path": f"/local{parts.path}", "stage": "local", "requestId": "bench", "apiId": "bench"},
            "body": None if body is None else json.dumps(body),
            "isBase64Encoded": False,
        }

    def context(self) -> LambdaContext:
        """What Lambda passes with an event."""
        return LambdaContext()

    def call(self, method: str, url: str, body: Any) -> tuple[int, dict[str, Any]]:
        """Send a request to the function that the address belongs to. `took` then says how long it took."""
        handler = import_module(f"{function_of(url)}.app").lambda_handler
        event, context = self.event(method, url, body), self.context()
        wall, cpu = time.perf_counter(), time.process_time()
        answer = handler(event, context)
        self.took = Took((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)
        return answer["statusCode"], json.loads(answer["body"])

    def stop(self) -> None:
        """Stop the servers."""
        self.deployment.stop()
        self._models.cleanup()

    def _sandbox(self, method: str, what: str, given: dict[str, Any]) -> dict[str, Any]:
        headers = {"X-Shopify-Access-Token": self.deployment.secrets["token"]}
        url = f"{self.deployment.shopify}/_sandbox/{what}"
        answer = requests.request(method, url, json=given, headers=headers, timeout=30)
        answer.raise_for_status()
        return dict(answer.json())


def function_of(url: str) -> str:
    """The function that answers an address relative to the store's base address."""
    action = urlsplit(url).path.removeprefix("/actions/")
    return FUNCTIONS.get(action) or ("timeline" if action == "/timeline" else "lookup")


@contextmanager
def stand() -> Iterator[Stand]:
    """A stand, while the block runs."""
    one = Stand()
    try:
        one.start()
        yield one
    finally:
        one.stop()


@contextmanager
def log_to_nowhere() -> Iterator[None]:
    """Write the functions' log lines, as in Lambda, but don't show them."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
