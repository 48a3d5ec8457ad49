"""DynamoDB as operations and timeline use it: one client, plain Python values, transactions told apart."""

import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


@cache
def dynamodb() -> "DynamoDBClient":
    """The one client of this process; a call ends within seconds, tries included."""
    patience = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3})
    return boto3.client("dynamodb", config=patience)


def operations_table() -> str:
    """The name of the table that holds operations and the holds on orders."""
    return os.environ["OPERATIONS_TABLE"]


def timeline_table() -> str:
    """The name of the table that holds timeline entries."""
    return os.environ["TIMELINE_TABLE"]


def attributes(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values as DynamoDB attributes; None is left out."""
    return {name: _serialize(value) for name, value in values.items() if value is not None}


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """DynamoDB attributes as plain values (numbers are Decimal)."""
    return {name: _deserialize(value) for name, value in item.items()}


def update(
    key: str,
    *,
    put: Mapping[str, Any],
    drop: Sequence[str] = (),
    when: str,
    given: Mapping[str, Any],
) -> dict[str, Any]:
    """One `Update` of the operations table for `transact`: set `put`, remove `drop`, on the condition `when`.

    In `when`, names stand as `#name` and the values of `given` as `:name`.
    """
    kept = {name: value for name, value in put.items() if value is not None}
    names = {
        *kept,
        *drop,
        *(word[1:].rstrip("),") for word in when.replace("(", " ").split() if word[0] == "#"),
    }
    text = "SET " + ", ".join(f"#{name} = :put_{name}" for name in kept)
    if drop:
        text += " REMOVE " + ", ".join(f"#{name}" for name in drop)
    return {
        "Update": {
            "TableName": operations_table(),
            "Key": attributes({"operation": key}),
            "UpdateExpression": text,
            "ConditionExpression": when,
            "ExpressionAttributeNames": {f"#{name}": name for name in names},
            "ExpressionAttributeValues": attributes(
                {f":put_{name}": value for name, value in kept.items()}
                | {f":{name}": value for name, value in given.items()}
            ),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def transact(*writes: dict[str, Any]) -> list[dict[str, Any]]:
    """All of the writes or none. Empty where they were made; else, for each write, `{}` or its refusal.

    A refusal has `Code` and, for a condition that failed, the item that was there as `Item` (plain values).
    Any other failure is botocore's own error.
    """
    client = dynamodb()
    try:
        client.transact_write_items(TransactItems=list(writes))  # type: ignore[arg-type]
    except client.exceptions.TransactionCanceledException as cancelled:
        reasons: list[Any] = cancelled.response.get("CancellationReasons", [])
        return [
            {} if r.get("Code") in (None, "None") else {"Code": r["Code"], "Item": plain(r.get("Item") or {})}
            for r in reasons
        ] or [{"Code": "Unknown", "Item": {}}]
    return []
