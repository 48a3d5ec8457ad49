"""The schema that the sandbox serves, and the sandbox as a program."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from graphql import (
    GraphQLNamedType,
    build_schema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
    parse,
    print_ast,
)

from local.sandbox import invoices, refunding
from local.sandbox.execution import SCHEMA, schema
from local.sandbox.prune_schema import documents, prune

ROOT = Path(__file__).parents[2]


def test_schema_contains_only_what_is_used_or_served():
    text = SCHEMA.read_text("utf-8")
    assert print_ast(parse(prune(text, documents()))) == print_ast(parse(text))


def test_unused_fields_are_removed_from_the_schema():
    used = ["{ shop { name } }", 'mutation { tagsAdd(id: "1", tags: []) { userErrors { message } } }']
    kept = build_schema(prune(SCHEMA.read_text("utf-8"), used, served=False), assume_valid=True)
    fields = {name: list(kept.type_map[name].fields) for name in ("QueryRoot", "Shop", "Mutation", "UserError")}
    assert fields == {"QueryRoot": ["shop"], "Shop": ["name"], "Mutation": ["tagsAdd"], "UserError": ["message"]}
    assert "Order" not in kept.type_map


def everything(kind: GraphQLNamedType, depth: int, above: tuple[str, ...] = ()) -> str:
    """A selection of all fields of a type that need no argument, so many objects deep and none in itself."""
    if is_abstract_type(kind):
        parts = (f"... on {one.name} {everything(one, depth, above)}" for one in schema().get_possible_types(kind))
        return f"{{ __typename {' '.join(parts)} }}"
    fields = ["__typename"]
    for name, field in kind.fields.items():
        below = get_named_type(field.type)
        if any(is_required_argument(argument) for argument in field.args.values()):
            continue
        if is_leaf_type(below):
            fields.append(name)
        elif depth and below.name not in above:
            page = "(first: 1)" if "first" in field.args else ""
            fields.append(f"{name}{page} {everything(below, depth - 1, (*above, kind.name))}")
    return f"{{ {' '.join(fields)} }}"


def test_every_served_field_of_seeded_orders_is_answered(shop):
    shop.sandbox.bucket.size = shop.sandbox.bucket.available = 1e6
    shop.sandbox.scopes |= {"read_apps"}
    order = shop.store.order("#1042")
    place = shop.store.locations[0].id
    items = [{"lineItemId": x.id, "quantity": 1, "restockType": "RETURN", "locationId": place} for x in order.lines]
    credit = [{"storeCreditRefund": {"amount": {"amount": "9.00", "currencyCode": "USD"}}}]
    given = {"orderId": order.id, "refundLineItems": items, "refundMethods": credit, "shipping": {"amount": "1"}}
    refunding.refund(shop.store, given, shop.sandbox.mutations._back)
    invoices.send(shop.store, order.id, None)
    query = f"query ($id: ID!) {{ order(id: $id) {everything(schema().type_map['Order'], 3)} }}"
    assert shop.ask(query, id=order.id)["extensions"]["cost"]["requestedQueryCost"] <= 1000
    wrong = {error["message"] for o in shop.store.orders for error in shop.ask(query, id=o.id).get("errors", [])}
    assert wrong == set()
    shown = shop.data(query, id=order.id)["order"]
    assert all(shown["refunds"][0][name]["nodes"] for name in ("refundShippingLines", "orderAdjustments"))
    assert shown["events"]["nodes"] and shown["fulfillmentOrders"]["nodes"]


@pytest.mark.enable_socket
def test_sandbox_serves_on_a_port_and_reports_one_in_use():
    command = [sys.executable, "-m", "local.sandbox", "--token", "t0ken", "--client", "app:secret", "--port"]
    with subprocess.Popen([*command, "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as sandbox:
        try:
            assert sandbox.stdout
            url = sandbox.stdout.readline().strip()
            asked = {"query": "{ ordersCount { count } }"}
            api = f"{url}/admin/api/2026-10/graphql.json"
            answer = requests.post(api, json=asked, headers={"X-Shopify-Access-Token": "t0ken"}, timeout=10)
            assert answer.json()["data"]["ordersCount"]["count"] >= 30
            port = url.rpartition(":")[2]
            second = subprocess.run([*command, port], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
        finally:
            sandbox.terminate()
    words = f"The sandbox Shopify cannot listen on 127.0.0.1:{port}: Address already in use. Choose another port.\n"
    assert (second.returncode, second.stderr) == (1, words)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(port))) != 0
