"""DynamoDB as operations and timeline use it: one client, plain Python values, transactions told apart."""

import os
import random
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config

from . import aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize

_REFUSED = "ConditionalCheckFailed"
_PASSING = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_WAITS = (0.03, 0.06, 0.12, 0.24, None)


@cache
def dynamodb() -> "DynamoDBClient":
    """The one client of this process; a call ends within seconds, tries included."""
    patience = Config(
        connect_timeout=1,
        read_timeout=1.5,
        retries={"mode": "standard", "total_max_attempts": 3},
        # DynamoDB checks what it is sent; doing so here as well took a tenth of a submit's own time.
        parameter_validation=False,
    )
    return aws.session().client("dynamodb", config=patience)


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
        *_names(when),
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


def delete(key: str, *, when: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """One `Delete` in the operations table for `transact`, on the condition `when` (as for `update`)."""
    return {
        "Delete": {
            "TableName": operations_table(),
            "Key": attributes({"operation": key}),
            "ConditionExpression": when,
            "ExpressionAttributeNames": {f"#{name}": name for name in _names(when)},
            "ExpressionAttributeValues": attributes({f":{name}": value for name, value in given.items()}),
        }
    }


def transact(*writes: dict[str, Any]) -> list[dict[str, Any]]:
    """All of the writes or none. Empty where they were made; else, for each write, its failed condition or `{}`.

    A failed condition has `Code`, and as `Item` what was there (plain values). Two transactions that meet on an item,
    and throttling, are waited out. Any other failure is botocore's own error.
    """
    client = dynamodb()
    for wait in _WAITS:
        try:
            client.transact_write_items(TransactItems=list(writes))  # type: ignore[arg-type]
        except client.exceptions.TransactionCanceledException as cancelled:
            reasons: list[Any] = cancelled.response.get("CancellationReasons", [])
            codes = {r.get("Code") for r in reasons}
            if _REFUSED in codes:
                return [
                    {"Code": _REFUSED, "Item": plain(r.get("Item") or {})} if r.get("Code") == _REFUSED else {}
                    for r in reasons
                ]
            if wait is None or not codes & _PASSING:
                raise
            time.sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311 - so that two that met do not meet again
        else:
            return []
    raise AssertionError("the last of the waits ends the loop")


def _names(condition: str) -> set[str]:
    """The attributes that a condition names."""
    return {word[1:].rstrip("),") for word in condition.replace("(", " ").split() if word[0] == "#"}
