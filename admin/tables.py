"""The two tables of a deployed stack, found by the stack's outputs."""

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from boto3.dynamodb.conditions import Attr, ConditionBase, Key
from botocore.exceptions import BotoCoreError, ClientError

_OUTPUTS = {"operations": "OperationsTableName", "timeline": "TimelineTableName"}


class RecordsError(Exception):
    """The records could not be read or changed; the text says why and what to do."""


class Records:
    """A stack's records, read with the admin's own AWS credentials.

    `operations`, `timeline`: boto3 tables. Every method raises RecordsError if AWS refuses or does not answer.
    """

    def __init__(self, operations: Any, timeline: Any) -> None:
        self.operations, self.timeline = operations, timeline

    @classmethod
    def of_stack(cls, stack: str, region: str | None = None) -> "Records":
        """The records of the stack with this name. Raises RecordsError if it does not exist."""
        try:
            session = boto3.Session(region_name=region or None)
            found = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
            names = {output["OutputKey"]: output["OutputValue"] for output in found}
            dynamodb = session.resource("dynamodb")
            return cls(*(dynamodb.Table(names[name]) for name in _OUTPUTS.values()))
        except KeyError:
            raise RecordsError(f"“{stack}” is not an Orderdesk stack: it has no tables.") from None
        except (BotoCoreError, ClientError) as failure:
            raise _clear(failure) from failure

    def all_operations(self, condition: ConditionBase) -> Iterator[Mapping[str, Any]]:
        """Every operation that meets the condition. Scans the whole table."""
        yield from _pages(self.operations.scan, FilterExpression=Attr("state").exists() & condition)

    def entries(self, by: str, value: str) -> Iterator[Mapping[str, Any]]:
        """Every timeline entry whose `by` (`customer`, `order`) is `value`, in the form `<store>/<id>`."""
        where = {} if by == "customer" else {"IndexName": f"by_{by}"}
        yield from _pages(self.timeline.query, KeyConditionExpression=Key(f"{by}_key").eq(value), **where)

    def delete_operation(self, operation: str, if_still: ConditionBase) -> bool:
        """Delete an operation if it still meets the condition; False if it does not."""
        try:
            self.operations.delete_item(Key={"operation": operation}, ConditionExpression=if_still)
        except self.operations.meta.client.exceptions.ConditionalCheckFailedException:
            return False
        except (BotoCoreError, ClientError) as failure:
            raise _clear(failure) from failure
        return True

    def delete_entry(self, entry: Mapping[str, Any]) -> None:
        """Delete a timeline entry."""
        try:
            self.timeline.delete_item(Key={name: entry[name] for name in ("customer_key", "entry_key")})
        except (BotoCoreError, ClientError) as failure:
            raise _clear(failure) from failure


def _pages(read: Any, **asked: Any) -> Iterator[Mapping[str, Any]]:
    try:
        while True:
            answer = read(**asked)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
    except (BotoCoreError, ClientError) as failure:
        raise _clear(failure) from failure


def _clear(failure: Exception) -> RecordsError:
    """AWS's refusal in words for an admin."""
    if not isinstance(failure, ClientError):
        return RecordsError(f"AWS cannot be reached ({type(failure).__name__}): check your credentials and the region.")
    error = failure.response["Error"]
    return RecordsError(f"AWS refused {failure.operation_name}: {error.get('Message') or error['Code']}")
