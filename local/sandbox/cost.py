"""What a query costs, according to Shopify's published rules and to what a real store charged.

Published (https://shopify.dev/docs/api/usage/limits): scalars and enums are free, an object costs 1, a mutation 10;
a connection's cost grows with `first` or `last`; of an interface or a union, the most expensive type counts; one query
may request at most 1,000 points. The rest was derived from queries with the cost that a real store charged for them
(`tests/sandbox/recorded-costs.json`):

* a connection costs `2 + growth(first) * cost of one node`, `growth(n) = max(1, floor(2 ln n))`;
* the parts of a connection (edges, nodes, pageInfo) are free; nodes selected as `nodes` and in `edges` count twice;
* plain values are free (`FREE`), and so is a customer's address, but not an order's (`FREE_FIELDS`);
* the payload of a mutation and the objects directly in it are free; `refundCreate` costs 20 (`MUTATIONS`);
* a list that is not a connection counts as one object, however long it is;
* a `StoreCreditAccount` costs 5 more than another object (`MORE_EXPENSIVE`);
* `customersCount`, `ordersCount` and similar fields cost 10 at the root.

The actual cost follows the same rules for the answer: the contents of a null object cost nothing, a connection's cost
grows with the number of nodes found (one weighs less than 1: `ONE_FOUND`), and an empty one costs almost as much as its
page of empty nodes (`NOTHING_FOUND`). The sum is rounded up.

Not recorded: what `@include` and `@skip` leave out costs nothing, in the requested cost, too. graphql-ruby, which
Shopify's API runs on, skips it when it analyses a query (lib/graphql/analysis/query_complexity.rb).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

MAXIMUM = 1000
"""The points that one query may request. Above it, Shopify answers MAX_COST_EXCEEDED and runs nothing."""

MUTATION = 10
MUTATIONS = {"refundCreate": 20}
"""What a mutation costs without its payload, if it is not 10."""

COUNT = 10
CONNECTION = 2

ONE_FOUND = 0.76
"""The weight of a connection's only node in the actual cost. Recorded costs match from just above 0.75 to 0.765."""

NOTHING_FOUND = 0.75
"""How much less an empty page weighs than the requested one. Recorded costs match with 0.52 to 0.99."""

FREE = frozenset(
    {
        "CollectionRule",
        "CollectionRuleSet",
        "CustomerEmailMarketingConsentState",
        "CustomerSmsMarketingConsentState",
        "InventoryItemMeasurement",
        "MoneyBag",
        "MoneyV2",
        "PageInfo",
        "Weight",
    }
)
"""Object types that were free in recorded queries."""

FREE_FIELDS = frozenset({("Customer", "addresses"), ("Customer", "defaultAddress")})
"""Fields that were free in recorded queries, although other fields of their type cost 1."""


MORE_EXPENSIVE = {"StoreCreditAccount": 5}
"""What an object of a type costs in addition, according to recorded queries."""


def growth(size: int) -> int:
    """The weight of `size` nodes in multiples of one node: 1 → 1, 5 → 3, 10 → 4, 50 → 7, 250 → 11."""
    return max(1, math.floor(2 * math.log(size))) if size > 0 else 0


@dataclass(frozen=True)
class Meter:
    """Adds up the cost of one operation of a document. With `answer` it is the actual cost instead of the requested
    one."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any] = field(default_factory=dict)

    def operation(self, node: OperationDefinitionNode, answer: Any = ...) -> int:
        """The points of the whole operation; with `answer` (the response's data) its actual cost."""
        root = self.schema.get_root_type(node.operation)
        if root is None:
            return 0
        mutation = node.operation is OperationType.MUTATION
        total = 0.0
        for key, nodes in self._fields([node.selection_set], root).items():
            value = answer if answer is ... else (answer or {}).get(key)
            if mutation:
                total += MUTATIONS.get(nodes[0].name.value, MUTATION) + self._payload(nodes, root, value)
            else:
                total += self._field(nodes, root, value)
        return math.ceil(total)

    def _payload(self, nodes: list[FieldNode], root: GraphQLObjectType, value: Any) -> float:
        """The cost below a mutation: the payload and the objects directly in it are free, what is in those is not."""
        payload = get_named_type(root.fields[nodes[0].name.value].type)
        if not isinstance(payload, GraphQLObjectType) or value is None:
            return 0
        total = 0.0
        for key, inner in self._fields(_sets(nodes), payload).items():
            kind = _type_of(payload, inner[0])
            below = value if value is ... else value.get(key)
            if isinstance(kind, GraphQLObjectType) and not isinstance(below, list):
                total += self._inside(kind, _sets(inner), below)
        return total

    def _field(self, nodes: list[FieldNode], parent: GraphQLObjectType, value: Any) -> float:
        kind = _type_of(parent, nodes[0])
        if not isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType, GraphQLUnionType)):
            return 0
        if kind.name == "Count":
            return COUNT if parent is self.schema.query_type else 1
        if kind.name.endswith("Connection"):
            return self._connection(nodes, kind, {} if value is None else value)
        own = 0 if kind.name in FREE or (parent.name, nodes[0].name.value) in FREE_FIELDS else 1
        own += MORE_EXPENSIVE.get(kind.name, 0) if value is not None else 0
        if isinstance(value, list):
            return max((own + self._inside(kind, _sets(nodes), one) for one in value), default=own)
        return own + self._inside(kind, _sets(nodes), value)

    def _connection(self, nodes: list[FieldNode], kind: Any, value: Any) -> float:
        each = [self._selected(kind, key, group, value) for key, group in self._fields(_sets(nodes), kind).items()]
        shown = [one for one in each if one is not None]
        found = max((len(there) for _, there in shown), default=0)
        weight: float = growth(found or self._size(nodes[0]))
        if value is not ...:
            weight = ONE_FOUND if found == 1 else weight - NOTHING_FOUND if not found else weight
        return CONNECTION + weight * sum(cost for cost, _ in shown)

    def _selected(self, kind: Any, key: str, group: list[FieldNode], value: Any) -> tuple[float, list[Any]] | None:
        """The nodes selected in a connection, as `nodes` or in `edges`: the most expensive node's cost, and the nodes
        found."""
        name, sets = group[0].name.value, _sets(group)
        answered = [] if value is ... else list(value.get(key) or [])
        nothing = value is not ... and not answered
        if name == "edges":
            edge = _type_of(kind, group[0])
            inner = {k: g for k, g in self._fields(sets, edge).items() if g[0].name.value == "node"}
            sets = [one for g in inner.values() for one in _sets(g)]
            answered = [one.get(k) for one in answered for k in inner]
            node = next((_type_of(edge, g[0]) for g in inner.values()), None)
        else:
            node = _type_of(kind, group[0]) if name == "nodes" else None
        if node is None:
            return None
        if nothing:
            return 1, answered
        each = 1 + MORE_EXPENSIVE.get(node.name, 0)
        return max(each + self._inside(node, sets, one) for one in answered or [...]), answered

    def _inside(self, kind: Any, sets: list[SelectionSetNode], value: Any) -> float:
        """The cost of what is selected in one object of this type, without the object itself."""
        if not sets or value is None:
            return 0
        if isinstance(kind, GraphQLObjectType):
            return self._of_type(kind, sets, value)
        names = set(self._conditions(sets))
        types = [one for one in self.schema.get_possible_types(kind) if one.name in names]
        if isinstance(value, Mapping) and value.get("__typename"):
            types = [one for one in types if one.name == value["__typename"]]
        return max((self._of_type(one, sets, value) for one in types), default=0)

    def _of_type(self, kind: GraphQLObjectType, sets: list[SelectionSetNode], value: Any) -> float:
        total = 0.0
        for key, nodes in self._fields(sets, kind).items():
            below = value if value is ... else value.get(key)
            total += self._field(nodes, kind, below)
        return total

    def _fields(self, sets: list[SelectionSetNode], kind: Any) -> dict[str, list[FieldNode]]:
        """The fields selected on an object of this type, with fragments resolved, by response key."""
        found: dict[str, list[FieldNode]] = {}
        for selection in (one for part in sets for one in part.selections):
            if not self._is_asked(selection):
                continue
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                found.setdefault(key, []).append(selection)
                continue
            condition, inner = self._spread(selection)
            if inner and self._applies(condition, kind):
                for key, nodes in self._fields([inner], kind).items():
                    found.setdefault(key, []).extend(nodes)
        return found

    def _is_asked(self, selection: SelectionNode) -> bool:
        """False if `@include` or `@skip` leaves it out with these variables."""
        wanted = {"include": True, "skip": False}
        for one in selection.directives or ():
            for argument in one.arguments if one.name.value in wanted else ():
                value = argument.value
                given = self.variables.get(value.name.value) if isinstance(value, VariableNode) else None
                given = value.value if isinstance(value, BooleanValueNode) else given
                if given is not None and bool(given) != wanted[one.name.value]:
                    return False
        return True

    def _conditions(self, sets: list[SelectionSetNode]) -> list[str]:
        names: list[str] = []
        for selection in (one for part in sets for one in part.selections):
            if not isinstance(selection, FieldNode):
                condition, inner = self._spread(selection)
                names += [condition] if condition else []
                names += self._conditions([inner]) if inner else []
        return names

    def _spread(self, selection: Any) -> tuple[str | None, SelectionSetNode | None]:
        if isinstance(selection, FragmentSpreadNode):
            fragment = self.fragments.get(selection.name.value)
            return (fragment.type_condition.name.value, fragment.selection_set) if fragment else (None, None)
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition.name.value if selection.type_condition else None
            return condition, selection.selection_set
        return None, None

    def _applies(self, condition: str | None, kind: Any) -> bool:
        if condition is None or condition == kind.name:
            return True
        abstract = self.schema.type_map.get(condition)
        return isinstance(
            abstract, (GraphQLInterfaceType, GraphQLUnionType)
        ) and kind in self.schema.get_possible_types(abstract)

    def _size(self, node: FieldNode) -> int:
        """`first` or `last`, from the query or a variable. Without either, Shopify returns 50 per page."""
        for argument in node.arguments or ():
            if argument.name.value in ("first", "last"):
                value = argument.value
                if isinstance(value, IntValueNode):
                    return int(value.value)
                if isinstance(value, VariableNode) and isinstance(self.variables.get(value.name.value), int):
                    return int(self.variables[value.name.value])
        return 50


def meter(schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any] | None) -> Meter:
    """A meter for this document with these (coerced or raw) variables."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    return Meter(schema, fragments, variables or {})


def _sets(nodes: list[FieldNode]) -> list[SelectionSetNode]:
    return [one.selection_set for one in nodes if one.selection_set]


def _type_of(parent: Any, node: FieldNode) -> Any:
    known: GraphQLField | None = getattr(parent, "fields", {}).get(node.name.value)
    return get_named_type(known.type) if known else None
