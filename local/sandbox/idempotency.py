"""The `@idempotent` directive: one key, one effect.

A key is kept for 24 hours from the first request. The same key with the same input gets the same answer, built from
what the store knows now. With different input it is refused, and so is a second request while the first is running.
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
"""From this version on, refundCreate requires a key."""

KEPT = timedelta(hours=24)
REQUIRED = "The @idempotent directive is required for this mutation but was not provided."
MISMATCH = "The same idempotency key cannot be used with different operation parameters."
CONCURRENT = "This request is currently in progress, please try again."
BLANK = "The idempotency key cannot be an empty string or whitespace only."

Answer = dict[str, Any]


@dataclass
class Keys:
    """The keys that a store has seen, and the keys of running requests, with a lock of their own since many run at a
    time."""

    now: Callable[[], datetime]
    _seen: dict[str, tuple[datetime, str, Callable[[], Answer]]] = field(default_factory=dict)
    _under_way: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def under_way(self, keys: list[str]) -> Iterator[set[str]]:
        """Note a request's keys while it runs. Raises an error for those that another request uses already."""
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
        """How to answer a key that was used before; None for a new one. Raises Mismatch if the input differs."""
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
    """The key was used with different input."""


def _fingerprint(given: Any) -> str:
    return json.dumps(given, sort_keys=True, default=str)


def key_of(info: GraphQLResolveInfo) -> str | None:
    """The key of a mutation; None if there is none and the version allows that.

    Raises GraphQLError (BAD_REQUEST) if a key is required, or if it is blank.
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
