"""template.yaml as tests and benchmarks read it: short intrinsic functions kept, and the tables that it describes."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parents[1] / "template.yaml"


class _Loader(yaml.CSafeLoader):
    """Keeps `!Ref X` as `{"Ref": "X"}`."""


def _intrinsic(loader: "_Loader", suffix: str, node: yaml.Node) -> dict[str, Any]:
    kinds = {yaml.ScalarNode: loader.construct_scalar, yaml.SequenceNode: loader.construct_sequence}
    if isinstance(node, yaml.MappingNode):
        return {suffix: loader.construct_mapping(node, deep=True)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    return {suffix: kinds[yaml.ScalarNode](node)}


_Loader.add_multi_constructor("!", _intrinsic)


def template() -> dict[str, Any]:
    """The whole template, to keep or to change."""
    return deepcopy(_parsed())


@cache
def _parsed() -> dict[str, Any]:
    return yaml.load(FILE.read_text("utf-8"), _Loader)


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of the resources of a type, by logical id."""
    return {k: r.get("Properties", {}) for k, r in _parsed()["Resources"].items() if r["Type"] == kind}


def create_tables(dynamodb: Any, names: dict[str, str]) -> None:
    """Create the tables of the template under the given names."""
    for logical, properties in resources("AWS::DynamoDB::Table").items():
        wanted = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
        dynamodb.create_table(TableName=names[logical], **{k: properties[k] for k in wanted if k in properties})
