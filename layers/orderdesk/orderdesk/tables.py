"""DynamoDB as operations and timeline use it: one client, plain Python values, transactions told apart."""

import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from aws_lambda_powertools import Logger
from boto3.dynamodb.conditions import ConditionBase, ConditionExpressionBuilder
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from . import aws
from .errors import SettingsUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

logger = Logger(service="orderdesk", child=True)

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize

_REFUSED = "ConditionalCheckFailed"
#: What is over in a moment: as a reason of a cancelled transaction, and as the error of any other call.
_PASSING = frozenset(
    {
        "TransactionConflict", "TransactionConflictException", "ThrottlingError", "ThrottlingException",
        "ProvisionedThroughputExceeded", "ProvisionedThroughputExceededException", "RequestLimitExceeded",
    }
)  # fmt: skip
_WAITS = (0.03, 0.06, 0.12, 0.24, None)
#: For what many submits write at once: fifty that count on the same item need more tries.
LONGER_WAITS = (0.03, 0.06, 0.12, 0.24, 0.4, 0.6, 0.8, 1.0, None)

Answer = TypeVar("Answer")


class Written(NamedTuple):
    """Whether an update was made, and what its item is now (plain values; empty if there is no item)."""

    made: bool
    item: dict[str, Any]


@cache
def dynamodb() -> "DynamoDBClient":
    """The one client of this process; a call ends within seconds, tries included."""
    patience = Config(
        connect_timeout=1,
        read_timeout=1.5,
        retries={"mode": "standard", "total_max_attempts": 3},
        # DynamoDB checks what it is sent; doing so here as well took a tenth of a submit's own time.
        parameter_validation=False,
        user_agent=aws.USER_AGENT,
    )
    return aws.session().client("dynamodb", config=patience)


def operations_table() -> str:
    """The name of the table that holds operations and the locks on orders."""
    return os.environ["OPERATIONS_TABLE"]


def timeline_table() -> str:
    """The name of the table that holds timeline entries."""
    return os.environ["TIMELINE_TABLE"]


def attributes(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values as DynamoDB attributes; None is left out."""
    # Most values are texts, for which boto3 tries nine other types first.
    return {
        name: {"S": value} if type(value) is str else _serialize(value)
        for name, value in values.items()
        if value is not None
    }


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """DynamoDB attributes as plain values (numbers are Decimal)."""
    return {name: _deserialize(value) for name, value in item.items()}


def update(
    key: str,
    *,
    put: Mapping[str, Any],
    add: Mapping[str, int | Decimal] | None = None,
    drop: Sequence[str] = (),
    when: ConditionBase | None,
) -> dict[str, Any]:
    """One `Update` of the operations table for `write` or `transact`: set `put`, add the numbers of `add`, remove
    `drop`, on the condition `when` (None: whatever is there)."""
    kept = {name: value for name, value in put.items() if value is not None}
    added = add or {}
    text = "SET " + ", ".join(f"#{name} = :put_{name}" for name in kept)
    if added:
        text += " ADD " + ", ".join(f"#{name} :add_{name}" for name in added)
    if drop:
        text += " REMOVE " + ", ".join(f"#{name}" for name in drop)
    change: dict[str, Any] = {
        "TableName": operations_table(),
        "Key": attributes({"operation": key}),
        "UpdateExpression": text,
        "ExpressionAttributeNames": {f"#{name}": name for name in (*kept, *added, *drop)},
        "ExpressionAttributeValues": attributes(
            {f":put_{name}": value for name, value in kept.items()}
            | {f":add_{name}": value for name, value in added.items()}
        ),
    }
    if when is None:
        return {"Update": change}
    condition = _condition(when)
    return {
        "Update": change
        | {
            "ConditionExpression": condition.text,
            "ExpressionAttributeNames": change["ExpressionAttributeNames"] | condition.names,
            "ExpressionAttributeValues": change["ExpressionAttributeValues"] | condition.values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def delete(key: str, *, when: ConditionBase) -> dict[str, Any]:
    """One `Delete` in the operations table for `transact`, on the condition `when`."""
    condition = _condition(when)
    return {
        "Delete": {
            "TableName": operations_table(),
            "Key": attributes({"operation": key}),
            "ConditionExpression": condition.text,
            "ExpressionAttributeNames": condition.names,
            "ExpressionAttributeValues": condition.values,
        }
    }


class _Condition(NamedTuple):
    text: str
    names: dict[str, str]
    values: dict[str, Any]


def _condition(when: ConditionBase) -> _Condition:
    built = ConditionExpressionBuilder().build_expression(when)
    return _Condition(
        built.condition_expression, built.attribute_name_placeholders, attributes(built.attribute_value_placeholders)
    )


def stored(key: str) -> dict[str, Any]:
    """The item of the operations table with this key; {} if there is none. Raises SettingsUnavailable."""
    with tables_answer():
        answer = dynamodb().get_item(
            TableName=operations_table(), Key=attributes({"operation": key}), ConsistentRead=True
        )
    return plain(answer.get("Item", {}))


def write(change: dict[str, Any], *, read: bool = True) -> Written:
    """One `update` by itself, for half of what a transaction of it costs. Without `read`, the item comes only if the
    update was not made.

    A second try after a lost answer meets what the first has written: its condition has to know that again, or its
    caller. Any failure but the condition's is botocore's own error.
    """
    client = dynamodb()
    try:
        returns: Literal["ALL_NEW", "NONE"] = "ALL_NEW" if read else "NONE"
        answer = _waited_out(lambda: client.update_item(**change["Update"], ReturnValues=returns))
    except client.exceptions.ConditionalCheckFailedException as refused:
        there: Any = refused.response.get("Item", {})
        return Written(False, plain(there))
    return Written(True, plain(answer.get("Attributes", {})))


def transact(*writes: dict[str, Any]) -> bool:
    """All of the writes or none: True if they were made, False if the condition of one was not met.

    Any other failure is botocore's own error.
    """
    return not not_met(*writes)


def not_met(*writes: dict[str, Any], waits: Sequence[float | None] = _WAITS) -> tuple[int, ...]:
    """All of the writes or none: () if they were made, else the places of those whose condition was not met.

    Any other failure is botocore's own error.
    """
    if len(writes) == 1 and "Update" in writes[0]:
        return () if write(writes[0], read=False).made else (0,)
    client = dynamodb()
    try:
        _waited_out(lambda: client.transact_write_items(TransactItems=list(writes)), waits)  # type: ignore[arg-type]
    except client.exceptions.TransactionCanceledException as cancelled:
        reasons: list[Any] = cancelled.response.get("CancellationReasons", [])
        places = tuple(place for place, reason in enumerate(reasons) if reason.get("Code") == _REFUSED)
        if not places:
            raise
        return places
    return ()


def _waited_out(call: Callable[[], Answer], waits: Sequence[float | None] = _WAITS) -> Answer:
    """The answer of a call; two transactions that meet on an item, and throttling, are waited out."""
    for wait in waits:
        try:
            return call()
        except ClientError as failure:
            codes = _codes(failure)
            if wait is None or _REFUSED in codes or not codes & _PASSING:
                raise
            time.sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311 - so that two that met do not meet again
    raise AssertionError("the last of the waits ends the loop")


def _codes(failure: ClientError) -> set[str]:
    """Why it failed: the reasons of a cancelled transaction, or the one of any other call."""
    reasons: list[Any] = failure.response.get("CancellationReasons", [])
    return {reason.get("Code", "") for reason in reasons} or {failure.response["Error"]["Code"]}


@contextmanager
def tables_answer() -> Iterator[None]:
    """Nothing was sent yet: a table that does not answer means that nothing happened. Raises SettingsUnavailable."""
    try:
        yield
    except (BotoCoreError, ClientError) as failure:
        logger.exception("DynamoDB did not answer", cause=type(failure).__name__)
        raise unavailable() from None


def unavailable() -> SettingsUnavailable:
    """What is said if the tables do not answer and nothing was sent."""
    return SettingsUnavailable(
        "Orderdesk couldn't reach its own records.",
        "Nothing was changed by this request. Please try again in a minute.",
        code="records_unavailable",
    )
