"""The timeline: one append-only entry for every attempt that reached Shopify or was refused."""

import base64
import binascii
import json
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from .errors import BadInput
from .money import Money
from .tables import attributes, dynamodb, plain, tables_answer, timeline_table

#: What an entry says, in the order in which it is shown. Amounts are text; `currency` says of what. `lines`
#: and `shipping` are what a refund of items was for.
SHOWN = (
    "operation", "attempt", "at", "action", "outcome", "message", "detail", "agent_id", "agent_name", "agent_proved",
    "decision", "decided_by", "decided_by_name", "decision_note", "conversation", "customer", "order", "order_name",
    "reason", "amount", "currency", "lines", "shipping", "shopify",
)  # fmt: skip

#: What an entry keeps in addition: `late` if the agent was not answered with this end, `on_its_way` if the agent was
#: answered that a refund is, `profile` of a late end (in which customer's profile the helpdesk shows it), `in_part` if
#: a part of a change was made, `code` of a discount.
_KEPT = (*SHOWN, "late", "on_its_way", "profile", "in_part", "code")

_INDEXES = {"customer": None, "order": "by_order", "conversation": "by_conversation"}
LIMIT_AT_MOST = 100


@dataclass(frozen=True)
class Page:
    """Entries, newest first, and where the next page starts (None: this was the last)."""

    entries: list[dict[str, Any]]
    cursor: str | None


def put(store: str, entry: dict[str, Any]) -> dict[str, Any]:
    """The write that appends `entry` (the names of `SHOWN`) to the store's timeline, once."""
    keys = {
        "customer_key": f"{store}/{entry['customer']}",
        "entry_key": f"{entry['at']}/{entry['operation']}/{entry['attempt']}",
        "order_key": f"{store}/{entry['order']}" if entry.get("order") else None,
        "conversation_key": f"{store}/{entry['conversation']}" if entry.get("conversation") else None,
        "store": store,
    }
    return {
        "Put": {
            "TableName": timeline_table(),
            "Item": attributes(keys | {name: entry.get(name) for name in _KEPT}),
            "ConditionExpression": "attribute_not_exists(entry_key)",
        }
    }


def read(store: str, by: str, value: str, *, limit: int, cursor: str | None) -> Page:
    """A page of the store's entries by `customer`, `order` or `conversation`, newest first.

    `cursor` comes from the page before; one of another timeline is BadInput. Raises SettingsUnavailable if the table
    does not answer.
    """
    key = f"{by}_key"
    query: dict[str, Any] = {
        "TableName": timeline_table(),
        "KeyConditionExpression": f"{key} = :value",
        "ExpressionAttributeValues": attributes({":value": f"{store}/{value}"}),
        "ScanIndexForward": False,
        "Limit": min(limit, LIMIT_AT_MOST),
    }
    if index := _INDEXES[by]:
        query["IndexName"] = index
    else:
        # The agent looks right after acting; the table itself can answer with what was just written.
        query["ConsistentRead"] = True
    if cursor:
        query["ExclusiveStartKey"] = attributes(_start(cursor, key, f"{store}/{value}"))
    with tables_answer():
        answer = dynamodb().query(**query)
    last = answer.get("LastEvaluatedKey")
    return Page([_shown(plain(item)) for item in answer["Items"]], _cursor(plain(last)) if last else None)


def since(store: str, customer: str, moment: str) -> list[dict[str, Any]]:
    """A customer's entries since a moment (ISO 8601, UTC), the newest fifty at most, newest first.

    With the names of `SHOWN`, and those that an entry keeps in addition.
    """
    answer = dynamodb().query(
        TableName=timeline_table(),
        KeyConditionExpression="customer_key = :customer AND entry_key >= :moment",
        ExpressionAttributeValues=attributes({":customer": f"{store}/{customer}", ":moment": moment}),
        ScanIndexForward=False,
        Limit=50,
    )
    return [plain(item) for item in answer["Items"]]


class Amounts(NamedTuple):
    """The amounts of entries, and whether these are all of them."""

    amounts: list[Money]
    all: bool


def amounts(store: str, customer: str, moment: str, of: Collection[str]) -> Amounts:
    """The amounts on a customer's entries since a moment (ISO 8601, UTC), newest first, by actions with these names.

    One page of DynamoDB's (1 MB: a thousand entries or so). Raises botocore's errors.
    """
    names = {f":action{place}": name for place, name in enumerate(sorted(of))}
    answer = dynamodb().query(
        TableName=timeline_table(),
        KeyConditionExpression="customer_key = :customer AND entry_key >= :moment",
        FilterExpression=f"#action IN ({', '.join(names)}) AND attribute_exists(amount)",
        ProjectionExpression="amount, currency",
        ExpressionAttributeNames={"#action": "action"},
        ExpressionAttributeValues=attributes({":customer": f"{store}/{customer}", ":moment": moment} | names),
        ScanIndexForward=False,
    )
    found = [plain(item) for item in answer["Items"]]
    listed = [Money(Decimal(one["amount"]), one["currency"]) for one in found if one.get("currency")]
    return Amounts(listed, "LastEvaluatedKey" not in answer)


def _shown(item: dict[str, Any]) -> dict[str, Any]:
    entry = {name: item[name] for name in SHOWN if item.get(name) not in (None, "")}
    return entry | {"attempt": int(item["attempt"])}


def _cursor(key: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key, sort_keys=True).encode()).decode().rstrip("=")


def _start(cursor: str, key: str, value: str) -> dict[str, str]:
    """The key that a cursor holds, if it is one of ours for this very timeline."""
    try:
        start = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        start = None
    names = {"customer_key", "entry_key", key}
    if not isinstance(start, dict) or set(start) != names or start.get(key) != value:
        raise BadInput("The cursor doesn't belong to this timeline.", attr="cursor")
    if not all(isinstance(part, str) and len(part) < 1024 for part in start.values()):
        raise BadInput("The cursor doesn't belong to this timeline.", attr="cursor")
    return start
