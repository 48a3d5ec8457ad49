"""Scopes, versions, tokens, the rate limit, and invalid requests."""

import json

import pytest

from .conftest import Shop

URL = "https://demo.myshopify.com/admin/api/%s/graphql.json"
HEADERS = {"x-shopify-access-token": "shpat_sandbox"}
SHOP = json.dumps({"query": "{ shop { name } }"}).encode()
CANCEL = """mutation ($id: ID!) { orderCancel(orderId: $id, reason: OTHER, restock: false) {
    %s userErrors { message } } }"""


@pytest.mark.parametrize(
    ("query", "field", "scope"),
    [
        ("{ orders(first: 1) { nodes { id } } }", "orders", "read_orders"),
        ("{ customers(first: 1) { nodes { id } } }", "customers", "read_customers"),
        ("{ collections(first: 1) { nodes { id } } }", "collections", "read_products"),
        ('{ node(id: "gid://shopify/Order/1") { id } }', "node", "read_orders"),
        (
            'mutation { tagsAdd(id: "gid://shopify/Customer/1", tags: ["a"]) { userErrors { message } } }',
            "tagsAdd",
            "write_customers",
        ),
        (
            'mutation { orderUpdate(input: {id: "gid://shopify/Order/1"}) { userErrors { message } } }',
            "orderUpdate",
            "write_orders",
        ),
    ],
)
def test_field_without_its_scope_is_null_with_an_error(query, field, scope):
    bare = Shop(scopes=frozenset()).ask(query)
    (error,) = bare["errors"]
    required = f"`{scope}` access scope."
    whole = field in ("orders", "customers", "collections")  # A required field, so nothing is left.
    assert bare["data"] == (None if whole else {field: None}) and error["path"] == [field]
    assert error["message"] == f"Access denied for {field} field. Required access: {required}"
    assert error["extensions"]["code"] == "ACCESS_DENIED" and error["extensions"]["requiredAccess"] == required
    assert "errors" not in Shop(scopes=frozenset({scope})).ask(query)


def test_write_scope_includes_reading():
    assert "errors" not in Shop(scopes=frozenset({"write_orders"})).ask("{ orders(first: 1) { nodes { id } } }")


def test_customer_without_its_scope_is_hidden_on_an_order():
    answer = Shop(scopes=frozenset({"read_orders"})).ask("{ orders(first: 1) { nodes { name customer { id } } } }")
    assert answer["data"]["orders"]["nodes"] == [{"name": "#1001", "customer": None}]
    assert answer["errors"][0]["path"] == ["orders", "nodes", 0, "customer"]


def test_only_orders_of_60_days_are_visible_without_read_all_orders():
    some, every = Shop(scopes=frozenset({"read_orders"})), Shop()
    count = "{ ordersCount { count } orders(first: 250) { nodes { id } } }"
    for shop in (some, every):
        shop.store.orders[0].created = shop.now.replace(month=8, day=1)
    old = f'{{ order(id: "{some.id("#1001")}") {{ id }} }}'
    assert some.data(old)["order"] is None and some.data(count)["ordersCount"]["count"] == len(some.store.orders) - 1
    assert len(some.data(count)["orders"]["nodes"]) == len(some.store.orders) - 1
    assert every.data(old.replace(some.id("#1001"), every.id("#1001")))["order"]


def test_app_sees_its_granted_scopes():
    granted = Shop(scopes=frozenset({"read_orders", "write_discounts"})).data(
        "{ currentAppInstallation { accessScopes { handle } } }"
    )
    assert [one["handle"] for one in granted["currentAppInstallation"]["accessScopes"]] == [
        "read_orders",
        "write_discounts",
    ]


@pytest.mark.parametrize(
    ("query", "scope"),
    [
        ('{ customer(id: "%s") { storeCreditAccounts(first: 1) { nodes { id } } } }', "read_store_credit_accounts"),
        ('{ storeCreditAccount(id: "gid://shopify/StoreCreditAccount/1") { id } }', "read_store_credit_accounts"),
        (
            'mutation { storeCreditAccountCredit(id: "%s", creditInput: {creditAmount: {amount: "1", '
            "currencyCode: USD}}) { userErrors { message } } }",
            "write_store_credit_account_transactions",
        ),
    ],
)
def test_store_credit_needs_its_own_scopes(shop, query, scope):
    asked = query.replace("%s", shop.store.customers[0].id)
    assert "errors" not in shop.ask(asked)
    shop.sandbox.scopes = shop.sandbox.scopes - {scope}
    assert shop.error(asked)["extensions"]["requiredAccess"] == f"`{scope}` access scope."


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("2026-10", "2026-10"),
        ("2026-01", "2026-01"),
        ("2025-10", "2026-01"),
        ("2020-01", "2026-01"),
        ("unstable", "unstable"),
        ("2027-01", "2027-01"),
        ("2026-11", None),
        ("2027-04", None),
    ],
)
def test_old_version_falls_forward(shop, asked, served):
    status, headers, _ = shop.sandbox.handle("POST", URL % asked, HEADERS, SHOP)
    assert (status, headers.get("X-Shopify-API-Version")) == ((200, served) if served else (404, None))


def test_older_version_lacks_newer_fields(shop):
    newest = CANCEL % "jobResult { id }"
    assert shop.data(newest, id=shop.id("#1003"))["orderCancel"]["jobResult"]["id"]
    error = shop.error(newest, "2026-07", id=shop.id("#1004"))
    assert error["message"] == "Field 'jobResult' doesn't exist on type 'OrderCancelPayload'"
    assert error["path"] == ["mutation", "orderCancel", "jobResult"]
    assert error["extensions"]["code"] == "undefinedField"
    assert shop.data(CANCEL % "job { id }", "2026-07", id=shop.id("#1004"))["orderCancel"]["userErrors"] == []


@pytest.mark.parametrize(
    ("headers", "url", "body", "status", "answer"),
    [
        ({}, URL % "2026-10", SHOP, 401, "[API] Invalid API key or access token"),
        ({"x-shopify-access-token": "other"}, URL % "2026-10", SHOP, 401, "[API] Invalid API key or access token"),
        (HEADERS, URL % "2026-10", b"not JSON", 400, "Required parameter missing or invalid"),
        (HEADERS, URL % "2026-10", b"[]", 400, "Required parameter missing or invalid"),
        (HEADERS, "https://demo.myshopify.com/admin/api/2026-10/orders.json", SHOP, 404, "Not Found"),
    ],
)
def test_unauthorized_or_malformed_request_is_refused(shop, headers, url, body, status, answer):
    got, _, content = shop.sandbox.handle("POST", url, headers, body)
    assert got == status and answer in content.decode()


def test_granted_token_is_accepted():
    shop = Shop(client=("app", "secret"), scopes=frozenset({"write_orders"}))
    url = "https://demo.myshopify.com/admin/oauth/access_token"
    given = b"grant_type=client_credentials&client_id=app&client_secret="
    status, _, content = shop.sandbox.handle("POST", url, {}, given + b"secret")
    granted = json.loads(content)
    assert (status, granted["scope"], granted["expires_in"]) == (200, "write_orders", 86399)
    headers = {"x-shopify-access-token": granted["access_token"]}
    assert shop.sandbox.handle("POST", URL % "2026-10", headers, SHOP)[0] == 200
    status, _, content = shop.sandbox.handle("POST", url, {}, given + b"wrong")
    assert (status, json.loads(content)) == (400, {"error": "shop_not_permitted"})


def test_rate_limit_is_used_up_and_restored(shop):
    query = '{ orders(first: 250, query: "name:none") { nodes { id } } }'
    cost = shop.ask(query)["extensions"]["cost"]
    assert cost["requestedQueryCost"] == cost["actualQueryCost"] == 13
    assert cost["throttleStatus"] == {"maximumAvailable": 2000.0, "currentlyAvailable": 1987, "restoreRate": 100.0}
    while "errors" not in (answer := shop.ask(query)):
        cost = answer["extensions"]["cost"]
    assert answer["errors"] == [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}] and "data" not in answer
    refused = answer["extensions"]["cost"]
    assert refused["actualQueryCost"] is None and refused["requestedQueryCost"] == 13
    left = refused["throttleStatus"]["currentlyAvailable"]
    assert left == cost["throttleStatus"]["currentlyAvailable"] < 13
    shop.later(seconds=(13 - left) / 100)
    assert "errors" not in shop.ask(query)
    shop.later(seconds=3600)
    assert shop.ask("{ shop { name } }")["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 1999


def test_throttled_mutation_does_nothing(shop):
    shop.ask("{ shop { name } }")
    shop.sandbox.bucket.available = 9
    assert shop.error(CANCEL % "job { id }", id=shop.id("#1003"))["extensions"]["code"] == "THROTTLED"
    assert shop.store.jobs == []


def test_too_expensive_query_is_refused(shop):
    many = " ".join(
        f"a{n}: orders(first: 250) {{ nodes {{ lineItems(first: 250) {{ nodes {{ id }} }} }} }}" for n in range(7)
    )
    error = shop.error(f"{{ {many} }}")
    assert error["extensions"] == {"code": "MAX_COST_EXCEEDED", "cost": 1092, "maxCost": 1000}


@pytest.mark.parametrize(
    ("query", "variables", "value", "problem"),
    [
        ("query ($id: ID!) { order(id: $id) { id } }", {}, None, "Expected value to not be null"),
        ("query ($id: ID!) { order(id: $id) { id } }", {"id": "7"}, "7", "Invalid global id '7'"),
        (
            "query ($n: Int!) { orders(first: $n) { nodes { id } } }",
            {"n": "many"},
            "many",
            'Could not coerce value "many" to Int',
        ),
        (
            "query ($n: Int!) { orders(first: $n) { nodes { id } } }",
            {"n": True},
            True,
            "Could not coerce value true to Int",
        ),
        (
            "query ($k: OrderSortKeys) { orders(first: 1, sortKey: $k) { nodes { id } } }",
            {"k": "COLOUR"},
            "COLOUR",
            'Expected "COLOUR" to be one of: ',
        ),
        (
            "mutation ($i: OrderInput!) { orderUpdate(input: $i) { userErrors { message } } }",
            {"i": "x"},
            "x",
            'Expected "x" to be a key-value object',
        ),
        (
            "mutation ($i: OrderInput!) { orderUpdate(input: $i) { userErrors { message } } }",
            {"i": {"id": "gid://shopify/Order/1", "colour": "red"}},
            {"id": "gid://shopify/Order/1", "colour": "red"},
            "Field is not defined on OrderInput",
        ),
        (
            "mutation ($i: DiscountCodeBasicInput!) "
            "{ discountCodeBasicCreate(basicCodeDiscount: $i) { userErrors { code } } }",
            {"i": {"startsAt": "soon"}},
            {"startsAt": "soon"},
            'Could not coerce value "soon" to DateTime',
        ),
    ],
)
def test_invalid_variable_is_refused(shop, query, variables, value, problem):
    error = shop.error(query, **variables)
    assert error["extensions"]["code"] == "INVALID_VARIABLE" and error["extensions"]["value"] == value
    assert error["extensions"]["problems"][0]["explanation"].startswith(problem)
    assert error["message"].startswith("Variable $") and "was provided invalid value" in error["message"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "No query string was present"),
        ("{", "Syntax Error"),
        ("query A { shop { id } } query B { shop { id } }", "An operation name is required"),
        ("{ nonsense }", "Field 'nonsense' doesn't exist on type 'QueryRoot'"),
    ],
)
def test_invalid_document_is_refused(shop, query, words):
    assert shop.error(query)["message"].startswith(words)


def test_list_of_more_than_250_is_refused(shop):
    query = "query ($ids: [ID!]!) { all: nodes(ids: $ids) { id } }"
    error = shop.error(query, ids=["gid://shopify/Order/1"] * 251)
    assert error["message"] == "The input array size of 251 is greater than the maximum allowed of 250."
    assert error["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED" and error["path"] == ["all", "ids"]
    assert shop.data(query, ids=["gid://shopify/Order/1"] * 250)["all"] == [None] * 250
