"""What the reconciler reads: which shards have operations that were submitted and have no end, and which those are.

The table is the truth, and the indexes only say where to look: what they say may be a moment old, so the item itself is
read before anything is concluded from it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..tables import attributes, dynamodb, operations_table, plain
from . import shards
from .model import iso, now

#: The sparse indexes by the attribute that is their key: today's, and those that earlier versions wrote, whose
#: operations may be open.
INDEXES = {shards.INDEX: shards.ATTRIBUTE, "open_operations": "open_shard", "unsettled": "unsettled"}


@dataclass(frozen=True)
class Shard:
    """Where open operations are found: an index, and a value of its key."""

    index: str
    name: str


class Due(NamedTuple):
    """An operation whose next look is due since `since` (ISO 8601, UTC). `store`: its handle; "" if it has none."""

    operation: str
    store: str
    since: str


def shards_with_due() -> dict[Shard, int]:
    """How many operations are due in each shard that has any, whichever number of shards it was written with.

    Reads the whole of each index: what is open, and nothing else. Raises botocore's errors.
    """
    found: Counter[Shard] = Counter()
    for index, key in INDEXES.items():
        pages = (
            dynamodb()
            .get_paginator("scan")
            .paginate(
                TableName=operations_table(),
                IndexName=index,
                FilterExpression="check_at <= :now",
                ProjectionExpression="#key",
                ExpressionAttributeNames={"#key": key},
                ExpressionAttributeValues=attributes({":now": iso(now())}),
            )
        )
        found.update(Shard(index, plain(item)[key]) for page in pages for item in page["Items"])
    return dict(found)


def due(shard: Shard) -> Iterator[Due]:
    """The operations of a shard whose next look is due, longest waiting first. Raises botocore's errors.

    Raises KeyError for an index that is not one of `INDEXES`.
    """
    pages = (
        dynamodb()
        .get_paginator("query")
        .paginate(
            TableName=operations_table(),
            IndexName=shard.index,
            KeyConditionExpression="#key = :shard AND check_at <= :now",
            ProjectionExpression="operation, #store, check_at",
            ExpressionAttributeNames={"#key": INDEXES[shard.index], "#store": "store"},
            ExpressionAttributeValues=attributes({":shard": shard.name, ":now": iso(now())}),
        )
    )
    for page in pages:
        yield from (_due(plain(item)) for item in page["Items"])


def _due(item: Mapping[str, Any]) -> Due:
    store = item.get("store")
    return Due(item["operation"], store if isinstance(store, str) else "", item["check_at"])
