"""The `@idempotent` directive: one key, one effect.

Kept for 24 hours from the first request. The same key with the same input gets the answer again, built from what the
store knows now; with other input it is refused, and so is a second request while the first is under way.
https://shopify.dev/docs/api/usage/implementing-idempotency
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from graphql import DirectiveNode, FieldNode, GraphQLError, GraphQLResolveInfo, OperationDefinitionNode, VariableNode

REQUIRED_SINCE = "2026-04"
"""The version from which on refundCreate is refused without a key."""

KEPT = timedelta(hours=24)
REQUIRED = "The @idempotent directive is required for this mutation but was not provided."
MISMATCH = "The same idempotency key cannot be used with different operation parameters."
CONCURRENT = "This request is currently in progress, please try again."
BLANK = "The idempotency key cannot be an empty string or whitespace only."

Answer = dict[str, Any]


@dataclass
class Keys:
    """The keys that a store has seen, and those of requests under way (which are many at a time: a lock of its own)."""

    now: Callable[[], datetime]
    _seen: dict[str, tuple[datetime, str, Callable[[], Answer]]] = field(default_factory=dict)
    _under_way: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def under_way(self, keys: list[str]) -> Iterator[set[str]]:
        """Note the keys of a request while it is worked on; given are those that another request works on already."""
        with self._lock:
            taken = set(keys) & set(self._under_way)
            self._under_way += keys
        try:
            yield taken
        finally:
            with self._lock:
                for key in keys:
                    self._under_way.remove(key)

    def known(self, key: str, given: Any) -> Callable[[], Answer] | None:
        """How to answer a key that was used before; None for a new one. Raises Mismatch for other input."""
        at, before, again = self._seen.get(key, (None, "", None))
        if at is None or self.now() - at >= KEPT:
            return None
        if before != _fingerprint(given):
            raise Mismatch
        return again

    def keep(self, key: str, given: Any, again: Callable[[], Answer]) -> None:
        """Remember what a key was used for, and how to answer it again."""
        self._seen[key] = (self.now(), _fingerprint(given), again)


class Mismatch(Exception):
    """A key that was used for other input."""


def _fingerprint(given: Any) -> str:
    return json.dumps(given, sort_keys=True, default=str)


def key_of(info: GraphQLResolveInfo) -> str | None:
    """The key that a mutation was given; None where there is none and the version takes that.

    Raises GraphQLError (BAD_REQUEST) where one is required, or a blank one was given.
    """
    values = getattr(info.variable_values, "coerced", info.variable_values)
    key = _key(info.field_nodes[0], dict(values))
    if key is None and info.context.version < REQUIRED_SINCE:
        return None
    if key is None:
        raise GraphQLError(REQUIRED, extensions={"code": "BAD_REQUEST"})
    if not key.strip():
        raise GraphQLError(BLANK, extensions={"code": "BAD_REQUEST"})
    return key


def keys_of(operation: OperationDefinitionNode, variables: dict[str, Any]) -> list[str]:
    """The keys in a whole operation."""
    fields = [one for one in operation.selection_set.selections if isinstance(one, FieldNode)]
    return [key for one in fields if (key := _key(one, variables))]


def _key(node: FieldNode, variables: dict[str, Any]) -> str | None:
    directive: DirectiveNode | None = next((d for d in node.directives or () if d.name.value == "idempotent"), None)
    if directive is None or not directive.arguments:
        return None
    value = directive.arguments[0].value
    if isinstance(value, VariableNode):
        return str(variables.get(value.name.value) or "")
    return str(getattr(value, "value", ""))
