"""Pages of a list: edges, nodes and cursors, cut as Shopify does, with cursors in their recorded form."""

import base64
import json
from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

from graphql import GraphQLError

AT_MOST = 250
"""Nodes on one page at most."""


class Identified(Protocol):
    """Anything with a gid."""

    @property
    def id(self) -> str:
        """The gid."""


Listed = TypeVar("Listed", bound=Identified)
Rows = list[tuple[tuple[int, Any], Listed]]


def number_of(gid: str) -> int:
    """The number at the end of a gid."""
    return int(gid.rsplit("/", 1)[1])


def connection(
    items: Iterable[Listed],
    given: dict[str, Any],
    node: Callable[[Listed], dict[str, Any] | None],
    value: Callable[[Listed], Any] | None = None,
) -> dict[str, Any]:
    """A page of the items. `given`: the field's arguments; `value`: the sort value, by default the id.

    Raises GraphQLError (BAD_REQUEST) for a page without a size, with two sizes, or with one that is too large.
    """
    first, last = _sizes(given)
    rows = [(_position(item, value), item) for item in items]
    rows.sort(key=lambda row: _comparable(row[0]), reverse=bool(given.get("reverse")))
    start, end = _after(rows, given.get("after")), _before(rows, given.get("before"))
    end = max(start, end)
    if first is not None:
        end = min(end, start + first)
    elif last is not None:
        start = max(start, end - last)
    page = [{"cursor": cursor(*position), "node": node(item)} for position, item in rows[start:end]]
    return {
        "edges": page,
        "nodes": [edge["node"] for edge in page],
        "pageInfo": {
            "hasNextPage": end < len(rows),
            "hasPreviousPage": start > 0,
            "startCursor": page[0]["cursor"] if page else None,
            "endCursor": page[-1]["cursor"] if page else None,
        },
    }


def cursor(number: int, value: Any) -> str:
    """A position in a list, as recorded: base64 of the id and the sort value."""
    return base64.b64encode(
        json.dumps({"last_id": number, "last_value": value}, separators=(",", ":")).encode()
    ).decode()


def _sizes(given: dict[str, Any]) -> tuple[int | None, int | None]:
    first, last = given.get("first"), given.get("last")
    if first is None and last is None:
        raise refused("you must provide one of first or last")
    if first is not None and last is not None:
        raise refused("providing both first and last is not supported")
    for name, size in (("first", first), ("last", last)):
        if size is not None and size < 0:
            raise refused(f"{name} cannot be negative")
        if size is not None and size > AT_MOST:
            more = "To query larger amounts of data with fewer limits, bulk operations should be used instead."
            raise refused(f"{name} cannot exceed {AT_MOST}. {more}")
    return first, last


def refused(message: str) -> GraphQLError:
    """An error for a request that can't be carried out."""
    return GraphQLError(message, extensions={"code": "BAD_REQUEST"})


def _position(item: Listed, value: Callable[[Listed], Any] | None) -> tuple[int, Any]:
    number = number_of(item.id)
    return number, value(item) if value else str(number)


def _comparable(position: tuple[int, Any]) -> tuple[Any, ...]:
    number, value = position
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    return (value is not None, isinstance(value, str), value if value is not None else 0, number)


def _place(rows: Rows[Any], text: str) -> int:
    try:
        number = json.loads(base64.b64decode(text, validate=True))["last_id"]
        return next(place for place, (position, _) in enumerate(rows) if position[0] == number)
    except (ValueError, KeyError, TypeError, StopIteration):
        raise refused("Invalid cursor for current pagination sort.") from None


def _after(rows: Rows[Any], text: str | None) -> int:
    return 0 if text is None else _place(rows, text) + 1


def _before(rows: Rows[Any], text: str | None) -> int:
    return len(rows) if text is None else _place(rows, text)
