"""A deployment in one process: moto's tables (from template.yaml) and parameters, and the sandbox Shopify as
transport."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import time_machine

from local import emulated_aws, template
from local.openapi import replies
from local.sandbox import Sandbox
from orderdesk import config, queues, scopes, tables
from orderdesk.actions import ACTIONS
from orderdesk.shopify import session, tokens

STORE = "main"
TOKEN = "bearer-token-of-the-tests"
KEY = "signing-key-of-the-tests"
DOMAIN = "demo.myshopify.com"
PATH = f"/orderdesk/local/stores/{STORE}"
EVENTS = Path(__file__).parents[1] / "events"
#: Each action's folder by its name in an address.
FUNCTIONS = {action.slug: action.name for action in ACTIONS}

#: The environment of a function in this deployment.
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": emulated_aws.REGION,
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "ORDERDESK_STAGE": "local",
    "OPERATIONS_TABLE": emulated_aws.TABLES["OperationsTable"],
    "TIMELINE_TABLE": emulated_aws.TABLES["TimelineTable"],
    "OPERATION_RETENTION_DAYS": template.default("OperationRetentionDays"),
    "OPERATION_SHARDS": template.default("OperationShards"),
    "RECONCILE_QUEUE": emulated_aws.queue_url("ReconcileQueue"),
    "EVENT_BUS": emulated_aws.BUS,
    "WEBHOOKS_QUEUE": emulated_aws.queue_url("WebhooksQueue"),
    "UNDELIVERED_QUEUE": emulated_aws.queue_url("UndeliveredWebhooksQueue"),
    "UNPUBLISHED_QUEUE": emulated_aws.queue_url("UnpublishedEventsQueue"),
    "LATE_OUTCOMES_QUEUE": emulated_aws.queue_url("LateOutcomesQueue"),
    "UNTOLD_OUTCOMES_QUEUE": emulated_aws.queue_url("UntoldOutcomesQueue"),
    "POWERTOOLS_SERVICE_NAME": "orderdesk",
    "POWERTOOLS_METRICS_NAMESPACE": "Orderdesk",
}
#: The parameters of its store, everything switched on; `__` in a name stands for `/`.
PARAMETERS = {
    "shopify__domain": DOMAIN,
    "shopify__access_token": "shpat_sandbox",
    "helpdesk__signing_key": KEY,
    "helpdesk__bearer_token": TOKEN,
    "default_region": "US",
    "actions__enabled": "true",
    # What a test submits is carried out at once; the tests of the action itself have it shown first.
    "actions__refund_items__confirm": "false",
} | {f"actions__{name}__enabled": "true" for name in FUNCTIONS.values()}


class LambdaContext:
    """What Lambda passes with an event."""

    function_name, memory_limit_in_mb = "orderdesk", 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:orderdesk"
    aws_request_id = "52fdfc07-2182-154f-163f-5f0f9a621d72"

    def __init__(self, seconds: float = 30.0) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


class Desk:
    """A helpdesk: sends requests to the functions as API Gateway does, and gives access to what is behind them."""

    def __init__(self, sandbox: Sandbox, adapter: Any, clock: Any) -> None:
        self.sandbox, self.adapter, self.store, self.clock = sandbox, adapter, sandbox.store, clock
        self.ssm, self.dynamodb = emulated_aws.client("ssm"), emulated_aws.client("dynamodb")
        self.sqs = emulated_aws.client("sqs")

    def set(self, **values: str) -> None:
        """Set parameters; `__` in a name stands for `/`. An empty value deletes the parameter."""
        for path, value in _by_path(values).items():
            if value:
                self.ssm.put_parameter(Name=path, Value=value, Type="String", Overwrite=True)
            else:
                self.ssm.delete_parameter(Name=path)
        config.parameters.cache_clear()

    def send(self, method: str, url: str, body: Any = None, *, seconds: float = 30.0, **more: Any) -> SimpleNamespace:
        """Send a request to the function that the path belongs to; `url` is relative to the store's base address."""
        event = self.event(method, url, body, **more)
        store = more.get("store", STORE)
        module = import_module(f"{_function(event['path'])}.app")
        answer = module.lambda_handler(event, LambdaContext(seconds))
        body = json.loads(answer["body"])
        # In every test, a reply must have the shape that docs/openapi.json promises.
        path = event["path"].removeprefix(f"/stores/{store}")
        replies.of(method, path, answer["statusCode"]).model_validate(body)
        return SimpleNamespace(status=answer["statusCode"], body=body)

    def event(
        self, method: str, url: str, body: Any = None, *, headers: dict[str, str] | None = None, store: str = STORE
    ) -> dict[str, Any]:
        """An API Gateway REST API event (payload version 1.0), with a bearer token unless `headers` say otherwise."""
        parts = urlsplit(f"/stores/{store}{url}")
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        sent = {"Authorization": f"Bearer {TOKEN}"} if headers is None else headers
        return {
            "resource": parts.path.replace(f"/stores/{store}", "/stores/{store}", 1),
            "path": parts.path,
            "httpMethod": method,
            "headers": sent,
            "multiValueHeaders": {k: [v] for k, v in sent.items()},
            "queryStringParameters": dict(pairs) or None,
            "multiValueQueryStringParameters": {k: [v for n, v in pairs if n == k] for k, _ in pairs} or None,
            "pathParameters": {"store": store},
            "requestContext": {
                "path": f"/local{parts.path}",
                "stage": "local",
                "requestId": "c6af9ac6",
                "apiId": "a1b2",
            },
            "body": body if isinstance(body, str) or body is None else json.dumps(body),
            "isBase64Encoded": False,
        }

    def find(self, **query: Any) -> list[dict[str, Any]]:
        """A BASIC lookup."""
        answer = self.send("POST", "", {"lookupLevel": "BASIC", "query": query})
        assert answer.status == 200, answer.body
        return answer.body["results"]

    def profile(self, customer: str) -> dict[str, Any]:
        """A DETAILED lookup that finds a customer."""
        answer = self.send("POST", "", {"lookupLevel": "DETAILED", "query": {"externalCustomerId": customer}})
        assert answer.status == 200, answer.body
        return answer.body["results"][0]

    def form(self, action: str, order: str, **query: str) -> SimpleNamespace:
        """Open an action's form on an order (by its name)."""
        number = self.store.order(order).number
        more = "".join(f"&{k}={v}" for k, v in query.items())
        return self.send("GET", f"/actions/{action}?order={number}{more}")

    def act(self, action: str, order: str, **values: Any) -> SimpleNamespace:
        """Open an action's form on an order and submit it."""
        form = self.form(action, order)
        assert form.status == 200, form.body
        return self.send("POST", form.body["actionUrl"], values)

    def linked(self, order: str) -> str:
        """The number of an order's customer (by the order's name)."""
        return str(self.store.order(order).customer.id.rsplit("/", 1)[1])

    def reconcile(self, *, seconds: float = 30.0, later: timedelta = timedelta()) -> dict[str, int]:
        """Reconcile once, after this much time, as the stack does it: what is due is found, queued and looked at.

        Gives how many operations were brought to an end, and how many have to wait for another look.
        """
        self.clock.shift(later)
        import_module("find_open_operations.app").lambda_handler({}, LambdaContext(seconds))
        return self.work_off(seconds)

    def work_off(self, seconds: float = 30.0) -> dict[str, int]:
        """Hand the messages of the queue over to the reconciler, until none is left; what the looks have found.

        As Lambda does: a message of which the function raises an error comes again, and all others are deleted.
        """
        counts, queue = {"ended": 0, "waiting": 0}, emulated_aws.queue_url("ReconcileQueue")
        emulated_aws.forget_old_messages("ReconcileQueue")
        while received := self.sqs.receive_message(QueueUrl=queue).get("Messages", []):
            app = import_module("reconcile_operations.app")
            try:
                looked = app.lambda_handler(message_event(received[0]["Body"]), LambdaContext(seconds))
            except app.RunBroken:
                continue
            self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=received[0]["ReceiptHandle"])
            counts = {name: counts[name] + number for name, number in looked.items()}
        return counts

    def timeline(self, order: str) -> list[dict[str, Any]]:
        """An order's timeline."""
        answer = self.send("GET", f"/timeline?order={self.store.order(order).number}")
        assert answer.status == 200, answer.body
        return answer.body["entries"]

    def operation(self, url: str) -> dict[str, Any]:
        """The stored operation of an `actionUrl`."""
        key = dict(parse_qsl(urlsplit(url).query))["operation"]
        item = self.dynamodb.get_item(TableName=tables.operations_table(), Key={"operation": {"S": key}})
        return tables.plain(item["Item"])

    def change(self, url: str, **values: Any) -> None:
        """Change the stored operation of an `actionUrl`, as time or another process would."""
        item = self.operation(url) | values
        self.dynamodb.put_item(TableName=tables.operations_table(), Item=tables.attributes(item))

    def sent(self, name: str) -> list[dict[str, Any]]:
        """The variables of each document with this name that reached Shopify."""
        return [r.variables for r in self.sandbox.received if r.name == name]


def message_event(body: str) -> dict[str, Any]:
    """The event of a message, as Lambda hands one over that it got from a queue."""
    event: dict[str, Any] = json.loads((EVENTS / "reconcile_operations.json").read_text("utf-8"))
    event["Records"][0]["body"] = body
    return event


def _function(path: str) -> str:
    tail = path.split("/")[3:]
    if tail[:1] == ["actions"] and tail[1:2] and tail[1] in FUNCTIONS:
        return FUNCTIONS[tail[1]]
    return "timeline" if tail == ["timeline"] else "lookup"


def _by_path(values: Mapping[str, str]) -> dict[str, str]:
    """Parameters of the store, by their paths; `__` in a name stands for `/`."""
    return {f"{PATH}/{name.replace('__', '/')}": value for name, value in values.items()}


@contextmanager
def deployment() -> Iterator[Desk]:
    """A whole deployment with a seeded store and everything switched on, while the block runs."""
    with time_machine.travel(datetime.now(UTC), tick=True) as clock:
        emulated_aws.put_back(_by_path(PARAMETERS))
        # New clients, since a test may attach hooks to them. The session keeps what it has read of AWS's models.
        config.ssm.cache_clear()
        config.parameters.cache_clear()
        tables.dynamodb.cache_clear()
        queues.sqs.cache_clear()
        tokens._granted.clear()
        scopes.forget()
        sandbox = Sandbox(job_seconds=0)
        adapter = sandbox.adapter()
        session().mount("https://", adapter)
        yield Desk(sandbox, adapter, clock)
    config.ssm.cache_clear()
    config.parameters.cache_clear()
    tables.dynamodb.cache_clear()
    queues.sqs.cache_clear()
