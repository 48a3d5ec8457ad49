"""Variables that don't match their types, refused in Shopify's words (INVALID_VARIABLE), and lists that are too
long."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    get_location,
    type_from_ast,
    value_from_ast,
)

AT_MOST = 250
"""Elements that a list in an input may have."""

Problem = tuple[list[str | int], str]


def is_gid(text: Any) -> bool:
    """True if this is a global id."""
    return isinstance(text, str) and re.fullmatch(r"gid://[a-z0-9-]+/\w+/[^\s/]+", text) is not None


def refused(schema: GraphQLSchema, operation: OperationDefinitionNode, given: dict[str, Any]) -> list[dict[str, Any]]:
    """One error for each variable that is not valid, in the API's words; none if all are valid."""
    errors = []
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        kind = type_from_ast(schema, definition.type)
        if kind is None or (name not in given and definition.default_value):
            continue
        if found := list(_problems(given.get(name), kind, [])):
            source = definition.loc.source if definition.loc else None
            place = get_location(source, definition.loc.start) if source and definition.loc else None
            errors.append(_error(name, str(kind), given.get(name), found, place))
    return errors


def _error(name: str, kind: str, value: Any, found: list[Problem], place: Any) -> dict[str, Any]:
    words = ", ".join(f"{'.'.join(map(str, path))} ({why})" for path, why in found if path)
    message = f"Variable ${name} of type {kind} was provided invalid value"
    problems: list[dict[str, Any]] = []
    for path, why in found:
        spoken = {"message": why} if why.startswith("Invalid global id") else {}
        problems.append({"path": path, "explanation": why} | spoken)
    return {
        "message": f"{message} for {words}" if words else message,
        "locations": [{"line": place.line, "column": place.column}] if place else [],
        "extensions": {"code": "INVALID_VARIABLE", "value": value, "problems": problems},
    }


def _problems(value: Any, kind: Any, path: list[str | int]) -> Iterator[Problem]:
    if isinstance(kind, GraphQLNonNull):
        if value is None:
            yield path, "Expected value to not be null"
        kind = kind.of_type
    if value is None:
        return
    if isinstance(kind, GraphQLList):
        inside = enumerate(value) if isinstance(value, list) else ()
        for place, one in inside:
            yield from _problems(one, kind.of_type, [*path, place])
        if not isinstance(value, list):
            yield from _problems(value, kind.of_type, path)
    elif isinstance(kind, GraphQLInputObjectType):
        yield from _object_problems(value, kind, path)
    else:
        yield from _leaf_problems(value, kind, path)


def _leaf_problems(value: Any, kind: Any, path: list[str | int]) -> Iterator[Problem]:
    if isinstance(kind, GraphQLEnumType):
        if value not in kind.values:
            yield path, f"Expected {json.dumps(value)} to be one of: {', '.join(kind.values)}"
    elif kind.name == "ID" and not is_gid(value):
        yield path, f"Invalid global id '{value}'"
    elif not FITS.get(kind.name, _anything)(value):
        yield path, f"Could not coerce value {json.dumps(value)} to {kind.name}"


def _object_problems(value: Any, kind: GraphQLInputObjectType, path: list[str | int]) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield path, f"Expected {json.dumps(value)} to be a key-value object"
        return
    if kind.is_one_of and len(value) != 1:
        yield path, f"'{kind.name}' requires exactly one argument, but {len(value)} were provided."
        return
    for name in value:
        if name not in kind.fields:
            yield [*path, name], f"Field is not defined on {kind.name}"
    for name, definition in kind.fields.items():
        if name in value or (isinstance(definition.type, GraphQLNonNull) and not _has_default(definition)):
            yield from _problems(value.get(name), definition.type, [*path, name])


def _has_default(definition: Any) -> bool:
    return definition.default_value is not Undefined


def _anything(_value: Any) -> bool:
    return True


def _decimal(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def _moment(value: Any) -> bool:
    try:
        return bool(datetime.fromisoformat(value))
    except (TypeError, ValueError):
        return False


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31


FITS = {
    "Boolean": lambda value: isinstance(value, bool),
    "DateTime": _moment,
    "Decimal": _decimal,
    "Float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "Int": _whole,
    "Money": _decimal,
    "String": lambda value: isinstance(value, str),
    "URL": lambda value: isinstance(value, str),
}
"""What a scalar accepts."""


def too_long(schema: GraphQLSchema, operation: OperationDefinitionNode, given: dict[str, Any]) -> dict[str, Any] | None:
    """The error for a list with more than 250 elements; None if there is none."""
    root = schema.get_root_type(operation.operation)
    for one in operation.selection_set.selections:
        if root and isinstance(one, FieldNode) and (found := _longest(root, one, given)):
            path, size = found
            message = f"The input array size of {size} is greater than the maximum allowed of {AT_MOST}."
            key = one.alias.value if one.alias else one.name.value
            place = get_location(one.loc.source, one.loc.start) if one.loc else None
            return {
                "message": message,
                "locations": [{"line": place.line, "column": place.column}] if place else [],
                "path": [key, *path],
                "extensions": {"code": "MAX_INPUT_SIZE_EXCEEDED"},
            }
    return None


def _longest(root: GraphQLObjectType, node: FieldNode, given: dict[str, Any]) -> tuple[list[str], int] | None:
    definition = root.fields.get(node.name.value)
    for argument in node.arguments or ():
        kind = definition.args[argument.name.value].type if definition else None
        value = value_from_ast(argument.value, kind, given) if kind else None
        if found := _long_list(value, [argument.name.value]):
            return found
    return None


def _long_list(value: Any, path: list[str]) -> tuple[list[str], int] | None:
    if isinstance(value, list):
        return (path, len(value)) if len(value) > AT_MOST else None
    if isinstance(value, dict):
        return next((f for name, one in value.items() if (f := _long_list(one, [*path, name]))), None)
    return None
