"""What a request asks for: places in its answer, their fields and types, and its mutations."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLNamedType,
    GraphQLSchema,
    SelectionSetNode,
    get_named_type,
    get_operation_ast,
    is_abstract_type,
    is_composite_type,
    parse,
)

from .execution import schema
from .faults import Reach


class _Asked(NamedTuple):
    """One field that is asked for."""

    place: tuple[str, ...]
    kind: GraphQLNamedType
    name: str
    gives: GraphQLNamedType


@lru_cache(maxsize=128)
def of(text: str, name: str) -> Reach:
    """What the operation `name` of a document asks for; nothing if the document can't be run."""
    try:
        document = parse(text)
    except GraphQLError:
        return Reach()
    operation = get_operation_ast(document, name or None)
    root = schema().get_root_type(operation.operation) if operation else None
    if operation is None or root is None:
        return Reach()
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    found = list(_Walk(schema(), fragments).fields(operation.selection_set, root, (), ()))
    parts = {part for one in found for part in _parts(schema(), one)}
    changes = {one.name for one in found if len(one.place) == 1} if operation.operation.value == "mutation" else set()
    return Reach(frozenset(one.place for one in found), frozenset(parts), frozenset(changes))


def _parts(built: GraphQLSchema, one: _Asked) -> Iterator[str]:
    """A field by its name and type. Behind an interface (`node`) it may be of any of its types."""
    for kind in _possible(built, one.kind):
        yield f"{kind.name}.{one.name}"
    for kind in _possible(built, one.gives):
        yield kind.name
        if kind.name.endswith("Connection") and (nodes := getattr(kind, "fields", {}).get("nodes")):
            yield get_named_type(nodes.type).name


def _possible(built: GraphQLSchema, kind: GraphQLNamedType) -> list[GraphQLNamedType]:
    return [kind, *(built.get_possible_types(kind) if is_abstract_type(kind) else [])]


class _Walk(NamedTuple):
    """A walk over the selections of a document."""

    built: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]

    def fields(
        self, chosen: SelectionSetNode | None, kind: GraphQLNamedType, place: tuple[str, ...], within: tuple[str, ...]
    ) -> Iterator[_Asked]:
        """All fields below a selection; `within`: the enclosing fragments, so that none is entered twice."""
        for one in chosen.selections if chosen else ():
            if isinstance(one, FieldNode):
                field = getattr(kind, "fields", {}).get(one.name.value)
                if field is None:
                    continue
                here = (*place, (one.alias or one.name).value)
                gives = get_named_type(field.type)
                yield _Asked(here, kind, one.name.value, gives)
                yield from self.fields(one.selection_set, gives, here, within)
                continue
            spread = one.name.value if isinstance(one, FragmentSpreadNode) else None
            part = self.fragments.get(spread) if spread else one
            if part is None or spread in within:
                continue
            condition = getattr(part, "type_condition", None)
            about = self.built.type_map.get(condition.name.value) if condition else kind
            if about is not None and is_composite_type(about):
                around = (*within, spread) if spread else within
                yield from self.fields(getattr(part, "selection_set", None), about, place, around)
