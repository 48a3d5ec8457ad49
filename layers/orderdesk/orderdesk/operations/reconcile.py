"""What the reconciler reads: operations that were submitted and have no end."""

from collections.abc import Iterator
from typing import Any

from ..tables import attributes, dynamodb, operations_table, plain
from .claim import SHARD
from .model import iso, now

#: The sparse indexes with their key: today's, and the one that earlier versions wrote, whose operations may be open.
_INDEXES = (("unsettled", "unsettled", "yes"), ("open_operations", "open_shard", SHARD))


def due() -> Iterator[dict[str, Any]]:
    """Operations, as they are stored, that have no end and whose next look is due, longest waiting first in each index.
    `restored` reads one."""
    for index, name, value in _INDEXES:
        pages = (
            dynamodb()
            .get_paginator("query")
            .paginate(
                TableName=operations_table(),
                IndexName=index,
                KeyConditionExpression=f"{name} = :value AND check_at <= :now",
                ExpressionAttributeValues=attributes({":value": value, ":now": iso(now())}),
                PaginationConfig={"PageSize": 50},
            )
        )
        for page in pages:
            yield from (plain(item) for item in page["Items"])
