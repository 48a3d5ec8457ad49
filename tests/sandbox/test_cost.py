"""The cost of a query against costs that a real store gave, where those are at hand."""

import json
from pathlib import Path

import pytest
from graphql import build_schema, get_operation_ast, parse, validate

from local.sandbox.cost import growth, meter
from local.sandbox.execution import schema

RECORDED = Path(__file__).parents[3] / "shared/shopify"


@pytest.mark.parametrize(("size", "weight"), [(0, 0), (1, 1), (5, 3), (10, 4), (50, 7), (250, 11)])
def test_a_connection_grows_slowly(size, weight):
    assert growth(size) == weight


def test_a_mutation_costs_ten():
    document = parse('mutation { orderUpdate(input: {id: "1"}) { userErrors { message } } }')
    assert meter(schema(), document, {}).operation(get_operation_ast(document)) == 10


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded costs are not at hand")
def test_recorded_costs():
    published = build_schema((RECORDED / "admin-2026-10.graphql").read_text("utf-8"), assume_valid=True)
    right = of = 0
    for one in json.loads((RECORDED / "recorded-costs.json").read_text("utf-8")):
        document = parse(one["query"])
        if validate(published, document):
            continue
        of += 1
        cost = meter(published, document, one["variables"]).operation(get_operation_ast(document))
        right += cost == one["requestedQueryCost"]
    assert right / of >= 0.84, (right, of)
