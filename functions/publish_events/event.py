"""An event: what the world outside is told of an operation. `docs/events.md` describes it for those who receive it."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from orderdesk.operations import FAILED, REFUSED, SENT, SUCCEEDED, UNKNOWN, WAITING
from orderdesk.operations.model import iso, of_today
from orderdesk.tables import plain

#: The detail-types on the bus, and the types of a webhook.
ENTRY, WAITS = "orderdesk.entry", "orderdesk.waiting"

#: The state of an event that an operation has under another name: Shopify has done it, and a payment provider has yet
#: to do their part.
UNDER_WAY = "UNDER_WAY"
_ENDS = (SUCCEEDED, REFUSED, FAILED, UNKNOWN)
#: The last part of an event's id, if a person has to find out how it ended.
_NEEDS_PERSON = "NEEDS_PERSON"

_OPERATION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_ATTEMPT = re.compile(r"[1-9][0-9]{0,5}\Z")
#: A sequence number of a stream has at most 40 digits.
_SEQUENCE_DIGITS = 40

Text = Annotated[str, Field(min_length=1, max_length=1024)]


class NotAnOperation(Exception):
    """The record says that it is about an operation, and its key is none. Nothing can be published."""


class Key(BaseModel):
    """Where the timeline entry is in the timeline's table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    customer_key: Text
    entry_key: Text


class Event(BaseModel):
    """What became of an operation, or what a person waits for. A name without a value is left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="Orderdesk event")

    version: Literal["1"] = Field(
        description="Of this format. Names may be added to it; a name that goes, or means something else, is version 2."
    )
    id: str = Field(
        pattern=r"^[0-9a-f-]{36}/[0-9]+/[A-Z_]+$",
        description="`<operation>/<attempt>/<state>`, or `…/NEEDS_PERSON`. The same event has the same id, each time.",
    )
    sequence: str = Field(
        pattern=f"^[0-9]{{{_SEQUENCE_DIGITS}}}$",
        description="Of two events of an operation, the one with the larger text is the later one.",
    )
    store: Text | None = Field(default=None, description="The store's handle. Missing if the record was unreadable.")
    operation: str = Field(description="The operation, as on the timeline.")
    attempt: int = Field(ge=1, description="1, or more if the form was submitted again after a refusal of its values.")
    action: Text | None = Field(default=None, description="Such as `refund_order`.")
    state: Literal["WAITING", "UNKNOWN", "UNDER_WAY", "SUCCEEDED", "REFUSED", "FAILED"]
    at: str = Field(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
        description="When it came to this state: ISO 8601, UTC. The time of the timeline entry, if there is one.",
    )
    until: Text | None = Field(default=None, description="How long it waits for a second person: ISO 8601, UTC.")
    late: bool = Field(description="True if it has ended and no agent was answered with this end.")
    needs_person: bool = Field(description="True if nobody but a person can find out how it ended.")
    customer: Text | None = Field(default=None, description="Shopify's number, or `order-<number>` of a guest's order.")
    order: Text | None = Field(default=None, description="Shopify's number.")
    order_name: Text | None = Field(default=None, description="Such as `#1001`.")
    conversation: Text | None = Field(default=None, description="The helpdesk's id, if it has said it.")
    agent: Text | None = Field(
        default=None,
        description="The agent's id, if the store's parameter `helpdesk/event_agents` is on: it may be an email "
        "address.",
    )
    amount: Text | None = Field(default=None, description="What was refunded, or given away, as text.")
    currency: Text | None = Field(default=None, description="Of the amount (ISO 4217).")
    entry: Key | None = Field(default=None, description="The timeline entry, if there is one.")

    @property
    def type(self) -> str:
        """Its detail-type on the bus."""
        return ENTRY if self.ended else WAITS

    @property
    def ended(self) -> bool:
        """True if the operation has come to its end."""
        return self.needs_person or self.state in (SUCCEEDED, REFUSED, FAILED)

    def json_text(self) -> str:
        """The event as JSON, without what it does not have."""
        return self.model_dump_json(exclude_none=True)


def of_record(record: Mapping[str, Any]) -> Event | None:
    """The event that a record of the stream stands for, without what only its timeline entry says; None if it stands
    for none. Raises NotAnOperation, and anything else for a record that can't be read at all."""
    change = record["dynamodb"]
    old, new = (of_today(plain(change.get(image, {}))) for image in ("OldImage", "NewImage"))
    state = _state(old, new)
    if not state:
        return None
    operation = new["operation"]
    if not _OPERATION.match(operation):
        raise NotAnOperation
    ended = "ended_at" in new
    asked = _approval(new) if state == WAITING else {}
    needs_person = ended and state == UNKNOWN
    attempt = int(new["attempt"]) if _ATTEMPT.match(str(new.get("attempt"))) else 1
    # Of what has an entry, the entry's time, which is in its key.
    noted = _text(new, "ended_at") or _text(asked, "asked_at")
    at = noted or _written_at(change)
    store, customer = _text(new, "store"), _text(new, "customer")
    about = {name: _text(new, name) for name in ("action", "order", "order_name", "conversation")}
    return Event(
        version="1",
        id=f"{operation}/{attempt}/{_NEEDS_PERSON if needs_person else state}",
        sequence=change["SequenceNumber"].zfill(_SEQUENCE_DIGITS),
        store=store,
        operation=operation,
        attempt=attempt,
        state=state,
        at=at,
        until=_text(asked, "until"),
        late=needs_person,
        needs_person=needs_person,
        customer=customer,
        agent=_text(new, "agent_id"),
        entry=Key(customer_key=f"{store}/{customer}", entry_key=f"{at}/{operation}/{attempt}")
        if noted and store and customer
        else None,
        **about,
    )


def _state(old: Mapping[str, Any], new: Mapping[str, Any]) -> Any:
    """The state of the event that a change stands for; "" if it stands for none.

    The mapping's filters (template.yaml) keep most other changes away, such as each look of the reconciler.
    """
    before, state = old.get("state"), new.get("state")
    if "ended_at" in new:
        return state if state in _ENDS and old.get("ended_at") != new["ended_at"] else ""
    if state == WAITING:
        return WAITING if before != WAITING else ""
    if state == UNKNOWN and "reply" in new:
        return UNDER_WAY if "reply" not in old else ""
    if state == UNKNOWN:
        return UNKNOWN if before != UNKNOWN else ""
    # The process that sent it is gone, and the first look of the reconciler has not found its outcome.
    return UNKNOWN if before == state == SENT and _was_looked_at(new) and not _was_looked_at(old) else ""


def _approval(item: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored of the approval that an operation waits for; {} if it can't be read."""
    try:
        approval = json.loads(item["approval"])
    except (KeyError, TypeError, ValueError):
        return {}
    return approval if isinstance(approval, dict) else {}


def _was_looked_at(item: Mapping[str, Any]) -> bool:
    details = str(item.get("details"))
    return "unreadable_since" in item or any(f'"{name}"' in details for name in ("looked_at", "silent_since"))


def _written_at(change: Mapping[str, Any]) -> str:
    return iso(datetime.fromtimestamp(float(change["ApproximateCreationDateTime"]), UTC))


def _text(item: Mapping[str, Any], name: str) -> str | None:
    value = item.get(name)
    return value if isinstance(value, str) and value else None
