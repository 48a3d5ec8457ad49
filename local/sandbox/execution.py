"""The way of one GraphQL request: whether it is complete, allowed and affordable, and its answer."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    default_field_resolver,
    execute_sync,
    get_operation_ast,
    parse,
)

from . import access_denied, api_versions, scopes, store_credit, validation, variables
from .cost import meter
from .customers import Customer
from .idempotency import keys_of
from .orders import Order
from .rate_limit import Bucket
from .search import Search
from .store import Store

SCHEMA = Path(__file__).with_name("admin-2026-10.graphql")
WITHOUT_ALL_ORDERS = timedelta(days=60)
"""How far back an app sees orders without `read_all_orders`."""


@cache
def schema(version: str = api_versions.NEWEST) -> GraphQLSchema:
    """The pruned schema as a version has it, built once."""
    built = build_schema(SCHEMA.read_text("utf-8"), assume_valid=True)
    for kind, name in [pair for new in api_versions.ADDED.values() for pair in new]:
        if api_versions.lacks(version, kind, name):
            built.type_map[kind].fields.pop(name, None)  # type: ignore[attr-defined]
    return built


@lru_cache(maxsize=128)
def _read(text: str, version: str) -> tuple[DocumentNode, tuple[GraphQLError, ...]]:
    """A document, and its errors against the schema. Raises GraphQLError for a text that is not a document.

    Cached, since an app sends the same few documents repeatedly, and parsing one takes longer than answering it.
    """
    document = parse(text)
    return document, tuple(validation.errors(schema(version), document))


def internal_error() -> dict[str, Any]:
    """Shopify's answer after an internal error (https://shopify.dev/docs/api/usage/response-codes)."""
    extensions = {"code": "INTERNAL_SERVER_ERROR", "requestId": str(uuid.uuid4())}
    message = f"Internal error. Looks like something went wrong on our end. Request ID: {extensions['requestId']}"
    return {"errors": [{"message": message, "extensions": extensions}]}


@dataclass(frozen=True)
class ErrorAt:
    """An error at a place in the answer, given as keys from the top (`order.customer`), with or without list
    positions."""

    path: str
    code: str
    message: str

    def meets(self, keys: Sequence[str | int]) -> bool:
        """True if this is the place. Positions in lists may be left out, except that of an element itself."""
        wanted, found = self.path.split("."), [str(key) for key in keys]
        if found[-1].isdigit():
            return wanted[-1] == found[-1] and _leads_to(wanted[:-1], found[:-1])
        return _leads_to(wanted, found)

    @property
    def error(self) -> GraphQLError:
        """The error for the answer."""
        return GraphQLError(self.message, extensions={"code": self.code})


def _leads_to(wanted: list[str], keys: list[str]) -> bool:
    """True if a path leads to a place, with all positions in lists, some or none."""
    if not keys:
        return not wanted
    if wanted and wanted[0] == keys[0] and _leads_to(wanted[1:], keys[1:]):
        return True
    return keys[0].isdigit() and _leads_to(wanted, keys[1:])


@dataclass
class Context:
    """What resolvers need to know about the request."""

    store: Store
    granted: frozenset[str]
    version: str
    taken: set[str]
    denied: frozenset[str] = frozenset()
    breaks: tuple[ErrorAt, ...] = ()
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def sees(self, order: Order) -> bool:
        """True if the app may see an order: the last 60 days, or all if it has the scope."""
        return "read_all_orders" in self.granted or self.store.now() - order.created <= WITHOUT_ALL_ORDERS

    def credit_page(self, customer: Customer, given: dict[str, Any]) -> dict[str, Any]:
        """A customer's store credit accounts."""
        return store_credit.accounts(self.store, customer, given)

    def searched(self, info: GraphQLResolveInfo, search: Search[Any]) -> None:
        """Note what a search ignored, for `extensions.search`."""
        if search.warnings:
            path = info.path.as_list()
            self.warnings.append({"path": path, "query": search.text, "warnings": search.warnings})


@dataclass
class Request:
    """A request: `query`, `variables`, `operationName`, and the version that answers it."""

    given: dict[str, Any]
    version: str = api_versions.NEWEST
    document: DocumentNode | None = None
    operation: OperationDefinitionNode | None = None
    refused: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Parse the request; `refused` are the errors if it can't be run."""
        text = self.given.get("query")
        if not isinstance(text, str) or not text.strip():
            self.refused = [{"message": "No query string was present"}]
            return
        try:
            self.document, errors = _read(text, self.version)
        except GraphQLError as failure:
            self.refused = [dict(failure.formatted)]
            return
        self.operation = get_operation_ast(self.document, self.given.get("operationName"))
        self.refused = [dict(error.formatted) for error in errors]
        if not self.refused and self.operation is None:
            self.refused = [{"message": "An operation name is required"}]
        elif not self.refused and self.operation:
            long = variables.too_long(self.schema, self.operation, self.variables)
            self.refused = variables.refused(self.schema, self.operation, self.variables) or ([long] if long else [])

    @property
    def schema(self) -> GraphQLSchema:
        """The schema of the version."""
        return schema(self.version)

    @property
    def variables(self) -> dict[str, Any]:
        """The request's variables."""
        return self.given.get("variables") or {}

    @property
    def mutates(self) -> bool:
        """True if it changes anything."""
        return self.operation is not None and self.operation.operation.value == "mutation"

    @property
    def keys(self) -> list[str]:
        """The idempotency keys in it."""
        return keys_of(self.operation, self.variables) if self.operation else []


def answer(request: Request, context: Context, bucket: Bucket, root: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The body of the answer; `root`: the resolvers of the root type."""
    if request.refused or request.document is None or request.operation is None:
        return {"errors": request.refused}
    price = meter(request.schema, request.document, request.variables)
    requested = price.operation(request.operation)
    if refusal := bucket.refusal(requested, context.store.now()):
        return refusal
    result = execute_sync(
        request.schema,
        request.document,
        root_value=root(),
        context_value=context,
        variable_values=request.variables,
        operation_name=request.given.get("operationName"),
        field_resolver=_resolve,
    )
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [e.formatted for e in result.errors]
    actual = price.operation(request.operation, result.data) if result.data is not None else requested
    body["extensions"] = {"cost": bucket.charged(requested, actual)}
    if context.warnings:
        body["extensions"]["search"] = context.warnings
    return body


def _resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    """A field's value. A field that the sandbox does not know is an error, never a silent null."""
    scope = scopes.needed(info.parent_type.name, info.field_name, arguments)
    granted = info.context.granted
    if refused := scopes.denied(info.field_name, scope, granted):
        raise refused
    if refused := scopes.none_of(info.parent_type.name, info.field_name, granted):
        raise refused
    denied = info.context.denied
    if denied and (refused := access_denied.refused(denied, info)):
        raise refused
    if isinstance(source, dict) and info.field_name not in source:
        raise GraphQLError(f"The sandbox does not simulate {info.parent_type.name}.{info.field_name}")
    breaks, path = info.context.breaks, info.path.as_list()
    error = next((one.error for one in breaks if one.meets(path)), None)
    if error and info.parent_type.name == "Mutation" and error.extensions["code"] == "ACCESS_DENIED":
        raise error  # As recorded: a field that the app may not ask for is not executed.
    value = default_field_resolver(source, info, **arguments)
    if denied and (refused := access_denied.hidden(denied, value)):
        raise refused
    if error:
        raise error
    return _with_broken_elements(value, breaks, path) if breaks and isinstance(value, list) else value


def _with_broken_elements(elements: list[Any], breaks: tuple[ErrorAt, ...], path: list[str | int]) -> list[Any]:
    """A list with errors instead of the elements that fail. GraphQL then sets the right places to null."""
    return [
        next((one.error for one in breaks if one.meets([*path, number])), element)
        for number, element in enumerate(elements)
    ]
