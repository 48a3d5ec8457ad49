"""Types for the nodes of Shopify's answers, generated from the documents: `python -m local.nodes` writes each
`nodes.pyi`.

Only mypy reads them: a stub can't be imported when the code runs. A class describes what one selection returns
according to the pruned schema. It is named after the document and Shopify's type (`OrderCardFulfillment`), or after
its place if the document selects other fields of that type, too (`OrderCardFulfillmentLineItemLineItem`). A
fragment's class is the base of the classes that spread it, so a function for the fragment accepts them. Fields are
read-only, so that a class can narrow a field of its base. A test compares the files.

All fields may be missing (`total=False`): a partial answer may lack any of them, and `@include` and the types of a
union leave some out. A present field is None only if the schema allows null.
"""

import subprocess
import sys
from collections.abc import Hashable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from graphql import (
    DefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLOutputType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    build_schema,
    get_named_type,
    is_enum_type,
    is_list_type,
    is_non_null_type,
    parse,
)

ROOT = Path(__file__).parents[1]
LAYER, FUNCTIONS = ROOT / "layers/orderdesk/orderdesk", ROOT / "functions"
SCHEMA = build_schema((ROOT / "local/sandbox/admin-2026-10.graphql").read_text("utf-8"), assume_valid=True)

_HEAD = """# Made by `python -m local.nodes` from the GraphQL documents: do not edit.
from collections.abc import Sequence
from typing import TypedDict

from typing_extensions import ReadOnly
"""
_SEQUENCE = "from collections.abc import Sequence\n"
#: The JSON type of each scalar. An enum comes as its name, so it is a `str`: Shopify may add values.
_SCALARS = {
    "Boolean": "bool", "DateTime": "str", "Decimal": "str", "Float": "float", "ID": "str", "Int": "int",
    "String": "str", "URL": "str", "UnsignedInt64": "str",
}  # fmt: skip


class _Field(NamedTuple):
    """A field under its name in the answer, with everything that is selected below it."""

    type: GraphQLOutputType
    below: tuple[SelectionSetNode, ...]

    @property
    def kind(self) -> str:
        """The name of its type in the schema."""
        return get_named_type(self.type).name


class _Fragments:
    """The fragments, and what a selection that spreads them returns."""

    def __init__(self, definitions: Iterable[DefinitionNode]) -> None:
        self.by_name = {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}
        self.classes = cache(lambda name: _Classes(self, self.by_name[name]))

    def fields(self, kind: str, sets: Iterable[SelectionSetNode]) -> dict[str, _Field]:
        """The fields of a selection on a type, including those of its fragments, by their names in the answer."""
        found: dict[str, _Field] = {}
        for selection in (one for selected in sets for one in selected.selections):
            for key, field in self._selected(kind, selection).items():
                found[key] = _Field(field.type, (found[key].below if key in found else ()) + field.below)
        return found

    def _selected(self, kind: str, selection: SelectionNode) -> dict[str, _Field]:
        if isinstance(selection, FieldNode):
            name = selection.name.value
            key = selection.alias.value if selection.alias else name
            below = (selection.selection_set,) if selection.selection_set else ()
            return {key: _Field(SCHEMA.type_map[kind].fields[name].type, below)}  # type: ignore[attr-defined]
        if isinstance(selection, FragmentSpreadNode):
            return self.of(selection.name.value)
        assert isinstance(selection, InlineFragmentNode)
        on = selection.type_condition.name.value if selection.type_condition else kind
        return self.fields(on, [selection.selection_set])

    def of(self, name: str) -> dict[str, _Field]:
        """The fields of a fragment."""
        fragment = self.by_name[name]
        return self.fields(fragment.type_condition.name.value, [fragment.selection_set])

    def spread(self, sets: Iterable[SelectionSetNode]) -> list[str]:
        """The fragments that a selection spreads, except those that another of them spreads anyway."""
        every = (one for selected in sets for one in selected.selections if isinstance(one, FragmentSpreadNode))
        names = list(dict.fromkeys(one.name.value for one in every))
        within = {one for name in names for one in self._within(name)}
        return [name for name in names if name not in within]

    def _within(self, fragment: str) -> Iterator[str]:
        for name in self.spread([self.by_name[fragment].selection_set]):
            yield name
            yield from self._within(name)

    def shape(self, kind: str, sets: Iterable[SelectionSetNode]) -> Hashable:
        """Everything that a selection returns, in a form that can be compared."""
        below = self.fields(kind, sets).items()
        return kind, frozenset((key, str(field.type), self.shape(field.kind, field.below)) for key, field in below)


class _Classes:
    """The classes of one operation or fragment, in reading order.

    `texts`: each class by its name. `named`: every other class that they name. `below`: for each field of the first
    class, the class of what is selected there.
    """

    def __init__(self, fragments: _Fragments, definition: DefinitionNode, says: str = "") -> None:
        self.texts: dict[str, str] = {}
        self.named = set[str]()
        self.below: dict[str, str] = {}
        self._fragments = fragments
        self._by_shape: dict[Hashable, str] = {}
        self._name, kind, selected = _parts(definition)
        self.below = self._add(self._name, kind, [selected], says)

    def _add(self, name: str, kind: str, sets: Iterable[SelectionSetNode], says: str = "") -> dict[str, str]:
        """Write a class and those that it needs. Returns the classes of what is selected below its fields."""
        self.texts[name] = ""
        bases = self._fragments.spread(sets)
        self.named.update(bases)
        lines = [f"class {name}({', '.join(bases or ['TypedDict'])}, total=False):"]
        lines += [f'    """{says}"""'] if says else []
        below: dict[str, str] = {}
        for key, field in self._fragments.fields(kind, sets).items():
            there = [base for base in bases if key in self._fragments.of(base)]
            alike = [base for base in there if self._shape(self._fragments.of(base)[key]) == self._shape(field)]
            if field.below:
                below[key] = self._fragments.classes(alike[0]).below[key] if alike else self._below(name, key, field)
            if not there or (field.below and there != alike[:1]):
                lines.append(f"    {key}: {_annotation(field, below.get(key))}")
                self.named |= {below[key]} if field.below else set()
        self.texts[name] = "\n".join(lines if len(lines) > 1 else [*lines, "    ..."])
        return below

    def _below(self, parent: str, key: str, field: _Field) -> str:
        """The class of what is selected below a field: a fragment's class, an existing one, or a new one."""
        shape = self._shape(field)
        for fragment in self._fragments.spread(field.below):
            if self._fragments.shape(field.kind, [self._fragments.by_name[fragment].selection_set]) == shape:
                return fragment
        if shape not in self._by_shape:
            name = f"{self._name}{field.kind}"
            if name in self.texts:
                name = f"{parent}{key[0].upper()}{key[1:]}"
            if name in self.texts:
                raise ValueError(f"two selections would be called {name}")
            self._by_shape[shape] = name
            self._add(name, field.kind, field.below)
        return self._by_shape[shape]

    def _shape(self, field: _Field) -> Hashable:
        return self._fragments.shape(field.kind, field.below)


def _parts(definition: DefinitionNode) -> tuple[str, str, SelectionSetNode]:
    """The name of an operation or a fragment, its type, and its selection."""
    if isinstance(definition, FragmentDefinitionNode):
        return definition.name.value, definition.type_condition.name.value, definition.selection_set
    assert isinstance(definition, OperationDefinitionNode)
    assert definition.name
    root = SCHEMA.get_root_type(definition.operation)
    assert root
    return definition.name.value, root.name, definition.selection_set


def _annotation(field: _Field, below: str | None) -> str:
    """A field's annotation, followed by a comment with the scalar that a `str` stands for."""
    named = below or ("str" if is_enum_type(get_named_type(field.type)) else _SCALARS[field.kind])
    says = f"  # {field.kind}" if named == "str" and field.kind not in ("ID", "String") else ""
    return f"ReadOnly[{_optional(field.type, named)}]{says}"


def _optional(kind: GraphQLOutputType, inner: str) -> str:
    """A schema type as an annotation, with `inner` for the named type."""
    if is_non_null_type(kind):
        return _present(kind.of_type, inner)
    return f"{_present(kind, inner)} | None"


def _present(kind: GraphQLOutputType, inner: str) -> str:
    return f"Sequence[{_optional(kind.of_type, inner)}]" if is_list_type(kind) else inner


def stubs() -> dict[Path, str]:
    """The current text of every `nodes.pyi`: one for the layer, and one for each function with documents."""
    in_layer, in_functions = sorted(LAYER.rglob("*.graphql")), sorted(FUNCTIONS.rglob("*.graphql"))
    parsed = {path: parse(path.read_text("utf-8")).definitions for path in [*in_layer, *in_functions]}
    fragments = _Fragments(one for definitions in parsed.values() for one in definitions)
    made: dict[Path, list[_Classes]] = {}
    for path, definitions in parsed.items():
        stub = LAYER / "shopify/nodes.pyi" if path in in_layer else path.with_name("nodes.pyi")
        made.setdefault(stub, []).extend(_classes(fragments, one, path.name) for one in definitions)
    return {stub: _text(classes) for stub, classes in made.items()}


def _classes(fragments: _Fragments, definition: DefinitionNode, file: str) -> _Classes:
    if isinstance(definition, FragmentDefinitionNode):
        return fragments.classes(definition.name.value)
    return _Classes(fragments, definition, f"The answer to `{file}`.")


def _text(made: list[_Classes]) -> str:
    """The text of a file, formatted by ruff."""
    texts = [text for one in made for text in one.texts.values()]
    names = [name for one in made for name in one.texts]
    if len(names) > len(set(names)):
        raise ValueError(f"two selections have one name: {sorted(names)}")
    shared = sorted({name for one in made for name in one.named} - set(names))
    imports = [f"from orderdesk.shopify.nodes import {', '.join(shared)}"] if shared else []
    head = _HEAD if any("Sequence[" in text for text in texts) else _HEAD.replace(_SEQUENCE, "")
    return _formatted("\n".join([head, *imports, *texts]))


def _formatted(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", "nodes.pyi", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def main() -> None:
    """Write every `nodes.pyi`."""
    for path, text in stubs().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
