"""Create an operation: a form is opened, and this is what its submit will be."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..errors import Refused
from ..tables import attributes, dynamodb, operations_table, tables_answer
from .model import CREATED, FORM_AGE, Agent, Subject, iso, json_of, now

#: Bytes that what a form shows, and the details of what is sent, may take. DynamoDB keeps 400 KB in an item, in which
#: the reply has to find its place as well (`errors.TEXT_AT_MOST`).
ROOM = 100_000


def create(subject: Subject, agent: Agent, shown: Mapping[str, Any]) -> str:
    """Create the operation of a form that shows `shown` (JSON); its id goes into the form's `actionUrl`.

    Raises Refused if that is larger than what can be kept, SettingsUnavailable if the table does not answer.
    """
    operation, moment = str(uuid.uuid4()), now()
    item = {
        "operation": operation,
        "state": CREATED,
        "agent_id": agent.id,
        "agent_name": agent.name,
        "agent_proved": agent.proved or None,
        "conversation": agent.conversation,
        "profile": agent.profile or None,
        "shown": with_room(dict(shown)),
        "attempt": 0,
        "created_at": iso(moment),
        "expires_at": form_ends(moment),
    }
    with tables_answer():
        dynamodb().put_item(TableName=operations_table(), Item=attributes(subject._asdict() | item))
    return operation


def with_room(value: Mapping[str, Any]) -> str:
    """The value as it is stored. Raises Refused if it is larger than what an operation has room for."""
    text = json_of(value)
    if len(text.encode()) > ROOM:
        raise Refused(
            "This is too large for Orderdesk to handle.",
            "Nothing was changed. Make the change in Shopify, or in smaller steps.",
            code="too_large",
        )
    return text


def form_ends(moment: datetime) -> int:
    """When a form that was opened at `moment` may be forgotten, as DynamoDB's time to live wants it."""
    return int((moment + 2 * FORM_AGE).timestamp())
