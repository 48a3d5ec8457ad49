"""Reduce the published schema to what is used and served: `python -m local.sandbox.prune_schema FULL_SCHEMA`.

Keeps the fields that a document of the product selects and those in `served_fields`, their arguments with every input
field below them, the parts of each connection, and what a union or interface needs for its members. Leaves out
descriptions. The result is sorted, so that a second run changes nothing.
"""

import re
import sys
from dataclasses import replace
from pathlib import Path

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    UnionTypeDefinitionNode,
    Visitor,
    build_ast_schema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    parse,
    print_ast,
    visit,
)

from .served_fields import FIELDS, MEMBERS, WHOLE

HERE = Path(__file__).parent
VALUES = {"MoneyBag", "MoneyV2", "MailingAddress", "PageInfo", "Count"}
SCHEMA = HERE / "admin-2026-10.graphql"
ROOT = HERE.parents[1]


class _Used(Visitor):
    """The (type, field) pairs and type names that a document uses."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info, self.fields, self.types = info, set[tuple[str, str]](), {"QueryRoot", "Mutation"}

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent, definition = self.info.get_parent_type(), self.info.get_field_def()
        if parent is None or definition is None or node.name.value.startswith("__"):
            return
        self.keep(parent.name, node.name.value, definition)

    def keep(self, parent: str, name: str, definition: GraphQLField) -> None:
        """Note a field and the types that it names."""
        self.fields.add((parent, name))
        self.types |= {parent, get_named_type(definition.type).name}
        self.types |= {get_named_type(a.type).name for a in definition.args.values()}

    def serve(self, schema: GraphQLSchema) -> None:
        """Note what is served in addition to the documents."""
        for name in WHOLE | FIELDS.keys():
            kind = schema.type_map[name]
            assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType), name
            for key in {*_plain(kind), *FIELDS.get(name, "").split()} if name in WHOLE else FIELDS[name].split():
                self.keep(name, key, kind.fields[key])
        self.types |= MEMBERS
        for name in sorted(t for t in self.types if t.endswith("Connection")):
            connection = schema.type_map[name]
            assert isinstance(connection, GraphQLObjectType)
            edge = get_named_type(connection.fields["edges"].type)
            assert isinstance(edge, GraphQLObjectType)
            for kind, keys in ((connection, ("edges", "nodes", "pageInfo")), (edge, ("cursor", "node"))):
                for key in keys:
                    self.keep(kind.name, key, kind.fields[key])

    def enter_inline_fragment(self, *_: object) -> None:
        if kind := self.info.get_type():
            self.types.add(get_named_type(kind).name)


def _plain(kind: GraphQLObjectType | GraphQLInterfaceType) -> list[str]:
    """The fields of a type without selection or arguments, or with a plain value; without deprecated ones."""
    return [
        name
        for name, definition in kind.fields.items()
        if (is_leaf_type(got := get_named_type(definition.type)) or got.name in VALUES)
        and not definition.deprecation_reason
        and not any(is_required_argument(a) for a in definition.args.values())
    ]


def documents() -> list[str]:
    """Every document of the product, with its fragments."""
    fragments = {p.stem: p.read_text("utf-8") for p in (ROOT / "layers").rglob("fragments/*.graphql")}
    found = [p for folder in ("functions", "layers") for p in (ROOT / folder).rglob("*.graphql")]
    whole = []
    for path in sorted(p for p in found if p.parent.name != "fragments"):
        text, spread = path.read_text("utf-8"), set[str]()
        while missing := set(re.findall(r"\.\.\.\s*([A-Z]\w*)", text)) - spread:
            spread |= missing
            text += "".join(fragments[m] for m in sorted(missing))
        whole.append(text)
    return whole


def prune(full: str, used_by: list[str], *, served: bool = True) -> str:
    """The schema's text, reduced to what `used_by` (documents) uses and, if `served`, what the sandbox serves."""
    tree = parse(full, no_location=True)
    schema = build_ast_schema(tree, assume_valid=True)
    info = TypeInfo(schema)
    used = _Used(info)
    for document in used_by:
        visit(parse(document), TypeInfoVisitor(info, used))
    if served:
        used.serve(schema)
    types = _reachable(schema, tree, used.types)
    kept = [text for node in tree.definitions if (text := _definition(node, types, used.fields))]
    return "\n\n".join(sorted(kept)) + "\n"


def _reachable(schema: GraphQLSchema, tree: DocumentNode, types: set[str]) -> set[str]:
    """The types, and everything that their input fields need."""
    inputs = {n.name.value: n for n in tree.definitions if isinstance(n, InputObjectTypeDefinitionNode)}
    todo = list(types)
    while todo:
        for input_field in getattr(inputs.get(todo.pop()), "fields", None) or ():
            name = get_named_type(schema.type_map[re.sub(r"[\[\]!]", "", print_ast(input_field.type))]).name
            if name not in types:
                types.add(name)
                todo.append(name)
    return types


def _definition(node: object, types: set[str], fields: set[tuple[str, str]]) -> str:
    name = getattr(getattr(node, "name", None), "value", None)
    if name == "idempotent" or name is None:
        return _bare(node)
    if name not in types:
        return ""
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        kept = tuple(f for f in node.fields if (name, f.name.value) in fields)
        if not kept:
            return f"interface {name} {{\n  id: ID!\n}}" if isinstance(node, InterfaceTypeDefinitionNode) else ""
        above = tuple(i for i in node.interfaces or () if i.name.value in types and name != "QueryRoot")
        lacking = {f for t, f in fields if t in {i.name.value for i in above}} - {f.name.value for f in kept}
        kept += tuple(
            f for f in node.fields if f.name.value in lacking | ({"id"} if above else set()) and f not in kept
        )
        return _bare(replace(node, fields=kept, interfaces=above))
    if isinstance(node, UnionTypeDefinitionNode):
        return _bare(replace(node, types=tuple(t for t in node.types if t.name.value in types)))
    return _bare(node)


def _bare(node: object) -> str:
    text = print_ast(node)  # type: ignore[arg-type]
    return re.sub(r'^\s*"""(?:.|\n)*?"""\n|^\s*"(?:[^"\\]|\\.)*"\n', "", text, flags=re.MULTILINE)


if __name__ == "__main__":
    SCHEMA.write_text(prune(Path(sys.argv[1]).read_text("utf-8"), documents()), "utf-8")
    print(f"{SCHEMA.relative_to(ROOT)}: {SCHEMA.stat().st_size} bytes")
