"""A desk whose store has a Gladly: the stand-in, and the queue between it and our timeline."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from moto.sqs.models import SQSBackend

from local import emulated_aws
from local.gladly import Gladly
from local.gladly.gladly import INBOX
from local.in_process import PATH, STORE, Desk
from local.sandbox.sandbox import SandboxAdapter
from local.template import resources
from orderdesk import config
from tell_gladly import client, resting
from tests.gladly.queue import Queue

PROFILE = "o2sg-TMTSD2rTwMuxzewbA"
HOST, USER, TOKEN = "acme.gladly.com", "orderdesk@acme.example", "gladly-token-of-the-tests"
CONNECTED = {
    "helpdesk__gladly_host": HOST,
    "helpdesk__gladly_user": USER,
    "helpdesk__gladly_token": TOKEN,
    "helpdesk__gladly_inbox": INBOX,
}


def organization(host: str = HOST, **more: Any) -> Gladly:
    """A Gladly at a host."""
    known = {"user": USER, "token": TOKEN, "customers": [PROFILE], "now": lambda: datetime.now(UTC)}
    gladly = Gladly(**(known | more))
    mount(gladly, host)
    return gladly


def mount(gladly: Gladly, host: str = HOST) -> SandboxAdapter:
    """Let the function reach a Gladly at a host, without a socket."""
    transport = gladly.adapter()
    client.session().mount(f"https://{host}", transport)
    return transport


def connect(desk: Desk, store: str = STORE, **more: str) -> None:
    """Give a store a Gladly."""
    for name, value in (CONNECTED | more).items():
        path = f"{PATH.replace(STORE, store)}/{name.replace('__', '/')}"
        desk.ssm.put_parameter(Name=path, Value=value, Type="String", Overwrite=True)
    config.parameters.cache_clear()


def hide(backend: Any, queue_name: str, receipt_handle: str, visibility_timeout: int) -> None:
    """`ChangeMessageVisibility` as SQS has it: up to twelve hours from when the message was received. moto counts them
    from when it was sent, so that nothing older could wait."""
    for message in backend.get_queue(queue_name)._messages:
        if message.had_receipt_handle(receipt_handle):
            assert visibility_timeout <= 12 * 3600
            message.change_visibility(visibility_timeout)


@pytest.fixture
def queue(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """The queue of late outcomes, and the one for a person to which it moves what was tried for a day."""
    sqs, [url, dead] = (
        emulated_aws.client("sqs"),
        map(emulated_aws.queue_url, ("LateOutcomesQueue", "UntoldOutcomesQueue")),
    )
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = resources("AWS::SQS::Queue")["LateOutcomesQueue"]["RedrivePolicy"] | {"deadLetterTargetArn": arn}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(policy)})
    monkeypatch.setattr(SQSBackend, "change_message_visibility", hide)
    return Queue(url, dead)


@pytest.fixture
def connected(desk: Desk, queue: Queue) -> Iterator[SimpleNamespace]:
    """A desk with a Gladly that has one customer, and the queue."""
    client.session.cache_clear()
    resting.forget()
    client._turns.clear()
    connect(desk)
    gladly = organization()
    yield SimpleNamespace(desk=desk, gladly=gladly, queue=queue, transport=mount(gladly))
    client.session.cache_clear()
    resting.forget()
