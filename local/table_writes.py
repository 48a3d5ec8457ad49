"""How often a table and each of its indexes are written, by DynamoDB's rules, from the items around each call.

    with table_writes.counted() as writes:
        desk.send("POST", url, values)
    writes["OperationsTable/open_by_shard"]

An index is written once if an item gets into it or leaves it, twice if a value of its key changes, once if a projected
attribute changes, and not at all otherwise (DynamoDB developer guide, "Provisioned throughput considerations for global
secondary indexes"). Each write costs a unit for each kilobyte of what the index contains of the item, and twice that in
a transaction for the table; a partition key's value takes 1,000 units a second.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from orderdesk import tables

from . import emulated_aws
from .template import resources

_NAMES = {name: logical for logical, name in emulated_aws.TABLES.items()}
_WRITES = ("PutItem", "UpdateItem", "TransactWriteItems")

Item = Mapping[str, Any]


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Count the writes of the functions while the block runs: by table (`OperationsTable`), and by index
    (`OperationsTable/open_by_shard`)."""
    writes: Counter[str] = Counter()
    before = {name: _items(name) for name in _NAMES}

    def note(model: Any, **_: Any) -> None:
        if model.name not in _WRITES:
            return
        for name, logical in _NAMES.items():
            after = _items(name)
            for key in before[name].keys() | after.keys():
                writes.update(_of_item(logical, before[name].get(key, {}), after.get(key, {})))
            before[name] = after

    events = tables.dynamodb().meta.events
    events.register("after-call.dynamodb", note)
    try:
        yield writes
    finally:
        events.unregister("after-call.dynamodb", note)


def _items(table: str) -> dict[tuple[str, ...], Item]:
    names = [part["AttributeName"] for part in resources("AWS::DynamoDB::Table")[_NAMES[table]]["KeySchema"]]
    return {tuple(item[name]["S"] for name in names): item for item in emulated_aws.items(table)}


def _of_item(table: str, before: Item, after: Item) -> Iterator[str]:
    """The table once if the item has changed, and each index as often as it is written."""
    if before == after:
        return
    yield table
    for index in resources("AWS::DynamoDB::Table")[table]["GlobalSecondaryIndexes"]:
        yield from [f"{table}/{index['IndexName']}"] * _of_index(index, before, after)


def _of_index(index: Mapping[str, Any], before: Item, after: Item) -> int:
    key = [part["AttributeName"] for part in index["KeySchema"]]
    was, is_now = ([item.get(name) for name in key] for item in (before, after))
    if None in was or None in is_now:
        return (None in was) != (None in is_now)
    if was != is_now:
        return 2
    projected = index["Projection"].get("NonKeyAttributes", [])
    names = before.keys() | after.keys() if index["Projection"]["ProjectionType"] == "ALL" else projected
    return int(any(before.get(name) != after.get(name) for name in names))
