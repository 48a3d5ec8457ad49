"""Data that an app is not approved to see: types and fields that Shopify denies, as protected customer data or for lack
of a scope.

Published (https://shopify.dev/docs/apps/launch/protected-customer-data): a type that an app is not approved for, and a
field of that type, is null next to an error with these words. A field that is not about a customer is denied with the
words for a missing scope, as recorded.
"""

from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    get_named_type,
)

from .scopes import ANY_OF, BY_ID, NEEDED, missing
from .written import written

MORE = "https://partners.shopify.com/1/apps/1/customer_data"
PROTECTED = frozenset({"Customer", "CustomerEmailAddress", "CustomerPhoneNumber", "MailingAddress"})
"""Types that are customer data."""

PROTECTED_FIELDS = frozenset({"displayName", "email", "firstName", "lastName", "name", "phone"})
"""Plain fields that are customer data: of a customer, of an address and (except the name) of an order."""


def read(given: Any, schema: GraphQLSchema) -> frozenset[str]:
    """Denials from JSON: `Customer`, `Order.customer`, `Customer.defaultEmailAddress`. Raises ValueError with the
    reason."""
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
        raise ValueError("denied must be a list of types and fields, such as Customer or Order.customer")
    for one in given:
        if not known(one, schema):
            words = f"there is no {written(one)} in the sandbox's schema"
            raise ValueError(f"denied must be a list of types and fields, such as Customer or Order.customer; {words}")
    return frozenset(given)


def known(one: str, schema: GraphQLSchema) -> bool:
    """True if the schema has this type or field."""
    name, dot, field = one.partition(".")
    kind = schema.type_map.get(name)
    return isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and (not dot or field in kind.fields)


def refused(denied: frozenset[str], info: GraphQLResolveInfo) -> GraphQLError | None:
    """The error for a field that is denied, itself or by its type; None if it is allowed."""
    kind = get_named_type(info.return_type)
    own = _about(kind)
    if own.name in denied:
        return _not_approved_for(own.name)
    field = f"{info.parent_type.name}.{info.field_name}"
    if field not in denied:
        return None
    if own.name == "Customer":
        return _not_approved_for(own.name)
    if own.name in PROTECTED or (info.parent_type.name in ("Customer", "MailingAddress", *PROTECTED)):
        return _not_approved_to_use(info.field_name)
    if info.parent_type.name == "Order" and info.field_name in PROTECTED_FIELDS - {"name"}:
        return _not_approved_to_use(info.field_name)
    if field in ANY_OF:
        return missing(info.field_name, *ANY_OF[field])
    scope = NEEDED.get(field) or f"read_{BY_ID.get(own.name) or BY_ID.get(info.parent_type.name) or 'orders'}"
    return missing(info.field_name, scope)


def hidden(denied: frozenset[str], value: Any) -> GraphQLError | None:
    """The error for a value that turns out to be of a denied type: behind `node`, where the field does not say it."""
    kind = value.get("__typename") if isinstance(value, dict) else None
    return _not_approved_for(kind) if kind in denied else None


def _about(kind: GraphQLNamedType) -> GraphQLNamedType:
    """The type of a connection's nodes; any other type itself."""
    if kind.name.endswith("Connection") and (nodes := getattr(kind, "fields", {}).get("nodes")):
        return get_named_type(nodes.type)
    return kind


def _not_approved_for(kind: str) -> GraphQLError:
    return _error(f"This app is not approved to access the {kind} object.")


def _not_approved_to_use(field: str) -> GraphQLError:
    return _error(f"This app is not approved to use the {field} field.")


def _error(words: str) -> GraphQLError:
    return GraphQLError(f"{words} See {MORE} for more details.", extensions={"code": "ACCESS_DENIED"})
