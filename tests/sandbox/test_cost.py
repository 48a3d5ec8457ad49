"""The cost of a query, compared with the costs that a real store charged."""

import json
from functools import cache
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, get_operation_ast, parse

from local.sandbox import Sandbox
from local.sandbox.cost import growth, meter
from local.sandbox.execution import schema
from tests.sandbox import recorded

RECORDINGS = Path(__file__).parents[3] / "shared/shopify"
CHARGED = json.loads(recorded.COSTS.read_text("utf-8"))


@cache
def recorded_schema() -> GraphQLSchema:
    """The part of the published schema that the recorded documents use."""
    return build_schema(recorded.SCHEMA.read_text("utf-8"), assume_valid=True)


@pytest.mark.parametrize(("size", "weight"), [(0, 0), (1, 1), (2, 1), (5, 3), (10, 4), (50, 7), (250, 11)])
def test_connection_cost_grows_slowly(size, weight):
    assert growth(size) == weight


@pytest.mark.parametrize(
    ("mutation", "points"),
    [('orderUpdate(input: {id: "1"})', 10), ('refundCreate(input: {orderId: "1"})', 20)],
)
def test_mutation_costs_ten_and_a_refund_twenty(mutation, points):
    document = parse(f"mutation {{ {mutation} {{ userErrors {{ message }} }} }}")
    assert meter(schema(), document, {}).operation(get_operation_ast(document)) == points


@pytest.mark.parametrize(
    ("directive", "variables", "points"),
    [
        ("@include(if: true)", {}, 3), ("@include(if: false)", {}, 0), ("@skip(if: true)", {}, 0),
        ("@skip(if: false)", {}, 3), ("@include(if: $with)", {"with": True}, 3),
        ("@include(if: $with)", {"with": False}, 0),
    ],
)  # fmt: skip
def test_field_that_a_directive_leaves_out_costs_nothing(directive, variables, points):
    document = parse(f"query($with: Boolean) {{ orders(first: 1) {directive} {{ nodes {{ id }} }} shop {{ id }} }}")
    assert meter(schema(), document, variables).operation(get_operation_ast(document)) == 1 + points


@pytest.mark.parametrize(
    "one", CHARGED, ids=[f"{place}-{parse(c['document']).definitions[0].name.value}" for place, c in enumerate(CHARGED)]
)
def test_recorded_document_costs_what_was_charged(one):
    document = parse(one["document"])
    cost = meter(recorded_schema(), document, one["sizes"]).operation(get_operation_ast(document))
    assert cost == one["requestedQueryCost"]


@pytest.mark.parametrize(
    ("selected", "points"),
    [
        ("nodes { id }", 5),
        ("edges { cursor node { id } }", 5),
        ("pageInfo { hasNextPage }", 2),
        ("nodes { id } edges { node { id } }", 8),
        ("nodes { id defaultAddress { city } defaultEmailAddress { emailAddress } }", 8),
    ],
)
def test_page_of_five_customers_has_the_expected_cost(selected, points):
    answer = Sandbox().execute({"query": f"{{ customers(first: 5) {{ {selected} }} }}"})
    assert answer["extensions"]["cost"]["requestedQueryCost"] == points


@pytest.mark.parametrize(
    ("query", "requested", "actual"),
    [
        ('{ customer(id: "gid://shopify/Customer/1") { defaultEmailAddress { emailAddress } } }', 2, 1),
        ('{ customers(first: 250, query: "id:1") { nodes { id } } }', 13, 13),
        ('{ orders(first: 250, query: "name:#1001") { nodes { id } } }', 13, 3),
    ],
    ids=["nothing found", "an empty page", "one of 250"],
)
def test_actual_cost_depends_on_what_was_found(query, requested, actual):
    cost = Sandbox().execute({"query": query})["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (requested, actual)


@pytest.mark.skipif(not RECORDINGS.exists(), reason="the recordings are not available")
def test_every_recording_costs_what_was_charged():
    published = build_schema((RECORDINGS / recorded.FULL_SCHEMA).read_text("utf-8"), assume_valid=True)
    wrong = []
    for place, one in enumerate(json.loads((RECORDINGS / "recorded-costs.json").read_text("utf-8"))):
        document = parse(one["query"])
        cost = meter(published, document, one["variables"]).operation(get_operation_ast(document))
        wrong += [] if cost == one["requestedQueryCost"] else [(place, cost, one["requestedQueryCost"])]
    assert not wrong


@pytest.mark.skipif(not RECORDINGS.exists(), reason="the recordings are not available")
def test_kept_costs_match_the_recordings():
    assert {p: p.read_text("utf-8") for p in (recorded.COSTS, recorded.SCHEMA)} == recorded.written(RECORDINGS)
