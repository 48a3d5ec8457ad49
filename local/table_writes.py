"""What the tables and their indexes are written, by DynamoDB's rules, from the items before and after a call.

    with table_writes.counted() as writes:
        desk.send("POST", url, values)
    writes["OperationsTable/open_by_shard"]

An index is written once if an item gets into it or leaves it, twice if a value of its key changes, once if a projected
attribute changes, and not at all otherwise (DynamoDB developer guide, "Provisioned throughput considerations for global
secondary indexes"). A partition key's value takes 1,000 units a second.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from orderdesk import tables

from . import emulated_aws
from .template import resources

#: The tables by the names that moto has them under.
LOGICAL = {name: logical for logical, name in emulated_aws.TABLES.items()}

Item = Mapping[str, Any]
#: What one write of an item, or of what an index has of it, is counted as; 0 for no item.
Weigh = Callable[[Item], int]


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Count the writes of the functions while the block runs: by table (`OperationsTable`), and by index
    (`OperationsTable/open_by_shard`)."""
    writes: Counter[str] = Counter()
    since = Since(lambda item: 1 if item else 0)

    def note(**_: Any) -> None:
        writes.update(since.written())

    events = tables.dynamodb().meta.events
    events.register("after-call.dynamodb", note)
    try:
        yield writes
    finally:
        events.unregister("after-call.dynamodb", note)


class Since:
    """The items as they were at the last look. `weigh`: what one write is counted as."""

    def __init__(self, weigh: Weigh) -> None:
        self._weigh = weigh
        self._before = {name: _items(name) for name in LOGICAL}

    def written(self, factor: int = 1) -> Counter[str]:
        """What was written since the last look, by table and by index. `factor`: how many times a write of a table
        counts."""
        found: Counter[str] = Counter()
        for name, logical in LOGICAL.items():
            before, after = self._before[name], _items(name)
            for key in before.keys() | after.keys():
                found.update(self._of_item(logical, before.get(key, {}), after.get(key, {}), factor))
            self._before[name] = after
        return found

    def _of_item(self, table: str, before: Item, after: Item, factor: int) -> Counter[str]:
        if before == after:
            return Counter()
        found = Counter({table: factor * max(self._weigh(before), self._weigh(after))})
        for index in resources("AWS::DynamoDB::Table")[table]["GlobalSecondaryIndexes"]:
            found[f"{table}/{index['IndexName']}"] += self._of_index(table, index, before, after)
        return +found

    def _of_index(self, table: str, index: Mapping[str, Any], before: Item, after: Item) -> int:
        was, becomes = (_projected(table, index, item) for item in (before, after))
        moves = not was or not becomes or any(was[name] != becomes[name] for name in _key(index))
        if moves:
            return self._weigh(was) + self._weigh(becomes)
        return max(self._weigh(was), self._weigh(becomes)) if was != becomes else 0


def _items(table: str) -> dict[tuple[str, ...], Item]:
    """The items of one of moto's tables, by their keys."""
    names = _key(resources("AWS::DynamoDB::Table")[LOGICAL[table]])
    return {tuple(item[name]["S"] for name in names): item for item in emulated_aws.items(table)}


def _key(of: Mapping[str, Any]) -> list[str]:
    return [part["AttributeName"] for part in of["KeySchema"]]


def _projected(table: str, index: Mapping[str, Any], item: Item) -> Item:
    """What an index has of an item: nothing without its key."""
    if any(name not in item for name in _key(index)):
        return {}
    if index["Projection"]["ProjectionType"] == "ALL":
        return item
    names = {*_key(index), *_key(resources("AWS::DynamoDB::Table")[table])}
    names |= set(index["Projection"].get("NonKeyAttributes", []))
    return {name: value for name, value in item.items() if name in names}
