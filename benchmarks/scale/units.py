"""What a call costs in DynamoDB's units, by table and by index, from the items around it.

A write costs a unit for each kilobyte that is begun of the larger of the items before and after, twice that in a
transaction; of an index (`local.table_writes`), for the kilobytes that it has of the item. A read costs half a unit for
4 kB that are begun, a whole one if it must be up to date. (DynamoDB developer guide, "Read and write operations".)
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import ceil
from typing import Any

from local.table_writes import LOGICAL, Item, Since
from orderdesk import tables


@contextmanager
def traced(steps: list[dict[str, Any]]) -> Iterator[None]:
    """Append each call of the functions to DynamoDB while the block runs, with its units: `{"dynamodb": name, "writes":
    {place: units}, "reads": {place: units}}`. A place is `OperationsTable`, or `OperationsTable/open_by_customer`."""
    since = Since(_kilobytes)
    asked: dict[str, Any] = {}

    def note_call(params: dict[str, Any], **_: Any) -> None:
        asked["params"] = params

    def note_answer(model: Any, parsed: dict[str, Any], **_: Any) -> None:
        writes = since.written(2 if model.name == "TransactWriteItems" else 1)
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


def _kilobytes(item: Item) -> int:
    return ceil(size(item) / 1024)


def _read(name: str, params: Mapping[str, Any], parsed: Mapping[str, Any]) -> dict[str, float]:
    if name not in ("GetItem", "Query", "Scan"):
        return {}
    items = parsed.get("Items", [parsed["Item"]] if "Item" in parsed else [])
    blocks = max(1, ceil(sum(map(size, items)) / 4096))
    place = LOGICAL[params["TableName"]] + (f"/{params['IndexName']}" if "IndexName" in params else "")
    return {place: blocks * (1.0 if params.get("ConsistentRead") else 0.5)}
