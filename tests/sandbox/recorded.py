"""Reduce what a real store was asked and charged to what tests need: `python -m tests.sandbox.recorded FOLDER`.

`FOLDER` has the published schema and the recordings. Writes `recorded-costs.json` (each document once for each page
size; no variables except sizes, no literal texts) and `recorded-costs.graphql` (the part of the schema that those
documents select, without arguments). A second run changes nothing.
"""

import json
import sys
from pathlib import Path
from typing import Any

from graphql import (
    REMOVE,
    Node,
    StringValueNode,
    Visitor,
    VisitorAction,
    parse,
    print_ast,
    strip_ignored_characters,
    visit,
)

from local.sandbox.prune_schema import prune

HERE = Path(__file__).parent
COSTS, SCHEMA = HERE / "recorded-costs.json", HERE / "recorded-costs.graphql"
FULL_SCHEMA = "admin-2026-10.graphql"


class _WithoutTexts(Visitor):
    def enter_string_value(self, node: StringValueNode, *_: object) -> Node:
        return StringValueNode(value="", block=False)


class _WithoutArguments(Visitor):
    def enter_input_value_definition(self, *_: object) -> VisitorAction:
        return REMOVE

    def enter_input_object_type_definition(self, *_: object) -> VisitorAction:
        return REMOVE


def costs(recordings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each document with its sizes and its cost, once."""
    found: dict[str, dict[str, Any]] = {}
    for one in recordings:
        document = strip_ignored_characters(print_ast(visit(parse(one["query"]), _WithoutTexts())))
        sizes = {k: v for k, v in one["variables"].items() if isinstance(v, int) and not isinstance(v, bool)}
        kept = {"document": document, "sizes": sizes, "requestedQueryCost": one["requestedQueryCost"]}
        assert found.setdefault(document + str(sizes), kept) == kept, "asked twice, and charged differently"
    return list(found.values())


def written(folder: Path) -> dict[Path, str]:
    """The texts of both files, by path."""
    kept = costs(json.loads((folder / "recorded-costs.json").read_text("utf-8")))
    full = (folder / FULL_SCHEMA).read_text("utf-8")
    lines = ",\n".join(json.dumps(one) for one in kept)
    pruned = parse(prune(full, [one["document"] for one in kept], served=False))
    return {COSTS: f"[\n{lines}\n]\n", SCHEMA: print_ast(visit(pruned, _WithoutArguments())) + "\n"}


if __name__ == "__main__":
    for path, text in written(Path(sys.argv[1])).items():
        path.write_text(text, "utf-8")
        print(f"{path.name}: {len(text)} bytes")
