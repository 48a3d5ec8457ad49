"""What a call costs in DynamoDB's units, by table and by index, from the items around it.

A write costs a unit for each kilobyte that is begun of the larger of the items before and after, twice that in a
transaction. An index is written once if an item gets into it or leaves it, twice if a value of its key changes, once if
a projected attribute changes, and otherwise not at all; each for the kilobytes that the index has of the item. A read
costs half a unit for 4 kB that are begun, a whole one if it must be up to date. (DynamoDB developer guide, "Read and
write operations" and "Provisioned throughput considerations for global secondary indexes".)
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import ceil
from typing import Any

from local import emulated_aws
from local.template import resources
from orderdesk import tables

_TABLES = resources("AWS::DynamoDB::Table")
_LOGICAL = {name: logical for logical, name in emulated_aws.TABLES.items()}

Item = Mapping[str, Any]
#: Where units are spent: `OperationsTable`, `OperationsTable/open_by_customer`.
Units = Counter[str]


@contextmanager
def traced(steps: list[dict[str, Any]]) -> Iterator[None]:
    """Append each call of the functions to DynamoDB while the block runs, with its units: `{"dynamodb": name, "writes":
    {place: units}, "reads": {place: units}}`."""
    before = {name: _items(name) for name in _LOGICAL}
    asked: dict[str, Any] = {}

    def note_call(params: dict[str, Any], **_: Any) -> None:
        asked["params"] = params

    def note_answer(model: Any, parsed: dict[str, Any], **_: Any) -> None:
        factor, writes = 2 if model.name == "TransactWriteItems" else 1, Units()
        for name, logical in _LOGICAL.items():
            after = _items(name)
            for key in before[name].keys() | after.keys():
                writes.update(_written(logical, before[name].get(key, {}), after.get(key, {}), factor))
            before[name] = after
        reads = _read(model.name, asked["params"], parsed)
        steps.append({"dynamodb": model.name, "writes": dict(sorted(writes.items())), "reads": reads})

    events = tables.dynamodb().meta.events
    events.register("before-parameter-build.dynamodb", note_call)
    events.register("after-call.dynamodb", note_answer)
    try:
        yield
    finally:
        events.unregister("before-parameter-build.dynamodb", note_call)
        events.unregister("after-call.dynamodb", note_answer)


def size(item: Item) -> int:
    """Bytes of an item as DynamoDB counts them: its names and values."""
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def _value(value: Any) -> int:
    [(kind, held)] = value.items()
    if kind == "S":
        return len(held.encode())
    if kind == "N":
        return ceil(len(held.lstrip("-").replace(".", "")) / 2) + 1
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value(one) for name, one in held.items())
    return 3 + sum(1 + _value(one) for one in held) if kind == "L" else 1


def _items(table: str) -> dict[tuple[str, ...], Item]:
    """The items of one of moto's tables, by their keys."""
    names = [part["AttributeName"] for part in _TABLES[_LOGICAL[table]]["KeySchema"]]
    return {tuple(item[name]["S"] for name in names): item for item in emulated_aws.items(table)}


def _written(table: str, before: Item, after: Item, factor: int) -> Units:
    if before == after:
        return Counter()
    found = Counter({table: factor * max(_kilobytes(before), _kilobytes(after))})
    for index in _TABLES[table]["GlobalSecondaryIndexes"]:
        found[f"{table}/{index['IndexName']}"] += _of_index(table, index, before, after)
    return +found


def _of_index(table: str, index: Mapping[str, Any], before: Item, after: Item) -> int:
    key = [part["AttributeName"] for part in index["KeySchema"]]
    was, becomes = (_projected(table, index, item) for item in (before, after))
    if not was or not becomes:
        return _kilobytes(was) + _kilobytes(becomes)
    if [was[name] for name in key] != [becomes[name] for name in key]:
        return _kilobytes(was) + _kilobytes(becomes)
    return max(_kilobytes(was), _kilobytes(becomes)) if was != becomes else 0


def _projected(table: str, index: Mapping[str, Any], item: Item) -> Item:
    """What an index has of an item: nothing without its key."""
    key = [part["AttributeName"] for part in index["KeySchema"]]
    if any(name not in item for name in key):
        return {}
    if index["Projection"]["ProjectionType"] == "ALL":
        return item
    names = {*key, *(part["AttributeName"] for part in _TABLES[table]["KeySchema"])}
    names |= set(index["Projection"].get("NonKeyAttributes", []))
    return {name: value for name, value in item.items() if name in names}


def _kilobytes(item: Item) -> int:
    return ceil(size(item) / 1024)


def _read(name: str, params: Mapping[str, Any], parsed: Mapping[str, Any]) -> dict[str, float]:
    if name not in ("GetItem", "Query", "Scan"):
        return {}
    items = parsed.get("Items", [parsed["Item"]] if "Item" in parsed else [])
    blocks = max(1, ceil(sum(map(size, items)) / 4096))
    place = _LOGICAL[params["TableName"]] + (f"/{params['IndexName']}" if "IndexName" in params else "")
    return {place: blocks * (1.0 if params.get("ConsistentRead") else 0.5)}
