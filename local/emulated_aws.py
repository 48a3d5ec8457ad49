"""AWS for a deployment in one process: moto, started once, and reset to the state of a new deployment."""

import pickle
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from moto import mock_aws
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.models import MockAWS

from . import quick_moto
from .template import create_tables, resources

REGION = "eu-central-1"
#: The tables, by their names in template.yaml.
TABLES = {"OperationsTable": "Operations", "TimelineTable": "Timeline"}
#: The queues and the bus, by their names in template.yaml.
QUEUES = {
    "ReconcileQueue": "Reconcile",
    "ReconcileFailedQueue": "ReconcileFailed",
    "WebhooksQueue": "Webhooks.fifo",
    "UndeliveredWebhooksQueue": "Undelivered.fifo",
    "UnpublishedEventsQueue": "Unpublished",
    "LateOutcomesQueue": "LateOutcomes",
    "UntoldOutcomesQueue": "Untold",
}
BUS = "orderdesk-local"

#: The properties of a queue that moto is given.
_OF_A_QUEUE = ("FifoQueue", "VisibilityTimeout", "MessageRetentionPeriod")


@cache
def _moto() -> MockAWS:
    """Start moto once for all tests of this process: a start takes longer than most tests."""
    quick_moto.quicken()
    moto = mock_aws()
    moto.start()
    return moto


@cache
def client(service: str) -> Any:
    """A client for tests and tools that look into a deployment; the functions have their own clients."""
    return boto3.client(service, region_name=REGION)


def queue_url(name: str) -> str:
    """The address of a queue, by its name in template.yaml."""
    return f"https://sqs.{REGION}.amazonaws.com/{DEFAULT_ACCOUNT_ID}/{QUEUES[name]}"


def put_back(parameters: Mapping[str, str]) -> None:
    """Reset AWS to the template's tables and queues, empty, and these parameters by their paths."""
    _moto().reset()
    _part("dynamodb").tables = pickle.loads(_empty_tables())
    _part("events").create_event_bus(name=BUS)
    for logical, properties in resources("AWS::SQS::Queue").items():
        kept = {name: str(value).lower() for name, value in properties.items() if name in _OF_A_QUEUE}
        _part("sqs").create_queue(QUEUES[logical], **kept)
    for path, value in parameters.items():
        _part("ssm").put_parameter(
            path, None, value, "String", None, None, False, None, "text", tier=None, policies=None
        )  # fmt: skip


def forget_old_messages(name: str) -> None:
    """Remove the messages that SQS would have forgotten by now from a queue, by its name in template.yaml. moto keeps
    them, and then gives none at all."""
    queue, kept = _part("sqs").queues[QUEUES[name]], resources("AWS::SQS::Queue")[name]["MessageRetentionPeriod"]
    queue._messages = [one for one in queue._messages if one.sent_timestamp / 1000 + kept > time.time()]


def items(table: str) -> list[Mapping[str, Any]]:
    """All items of a table as they are now, read without a call that tests would see."""
    return [item.to_json()["Attributes"] for item in _part("dynamodb").tables[table].all_items()]


@cache
def _empty_tables() -> bytes:
    """The tables as moto creates them; only created once, since a copy takes a hundredth of the time."""
    create_tables(client("dynamodb"), TABLES)
    return pickle.dumps(_part("dynamodb").tables)


def _part(service: Any) -> Any:
    """moto's data of a service."""
    return get_backend(service)[DEFAULT_ACCOUNT_ID][REGION]
